"""The Dream panel by mouse and keys: pause, history, queue, comparison, composer, mask, recipes, film."""

import hashlib
import time

import numpy as np
from PySide6.QtCore import Qt

from explorer.gui.panels.dream_mask import MaskImage
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest

BASE = DreamRequest(layer="features.7", channel=11, size=128, steps=32, seed=3)


def digest(rgb):
    return hashlib.sha256(np.ascontiguousarray(rgb).tobytes()).hexdigest()


def finished(app, panel, count):
    app.wait(lambda: panel.runs.now is None and len(panel.runs.items) >= count, f"{count} dreams are done", 60)


def whole(app):
    """Everything once, in one window."""
    panel = app.panel("dream")
    panel.body.picture.setFocus()
    app.shot("empty")
    growing(app, panel)
    history(app, panel)
    queue(app, panel)
    composer(app, panel)
    mask(app, panel)
    stopping(app, panel)
    recipe(app, panel)
    film(app, panel)


def growing(app, panel):
    app.desk.change(dream=changed(BASE, size=224, steps=160))  # seconds of work: on a busy machine the click comes late
    app.key("Space", panel.body.picture)
    app.wait(lambda: panel.runs.now is not None and panel.runs.now.done > 20, "it grows")
    app.click(panel.body.start)
    seen = []

    def still():
        """The turn that was under way is over, and the beat that brings its last preview."""
        app.pause(0.25)
        seen.append(panel.runs.now.done)
        return len(seen) > 2 and seen[-1] == seen[-2] == seen[-3]

    app.wait(still, "the dream rests", 30)
    app.shot("paused")
    app.pause(0.3)
    app.facts["rested"] = panel.runs.now.done == seen[-1] < 160 and app.desk.jobs.get("dream").held is not None
    app.key("Space", panel.body.picture)
    finished(app, panel, 1)
    app.facts["paused"] = digest(panel.runs.items[0].picture.rgb)
    app.facts["after"] = panel.runs.items[0].facts["after"]


def history(app, panel):
    head, shots = panel.body.playhead, panel.runs.items[0].evolution.shots
    app.facts["shots"] = len(shots)
    panel.body.picture.setFocus()
    app.key("Left")
    app.key("Left")
    app.facts["stepped back"] = digest(panel.newest.rgb) == digest(shots[-3].rgb) and head.step == head.last - 2
    app.key("Home")
    app.click(head.play)
    app.wait(lambda: head.step == head.last, "it was played")
    app.key("Home")
    app.shot("first")
    app.key("End")
    app.desk.change(dream=changed(BASE, start="picture", steps=3, octaves=1, channel=20))
    app.click(panel.body.branch)
    finished(app, panel, 2)
    app.facts["branched"] = len(panel.runs.items[1].evolution) > len(shots)
    panel.show_run(panel.runs.items[0])
    app.click(panel.body.go_on)
    finished(app, panel, 3)
    app.facts["went on"] = panel.runs.items[2].request.channel == 11


def queue(app, panel):
    app.desk.change(dream=changed(BASE, seed=1))
    app.key("Space", panel.body.picture)
    app.desk.change(dream=changed(BASE, seed=2))
    app.key("Shift+Space", panel.body.picture)
    app.desk.change(dream=changed(BASE, seed=5))
    app.click(panel.body.queue)
    app.facts["queued"] = [run.phase for run in panel.runs.items[-3:]]
    cards = panel.body.cards
    cards.setFocus()
    cards.setCurrentIndex(cards.cards.index(len(panel.runs.items) - 1))
    app.key("Alt+Left", cards)
    app.facts["order"] = [run.request.seed for run in panel.runs.items[-2:]]
    app.wait(lambda: panel.runs.now is not None and panel.runs.now.done > 10, "the first of the queue grows")
    app.shot("queue")
    finished(app, panel, 6)
    cards.setCurrentIndex(cards.cards.index(5))
    at = app.settled(cards).visualRect(cards.cards.index(4)).center()
    app.click(cards.viewport(), at.x(), at.y(), modifier=Qt.KeyboardModifier.ControlModifier)
    app.key("C", panel.body.picture)
    compare = panel.body.compare
    app.wait(lambda: compare.isVisible() and len(compare.runs) == 2, "two side by side")
    compare.cells[0].view.zoom_by(2.0)
    app.pause(0.1)
    app.facts["one zoom"] = compare.cells[1].view.zoom == compare.cells[0].view.zoom == 2.0
    app.facts["differ"] = compare.cells[0].facts.text()
    app.shot("compare")
    app.key("C", panel.body.picture)


