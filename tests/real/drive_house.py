"""The house itself: every panel comes to the front by keyboard and mouse, and the picture in it is not empty."""

import time


def panels(app):
    """Every panel as the program comes; then all of them in the dark, in Hungarian, in a small window."""
    app.facts["seconds"] = {}
    for name in app.window.panels:
        began = time.monotonic()
        panel = app.panel(name)
        panel.demo()
        app.wait(panel.demo_ready, f"{name} has something to show")
        app.pause(0.3)
        app.shot(name)
        app.facts["seconds"][name] = round(time.monotonic() - began, 1)
    looks = app.program.looks
    looks.theme_dark()
    looks.language_hu()
    app.window.resize(1100, 720)
    for name in app.window.panels:
        panel = app.panel(name)
        app.wait(panel.demo_ready, f"{name} still has something to show")
        app.pause(0.1)
        app.shot(f"{name}-dark-hu-small")
    app.facts["panels"] = list(app.window.panels)
    app.facts["width"] = app.window.width()
    app.facts["title"] = app.window.form.title_line.label.text()
