"""The Why panel with a host that says what the test wants."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from explorer.gui.panels.why import WhyPanel
from explorer.gui.panels.why_asking import unit_name
from explorer.gui.panels.why_words import verdict
from explorer.host.messages import Answer
from explorer.i18n import use_language
from explorer.jobs import CancelledJob, Failed, Preview, Progress, Result, Started
from explorer.records.attribution import Attribution, AttributionSet, Randomisation, RandomStage, Said, TrustCurve, TrustCurves
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.records.source import SourceInfo
from explorer.records.vision import ClassScore, Detections
from explorer.requests.base import changed
from explorer.requests.network import DetectRequest
from explorer.session import Selection

TOP = tuple(
    ClassScore(index, label, score)
    for index, label, score in ((967, "espresso", 0.95), (925, "consomme", 0.04), (809, "soup bowl", 0.01))
)
FRAME = Frame(np.full((40, 60, 3), 128, np.uint8), seq=7, source="coffee")
METHODS = ("gradcam", "saliency", "integrated_gradients", "occlusion")


def item(method, *, empty=None, signed=False, layer="", warm=(5, 10)):
    heat = np.zeros((40, 60), np.float32)
    if empty is None:
        heat[warm] = 2.0
        heat[0, 0] = -1.0 if signed else 0.5
    why = Said("{layer} gives the last maps before the mask is drawn from them.", {"layer": layer}) if layer else None
    said = None if empty is None else Said(empty)
    return Attribution(
        method, method.title(), heat, signed, (40, 60), 12.5, 0.25, layer, why, said, (Said("A remark."),), {"a": 1}
    )


def answers(*methods, seq=7, index=967, **fields):
    items = tuple(
        item(name, signed=name == "integrated_gradients", layer="features.12" if name == "gradcam" else "") for name in methods
    )
    given = {
        "top": TOP,
        "class_index": index,
        "confidence": 0.95,
        "layers": ("features.0", "features.9", "features.12"),
        **fields,
    }
    target = Said("{label}", {"label": next(row.label for row in TOP if row.index == index)}) if index else Said("x")
    kind = given.pop("kind", "class")
    return AttributionSet(
        items, kind, target, "raw score", 12.5, default_layer="features.12", facts={"model": "toy"}, frame_seq=seq, **given
    )


@pytest.fixture
def panel(desk, qtbot, network):
    made = WhyPanel(desk)
    qtbot.addWidget(made)
    qtbot.addWidget(made.form())
    for channel in made.channels:
        desk.register(channel, made.take)
    desk.network = network
    desk.frame_arrived.connect(made.frame_arrived)
    made.resize(1000, 700)
    made.show()
    desk.host.frame(FRAME)
    qtbot.wait(1)
    made.set_active(True)
    return made


def say(desk, qtbot, *events, channel="why"):
    desk.host.say(*[Answer(channel, 1, event) for event in events])
    qtbot.wait(1)


def settle(qtbot):
    qtbot.wait(150)


def test_a_still_picture_is_explained_at_once_one_method_at_a_time(panel, desk, qtbot):
    assert desk.host.requests("why") == [desk.session.attribute] and desk.host.asked[-1][2] is FRAME
    say(desk, qtbot, Started("AttributeRequest", 0), Progress(10, 400), Preview(answers("gradcam"), 1, 4))
    tiles = panel.view.tiles.tiles
    assert panel.running and len(tiles) == 4 and [bool(tile.method) for tile in tiles] == [True, False, False, False]
    assert tiles[2].title.text() == "Integrated gradients" and "working" in tiles[2].detail.text()
    say(desk, qtbot, Result(answers(*METHODS)))
    assert not panel.running and panel.demo_ready() and [tile.method for tile in panel.view.tiles.tiles] == list(METHODS)
    assert panel.view.question.text() == "Why “espresso”?" and "95 %" in panel.view.answer.text()
    tip = panel.view.tiles.tiles[0].toolTip()
    assert "ReLU(Σ" in tip and "arXiv:1610.02391" in tip and "last maps" in tip and "A remark." in tip
    assert not panel.view.tiles.tiles[0].view.heat_image.isNull()


def test_another_class_by_a_click_and_back(panel, desk, qtbot):
    say(desk, qtbot, Result(answers(*METHODS)))
    lines = panel.view.answers
    assert [label for label, _ in lines.lines] == ["espresso", "consomme", "soup bowl"] and lines.marked == 0
    QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=lines.visualItemRect(lines.item(2)).center())
    assert desk.session.attribute.class_index == 809
    settle(qtbot)
    assert desk.host.requests("why")[-1].class_index == 809
    say(desk, qtbot, Result(answers(*METHODS, index=809)))
    assert lines.marked == 2 and panel.view.best.isVisible() and "soup bowl" in panel.view.question.text()
    panel.view.best.click()
    assert desk.session.attribute.class_index is None
    desk.undo()
    assert desk.session.attribute.class_index == 809


def test_the_selected_unit_is_explained_and_followed(panel, desk, qtbot):
    say(desk, qtbot, Result(answers(*METHODS)))
    assert not panel.view.unit_button.isEnabled()
    desk.select(layer="features.9", channel=3)
    assert panel.view.unit.text() == "features.9:3"
    panel.view.unit_button.click()
    assert desk.session.attribute.unit == "features.9:3"
    desk.select(layer="features.9", channel=4, pixel=(2, 5))
    assert desk.session.attribute.unit == "features.9:4:2:5"
    say(desk, qtbot, Result(answers(*METHODS, index=None, kind="unit", top=())))
    assert panel.view.answers.lines[0][0] == "espresso"  # the way back to a class stays open
    assert unit_name(Selection(layer="a")) == "" == unit_name(Selection(channel=3))


def test_the_layer_of_the_cams_follows_the_slider(panel, desk, qtbot):
    say(desk, qtbot, Result(answers(*METHODS)))
    slider = panel.view.layer
    assert (slider.minimum(), slider.maximum(), slider.value()) == (0, 2, 2) and "features.12" in panel.view.layer_text.text()
    panel.step_layer(-1)
    assert desk.session.attribute.layer == "features.9"
    slider.reset.emit()
    assert desk.session.attribute.layer == ""
    say(desk, qtbot, Result(answers("saliency")))
    assert not slider.isVisible()


def test_a_heat_that_cannot_be_is_explained_in_its_place(panel, desk, qtbot):
    record = answers("saliency")
    gone = item("saliency", empty="The gradient is exactly zero.")
    say(desk, qtbot, Result(AttributionSet((gone,), "class", record.target, "raw score", 0.0, frame_seq=7)))
    tile = panel.view.tiles.tiles[0]
    assert tile.view.heat_image.isNull() and "exactly zero" in tile.view.accessibleDescription()
    assert tile.view.grab().toImage() != QImage()


def test_failures_and_stop_keep_the_last_answer(panel, desk, qtbot):
    say(desk, qtbot, Result(answers(*METHODS)))
    say(
        desk,
        qtbot,
        Started("AttributeRequest", 0),
        Failed(Trouble("memory.forward", "Not enough memory for this picture: 1 GB free on cpu.")),
    )
    assert "Not enough memory" in panel.view.answer.text() and len(panel.view.tiles.tiles) == 4 and not panel.running
    say(desk, qtbot, Started("AttributeRequest", 0), CancelledJob(answers("gradcam")))
    assert len(panel.found.items) == 4 and not panel.running
    say(desk, qtbot, Result(answers("gradcam")))
    assert "95 %" in panel.view.answer.text()


def test_a_failure_before_anything_stands_in_the_empty_place(panel, desk, qtbot):
    say(desk, qtbot, Failed(Trouble("attribution.no-answer", "Nothing to explain.")))
    assert panel.view.centre.currentWidget() is panel.view.empty and panel.picture().isNull() and panel.numbers() == ""


def test_a_camera_is_followed_with_the_quick_methods(panel, desk, qtbot):
    desk.host.source(state="playing", info=SourceInfo("Camera 0", 640, 480, 30.0, live=True))
    settle(qtbot)
    assert desk.host.followed["why.live"].methods == ("gradcam", "saliency") and panel.view.live.isVisible()
    desk.host.frame(Frame(np.zeros((40, 60, 3), np.uint8), seq=8))
    qtbot.wait(1)
    say(desk, qtbot, Result(answers("gradcam", "saliency", seq=8)), channel="why.live")
    assert panel.frame.seq == 8 and len(panel.view.tiles.tiles) == 2
    panel.view.live.click()
    assert desk.host.followed["why.live"] is None
    panel.view.live.click()
    desk.freeze(True)
    settle(qtbot)
    assert desk.host.followed["why.live"] is None and desk.host.requests("why")[-1].methods == desk.session.attribute.methods
    say(desk, qtbot, Result(answers("gradcam", seq=8)), channel="why.live")  # late: the picture stands still now
    assert len(panel.found.items) == 2
    panel.set_active(False)
    assert desk.host.followed["why.live"] is None


def test_boxes_are_found_shown_and_clicked(panel, desk, qtbot):
    desk.network = NetworkInfo("yolov3_tiny", "YOLOv3-tiny", "detect", "coco", 416, (), classes=("cup", "spoon"))
    desk.change(undoable=False, attribute=changed(desk.session.attribute, model="yolov3_tiny"))
    panel.ask()
    (asked,) = desk.host.requests("why.objects")
    assert isinstance(asked, DetectRequest) and asked.model == "yolov3_tiny"
    boxes = np.array([[2, 2, 30, 30], [35, 20, 55, 38]], np.float32)
    found = Detections(boxes, np.array([0.9, 0.4], np.float32), np.array([0, 1]), ("cup", "spoon"), (40, 60), frame_seq=7)
    say(desk, qtbot, Result(found), channel="why.objects")
    record = answers(*METHODS[:2], index=None, kind="box", top=(), xyxy=(2.0, 2.0, 30.0, 30.0))
    say(desk, qtbot, Result(AttributionSet(**{**vars(record), "class_index": 0})))
    assert panel.view.answers.lines[0][0] == "cup" and panel.view.answers.marked == 0
    view = panel.view.tiles.tiles[0].view
    at = view.transform().map(QPointF(45, 30)).toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert desk.session.attribute.box == (35.0, 20.0, 55.0, 38.0) and desk.session.attribute.class_index == 1
    desk.host.source(state="playing", info=SourceInfo("Camera 0", 640, 480, 30.0, live=True))
    qtbot.wait(1)
    panel.refresh()
    say(desk, qtbot, Result(answers("gradcam")), channel="why.live")
    assert view.boxes == ()  # the boxes of a still picture do not stand over a moving one
    desk.change(picture=changed(desk.session.picture, path="astronaut"))
    assert desk.session.attribute.box is None and desk.session.attribute.class_index is None


def curves(*methods):
    share = np.linspace(0, 1, 5)
    items = tuple(TrustCurve(name, name, share, 1 - share, share, share * 0 + 0.4, share * 0 + 0.2) for name in methods)
    return TrustCurves(items, Said("x"), "probability of the class", "blur", 8)


def test_trust_is_measured_when_asked_and_shown_for_the_current_method(panel, desk, qtbot):
    say(desk, qtbot, Result(answers(*METHODS)))
    assert not panel.view.below.isVisible()
    panel.view.trust.click()
    (asked,) = desk.host.requests("why.trust")
    assert asked.methods == METHODS and asked.points == 24 and desk.host.asked[-1][2] is FRAME
    say(desk, qtbot, Preview(curves("gradcam"), 1, 4), Result(curves(*METHODS)), channel="why.trust")
    assert (
        panel.view.below.isVisible()
        and panel.view.chart.curve.method == "gradcam"
        and "chance" in panel.view.trust_title.text()
    )
    panel.next_method()
    assert panel.view.chart.curve.method == "saliency" and panel.view.tiles.tiles[1].current
    assert len(desk.host.requests("why.trust")) == 1  # nothing new to measure
    assert panel.view.chart.grab().toImage().width() > 50 and "deletion 0.50" in panel.view.chart.accessibleDescription()
    say(desk, qtbot, Result(answers(*METHODS, index=809)))  # another question: old curves go, new ones are asked for
    assert len(desk.host.requests("why.trust")) == 2 and panel.view.chart.curve is None
    panel.view.trust.click()
    assert not panel.view.below.isVisible() and "why.trust" in desk.host.stopped


def test_forgetting_is_shown_stage_by_stage(panel, desk, qtbot):
    say(desk, qtbot, Result(answers(*METHODS)))
    panel.view.forget.click()
    (asked,) = desk.host.requests("why.forget")
    assert asked.methods == ("gradcam",) and asked.stages == 6
    stages = (RandomStage("fc", 1, item("gradcam"), 0.9), RandomStage("conv1", 5, item("gradcam", empty="Silent."), None))
    say(desk, qtbot, Result(Randomisation(item("gradcam"), stages[:1], Said("x"))), channel="why.forget")
    assert "hardly changes" in panel.view.forget_title.text()
    say(desk, qtbot, Result(Randomisation(item("gradcam"), stages, Said("x"))), channel="why.forget")
    assert panel.view.stages.count() == 4  # trained, two stages, room
    panel.view.trust.click()
    assert not panel.view.forget.isChecked() and panel.view.below.currentIndex() == 0
    say(desk, qtbot, Failed(Trouble("x", "No memory.")), channel="why.trust")
    assert panel.view.trust_title.text() == "No memory."


def test_a_verdict_in_words():
    (good,) = curves("m").items
    assert "one of two" in verdict(good) and "no heat" in verdict(TrustCurve(**{**vars(good), "empty": Said("Flat.")}))
    assert "both" in verdict(TrustCurve(**{**vars(good), "deletion": good.share * 0}))
    assert "do not trust" in verdict(TrustCurve(**{**vars(good), "insertion": good.share * 0}))


def test_looks_hover_and_keys(panel, desk, qtbot):
    say(desk, qtbot, Result(answers(*METHODS)))
    view = panel.view.tiles.tiles[0].view
    before = view.heat_image
    panel.view.opacity.setValue(20)
    assert view.heat_image != before
    panel.view.colours.setCurrentIndex(1)
    panel.view.colours.currentIndexChanged.emit(1)
    assert view.colour_map == "viridis" and panel.view.tiles.tiles[2].bar.colour_map == "diverging"
    view.hovered.emit((10, 5, (0, 0, 0)))
    assert panel.view.spot.text() == "Gradcam: 2 at column 10, row 5"
    given = panel.keys()
    keys = {key.sequence: key.slot for key in given}
    keys["O"]()
    assert panel.view.opacity.value() == 0
    keys["O"]()
    asked = len(desk.host.requests("why"))
    keys["Space"]()
    assert panel.view.opacity.value() == 75 and len(desk.host.requests("why")) == asked + 1
    try:
        use_language("hu")
        panel.retranslate()
        assert panel.view.question.text() != "Why “espresso”?"
    finally:
        use_language("en")


def test_the_picture_and_the_numbers_are_saved_with_their_recipe(panel, desk, qtbot, tmp_path, monkeypatch):
    panel.save()
    say(desk, qtbot, Result(answers(*METHODS)))
    target = tmp_path / "mine.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(target), ""))
    panel.view.save.click()
    facts = json.loads(QImage(str(target)).text("explorer-facts"))
    assert (
        facts["target"] == "espresso" and facts["methods"][0]["highest"] == 2.0 and facts["request"]["methods"] == list(METHODS)
    )
    target = tmp_path / "mine.npz"
    panel.save_numbers()
    with np.load(target) as arrays:
        assert np.array_equal(arrays["gradcam"], panel.found.items[0].heat) and "espresso" in str(arrays["facts"])
    assert panel.numbers().splitlines()[1].startswith("gradcam\tfeatures.12\t12.5\t2.0")


def test_forms_ask_again_once_they_settle(panel, desk, qtbot):
    say(desk, qtbot, Result(answers(*METHODS)))
    asked = len(desk.host.requests("why"))
    boxes = panel.form().bound.fields["methods"].boxes
    assert boxes["gradcam"].isChecked() and len(boxes) == 14
    boxes["occlusion"].click()
    boxes["smoothgrad"].click()
    settle(qtbot)
    assert len(desk.host.requests("why")) == asked + 1
    assert set(desk.host.requests("why")[-1].methods) == {"gradcam", "saliency", "integrated_gradients", "smoothgrad"}
    panel.back_to_start()
    assert desk.session.attribute.methods == METHODS
