"""Suppression step by step, and two networks compared, as a person uses them."""

import json

from PySide6.QtCore import QPointF

from explorer.requests.base import changed


def at(view, x, y):
    """Widget coordinates of a place of the picture."""
    return view.transform().map(QPointF(float(x), float(y))).toTuple()


def corner(box):
    """A place inside a box, near its upper left corner."""
    return box[0] + 0.1 * (box[2] - box[0]), box[1] + 0.1 * (box[3] - box[1])


def choose(app, combo, data):
    """Choose an entry of a list by keys."""
    combo.setFocus()
    want = combo.findData(data)
    while combo.currentIndex() != want:
        app.key("Down" if combo.currentIndex() < want else "Up", combo)


def journey(app):
    theatre(app)
    arena(app)


def theatre(app):
    app.desk.change(xray=changed(app.desk.session.xray, confidence=0.02, stage="suppression"))
    panel = app.panel("xray")
    app.wait(panel.demo_ready, "the cup")
    page = app.wait(lambda: panel._pages.get("suppression"), "the theatre")
    app.wait(lambda: page.scene is not None, "its boxes")
    view, trace = page.views[0], page.scene.trace
    app.facts["by"], app.facts["row"] = trace.by.tolist(), trace.row.tolist()
    app.facts["iou"] = trace.iou.tolist()
    view.setFocus()  # a click may choose a box; the keys are the page's
    begin = page.scene.at
    app.key("Right")
    app.facts["stepped"] = page.scene.at - begin
    app.facts["said"] = page.said.text()
    cast = page.cast.body
    app.hover(cast, 40, (page.scene.met + 0.5) * cast.line_height)
    app.facts["told"] = page.told.text()
    app.shot("1-step")
    choose(app, page.beside, "gaussian")
    app.hover(page.said, 4, 4)  # beside all boxes
    app.facts["differ"] = page.told.text()
    view.setFocus()
    app.key("Space")
    app.wait(lambda: page.play.playing, "it plays")
    app.wait(lambda: page.scene.at > begin + 1, "it goes on")
    app.shot("2-playing")
    app.key("Space")
    app.facts["paused"] = not page.play.playing
    app.click(cast, 40, 1.5 * cast.line_height)
    app.wait(lambda: page.scene.at == trace.fate[1], "the step that decides about the second box")
    app.wait(lambda: panel.record.candidate == 1, "the panel follows it")
    kept = int(page.scene.trace.kept.sum())
    page.overlap.spin.setFocus()
    page.overlap.spin.setValue(0.9)
    app.wait(lambda: int(page.scene.trace.kept.sum()) > kept, "more boxes stay at once")
    app.facts["kept"] = int(page.scene.trace.kept.sum())
    page.play.go_to(page.play.last)
    app.shot("3-end")
    page.overlap.spin.setValue(0.45)


def arena(app):
    app.desk.change(arena=changed(app.desk.session.arena, repeats=3))
    panel = app.panel("arena")
    app.wait(panel.demo_ready, "both have answered")
    app.facts["lines"] = panel.pairs.lines
    app.facts["answers"] = [json.loads(json.dumps(side.answer.xyxy.tolist())) for side in panel.result.sides]
    app.facts["runs_on"] = [side.runs_on.short() for side in panel.result.sides]
    box = panel.result.a.answer.xyxy[0]
    app.click(panel.views[0], *at(app.settled(panel.views[0]), *corner(box)))
    app.facts["marked"] = [view.marked for view in panel.views]
    panel.views[0].zoom_by(2.0)
    app.facts["zoom"] = panel.views[1].zoom
    app.shot("4-side-by-side")
    panel.views[0].fit()
    laps = panel.result.a.laps
    side = panel.desk.session.arena.a.model_dump() | {"confidence": 0.05}
    app.desk.change(arena=changed(app.desk.session.arena, a=side))
    app.wait(lambda: len(panel.result.a.answer) > 1, "more objects at a lower confidence")
    app.facts["no pass"] = panel.result.a.laps == laps
    app.click(panel.over)
    app.shot("5-one-picture")
    app.click(panel.swap)
    app.wait(lambda: len(panel.result.b.answer) > 1, "the sides have changed")
    app.click(panel.exact)
    app.wait(lambda: panel.result.a.runs_on != panel.result.b.runs_on, "fast against exact")
    for number, model in enumerate(("u2netp", "squeezenet1_1"), 6):
        one = panel.desk.session.arena.a.model_dump() | {"model": model}
        app.desk.change(arena=changed(app.desk.session.arena, a=one, b=one | {"exact": True}, repeats=1))
        app.wait(lambda model=model: panel.result is not None and panel.result.a.model == model, f"{model} compared")
        app.shot(f"{number}-{model}")
    app.desk.change(arena=changed(app.desk.session.arena, b=one | {"model": "u2netp"}))
    app.wait(lambda: panel.result is None, "two tasks")
    app.facts["refused"] = panel.said.text()
    app.shot("8-two-tasks")
