"""The live panel with a host that says what the test wants."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from explorer.assets import asset
from explorer.gui.panels.live import CHANNEL, LivePanel
from explorer.gui.panels.live_names import COCO
from explorer.gui.panels.live_outline import outline
from explorer.gui.panels.live_overlay import object_at
from explorer.host.messages import Answer, FrameArrived, RecordState
from explorer.i18n import use_language
from explorer.jobs import Failed, Progress, Result
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import RunsOn, Timing
from explorer.records.source import SourceInfo
from explorer.records.vision import ClassScore, Detections, Mask, TopK
from explorer.requests.base import changed
from explorer.requests.live import LiveLook
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest
from explorer.requests.source import SourceRequest

LABELS = ("person", "cup", "cat")
RUNS = RunsOn("cpu", "OpenVINO", "bf16", 1, "12 objects as in float32")


@pytest.fixture
def panel(desk, qtbot):
    made = LivePanel(desk)
    qtbot.addWidget(made)
    desk.register(CHANNEL, made.take)
    desk.frame_arrived.connect(made.frame_arrived)
    made.resize(900, 600)
    made.show()
    made.set_active(True)
    return made


def picture(seq, value=60):
    return Frame(np.full((200, 300, 3), value, np.uint8), seq=seq)


def objects(seq, *rows):
    """Rows of (class, score, x0, y0, x1, y1)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(
        table[:, 2:], table[:, 1], table[:, 0].astype(np.int64), LABELS, (200, 300), RUNS,
        Timing((("prepare", 0.9), ("forward", 4.0), ("decode", 0.2))), seq,
    )  # fmt: skip


CUP = (1, 0.53, 100, 50, 200, 150)
CAT = (2, 0.41, 120, 60, 160, 100)


def answer(desk, qtbot, record, frame=None, **facts):
    events = [Answer(CHANNEL, 1, Result(record))]
    if frame is not None:
        events.append(FrameArrived(frame, **facts))
    desk.host.say(*events)
    qtbot.wait(1)


def test_follows_only_while_it_can_be_seen(panel, desk):
    assert desk.host.followed[CHANNEL] == DetectRequest()
    panel.set_active(False)
    assert desk.host.followed[CHANNEL] is None


def test_an_answer_is_drawn_on_its_own_frame_only(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP), picture(1))
    assert panel.shown is not None and panel.objects.lines == [("cup", "53 %")]
    desk.host.frame(picture(2))
    qtbot.wait(1)
    assert panel.shown is None and panel.objects.lines == []
    answer(desk, qtbot, objects(9, CUP))  # for a frame that is not shown
    assert panel.shown is None


def test_boxes_are_in_the_saved_picture_at_their_place(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP), picture(1))
    image = panel.picture()
    assert (image.width(), image.height()) == (300, 200)
    assert image.pixelColor(100, 70).getRgb()[:3] == (86, 180, 233)  # the left edge, in the class's colour
    assert image.pixelColor(150, 120).getRgb()[:3] == (60, 60, 60)  # inside, the picture itself
    assert image.pixelColor(250, 180).getRgb()[:3] == (60, 60, 60)


def test_sliders_act_at_once(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP, CAT), picture(1))
    form = panel.form().currentWidget()
    form.fields["confidence"].set_value(0.5)
    form.fields["confidence"].changed.emit()
    assert desk.host.followed[CHANNEL].confidence == 0.5
    answer(desk, qtbot, objects(1, CUP))  # the same frame again, no new picture
    assert panel.objects.lines == [("cup", "53 %")]


def test_pointing_at_a_box(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP, CAT), picture(1))
    assert object_at(panel.shown, 140, 80) == 1  # the smaller one inside
    assert object_at(panel.shown, 190, 140) == 0
    assert object_at(panel.shown, 10, 10) is None
    panel.view.hovered.emit((140, 80, (0, 0, 0)))
    assert "cat 41 %" in panel.view.toolTip() and "40 x 40" in panel.view.toolTip()
    assert panel.objects.currentItem() is panel.objects.topLevelItem(1)
    panel.view.hovered.emit(None)
    assert panel.view.toolTip() == "" and panel.objects.currentItem() is None


def test_pointing_at_a_line_by_key(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP, CAT), picture(1))
    seen = []
    panel.objects.pointed.connect(seen.append)
    panel.objects.setFocus()
    qtbot.keyClick(panel.objects, Qt.Key.Key_Down)
    qtbot.keyClick(panel.objects, Qt.Key.Key_Down)
    assert seen[-1] == 1
    marked = panel.picture()
    panel.objects.mark(None)
    panel.pointing.point(None)
    assert marked != panel.picture()


def test_mask_darkens_what_is_outside(panel, desk, qtbot):
    panel.choose("segment")
    assert desk.host.followed[CHANNEL] == SegmentRequest() and desk.session.live == "segment"
    alpha = np.zeros((200, 300), np.float32)
    alpha[50:150, 100:200] = 1
    answer(desk, qtbot, Mask(alpha, RUNS, Timing((("forward", 33.0),)), 4), picture(4, 200))
    image = panel.picture()
    assert image.pixelColor(150, 100).red() == 200 and image.pixelColor(20, 20).red() < 80
    assert panel.page.share.text() == "17 %"


