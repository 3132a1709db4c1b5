"""The Dream panel with a host that says what the test wants."""

import json

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from explorer.gui.panels.dream import PICTURE_STEPS, DreamPanel, change_text, short
from explorer.host.messages import Answer
from explorer.jobs import CancelledJob, Failed, Preview, Result, Started
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.picture import Picture
from explorer.requests.base import changed

FACTS = {
    "before": 0.25, "measure": "mean activation of the channel", "seed": 7, "steps": 128, "layer": "features.7", "channel": 11,
    "model": "squeezenet1_1", "start": "noise",
}  # fmt: skip


def grown(value, **facts):
    return Picture(np.full((16, 16, 3), value, np.uint8), {**FACTS, **facts})


@pytest.fixture
def panel(desk, qtbot):
    made = DreamPanel(desk)
    qtbot.addWidget(made)
    qtbot.addWidget(made.form())
    desk.register("dream", made.take)
    made.resize(800, 600)
    made.show()
    made.set_active(True)
    return made


def say(desk, qtbot, *events):
    desk.host.say(*[Answer("dream", 1, event) for event in events])
    qtbot.wait(1)


def test_start_previews_and_result(panel, desk, qtbot):
    panel.body.start.click()
    assert desk.host.requests("dream") == [desk.session.dream]
    say(desk, qtbot, Started("DreamRequest", 0), Preview(grown(10, now=1.5, done=20, total=128), 20, 128))
    assert panel.running and panel.body.start.text() == "Pause"
    assert panel.body.heading.text() == "features.7 · channel 11"
    assert (
        panel.body.change.text() == "mean activation of the channel: 0.25 → 1.5 …"
        and "seed 7 · step 20 of 128" in panel.body.how.text()
    )
    assert panel.body.picture.image.pixelColor(3, 3).red() == 10
    job = desk.jobs.get("dream")
    assert (job.done, job.total) == (20, 128)
    say(desk, qtbot, Result(grown(200, after=50.0, gain=200.0, stopped="")))
    assert (
        not panel.running
        and panel.body.change.text() == "mean activation of the channel: 0.25 → 50  (200 ×)"
        and panel.body.start.text() == "Dream now"
    )
    assert panel.body.picture.image.pixelColor(3, 3).red() == 200 and panel.demo_ready()
    assert "mean activation" in panel.body.change.toolTip()


def test_stop_keeps_the_picture_and_says_so(panel, desk, qtbot):
    panel.toggle()
    say(desk, qtbot, Started("DreamRequest", 0), Preview(grown(10, now=1.5, done=2, total=128), 2, 128))
    panel.body.strip.button.click()
    assert desk.host.stopped == ["dream"]
    say(desk, qtbot, CancelledJob(grown(40, after=2.0, gain=8.0, done=5, total=128)))
    assert not panel.running and panel.body.picture.image.pixelColor(0, 0).red() == 40
    assert "Stopped" in panel.body.how.text() and panel.body.change.text() == "mean activation of the channel: 0.25 → 2  (8 ×)"


def test_a_dead_engine_leaves_the_picture_so_far(panel, desk, qtbot):
    panel.toggle()
    say(desk, qtbot, Started("DreamRequest", 0), Preview(grown(60, now=1.5, done=9, total=128), 9, 128))
    say(desk, qtbot, Failed(Trouble("engine.died", "The engine stopped.")))
    desk.host.engine("restarting", restarts=1)
    qtbot.wait(1)
    assert not panel.running and panel.body.picture.image.pixelColor(0, 0).red() == 60
    assert "The engine stopped." in panel.body.how.text()
    assert panel.body.save.isEnabled()
    say(desk, qtbot, Started("DreamRequest", 0))
    assert "engine" not in panel.body.how.text()
    say(desk, qtbot, Failed(Trouble("dream.no-gradient", "Nothing grows.")))
    assert panel.body.how.text() == "Nothing grows." and panel.body.picture.image.pixelColor(0, 0).red() == 60


def test_cancelled_before_anything_keeps_what_was_there(panel, desk, qtbot):
    say(desk, qtbot, Result(grown(99, after=1.0, gain=4.0)))
    panel.toggle()
    say(desk, qtbot, Started("DreamRequest", 0), CancelledJob(None))
    assert panel.newest.rgb[0, 0, 0] == 99 and panel.body.picture.image.pixelColor(0, 0).red() == 99


