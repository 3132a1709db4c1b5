"""The X-ray panel over a record made here: every stage drawn, clicks that follow, words, menus, what makes it ask."""

import io
import json

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QUrl
from PySide6.QtWidgets import QApplication

from explorer.gui.panels import xray_pages
from explorer.gui.panels.xray import XRAY, XrayPanel
from explorer.gui.panels.xray_paint import Look
from explorer.gui.panels.xray_saving import numbers_bytes
from explorer.gui.panels.xray_words import typeset
from explorer.host.messages import SourceState
from explorer.jobs import Failed, Result
from explorer.records.attribution import Said
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.source import SourceInfo
from explorer.records.vision import Detections
from explorer.records.xray import BoxesStage, CandidatesStage, Link, Maps, MapsStage, PictureStage, SuppressionStage, XrayRecord
from explorer.records.xray_cells import Grid, GridStage, Term, Terms, TermsStage
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest
from explorer.requests.xray import XrayRequest

FRAME = Frame(np.full((32, 64, 3), 120, np.uint8), seq=3, source="grey")
LABELS = ("cup", "cat")
CELLS = [[0, 1, 1, 1], [0, 1, 0, 1], [1, 2, 3, 0]]
XYXY = np.array([[10, 30, 50, 60], [8, 28, 48, 58], [40, 20, 60, 44]], np.float32)
HERE = Said("what happens here")


def terms(anchor):
    values = {"bx": 30.0, "by": 45.0, "class": 0.0, "score": 0.6}
    lines = (
        Term("Where", "b_x", "(σ(t_x) + c_x) · s", "(0.25 + 1) · 32", 30.0, "px", Said("middle")),
        Term("How large", "b_w", "p_w · e^{t_w}", "10 · e^{−0.5}", 6.0, "px", Said("width")),
    )
    box = (10.0, 30.0, 50.0, 60.0)
    return Terms((0, 1, 1, anchor), Said(f"Anchor {anchor + 1}"), lines, values, box, box, ((0, 0.8), (1, 0.1)))


def record(cell=(0, 1, 1, 1), candidate=0, object_=0, seq=3, bad=False, **fields):
    """Two scales of 2 x 2 and 4 x 4 cells over 64 x 64 pixels; a cup that removed one, and a cat."""
    rng = np.random.default_rng(0)
    shapes = ((2, 2, 2), (2, 4, 4))
    raw = [rng.normal(0, 1, (a, 7, h, w)).astype(np.float32) for a, h, w in shapes]
    sure = [(1 / (1 + np.exp(-one[:, 4]))).astype(np.float32) for one in raw]
    features = [np.ones((3, h, w), np.float32) * np.arange(3, dtype=np.float32)[:, None, None] for _, h, w in shapes]
    if bad:
        features[0][1, 0, 0] = np.nan
    anchors = np.array([[10, 20], [40, 30]], np.float64)
    links = (Link("grid", np.array(CELLS)),)
    score, classes = np.array([0.6, 0.3, 0.5], np.float32), np.array([0, 0, 1])
    found = Detections(
        XYXY[[0, 2]] - np.float32([0, 16, 0, 16]), score[[0, 2]], classes[[0, 2]], LABELS, (32, 64), frame_seq=seq
    )
    names = ("features", "objectness", "classes")
    scales = [
        tuple(Maps(f"layers.{k}", s, one) for k, (s, one) in enumerate(zip((32, 16), kind, strict=True)))
        for kind in (features, sure, sure)
    ]
    maps = [MapsStage(name, name.title(), HERE, kind, "anchor") for name, kind in zip(names, scales, strict=True)]
    maps[0] = MapsStage("features", "Features", HERE, scales[0], "channel")
    best = tuple(one[:, 5:].argmax(1).astype(np.int16) for one in raw)
    maps[2] = MapsStage("classes", "Classes", HERE, scales[2], "anchor", 0, best)
    grids = tuple(Grid(f"layers.{k}", s, anchors, one) for k, (s, one) in enumerate(zip((32, 16), raw, strict=True)))
    in_frame = XYXY - np.float32([0, 16, 0, 16])
    stages = (
        PictureStage("input", "Input", HERE, np.full((64, 64, 3), 90, np.uint8), (32, 64), (1.0, 1.0), (0.0, 16.0)),
        maps[0],
        GridStage("grid", "Grid", HERE, grids),
        maps[1],
        maps[2],
        TermsStage("decode", "Decode", HERE, (terms(0), terms(1)), cell[3]),
        CandidatesStage("candidates", "Candidates", HERE, XYXY, in_frame, score, classes, LABELS, links=links),
        SuppressionStage(
            "suppression", "Suppression", HERE, np.array([True, False, True]), np.array([-1, 0, -1]),
            np.array([0, 0.8, 0], np.float32), np.array([0.6, 0, 0.5], np.float32), "greedy", 0.45, 0.5, True,
        ),
        BoxesStage("result", "Result", HERE, found, links=(Link("candidates", np.array([0, 2])),)),
    )  # fmt: skip
    given = {"model": "yolov3_tiny", "title": "Toy", "labels": LABELS, "source": "grey", "class_index": 0, **fields}
    return XrayRecord(stages=stages, cell=cell, candidate=candidate, object=object_, frame_seq=seq, **given)


