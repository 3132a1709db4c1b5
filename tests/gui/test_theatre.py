"""The suppression theatre: stepping, choosing, another method beside it, a crowd."""

import numpy as np
import pytest

from explorer.gui.panels.xray_pages import make_page
from explorer.gui.panels.xray_theatre_scene import GONE, KEPT, WAITING, Scene
from explorer.records.attribution import Said
from explorer.records.suppression import areas
from explorer.records.xray import CandidatesStage, PictureStage, XrayRecord
from explorer.vision.boxes import Rule
from explorer.vision.xray_stages import suppression_stage

CHAIN = [[0, 0, 4, 4], [1, 0, 5, 4], [2, 0, 6, 4], [40, 0, 44, 4]]  # neighbours 3/5, first and third 1/3, the last alone


def record_of(xyxy, score, rule=None, candidate=0):
    xyxy, score = np.array(xyxy, np.float32) * 4, np.array(score, np.float32)
    classes = np.zeros(len(score), np.int64)
    boxes = CandidatesStage("candidates", "Candidates", Said(""), xyxy, xyxy, score, classes, ("cup",))
    picture = PictureStage("input", "Input", Said(""), np.full((200, 200, 3), 90, np.uint8), (200, 200), (1, 1), (0, 0))
    stages = (picture, boxes, suppression_stage(boxes, rule or Rule(overlap=0.5)))
    return XrayRecord("toy", "Toy", stages, ("cup",), candidate=candidate)


@pytest.fixture
def page(desk, qtbot):
    made = make_page("suppression", desk)
    qtbot.addWidget(made)
    made.resize(600, 600)
    made.show()
    made.set_record(record_of(CHAIN, [0.9, 0.8, 0.7, 0.6]), None)
    return made


def test_intersection_and_union_by_hand():
    assert areas(np.array([0, 0, 4, 4]), np.array([1, 0, 5, 4])) == (12.0, 20.0)
    assert areas(np.array([0, 0, 4, 4]), np.array([9, 9, 8, 8])) == (0.0, 16.0)


def test_moments_by_hand():
    record = record_of(CHAIN, [0.9, 0.8, 0.7, 0.6])
    boxes, what = record.stages[1:]
    moments = [Scene(what.steps, boxes, at) for at in range(5)]
    assert moments[0].state.tolist() == [KEPT, WAITING, WAITING, WAITING]
    assert moments[1].state.tolist() == [KEPT, GONE, WAITING, WAITING] and (moments[1].current, moments[1].met) == (0, 1)
    assert moments[2].met == 2 and moments[2].state[2] == WAITING  # 1/3 is not too much
    assert moments[4].state.tolist() == [KEPT, GONE, KEPT, KEPT] and moments[4].over
    assert moments[1].iou(1) == pytest.approx(0.6) and moments[1].iou(0) is None and moments[1].iou(3) == 0


def test_steps_say_what_happens(page):
    assert page.scene.at == 1
    said = page.said.text()
    assert "1 · cup meets 2 · cup" in said and "192" in said and "320" in said and "0.600" in said and "goes" in said
    assert page.step(1) and "Both stay" in page.said.text()
    assert page.step(-2) and "best score" in page.said.text()
    assert not page.step(-1)  # the panel goes to the stage before
    assert page.toggle() and page.play.playing
    page.toggle()
    assert page.numbers().count("\n") == 5


def test_a_box_leads_to_its_step(page, qtbot):
    with qtbot.waitSignal(page.followed) as told:
        page.cast.chosen.emit(2)
    assert told.args == [2] and page.scene.at == 3 and page.scene.current == 2
    page.views[0].chosen.emit(1)
    assert page.scene.at == 1
    page.views[0].pointed.emit(2)
    assert "IoU with 1 · cup: 0.333" in page.told.text()
    page.views[0].pointed.emit(None)
    assert "3 of 4" in page.told.text()
    assert page.views[0].row_at(1, 1) == 0 and page.views[0].row_at(199, 199) is None


def test_thresholds_go_into_the_request_and_the_step_stays(page, desk):
    page.overlap.spin.setValue(0.2)
    assert desk.session.xray.overlap == 0.2
    page.set_record(record_of(CHAIN, [0.9, 0.8, 0.7, 0.6], Rule(overlap=0.2)), None)
    assert (page.scene.current, page.scene.met) == (0, 1)  # where it was
    page.play.go_to(page.play.last)
    page.set_record(record_of(CHAIN, [0.9, 0.8, 0.7, 0.6], Rule(overlap=0.9)), None)
    assert page.scene.at == page.play.last == len(page.scene.trace) - 1  # the end stays the end
    page.method.setCurrentIndex(page.method.findData("linear"))
    page.method.activated.emit(0)
    assert desk.session.xray.suppression == "linear"


def test_methods_side_by_side(page):
    assert page.other is None and page.views[1].isHidden() is False and not page.views[1].isVisible()
    page.beside.setCurrentIndex(page.beside.findData("gaussian"))
    page.beside.activated.emit(0)
    assert page.other.trace.method == "gaussian" and page.views[1].isVisible() and page.sigma.isVisible()
    assert "differently: 1" in page.told.text()  # greedy throws the second box out, gaussian keeps it
    assert page.other.scores[1] == pytest.approx(0.8 * np.exp(-(0.6**2) / 0.5))
    assert not page.grab().isNull()


def test_a_crowd_is_drawn_in_part_and_said(page):
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 40, (1000, 2))
    xyxy = np.concatenate([corner, corner + rng.uniform(1, 8, (1000, 2))], 1)
    page.set_record(record_of(xyxy, np.sort(rng.uniform(0.01, 1, 1000))[::-1], Rule(confidence=0.01), candidate=700), None)
    assert "best 150 of 1000" in page.told.text()
    assert len(page.views[0].drawn) <= 153 and 700 in page.views[0].drawn
    assert len(page.cast.lines) == 1000
    page.play.go_to(page.play.last)
    assert not page.grab().isNull()


def test_nobody_there(page):
    page.set_record(record_of(np.zeros((0, 4)), []), None)
    assert page.scene is None and "no candidates" in page.said.text() and page.numbers() == ""
    page.set_record(None, None)
    assert page.said.text() == ""