def test_classes(panel, desk, qtbot):
    panel.choose("classify")
    assert desk.host.followed[CHANNEL] == ClassifyRequest()
    answer(desk, qtbot, TopK((ClassScore(967, "espresso", 0.95),), RUNS, Timing(), 3), picture(3))
    assert panel.scores.lines == [("espresso", "95.0 %")]
    assert panel.numbers().splitlines()[1] == "espresso\t0.9500"


def test_an_answer_of_the_task_before_is_not_drawn(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP), picture(1))
    panel.choose("segment")
    assert panel.shown is None
    answer(desk, qtbot, objects(1, CUP))
    assert panel.shown is None


def test_figures(panel, desk, qtbot):
    desk.host.source(state="playing", info=SourceInfo("street", 300, 200, 30.0, 0, False))
    answer(desk, qtbot, objects(1, CUP), picture(1), dropped=12, fps=30.0, shown_fps=24.2, age=0.041)
    page = panel.page
    assert page.flow.text().endswith("30 in, 24 shown a second · 12 dropped") and "p95" in page.flow.text()
    texts = page.latency.texts
    assert texts[:4] == ["capture 36 ms", "prepare 0.9 ms", "network 4.0 ms", "read out 0.2 ms"], texts
    assert page.where.text() == "cpu · OpenVINO · bf16"
    assert "12 objects as in float32" in page.where.toolTip()
    assert panel.numbers().splitlines() == ["label\tscore\tx0\ty0\tx1\ty1", "cup\t0.5300\t100.0\t50.0\t200.0\t150.0"]


def test_progress_and_failures(panel, desk, qtbot):
    desk.host.answer(CHANNEL, Progress(0, 2, "preparing the live version"))
    qtbot.wait(1)
    assert "preparing" in panel.page.doing.text()
    answer(desk, qtbot, objects(1, CUP), picture(1))
    trouble = Trouble("memory.forward", "Not enough memory for this picture.")
    for _ in range(2):
        desk.host.answer(CHANNEL, Failed(trouble))
    qtbot.wait(1)
    assert panel.shown is not None, "one frame that failed takes nothing away"
    desk.host.answer(CHANNEL, Failed(trouble))
    qtbot.wait(1)
    assert "paused" in panel.page.doing.text() and panel.shown is None
    desk.change(detect=changed(desk.session.detect, confidence=0.2))
    answer(desk, qtbot, objects(1, CUP))
    assert panel.shown is not None and "paused" not in panel.page.doing.text()


def test_no_camera_is_said_in_the_picture(panel, desk, qtbot):
    desk.change(picture=changed(desk.session.picture, kind="camera"))
    desk.host.source(state="failed", trouble=Trouble("camera.absent", "Camera 0 is not available."))
    qtbot.wait(1)
    assert panel._badge(desk.source) == "No camera found."
    before = panel.view.grab().toImage()
    desk.open_source(SourceRequest(kind="clip"))
    desk.host.source(state="playing")
    desk.host.frame(picture(1))
    qtbot.wait(1)
    assert panel._badge(desk.source) == "" and panel.view.grab().toImage() != before
    plain = panel.view.grab().toImage()
    desk.host.source(state="failed", trouble=Trouble("media.missing", "There is no file."))
    qtbot.wait(1)
    assert panel._badge(desk.source) == "This picture cannot be shown."  # over the last picture, greyed
    assert panel.view.grab().toImage() != plain