def composer(app, panel):
    app.desk.change(dream=changed(BASE, steps=24))
    app.desk.select(layer="features.4", channel=5)
    made = panel.form().composer
    app.click(made.add)
    made.cards[1].weight.spin.setValue(-0.5)
    app.shot("composer")
    app.key("Space", panel.body.picture)
    finished(app, panel, 7)
    app.facts["goals"] = panel.runs.items[-1].request.model_dump(mode="json")
    app.facts["mixed"] = digest(panel.runs.items[-1].picture.rgb)
    app.click(made.add_class)
    made.cards[-1].label.lineEdit().selectAll()
    app.type("tabby", made.cards[-1].label.lineEdit())
    app.pause(0.2)
    app.shot("class")
    app.key("Esc", made.cards[-1].label.lineEdit())
    while made.cards:
        app.click(made.cards[0].remove)
    app.key("Shift+B", panel.body.picture)
    ranking = panel.form().ranking
    app.wait(lambda: ranking.isVisible() and ranking.list.count() > 0, "the channels that respond most")
    app.shot("ranking")
    ranking.list.setCurrentRow(0)
    app.click(ranking.take_it)
    app.facts["ranked"] = (app.desk.session.dream.layer, app.desk.session.dream.channel)
    ranking.hide()


def mask(app, panel):
    app.desk.change(dream=changed(BASE, start="picture", steps=4, octaves=2))
    app.key("M", panel.body.picture)
    view = panel.body.brush.view
    app.wait(view.isVisible, "the brush")
    app.settled(view)
    width, height = view.width(), view.height()
    app.drag(view, [(width * (0.4 + 0.02 * n), height * (0.5 + 0.01 * n)) for n in range(10)])
    app.hover(view, width * 0.6, height * 0.6)
    app.shot("brush")
    share = MaskImage.read(app.desk.session.dream.mask).share
    app.key("Right", view)
    app.key("Return", view)
    app.facts["painted"] = [share, MaskImage.read(app.desk.session.dream.mask).share]
    app.click(panel.body.brush.invert)
    app.click(panel.body.brush.whole)
    app.wait(lambda: abs(MaskImage.read(app.desk.session.dream.mask).share - 0.5) < 0.45, "the object")
    app.wait(lambda: app.desk.jobs.get("dream.mask") is None, "U2-Net is done")
    app.shot("object")
    app.key("M", panel.body.picture)
    app.key("Space", panel.body.picture)
    finished(app, panel, 8)
    app.shot("masked")
    kept = MaskImage.read(app.desk.session.dream.mask)
    app.facts["mask share"] = kept.share
    app.facts["masked"] = digest(panel.newest.rgb)
    app.facts["masked request"] = panel.runs.items[-1].request.model_dump(mode="json")


def stopping(app, panel):
    app.desk.change(dream=changed(BASE, steps=4096, size=224))
    waits = []
    for _ in range(2):
        app.key("Space", panel.body.picture)
        app.wait(lambda: panel.runs.now is not None and panel.runs.now.done > 5, "it grows")
        began = time.monotonic()
        app.key("Esc", panel.body.picture)
        while panel.runs.now is not None:
            app.pause(0.001)
        waits.append(round(time.monotonic() - began, 3))
    app.facts["stops"] = waits
    app.facts["kept"] = panel.newest is not None and panel.runs.items[-1].phase == "stopped"


def recipe(app, panel):
    run = panel.runs.items[0]
    panel.show_run(run)
    path = app.out / "saved-dream.png"
    app.program.pictures.save_to(path, panel.picture())
    app.desk.change(dream=DreamRequest(), panel="filters")
    app.window.dropped.emit([str(path)])
    app.wait(lambda: app.window.current == "dream", "the recipe is restored")
    app.pause(0.2)
    app.shot("recipe")
    app.facts["restored"] = app.desk.session.dream == run.request and digest(panel.newest.rgb) == app.facts["paused"]
    path.unlink()


def film(app, panel):
    panel.show_run(panel.runs.items[0])
    for ending in ("gif", "mp4"):
        path = app.out / f"grown.{ending}"
        panel.export_to(str(path))
        app.wait(path.exists, f"the {ending}")
        app.facts[ending] = path.stat().st_size
    app.desk.change(dream=changed(BASE, steps=8, frames=4, size=96))
    app.key("Space", panel.body.picture)
    app.wait(lambda: panel.runs.now is not None, "a film begins")
    app.wait(lambda: panel.runs.now is None, "a film")
    app.facts["film"] = len(panel.shown.evolution)
    app.shot("film")
