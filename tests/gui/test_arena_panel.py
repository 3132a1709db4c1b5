"""The compare panel: what it asks, what it shows of each kind of answer."""

import numpy as np
import pytest

from explorer.gui.panels.arena import RUN, ArenaPanel
from explorer.jobs import Failed, Result
from explorer.records.arena import ArenaResult, ArenaSideResult, Laps
from explorer.records.attribution import Said
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import RunsOn
from explorer.records.vision import ClassScore, Detections, Mask, TopK
from explorer.requests.surgery import Edit
from explorer.vision.arena_match import boxes_said, counts, masks, pairs

FRAME = Frame(np.full((60, 80, 3), 120, np.uint8), seq=4, source="toy")


def boxes(*rows):
    xyxy, score = np.array([row[1:] for row in rows], np.float32).reshape(-1, 4), np.array([row[0] for row in rows], np.float32)
    return Detections(xyxy, score, np.zeros(len(rows), np.int64), ("cup",), (60, 80))


def side(answer, ms=10.0, **more):
    laps = Laps(((("prepare", 1.0), ("forward", ms - 1)),) * 3)
    facts = {"parameters": 1_000_000, "input_size": 32, "weights_bytes": 4_000_000, "maps_bytes": 2_000_000, "pass_bytes": None}
    return ArenaSideResult("toy", "Toy", "random", RunsOn(**more), answer, laps, **facts)


def result(task, a, b, said="so", **more):
    return ArenaResult(task, side(a), side(b, 20.0, precision="bf16"), said=Said(said), frame_seq=4, source="toy", **more)


def detections():
    a, b = boxes((0.9, 10, 10, 30, 30), (0.5, 50, 10, 70, 30)), boxes((0.88, 10, 10, 30, 30))
    found = pairs(a, b, 0.5)
    return result("detect", a, b, boxes_said(found).text(), pairs=found, counts=counts(found))


@pytest.fixture
def panel(desk, qtbot):
    made = ArenaPanel(desk)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    desk.frame = FRAME
    made.set_active(True)
    return made


def asked(desk):
    return [(request, frame) for channel, request, frame in desk.host.asked if channel == RUN]


def test_a_picture_is_compared_once(panel, desk):
    assert asked(desk) == [(desk.session.arena, FRAME)]
    panel.take(RUN, Result(detections()))
    panel.take_frame(FRAME)
    assert len(asked(desk)) == 1
    panel.measure()
    assert len(asked(desk)) == 2 and asked(desk)[1][0].again == 1


def test_objects_in_list_and_pictures(panel):
    panel.take(RUN, Result(detections()))
    assert panel.pairs.lines == [("A  cup", "50 %", "–", ""), ("=  cup", "90 %", "88 %", "1.00")]  # what differs comes first
    assert panel.said.text().startswith("1 of 2 objects")
    panel.views[0].clicked.emit(60.0, 20.0)
    assert [view.marked for view in panel.views] == [1, 1, 1] and "only in A" in panel.told.text()
    panel.views[0].clicked.emit(60.0, 20.0)
    assert panel.marked is None
    panel.next_pair(1)
    panel.next_pair(1)
    assert panel.marked == 1
    assert len(panel.views[1].shown()) == 1 and len(panel.views[2].shown()) == 3
    panel.over.click()
    assert panel.pages.currentWidget() is panel.views[2] and not panel.grab().isNull()
    figures = panel.figures.toPlainText()
    assert "10 ms" in figures and "20 ms" in figures and "2×" in figures and "4 MB" in figures and "–" in figures
    told = panel.numbers().splitlines()
    assert told[1].split("\t")[0] == "agreed" and told[-1] == "median ms\t10.0\t20.0"


def test_masks_and_their_difference(panel):
    one = np.zeros((60, 80), np.float32)
    one[10:30, 10:30] = 1
    other = np.roll(one, 10, axis=1)
    iou, difference, said = masks(Mask(one), Mask(other))
    assert iou == pytest.approx(1 / 3) and difference == pytest.approx(400 / 4800)
    panel.take(RUN, Result(result("segment", Mask(one), Mask(other), said.text(), iou=iou, difference=difference)))
    assert not panel.pairs.isVisible() and "0.333" in panel.said.text() and panel.over.text() == "Difference"
    panel.over.click()
    image = panel.views[2].grab().toImage()
    assert not image.isNull() and "IoU" in panel.numbers()


def test_classes_side_by_side(panel):
    tops = [TopK((ClassScore(0, "cup", score),)) for score in (0.7, 0.6)]
    scores = ((ClassScore(0, "cup", 0.7), ClassScore(0, "cup", 0.6)),)
    panel.take(RUN, Result(result("classify", *tops, scores=scores)))
    assert panel.pages.currentWidget() is panel.bars and panel.bars.lines == [("cup", "70.0 %", "60.0 %")]
    assert "Pale bar: A" in panel.told.text()


def test_shortcuts_change_the_sides(panel, desk):
    form = panel.form().sides["b"]
    form.fields["confidence"].set_value(0.6)
    form.fields["confidence"].changed.emit()
    assert desk.session.arena.b.confidence == 0.6 and desk.session.arena.b.exact
    panel.change_sides()
    assert desk.session.arena.a.confidence == 0.6 and desk.session.arena.a.exact
    assert panel.form().sides["a"].value() == desk.session.arena.a
    panel.fast_against_exact()
    now = desk.session.arena
    assert (now.a.exact, now.b.exact) == (False, True) and now.a.confidence == now.b.confidence == 0.6
    assert not panel.cut.isVisible()
    edit = Edit(kind="mute", layer="features.0", channels=(1,))
    desk.change(surgery=(edit,))
    assert panel.cut.isVisible()
    panel.before_and_after()
    now = desk.session.arena
    assert now.b.surgery == (edit,) and now.a.surgery == () and now.a.model == now.b.model == desk.session.network.model
    panel.back_to_start()
    assert desk.session.arena == type(now)()


def test_a_refusal_is_said_in_place(panel):
    panel.take(RUN, Result(detections()))
    panel.take(RUN, Failed(Trouble("arena.tasks", "They cannot be compared.", {}, "Choose others.", 2)))
    assert "cannot be compared" in panel.said.text() and panel.pairs.lines == []
