"""Forms come from the requests: every parameter has an editor, values go in and out unchanged, undo works."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QVBoxLayout, QWidget

from explorer import i18n
from explorer.gui import words
from explorer.gui.forms import Form
from explorer.gui.widgets.fields import ChoiceField, ManyField, SliderField
from explorer.gui.widgets.slider import NumberSlider
from explorer.jobs import Result
from explorer.requests.base import changed, parameters
from explorer.requests.dream import DreamRequest
from explorer.requests.look import ActivationsRequest, FiltersRequest
from explorer.requests.network import ClassifyRequest, DetectRequest, LoadRequest, SegmentRequest
from explorer.requests.race import RaceRequest
from explorer.requests.source import SourceRequest

ALL = (
    DreamRequest,
    FiltersRequest,
    ActivationsRequest,
    ClassifyRequest,
    DetectRequest,
    SegmentRequest,
    LoadRequest,
    RaceRequest,
)


@pytest.mark.parametrize("request_type", [*ALL, SourceRequest], ids=lambda t: t.__name__)
def test_every_parameter_has_an_editor_that_keeps_its_value(desk, qtbot, request_type):
    form = Form(request_type, desk)
    qtbot.addWidget(form)
    shown = [info for info in parameters(request_type) if not info.hidden and info.kind != "map"]
    assert set(form.fields) == {info.name for info in shown}
    assert form.value() == request_type()
    for info in shown:
        assert form.fields[info.name].toolTip() == info.help


def test_hidden_parameters_keep_what_was_set(desk, qtbot):
    form = Form(DetectRequest, desk)
    qtbot.addWidget(form)
    request = DetectRequest(device="cpu", exact=True, confidence=0.5)
    form.set_value(request)
    assert form.value() == request


@pytest.mark.parametrize(
    ("request_type", "values"),
    [
        (
            DreamRequest,
            {"channel": 17, "steps": 4096, "step_size": 0.001, "start": "picture", "octave_scale": 1.05, "seed": 2**31 - 1},
        ),
        (DreamRequest, {"channel": None, "steps": 1, "step_size": 1.0, "smooth": 10.0, "layer": "no.such.layer"}),
        (RaceRequest, {"start": (-1.25, 0.001), "steps": 100_000, "rate": 1000.0}),
        (RaceRequest, {"start": None, "optimizers": ("adam", "gd"), "rate": 0.001}),
        (DetectRequest, {"confidence": 0.01, "overlap": 1.0, "limit": 1000}),
    ],
)
def test_values_at_the_ends_of_their_range_come_back(desk, qtbot, request_type, values):
    form = Form(request_type, desk)
    qtbot.addWidget(form)
    request = request_type(**values)
    form.set_value(request)
    assert form.value() == request


def test_a_bound_form_changes_the_session_and_follows_it(desk, qtbot):
    form = Form(DreamRequest, desk, "dream")
    qtbot.addWidget(form)
    slider = form.fields["steps"].slider
    slider.spin.setValue(200)
    assert desk.session.dream.steps == 200
    desk.undo()
    assert desk.session.dream.steps == DreamRequest().steps
    assert form.value().steps == DreamRequest().steps
    assert "model" not in form.fields  # the Models panel says which network


def test_dragging_is_one_step_of_undo(desk, qtbot):
    form = Form(DreamRequest, desk, "dream")
    qtbot.addWidget(form)
    bar = form.fields["step_size"].slider.slider
    bar.setSliderDown(True)
    for tick in (100, 300, 600):
        bar.setValue(tick)
        assert desk.session.dream.step_size == form.value().step_size
    bar.setSliderDown(False)
    assert desk.session.dream.step_size != DreamRequest().step_size
    desk.undo()
    assert desk.session.dream.step_size == DreamRequest().step_size
    assert not desk.can_undo


def test_back_to_start_is_one_step_too(desk, qtbot):
    form = Form(DreamRequest, desk, "dream")
    qtbot.addWidget(form)
    desk.change(dream=changed(desk.session.dream, steps=7, octaves=2, seed=9))
    form.back_to_start()
    assert desk.session.dream == DreamRequest()
    desk.undo()
    assert desk.session.dream.octaves == 2


def test_what_cannot_be_is_said_and_not_sent(desk, qtbot):
    form = Form(RaceRequest, desk, "race")
    qtbot.addWidget(form)
    field = form.fields["optimizers"]
    for box in field.boxes.values():
        box.setChecked(False)
    assert "at least one" in form.problem.text()
    assert not form.problem.isHidden()
    assert desk.session.race.optimizers
    next(iter(field.boxes.values())).setChecked(True)
    assert form.problem.isHidden()
    assert len(desk.session.race.optimizers) == 1


def test_layers_can_be_chosen_once_the_network_is_known(desk, qtbot, network):
    form = Form(ActivationsRequest, desk, "activations")
    qtbot.addWidget(form)
    field = form.fields["layer"]
    assert isinstance(field, ChoiceField)
    desk.host.answer("desk.network", Result(network))
    qtbot.waitUntil(lambda: field.box.count() == 4)
    field.box.setCurrentIndex(field.box.findData("features.1"))
    field.box.activated.emit(field.box.currentIndex())
    assert desk.session.activations.layer == "features.1"


def test_more_is_folded(desk, qtbot):
    form = Form(DreamRequest, desk)
    qtbot.addWidget(form)
    form.show()
    assert not form.fields["jitter"].isVisible()
    form.more.click()
    assert form.fields["jitter"].isVisible()


def test_a_form_speaks_the_language_of_now(desk, qtbot):
    form = Form(DreamRequest, desk)
    qtbot.addWidget(form)
    before = {label.text() for label in form.findChildren(QLabel)}
    i18n.use_language("hu")
    words.retranslate(form)
    desk.language_changed.emit("hu")
    after = {label.text() for label in form.findChildren(QLabel)}
    assert i18n.tr("Steps") in after
    assert "Steps" in before - after
    assert any("0,05" in box.text() for box in form.findChildren(QAbstractSpinBox))  # also without a window around it


def test_optimizers_are_tick_boxes(desk, qtbot):
    form = Form(RaceRequest, desk)
    qtbot.addWidget(form)
    field = form.fields["optimizers"]
    assert isinstance(field, ManyField)
    assert set(RaceRequest().optimizers) <= set(field.boxes)


def test_a_log_slider_moves_by_ratios(qtbot):
    slider = NumberSlider(0.001, 1000.0, 1.0, log=True)
    qtbot.addWidget(slider)
    assert slider.slider.value() == 500
    slider.slider.setValue(750)
    assert slider.value() == pytest.approx(31.6, rel=0.01)
    slider.spin.setValue(0.001)
    assert slider.slider.value() == 0


def test_a_double_click_snaps_back(qtbot):
    slider = NumberSlider(0.0, 1.0, 0.35, step=0.01)
    qtbot.addWidget(slider)
    slider.show()
    slider.spin.setValue(0.9)
    with qtbot.waitSignal(slider.settled):
        QTest.mouseDClick(slider.slider, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert slider.value() == pytest.approx(0.35)


@pytest.mark.parametrize(("low", "high", "log"), [(1, 1, False), (2, 1, False), (0, 1, True)])
def test_a_slider_without_a_range_is_refused(qtbot, low, high, log):
    with pytest.raises(ValueError, match="no slider"):
        NumberSlider(low, high, low, log=log)


def test_keys_move_a_slider(desk, qtbot):
    form = Form(DetectRequest, desk, "detect")
    qtbot.addWidget(form)
    form.show()
    field = form.fields["confidence"]
    assert isinstance(field, SliderField)
    before = field.value()
    QTest.keyClick(field.slider.slider, Qt.Key.Key_PageUp)
    assert desk.session.detect.confidence > before


def test_space_stays_a_shortcut_while_a_number_is_typed(qtbot):
    page = QWidget()
    number = NumberSlider(0.0, 10.0, 5.0)
    QVBoxLayout(page).addWidget(number)
    heard = []
    shortcut = QShortcut(QKeySequence("Space"), page)
    shortcut.activated.connect(lambda: heard.append(number.value()))
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    number.spin.setFocus()
    number.spin.selectAll()
    QTest.keyClicks(number.spin, "7")
    QTest.keyClick(number.spin, Qt.Key.Key_Return)
    number.spin.selectAll()
    QTest.keyClick(number.spin, Qt.Key.Key_Space)
    assert heard == [7.0]
    assert number.spin.value() == 7.0 and number.spin.cleanText().strip()


def test_what_is_folded_away_is_made_when_it_is_unfolded_and_shows_what_holds_then(desk, qtbot):
    form = Form(DreamRequest, desk, "dream")
    qtbot.addWidget(form)
    form.show()
    count = len(form.findChildren(NumberSlider))
    desk.change(dream=changed(desk.session.dream, jitter=7, blur=0.75))
    assert len(form.findChildren(NumberSlider)) == count and form.value() == desk.session.dream  # nothing is lost meanwhile
    form.more.click()
    assert len(form.findChildren(NumberSlider)) > count
    assert form.fields["jitter"].value() == 7 and form.fields["blur"].value() == 0.75
    form.fields["jitter"].set_value(9)
    form.fields["jitter"].changed.emit()
    assert (desk.session.dream.jitter, desk.session.dream.blur) == (9, 0.75)
    form.back_to_start()
    assert desk.session.dream == DreamRequest()


def test_groups_fold_by_themselves_and_other_widgets_find_a_place(desk, qtbot):
    form = Form(DreamRequest, desk, "dream")
    qtbot.addWidget(form)
    form.show()
    blur = form.fields["blur"]
    assert list(form.groups) == ["Regularisers", "Transforms", "Picture", "Dream on a picture", "Zoom film"]
    assert not blur.isVisible() and not form.fields["jitter"].isVisible()
    form.groups["Regularisers"].click()
    assert blur.isVisible() and not form.fields["jitter"].isVisible()
    label = QLabel("mine")
    form.place(label, "start")
    label.show()
    qtbot.waitUntil(lambda: form.fields["start"].y() < label.y() < form.fields["steps"].y())
