"""Filters & Activations as a person uses them: by mouse, by keys, on a still and on a video."""


def look(app):
    panel = app.panel("filters")
    app.wait(panel.demo_ready, "maps and kernels")
    app.pause(0.3)
    app.shot("start")
