"""The house itself: every panel comes to the front by keyboard and mouse, and the picture in it is not empty."""


def panels(app):
    for name in app.window.panels:
        panel = app.panel(name)
        panel.demo()
        app.wait(panel.demo_ready, f"{name} has something to show")
        app.pause(0.3)
        app.shot(name)
    app.facts["panels"] = list(app.window.panels)
