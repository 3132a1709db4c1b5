"""The X-ray as a person uses it: every stage of the cup, another object, cell and anchor, the keys, then nothing at all."""

from explorer.requests.base import changed


def stages(panel):
    return [stage.name for stage in panel.record.stages]


def show(app, panel, name):
    """Click a stage's button."""
    app.click(panel.rail.buttons[stages(panel).index(name)])
    app.wait(lambda: panel.stage.name == name, f"stage {name}")


def at(panel, x, y):
    """Widget coordinates of a place of the shown picture."""
    return panel.view.transform().map(x, y)


def followed(panel):
    """What the panel and its words say is followed."""
    record = panel.record
    return {"cell": list(record.cell), "candidate": record.candidate, "object": record.object, "class": record.class_index}


def choose(app, panel, deed):
    """Do something that asks the engine; wait for its answer."""
    before = panel.record
    deed()
    app.wait(lambda: panel.record is not before and not panel._busy, "the answer")
    return followed(panel)


def journey(app):
    app.desk.change(xray=changed(app.desk.session.xray, confidence=0.05))
    panel = app.panel("xray")
    app.wait(panel.demo_ready, "the cup")
    app.facts["stages"], app.facts["first"] = stages(panel), followed(panel)
    for name in stages(panel):
        show(app, panel, name)
        if name in ("features", "objectness", "classes", "result"):
            app.hover(app.settled(panel.view), *at(panel, 208, 180))
            app.facts[f"hover {name}"] = panel.said.text()
        if name == "decode":
            app.facts["terms"] = panel.numbers()
        if name not in ("objectness", "candidates"):  # much like their neighbours
            app.shot(f"{stages(panel).index(name) + 1}-{name}")
    result = panel.record.stage("result").detections
    app.facts["result"] = {"xyxy": result.xyxy.tolist(), "score": result.score.tolist()}
    # Another object in the frame, then its cell, anchor and class in the other stages.
    _, top, right, bottom = result.xyxy[1]
    middle = (top + bottom) / 2
    app.facts["object"] = choose(app, panel, lambda: app.click(app.settled(panel.view), *at(panel, right - 2, middle)))
    app.key("Left", panel.view)
    app.facts["stage by keys"] = panel.stage.name
    show(app, panel, "grid")
    app.facts["click"] = choose(app, panel, lambda: app.click(app.settled(panel.view), *at(panel, 100, 330)))
    app.facts["key"] = choose(app, panel, lambda: app.key("Shift+Right", panel.view))
    app.facts["anchor"] = choose(app, panel, lambda: app.key("A", panel.view))
    show(app, panel, "classes")
    panel.controls.mode.setCurrentIndex(2)
    panel.controls.mode.activated.emit(2)
    app.shot("classes-best")
    show(app, panel, "features")
    panel.controls.mode.activated.emit(1)
    app.shot("features-all")
    app.click(app.settled(panel.view), *at(panel, 40, 40))
    app.facts["channel"] = panel.look.map
    show(app, panel, "candidates")
    form = panel.form()
    app.facts["nothing"] = choose(app, panel, lambda: app.desk.change(xray=changed(app.desk.session.xray, confidence=1.0)))
    app.facts["why nothing"] = panel.side.text.toPlainText()
    app.facts["form"] = form.value().confidence
    app.shot("nothing")


def look(app):
    """The stages with the most to read, for other themes, languages and sizes."""
    app.desk.change(xray=changed(app.desk.session.xray, confidence=0.05))
    panel = app.panel("xray")
    app.wait(panel.demo_ready, "the cup")
    for name in ("input", "objectness", "classes", "grid", "decode", "suppression"):
        show(app, panel, name)
        app.shot(name)
