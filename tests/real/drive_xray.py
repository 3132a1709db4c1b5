"""The X-ray as a person uses it: every stage of the cup, another cell, another class, a threshold, then nothing at all."""

from PySide6.QtCore import QPointF

from explorer.requests.base import changed


def stages(panel):
    return [stage.name for stage in panel.record.stages]


def show(app, panel, name):
    """Click a stage's button."""
    app.click(panel.rail.buttons[stages(panel).index(name)])
    app.wait(lambda: panel.stage.name == name, f"stage {name}")


def at(panel, x, y):
    """Widget coordinates of a place of the picture."""
    return panel.view.transform().map(QPointF(x, y))


def journey(app):
    app.desk.change(xray=changed(app.desk.session.xray, confidence=0.05))
    panel = app.panel("xray")
    app.wait(panel.demo_ready, "the cup")
    app.facts["stages"] = stages(panel)
    app.facts["cell"] = list(panel.record.cell)
    for name in stages(panel):
        show(app, panel, name)
        if name == "features":
            app.hover(panel.view, *at(panel, 208, 180).toTuple())
            app.facts["hover"] = panel.said.text()
        app.shot(f"{stages(panel).index(name) + 1}-{name}")
    result = panel.record.stage("result").detections
    app.facts["result"] = {"xyxy": result.xyxy.tolist(), "score": result.score.tolist()}
