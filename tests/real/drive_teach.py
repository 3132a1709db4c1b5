"""Teach as a person uses it: hold to record two things, train, see the bars, open a cell, where it looks, save, open again."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from explorer.requests.base import changed
from explorer.requests.source import SourceRequest


def hold(app, card, wanted):
    """Hold the button of a class until so many pictures more are there."""
    before = len(card.pictures.files[card.class_name])
    at = QPoint(card.record.width() // 2, card.record.height() // 2)
    QTest.mousePress(card.record, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    app.wait(lambda: len(card.pictures.files[card.class_name]) >= before + wanted, f"{wanted} pictures of {card.class_name}")
    QTest.mouseRelease(card.record, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def key(app, panel, sign, card, wanted):
    """Hold a figure key."""
    before = len(card.pictures.files[card.class_name])
    QTest.keyPress(app.window, sign)
    app.wait(lambda: len(card.pictures.files[card.class_name]) >= before + wanted, f"{wanted} pictures by key")
    assert panel.recording.name == card.class_name
    QTest.keyRelease(app.window, sign)
    app.wait(lambda: not panel.recording.name, "the go to end")


def name(app, card, text):
    """Type a name."""
    card.name.setFocus()
    card.name.selectAll()
    app.type(text, card.name)
    app.key("Return", card.name)


def sample(app, what):
    app.desk.open_source(SourceRequest(kind="sample", path=what))
    app.wait(lambda: app.desk.frame is not None and app.desk.frame.source == what, what)


def journey(app):
    panel = app.panel("teach")
    app.shot("empty")
    first, second = panel.cards.cards
    name(app, first, "cup")
    name(app, panel.cards.cards[1], "other")
    first, second = panel.cards.cards
    for others in (("chelsea", "astronaut"), ("rocket", "astronaut")):  # stills: one picture a go
        app.desk.open_source(SourceRequest(kind="clip"))
        app.wait(lambda: app.desk.source is not None and app.desk.source.info.fps > 0, "the clip")
        hold(app, first, 4)
        for what in others:
            sample(app, what)
            hold(app, second, 1)
    key(app, panel, Qt.Key.Key_2, second, 1)
    app.desk.open_source(SourceRequest(kind="clip"))
    app.shot("recorded")
    app.click(panel.page.train)
    app.wait(lambda: panel.keeping.record is not None, "the training")
    app.wait(lambda: panel.page.view.bars, "the bars")
    app.facts["bars"] = panel.page.view.bars
    app.facts["verdict"] = panel.page.verdict.text()
    app.facts["folder"] = str(panel.pictures.folder)
    app.facts["model"] = panel.keeping.record.model.hex()
    app.facts["confusion"] = panel.keeping.record.confusion.tolist()
    app.facts["date"] = panel.keeping.record.facts["date"]
    app.shot("trained")
    matrix = panel.page.results.matrix
    at = app.settled(matrix).rect_of((1, 1)).center()
    app.click(matrix, at.x(), at.y())
    wall = panel.page.results.wall
    app.wait(lambda: wall.count() == panel.keeping.record.confusion[1][1], "the pictures of the cell")
    app.click(panel.page.heat)
    where = app.settled(wall).visualItemRect(wall.item(0)).center()
    app.click(wall.viewport(), where.x(), where.y())
    app.wait(lambda: panel.looking is not None and panel.page.view.item is not None, "where it looks in the picture")
    app.facts["cell"] = panel.page.results.heading.text()
    app.facts["still"] = panel.page.view.bars
    app.shot("cell")
    app.click(panel.page.back)
    app.wait(lambda: panel.looking is None and panel.page.view.item is not None, "where it looks, live")
    saved = app.out / "cups.safetensors"
    panel.keeping.save_as(saved)
    panel.keeping.open(saved)
    app.wait(lambda: panel.page.view.bars, "bars of the saved model")
    panel.keeping.use_in_live()
    app.desk.change(classify=changed(app.desk.session.classify, exact=True))  # the reference needs no preparation
    app.wait(lambda: str(saved) in app.desk.choices("classifier"), "the saved model in the list")
    live = app.panel("live")
    app.wait(lambda: live.shown is not None and hasattr(live.shown, "top"), "Live with the taught model", 40)
    app.facts["live"] = [one.label for one in live.shown.top]
    app.shot("live")