def test_recording(panel, desk, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.gui.panels.live_record.film_path", lambda: tmp_path / "films" / "a.mp4")
    film = tmp_path / "films" / "a.mp4"
    qtbot.mouseClick(panel.recorder.button, Qt.MouseButton.LeftButton)
    assert desk.host.asked[-1] == ("record", (film,), LiveLook(), False) and film.parent.is_dir()
    desk.host.say(RecordState("recording", "a.mp4", frames=7))
    qtbot.wait(1)
    assert panel.recorder.button.text() == "Recording 0:00" and panel.recorder.button.isChecked()
    panel.recorder._since -= 65
    desk.host.frame(picture(3))
    qtbot.wait(1)
    assert panel.recorder.button.text() == "Recording 1:05"
    panel.recorder.toggle()
    assert desk.host.asked[-1] == ("record", None)
    desk.host.say(RecordState("done", "a.mp4", frames=9, dropped=2, paths=("/f/a.mp4", "/f/a.csv")))
    qtbot.wait(1)
    assert panel.recorder.button.text() == "Record" and not panel.recorder.button.isChecked()
    (notice,) = desk.sink.take()
    assert "9 pictures recorded as a.mp4, a.csv (2 pictures" in notice.text and notice.actions[0][0] == "Open folder"
    desk.host.say(RecordState("done", "a.mp4", frames=0))
    qtbot.wait(1)
    assert [notice.level for notice in desk.sink.take()] == ["warn"]
    trouble = Trouble("record.full", "The disk is full.")
    desk.host.say(RecordState("failed", "a.mp4", frames=4, trouble=trouble, kept=("/f/a.jsonl",)))
    qtbot.wait(1)
    assert [notice.level for notice in desk.sink.take()] == ["bad", "info"]


def test_kinds_of_recordings(panel, desk, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.gui.panels.live_record.film_path", lambda: tmp_path / "a.mp4")
    kinds = panel.recorder.kinds
    kinds[".csv"].trigger()
    kinds[".jsonl"].trigger()
    kinds[".mp4"].trigger()
    assert desk.session.live_look.record == (".jsonl", ".csv")
    kinds[".csv"].trigger()
    kinds[".jsonl"].trigger()  # the last one stays
    assert desk.session.live_look.record == (".jsonl",) and kinds[".jsonl"].isChecked()
    desk.change(picture=changed(desk.session.picture, kind="clip", path=""))
    panel.recorder._tick()
    panel.recorder.whole.trigger()
    assert desk.host.asked[-1] == ("record", (tmp_path / "a.jsonl",), desk.session.live_look, True)
    desk.host.say(RecordState("recording", "a.jsonl", frames=12, total=48))
    qtbot.wait(1)
    assert panel.recorder.button.text() == "Recording 12 of 48"
    panel.recorder._tick()
    assert not kinds[".csv"].isEnabled() and not panel.recorder.whole.isEnabled()


def test_speaks_hungarian(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP), picture(1))
    try:
        use_language("hu")
        panel.retranslate()
        assert panel.page.heading.text() == "Objektumok: 1" and "hálózat 4,0 ms" in panel.page.latency.texts
        assert panel.objects.lines == [("csésze", "53%")]
    finally:
        use_language("en")


def test_class_names_are_marked_for_translation():
    assert list(COCO) == asset("classes", "coco.txt").read_text(encoding="utf-8").splitlines()


def test_keys_name_every_task(panel):
    table = panel.keys()
    assert [key.sequence for key in table] == ["B", "M", "C", "R", "P", "N", "Shift+N"]
    for key in table[:3]:
        key.slot()
        assert KEYS[key.sequence] == panel.desk.session.live


KEYS = {"B": "detect", "M": "segment", "C": "classify"}


def test_nothing_to_save_without_a_picture(panel):
    assert panel.picture().isNull() and panel.numbers() == "" and not panel.demo_ready()
    panel.snapshot()


def test_paints_under_zoom(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP), picture(1))
    before = panel.view.grab().toImage()
    panel.view.zoom_by(3.0)
    after = panel.view.grab().toImage()
    assert isinstance(after, QImage) and after != before


def test_outline_by_hand():
    """One pixel of nine inside: the border is a diamond half way to its neighbours."""
    alpha = np.zeros((3, 3), np.float32)
    alpha[1, 1] = 1
    (loop,) = outline(alpha)
    assert {tuple(point) for point in loop.tolist()} == {(1.0, 1.5), (2.0, 1.5), (1.5, 1.0), (1.5, 2.0)} and len(loop) == 4


@pytest.mark.parametrize("shape", [(100, 160), (720, 1280)])
def test_outline_of_a_disc(shape):
    y, x = np.mgrid[: shape[0], : shape[1]]
    radius = shape[0] / 3
    distance = np.hypot(x + 0.5 - shape[1] / 2, y + 0.5 - shape[0] / 2)
    (loop,) = outline(np.clip(0.5 + (radius - distance) / 8, 0, 1).astype(np.float32))
    found = np.hypot(loop[:, 0] - shape[1] / 2, loop[:, 1] - shape[0] / 2)
    np.testing.assert_allclose(found, radius, atol=1.0)
    length = np.hypot(*(np.roll(loop, -1, axis=0) - loop).T).sum()
    np.testing.assert_allclose(length, 2 * np.pi * radius, rtol=0.02)


def test_outline_of_nothing_everything_and_a_ring():
    assert outline(np.zeros((5, 7), np.float32)) == []
    (whole,) = outline(np.ones((5, 7), np.float32))
    assert whole.min(axis=0).tolist() == [0, 0] and whole.max(axis=0).tolist() == [7, 5], "up to the edge of the picture"
    assert len(outline(np.ones((1, 1), np.float32))) == 1
    ring = np.ones((7, 7), np.float32)
    ring[3, 3] = 0
    outer, inner = sorted(outline(ring), key=len, reverse=True)
    turn = []
    for loop in (outer, inner):
        after = np.roll(loop, -1, axis=0)
        turn.append((loop[:, 0] * after[:, 1] - loop[:, 1] * after[:, 0]).sum())
    assert turn[0] * turn[1] < 0, "a hole runs the other way round"