def asked(desk):
    return [entry for entry in desk.host.asked if entry[0] == XRAY]


@pytest.fixture
def panel(desk, put_up, monkeypatch):
    """Every stage over the picture, none on a page of its own."""
    monkeypatch.setattr(xray_pages, "PAGES", {})
    desk.frame = FRAME
    made = put_up(XrayPanel(desk), (900, 640))
    made.take(XRAY, Result(record()))
    return made


def click(panel, qtbot, x, y):
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=panel.view.transform().map(QPointF(x, y)).toPoint())


def bound(panel):
    """The panel's keys: sequence -> what they do."""
    table = panel.keys()
    return {key.sequence: key.slot for key in table}


def ink(panel):
    """How many pixels of the drawn picture are not the plain picture's."""
    made = panel.view.drawn(64)
    return sum(made.pixelColor(x, y) != panel.view.image.pixelColor(x, y) for x in range(64) for y in range(64))


def test_a_still_picture_is_looked_through_at_once_and_once(panel, desk):
    assert [entry[1:] for entry in asked(desk)] == [(XrayRequest(), FRAME)]
    panel.take_frame(FRAME)
    assert len(asked(desk)) == 1
    panel.take_frame(Frame(FRAME.rgb, seq=4, source="grey"))
    assert asked(desk)[-1][2].seq == 4


def test_every_stage_is_drawn_and_says_its_numbers(panel):
    names = [stage.name for stage in panel.record.stages]
    for number, name in enumerate(names[:-1], 1):
        panel.go_to(name)
        assert panel.stage.name == name and ink(panel) > 60, name
        assert len(panel.side.text.toPlainText()) > 20, name
        assert "\t" in panel.numbers() and panel.picture().width() == 1248, name
        button = next(one for one in panel.rail.buttons if one.isChecked())
        assert button.text().splitlines()[0] == str(number)


def test_the_result_stands_in_the_frame(panel):
    panel.go_to("result")
    assert panel.view.image.height() == 32 and panel.numbers().splitlines()[1].startswith("cup\t0.6")
    panel.take(XRAY, Result(record(seq=9)))  # a frame that is gone: in the input's picture then
    assert panel.view.image.height() == 64


def test_left_and_right_go_through_the_stages(panel, desk, qtbot):
    keys = bound(panel)
    for name in ("features", "grid", "objectness"):
        keys["Right"]()
        assert desk.session.xray.stage == name
    keys["Left"]()
    assert desk.session.xray.stage == "grid" and len(asked(desk)) == 1
    qtbot.keyClick(panel.rail, Qt.Key.Key_Right)
    assert desk.session.xray.stage == "objectness"


def test_a_click_on_a_cell_follows_it(panel, desk, qtbot):
    panel.go_to("grid")
    click(panel, qtbot, 40, 5)
    request = desk.session.xray
    assert request.cell[:3] == (0, 0, 1) and request.object is None and asked(desk)[-1][1] == request
    assert asked(desk)[-1][2] is FRAME
    panel.take(XRAY, Result(record(cell=(0, 0, 1, 0), candidate=None, object_=None)))
    keys = bound(panel)
    keys["Shift+Down"]()
    assert desk.session.xray.cell == (0, 1, 1, 0)
    keys["Shift+Up"]()  # the record shows the old cell still: its neighbour above is outside
    assert desk.session.xray.cell == (0, 1, 1, 0)
    keys["A"]()
    assert desk.session.xray.cell == (0, 0, 1, 1)