def test_why_it_ended_early_is_said(panel, desk, qtbot):
    say(
        desk,
        qtbot,
        Result(grown(9, after=1.0, gain=None, stopped="No gradient comes back any more: the channel is saturated or silent.")),
    )
    assert "No gradient comes back any more: the channel is saturated or silent." in panel.body.how.text()
    assert "No ratio" in panel.body.change.toolTip()


def test_a_picture_start_sends_the_picture(panel, desk, qtbot):
    desk.change(dream=changed(desk.session.dream, start="picture"))
    panel.toggle()
    assert desk.host.requests("dream") == []  # there is none yet: the person is told
    assert any("picture" in notice.text for notice in desk.sink.take())
    desk.frame = Frame(np.zeros((4, 4, 3), np.uint8), seq=5)
    panel.toggle()
    assert desk.host.asked[-1] == ("dream", desk.session.dream, desk.frame)
    say(desk, qtbot, Started("DreamRequest", 0), Result(grown(1, after=1.0)))
    desk.change(dream=changed(desk.session.dream, start="noise"))
    panel.toggle()
    assert desk.host.asked[-1][2] is None


def test_the_form_offers_steps_that_suit_the_start(panel, desk):
    form = panel.form()
    field = form.fields["start"].box
    field.setCurrentIndex(field.findData("picture"))
    field.activated.emit(field.currentIndex())
    assert (desk.session.dream.start, desk.session.dream.steps) == ("picture", PICTURE_STEPS)
    field.setCurrentIndex(field.findData("noise"))
    field.activated.emit(field.currentIndex())
    assert (desk.session.dream.start, desk.session.dream.steps) == ("noise", 128)


def test_saved_pictures_carry_their_recipe(panel, desk, qtbot, tmp_path, monkeypatch):
    assert panel.picture().isNull() and not panel.body.save.isEnabled() and panel.numbers() == ""
    say(desk, qtbot, Result(grown(123, after=50.0, gain=200.0)))
    target = tmp_path / "mine.png"
    asked = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (asked.append(a[2]), (str(target), ""))[1])
    panel.body.save.click()
    assert asked == ["dream-squeezenet1_1-features.7-11.png"]
    saved = QImage(str(target))
    assert saved.pixelColor(0, 0).red() == 123
    facts = json.loads(saved.text("explorer-facts"))
    assert facts["seed"] == 7 and facts["after"] == 50.0 and facts["request"]["steps"] == 128
    assert json.loads(saved.text("explorer-session"))["dream"]["seed"] == 0
    notices = desk.sink.take()
    assert notices[-1].level == "good" and "mine.png" in notices[-1].text
    assert "seed\t7" in panel.numbers()


def test_a_folder_that_cannot_be_written_is_told(panel, desk, qtbot, tmp_path, monkeypatch):
    say(desk, qtbot, Result(grown(1, after=1.0)))
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(tmp_path / "file" / "x.png"), ""))
    panel.body.save.click()
    assert desk.sink.take()[-1].level == "bad"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.29678, "0.297"),
        (-41.24, "−41.2"),
        (833.7, "834"),
        (182345.0, "182\u202f000"),
        (1e12, "1e12"),
        (1e-7, "1e−7"),
    ],
)
def test_numbers_are_short(value, text):
    assert short(value) == text
    assert change_text({}) == ""


def test_space_starts_pauses_and_goes_on(panel, desk, qtbot):
    table = panel.keys()
    keys = {key.sequence: key.slot for key in table}
    keys["Space"]()
    assert len(desk.host.requests("dream")) == 1
    say(desk, qtbot, Started("DreamRequest", 0), Preview(grown(10, now=1.5, done=2, total=128), 2, 128))
    keys["Space"]()
    assert desk.host.held == {"dream": True} and panel.body.start.text() == "Continue"
    assert desk.jobs.get("dream").held is not None and panel.runs.now.phase == "paused"
    panel.retranslate()
    keys["Space"]()
    assert desk.host.held == {"dream": False} and panel.body.start.text() == "Pause" and panel.runs.now.phase == "running"
    assert len(desk.host.requests("dream")) == 1


def test_the_demo_is_small(panel, desk):
    panel.demo()
    assert desk.session.dream.steps == 64 and not panel.demo_ready()
