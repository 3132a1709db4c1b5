"""Objects on coffee pointed at, pinned, filtered, explained; the clip followed, frozen, recorded; mask, classes, projector."""

import time

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QMenu

from explorer.records.vision import Detections, Mask, TopK
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest


def seen(panel, kind=Detections):
    """An answer of that kind is on the screen, with something in it."""
    return lambda: isinstance(panel.shown, kind) and (kind is not Detections or len(panel.shown))


def middle(panel, number):
    """The middle of an object's box, in the view."""
    x0, y0, x1, y1 = panel.found.xyxy[number].tolist()
    return panel.view.transform().map(QPointF((x0 + x1) / 2, (y0 + y1) / 2))


def menu(app):
    def shown():
        return next((w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()), None)

    return app.wait(shown, "a menu")


def names(panel):
    """The classes that are seen."""
    return {panel.found.label(n) for n in range(len(panel.found))} if panel.found is not None else set()


def everything(app):
    panel = app.panel("live")
    app.wait(seen(panel), "objects on coffee")
    app.facts["coffee"] = [[panel.found.label(n), float(panel.found.score[n])] for n in range(len(panel.found))]
    app.settled(panel.view)
    at = middle(panel, 0)
    app.hover(panel.view, at.x(), at.y())
    app.facts["details"] = panel.page.details.text()
    app.shot("1-pointed")
    app.click(panel.view, at.x(), at.y())
    app.facts["pinned"] = panel.pointing.picks.pinned
    app.click(panel.view, at.x(), at.y(), button=Qt.MouseButton.RightButton)
    panel.view.menu_asked.emit(panel.view.mapToGlobal(at.toPoint()), panel.view.to_picture(at))
    app.facts["menu"] = [action.text() for action in menu(app).actions() if action.text()]
    app.shot("2-menu")
    menu(app).close()
    panel.view.setFocus()
    app.key("Esc")
    app.facts["let go"] = panel.pointing.picks.has_pin
    panel.page.drawing.menu().popup(panel.page.drawing.mapToGlobal(panel.page.drawing.rect().bottomLeft()))
    menu(app)
    app.shot("3-drawing")
    menu(app).close()
    filters(app, panel)
    film(app, panel)
    app.desk.open_source(SourceRequest(kind="sample", path="coffee"))
    session = app.desk.session
    exact = {name: changed(getattr(session, name), exact=True) for name in ("segment", "classify")}  # no live version to make
    app.desk.change(**exact, attribute=changed(session.attribute, methods=("gradcam",)))
    app.key("M", panel)
    app.wait(seen(panel, Mask), "a mask")
    app.shot("7-mask")
    app.key("C", panel)
    app.wait(seen(panel, TopK), "classes")
    app.shot("8-classes")
    app.facts["top"] = panel.shown.top[0].label
    app.key("B", panel)
    app.wait(seen(panel), "objects again")
    why(app, panel)


def filters(app, panel):
    """Confidence and classes act on the same raw output: no forward pass."""
    app.desk.change(detect=changed(app.desk.session.detect, confidence=0.03))
    app.wait(lambda: panel.found is not None and len(panel.found) > 1, "more objects")
    app.facts["stages"] = [name for name, _ in panel.found.timing.stages]
    panel.classes.search.setText("cup")
    app.shot("4-classes-to-show")
    panel.classes.search.setText("")
    app.desk.change(detect=changed(app.desk.session.detect, only=("cup",)))
    app.wait(lambda: names(panel) == {"cup"}, "cups only")
    app.facts["only"] = panel.classes.hint.text()
    app.desk.change(detect=changed(app.desk.session.detect, only=(), confidence=0.35))


def film(app, panel):
    """The clip: objects keep their numbers, one stays pinned; a film and tables; frozen, the rates are gone."""
    app.desk.change(detect=changed(app.desk.session.detect, track=True, confidence=0.25))
    app.desk.change(live_look=changed(app.desk.session.live_look, record=(".mp4", ".jsonl", ".csv")))
    app.desk.open_source(SourceRequest(kind="clip"))
    app.wait(lambda: panel.moving and panel.found is not None and len(panel.found) and (panel.found.track > 0).any(), "numbers")
    number = int(panel.found.track.argmax())
    panel.pointing.pin(number)
    track = int(panel.found.track[number])
    panel.recorder.toggle()
    began, frames = time.monotonic(), panel._frame.seq
    app.wait(lambda: panel._frame.seq > frames + 12, "a dozen pictures")
    app.wait(lambda: panel.found is not None and len(panel.found), "objects")
    app.shot("5-followed")
    app.facts["same"] = panel.pointing.picks._pin is None or panel.pointing.picks._pin.track == track
    app.facts["fps"] = (panel._frame.seq - frames) / (time.monotonic() - began)
    app.facts["latency"] = panel.latencies.stages()
    app.facts["flow"] = panel.page.flow.text()
    app.facts["counts"] = dict(panel.counts.so_far)
    panel.recorder.toggle()
    app.wait(lambda: not panel.recorder.recording and panel.recorder.done, "the film")
    app.facts["recorded"] = list(panel.recorder.done.paths), panel.recorder.done.frames
    app.desk.freeze(True)
    app.pause(0.3)
    app.facts["frozen"] = panel.page.flow.text()
    app.shot("6-frozen")


def why(app, panel):
    """From a box to its explanation."""
    from explorer.gui.panels.live_menu import explain

    explain(app.desk, panel.found, 0)
    other = app.panel("why")
    app.wait(lambda: other.found is not None and other.found.kind == "box" and not other.running, "why this box")
    app.facts["why"] = other.found.target.english()


def look(app):
    """The pages to look at in other themes, languages and sizes."""
    panel = app.panel("live")
    app.wait(seen(panel), "objects on coffee")
    app.desk.change(detect=changed(app.desk.session.detect, confidence=0.03, track=True))
    app.wait(lambda: panel.found is not None and len(panel.found) > 1, "more objects")
    app.settled(panel.view)
    at = middle(panel, 0)
    app.hover(panel.view, at.x(), at.y())
    app.shot("1-objects")
    app.desk.open_source(SourceRequest(kind="clip"))
    app.wait(lambda: panel.moving and panel.found is not None and len(panel.found), "the clip")
    app.pause(1.5)
    app.shot("2-clip")
    app.window.actions_by_name["projector"].trigger()
    app.pause(1.0)
    app.shot("3-projector")
    app.key("C", panel)
    app.pause(1.0)
    app.shot("4-projector-classes")
    app.window.actions_by_name["projector"].trigger()
    app.key("M", panel)
    app.pause(1.0)
    app.shot("5-mask")


def narrow(app):
    """As `look`, only the pages that can be too wide."""
    panel = app.panel("live")
    app.wait(seen(panel), "objects on coffee")
    panel.classes.set_only(("cup", "person"))
    app.shot("1-objects")
    panel.recorder.button.menu().popup(panel.recorder.button.mapToGlobal(panel.recorder.button.rect().bottomLeft()))
    menu(app)
    app.shot("2-record")
    menu(app).close()
    panel.page.drawing.menu().popup(panel.page.drawing.mapToGlobal(panel.page.drawing.rect().bottomLeft()))
    menu(app)
    app.shot("3-drawing")
    menu(app).close()