def test_a_click_on_a_box_follows_its_cell_and_an_object_all_stages(panel, desk, qtbot):
    panel.go_to("candidates")
    click(panel, qtbot, 55, 24)
    assert desk.session.xray.cell == (1, 2, 3, 0)
    panel.go_to("result")
    click(panel, qtbot, 55, 8)
    assert desk.session.xray.object == 1 and desk.session.xray.cell is None
    panel.follow.next_object()
    assert desk.session.xray.object == 1
    panel.take(XRAY, Result(record(cell=(1, 2, 3, 0), candidate=2, object_=1)))
    panel.follow.next_object()
    assert desk.session.xray.object == 0


def test_the_list_holds_what_an_object_removed(panel, desk):
    tree = panel.side.tree
    assert tree.topLevelItemCount() == 2
    cup = tree.topLevelItem(0)
    assert [cup.text(at) for at in range(3)] == ["cup", "", "60 %"] and tree.currentItem() is cup
    assert [cup.child(0).text(at) for at in range(3)] == ["cup", "IoU 0.80", "30 %"]
    tree.setCurrentItem(cup.child(0))
    assert desk.session.xray.cell == (0, 1, 0, 1)
    tree.setCurrentItem(tree.topLevelItem(1))
    assert desk.session.xray.object == 1


def test_scales_maps_and_modes_are_looked_at_without_asking(panel, desk):
    panel.go_to("features")
    count = len(asked(desk))
    panel.controls.mode.activated.emit(1)
    assert panel.look.mode == "all" and panel.view.image.width() > 4
    panel.view.map_chosen.emit(2)
    assert panel.look == Look(0, 2, "channel") and panel.controls.channel.value() == 2
    assert panel.view.words_at(40, 40) == "row 1, column 1: 2.000"
    panel.controls.scale.activated.emit(1)
    assert panel.look.scale == 1
    panel.go_to("classes")
    panel.controls.mode.activated.emit(2)
    assert panel.look.mode == "best" and panel.view.words_at(5, 5).endswith(("cup", "cat"))
    panel.controls.mode.activated.emit(1)
    score = float(panel.record.stage("objectness").scales[0].values[1, 0, 0]) ** 2
    assert float(panel.view.words_at(5, 5).split()[-1]) == pytest.approx(score, abs=1e-3)
    assert len(asked(desk)) == count
    panel.controls.class_chosen.emit(1)
    assert desk.session.xray.class_index == 1 and len(asked(desk)) == count + 1


def test_links_of_the_text(panel, desk):
    panel.go_to("decode")
    panel.side.text.anchorClicked.emit(QUrl("cell:0,1,1,0"))
    assert desk.session.xray.cell == (0, 1, 1, 0)
    panel.side.text.anchorClicked.emit(QUrl("class:1"))
    assert desk.session.xray.class_index == 1 and desk.session.xray.stage == "classes"
    panel.side.text.anchorClicked.emit(QUrl("candidate:2"))
    assert desk.session.xray.cell == (1, 2, 3, 0)


def test_numbers_that_are_none_are_hatched(panel, desk):
    panel.go_to("features")
    panel._look_changed(Look(0, 1, "channel"))
    plain = panel.view.drawn(256).copy()
    panel.take(XRAY, Result(record(bad=True)))
    hatched = panel.view.drawn(256)
    assert plain != hatched and panel.view.words_at(5, 5) == "row 0, column 0: NaN"
    assert "not a number" in panel.side.text.toPlainText()


def test_another_network_or_picture_forgets_what_was_followed(panel, desk):
    panel.follow.cell((0, 1, 1, 0))
    desk.change(xray=changed(desk.session.xray, model="yolov3"))
    assert desk.session.xray.cell is None and asked(desk)[-1][1] == XrayRequest(model="yolov3")
    panel.follow.object(1)
    desk.change(picture=SourceRequest(kind="sample", path="chelsea"))
    assert desk.session.xray.object is None
    panel.follow.cell((3, 1, 1, 0))
    panel.take(XRAY, Failed(Trouble("xray.cell", "no such cell")))
    assert desk.session.xray.cell is None


def test_a_failure_is_said_where_the_picture_was(panel):
    panel.take(XRAY, Failed(Trouble("network.task", "{network} is made to classify.", {"network": "LeNet"})))
    assert panel.record is None and panel.view.image.isNull() and "LeNet is made to classify." in panel.view._empty
    assert panel.numbers() == "" and panel.menu().isEmpty()


def test_a_moving_picture_is_asked_once_then_held_or_followed(desk, put_up):
    desk.source = SourceState("playing", SourceInfo("Camera", 64, 32, 25.0, 0, True))
    made = put_up(XrayPanel(desk))
    for seq in (1, 2, 3):
        made.take_frame(Frame(FRAME.rgb, seq=seq, source="grey"))
    assert [entry[2].seq for entry in asked(desk)] == [1]
    made.take(XRAY, Result(record(seq=1)))
    made.take_frame(Frame(FRAME.rgb, seq=4, source="grey"))
    assert len(asked(desk)) == 1 and "hold it (F)" in made.detail.text() and made.live.isVisible()
    made._last = 0.0
    made.live.setChecked(True)
    made.take_frame(Frame(FRAME.rgb, seq=5, source="grey"))
    made.take_frame(Frame(FRAME.rgb, seq=6, source="grey"))  # the answer is not there yet
    assert [entry[2].seq for entry in asked(desk)] == [1, 5]
    made.live.setChecked(False)
    made.take(XRAY, Result(record(seq=5)))
    desk.frame = Frame(FRAME.rgb, seq=7, source="grey")
    desk.freeze(True)
    assert asked(desk)[-1][2].seq == 7


def test_a_panel_made_late_shows_the_stage_of_the_session(desk, put_up):
    desk.change(xray=XrayRequest(stage="decode", confidence=0.2))
    desk.frame = FRAME
    made = put_up(XrayPanel(desk))
    assert asked(desk)[-1][1].confidence == 0.2
    made.take(XRAY, Result(record()))
    assert made.stage.name == "decode" and made.demo_ready()


def test_a_stage_may_have_a_page_of_its_own(panel, desk, monkeypatch):
    seen = []

    class Page(xray_pages.StagePage):
        def set_record(self, record, frame):
            seen.append((record.model, frame))

    monkeypatch.setattr(
        "explorer.gui.panels.xray.make_page", lambda stage, desk: Page(desk) if stage == "suppression" else None
    )
    panel._pages.clear()
    panel.go_to("suppression")
    assert seen[-1] == ("yolov3_tiny", FRAME) and isinstance(panel.stack.currentWidget(), Page)
    panel.stack.currentWidget().followed.emit(2)
    assert desk.session.xray.cell == (1, 2, 3, 0)
    panel.go_to("result")
    assert panel.stack.currentWidget() is panel.view


def test_values_pictures_and_numbers_can_be_taken_home(panel, monkeypatch, tmp_path):
    panel.go_to("candidates")
    lines = {action.text(): action for action in panel.menu().actions()}
    assert len(lines) == 5
    lines["Copy values"].trigger()
    assert QApplication.clipboard().text().splitlines()[1].startswith("cup\t0.6\t10.0\t30.0")
    for text, name in (("Save the numbers of this stage...", "xyxy"), ("Save the numbers of all stages...", "candidates_xyxy")):
        path = tmp_path / f"{name}.npz"
        monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_, chosen=str(path): (chosen, ""))
        lines[text].trigger()
        with np.load(path) as kept:
            assert np.array_equal(kept[name], XYXY) and json.loads(str(kept["facts"]))["cell"] == [0, 1, 1, 1]
    with np.load(io.BytesIO(numbers_bytes(panel.record, panel.record.stages))) as kept:
        for stage in panel.record.stages:
            for array, values in stage.arrays().items():
                assert np.array_equal(kept[f"{stage.name}_{array}"], values, equal_nan=values.dtype.kind == "f")


def test_the_rail_is_never_wider_than_the_panel(panel, qtbot):
    for width in (420, 620, 1000):
        panel.resize(width, 600)
        qtbot.wait(30)
        assert sum(button.width() for button in panel.rail.buttons) <= panel.width()
        named = [button.text().split("\n")[1] for button in panel.rail.buttons]
        assert sum(bool(name) for name in named) in (1, 9) and panel.rail.buttons[0].text() == "1\nInput"


def test_formulas_are_typeset():
    assert typeset("b_x = p_w · e^{−t_w} < 3") == "b<sub>x</sub> = p<sub>w</sub> · e<sup>−tw</sup> &lt; 3"
