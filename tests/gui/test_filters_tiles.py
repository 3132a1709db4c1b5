"""Filters & Activations: order, pins, ranges, slices, surgery, live layers and too little memory, over a fake host."""

from dataclasses import replace

import numpy as np
import pytest
from fixtures_tiles import NETWORK, figures, loaded, mosaic, say
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QInputDialog

from explorer.gui.desk import NETWORK_CHANNEL
from explorer.gui.panels.filters import CLASSES, KERNELS, MAPS, WHOLE, FiltersPanel
from explorer.gui.panels.filters_looking import LIVE_VALUES
from explorer.gui.widgets.range_view import RangeView, round_axis
from explorer.host.messages import Answer, SourceState
from explorer.i18n import use_language
from explorer.jobs import Failed, Result
from explorer.picture.levels import Levels
from explorer.records.errors import Trouble
from explorer.records.statistics import histogram_of
from explorer.records.vision import ClassScore, TopK
from explorer.requests.surgery import Edit, silent

OUT = Failed(Trouble("memory.forward", "Not enough memory: {free} free.", {"free": "1 MB"}))


@pytest.fixture
def panel(desk, put_up):
    return put_up(FiltersPanel(desk), (900, 640))


def keys(panel):
    bound = panel.keys()
    return {key.sequence: key.slot for key in bound}


def playing(desk, qtbot, state="playing"):
    say(desk, qtbot, SourceState(state))


def test_sorting_is_asked_of_the_engine_and_held_while_it_is_live(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    playing(desk, qtbot)
    desk.change(activations={**desk.session.activations.model_dump(), "sort": "mean"})
    assert desk.host.followed[MAPS].sort == "mean"
    first = replace(mosaic("conv1"), order=np.array([3, 1, 2, 0, 5, 4]))
    say(desk, qtbot, Answer(MAPS, 2, Result(first)))
    later = replace(mosaic("conv1", seq=2), order=np.arange(6)[::-1].copy())
    say(desk, qtbot, Answer(MAPS, 2, Result(later)))
    assert panel.view.maps.mosaic.order.tolist() == [3, 1, 2, 0, 5, 4]  # tiles do not jump about
    qtbot.waitUntil(lambda: "order held" in panel.view.maps_title.text())
    assert panel.view.sort_again.isVisible()
    keys(panel)["R"]()
    assert panel.view.maps.mosaic.order.tolist() == [5, 4, 3, 2, 1, 0]
    say(desk, qtbot, Answer(MAPS, 2, Result(replace(mosaic("conv1", seq=3), order=np.arange(6)))))
    assert panel.view.maps.mosaic.order.tolist() == [5, 4, 3, 2, 1, 0]
    playing(desk, qtbot, "ended")  # a still: each picture has its own order
    say(desk, qtbot, Answer(MAPS, 3, Result(first)))
    assert panel.view.maps.mosaic.order.tolist() == [3, 1, 2, 0, 5, 4] and not panel.view.sort_again.isVisible()


def test_pins_belong_to_the_layer_and_to_the_session(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    panel.choose_channel(2)
    keys(panel)["P"]()
    panel.choose_channel(5)
    panel.view.pin.click()
    assert desk.session.pins == {"squeezenet1_1 conv1": (2, 5)} and desk.host.followed[MAPS].pinned == (2, 5)
    assert panel.view.maps.pinned == (2, 5) and "pinned" in panel.view.maps.summary(5) and panel.view.pin.isChecked()
    desk.select(layer="relu1")
    assert desk.host.followed[MAPS].pinned == ()
    desk.select(layer="conv1", channel=2)
    assert desk.host.followed[MAPS].pinned == (2, 5)
    menu = panel.view.maps.menu_for(panel.view.maps.spot(2, 0, 0))
    {action.text(): action for action in menu.actions()}["Take the pin out of channel 2"].trigger()
    menu.close()
    assert desk.session.pins["squeezenet1_1 conv1"] == (5,)
    desk.undo()
    assert desk.host.followed[MAPS].pinned == (2, 5)


def test_dragging_an_end_of_the_colours_fixes_the_range_and_a_double_click_frees_it(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    view = panel.view.map_range.view
    low, high = view.levels.ends
    middle = view.height() // 3
    start = QPoint(round(view.x_of(high)), middle)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, QPoint(round(view.x_of((low + high) / 2)), middle))
    assert desk.host.followed[MAPS].range is not None and desk.session.activations.range[1] < high
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(round(view.x_of((low + high) / 2)), middle))
    assert desk.session.activations.range[0] == pytest.approx(low) and panel.view.map_range.hold.isChecked()
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=start)
    assert desk.session.activations.range is None
    keys(panel)["H"]()
    assert desk.session.activations.range == pytest.approx((low, high), rel=1e-5)
    keys(panel)["H"]()
    assert desk.session.activations.range is None


def test_the_ends_move_by_keys_too_and_a_diverging_scale_stays_symmetric(qtbot, desk):
    view = RangeView()
    qtbot.addWidget(view)
    view.resize(400, view.sizeHint().height())
    view.show()
    values = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    view.show_range(histogram_of(values), Levels(-1.0, 2.0), "viridis", False)
    moved, cleared = [], []
    view.moved.connect(lambda *ends: moved.append(ends))
    view.cleared.connect(lambda: cleared.append(True))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert moved[-1][0] > -1 and moved[-1][1] == 2.0
    qtbot.keyClick(view, Qt.Key.Key_Up)
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert moved[-1][1] < 1.6 and "colours from" in view.accessibleDescription()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert cleared == [True]
    view.show_range(histogram_of(values), Levels(-1.0, 2.0, True), "diverging", True)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert moved[-1][0] == -moved[-1][1]
    assert view.grab().toImage().pixelColor(200, 10).isValid()


def test_an_axis_of_round_numbers():
    assert round_axis(-0.92, 0.88) == pytest.approx((-1.0, 1.0))
    assert round_axis(3.0, 3.0) == (2.0, 4.0)
    low, high = round_axis(-80.4, 317.7)
    assert low <= -80.4 and high >= 317.7 and high - low < 480


def test_figures_are_of_the_selected_map_or_of_all(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    strip, record = panel.view.map_range, panel.view.maps.mosaic
    panel.choose_channel(1)
    assert f"std {record.stats.std[1]:.3g}" in strip.text() and not strip.text().startswith("all")
    strip.whole.click()
    assert f"std {record.values.std():.3g}" in strip.text() and strip.text().startswith("all · ")
    assert "L1" in panel.view.kernel_range.text() and "L1" not in strip.text()
    use_language("hu")
    panel.retranslate()
    strip.refresh()
    assert "," in strip.text() and "." not in strip.text()


def kernels(view, **facts):
    return replace(
        mosaic("conv2", count=6 if view == "inputs" else 4, side=3, colour_map="diverging"),
        facts={"layer": "conv2", "view": view, "kernels": 4, "input_channels": 6, "input_channel": 0, "kernel": 0, **facts},
    )


def test_a_double_click_goes_from_all_kernels_to_the_inputs_of_one_and_back(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    desk.select(layer="conv2")
    say(desk, qtbot, Answer(KERNELS, 2, Result(kernels("kernels"))), Answer(MAPS, 2, Result(mosaic("conv2", count=4))))
    view = panel.view.kernels
    assert panel.view.kernels_title.text() == "Filters of conv2 · input 0 of 6"
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=view.tile_rect(2).center().toPoint())
    asked = desk.host.requests(KERNELS)[-1]
    assert (asked.view, asked.kernel) == ("inputs", 2)
    say(desk, qtbot, Answer(KERNELS, 3, Result(kernels("inputs", kernel=2))))
    assert "Kernel 2 of conv2" in panel.view.kernels_title.text() and panel.view.slices.isChecked()
    panel.choose_channel(3)  # the kernel shown is that of the selected map
    assert desk.host.requests(KERNELS)[-1].kernel == 3
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.tile_rect(4).center().toPoint())
    assert desk.session.filters.input_channel == 4 and desk.session.selection.channel == 3
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=view.tile_rect(5).center().toPoint())
    asked = desk.host.requests(KERNELS)[-1]
    assert (asked.view, asked.input_channel) == ("kernels", 5)
    keys(panel)["T"]()
    assert desk.host.requests(KERNELS)[-1].spectrum


def test_muting_keeping_and_scaling_write_surgery_and_mark_the_tiles(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    panel.choose_channel(2)
    keys(panel)["M"]()
    assert desk.session.surgery == (Edit(kind="mute", layer="conv1", channels=(2,)),)
    assert desk.host.followed[MAPS].surgery == desk.session.surgery
    assert panel.view.maps.muted == (2,) and "muted: 1" in panel.view.detail.text()
    menu = panel.view.maps.menu_for(panel.view.maps.spot(4, 0, 0))
    {action.text(): action for action in menu.actions()}["Keep only this channel"].trigger()
    menu.close()
    assert panel.view.maps.muted == (0, 1, 2, 3, 5)
    desk.undo()
    keys(panel)["M"]()
    assert desk.session.surgery == () and panel.view.maps.muted == ()
    panel.deeds.ask_scale("conv1", 3)
    dialog = panel.findChild(QInputDialog)
    dialog.doubleValueSelected.emit(0.0)
    dialog.close()
    assert desk.session.surgery[-1] == Edit(kind="scale", layer="conv1", channels=(3,), factor=0.0)
    assert panel.view.maps.muted == (3,)


def test_which_channels_surgery_silences():
    edits = (
        Edit(kind="mute", layer="a", channels=(1, 9)),
        Edit(kind="mute", layer="b", channels=(0,)),
        Edit(kind="swap", layer="a", channels=(1, 2)),
    )
    assert silent(edits, "a", 4) == (2,)
    assert silent((*edits, Edit(kind="keep", layer="a", channels=(3,))), "a", 4) == (0, 1, 2)


def test_a_live_picture_asks_for_fewer_numbers_and_for_the_selected_map_in_full(panel, desk, qtbot, monkeypatch):
    loaded(desk, qtbot, panel)
    assert desk.host.followed[MAPS].live_values == 0
    playing(desk, qtbot)
    assert desk.host.followed[MAPS].live_values == LIVE_VALUES and desk.host.followed[MAPS].detail is None
    small = mosaic("conv1", side=4, seq=1)
    exact = np.random.default_rng(5).normal(size=(8, 8)).astype(np.float32)
    live = replace(small, reduced=2, stats=figures(np.repeat(small.values, 4, 1)), detail=(4, exact))
    say(desk, qtbot, Answer(MAPS, 2, Result(live)))
    assert desk.host.followed[MAPS].detail == panel.view.maps.channel == 4
    panel.choose_channel(4)
    assert desk.host.followed[MAPS].detail == 4
    view = panel.view
    qtbot.waitUntil(lambda: "1/2 size" in view.detail.text())
    assert view.enlarged.image.width() == 8
    qtbot.mouseMove(view.maps, view.maps.tile_rect(1).topLeft().toPoint() + QPoint(3, 3))
    assert "mean of 2 × 2" in view.spot.text()
    panel.choose_channel(1)
    assert view.enlarged.image.width() == 4  # only its means are there yet
    saved = []
    monkeypatch.setattr("explorer.gui.panels.filters_deeds.save_numbers", lambda *a: saved.append(a[2]))
    menu = view.maps.menu_for(view.maps.spot(4, 0, 0))
    {action.text(): action for action in menu.actions()}["Save numbers..."].trigger()
    menu.close()
    assert desk.host.requests(WHOLE)[-1].live_values == 0 and not saved
    say(desk, qtbot, Answer(WHOLE, 9, Result(mosaic("conv1"))))
    assert saved[0].values.shape == (6, 8, 8)
    desk.freeze(True)
    assert desk.host.followed[MAPS].live_values == 0


def test_words_wait_while_it_is_live_and_pictures_do_not(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    playing(desk, qtbot)
    top = TopK((ClassScore(0, "cup", 0.75),))
    said = panel.view.map_title.text()
    other = replace(mosaic("conv1", seq=2), values=mosaic("conv1").values + 7)
    say(desk, qtbot, Answer(MAPS, 2, Result(other)), Answer(CLASSES, 2, Result(top)))
    assert panel.view.maps.mosaic is other and panel.view.map_title.text() == said and not panel.view.scores.lines
    qtbot.waitUntil(lambda: panel.view.scores.lines == [("cup", "75.0 %")])
    assert panel.view.map_title.text() != said


def test_too_little_memory_keeps_the_maps_offers_less_and_pauses_after_three(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    say(desk, qtbot, Answer(NETWORK_CHANNEL, 2, Result(replace(NETWORK, input_size=224))))
    record = mosaic("conv1")
    say(desk, qtbot, Answer(MAPS, 2, Result(record)))
    desk.sink.take()
    say(desk, qtbot, Answer(MAPS, 2, OUT))
    (notice,) = desk.sink.take()
    assert panel.view.maps.mosaic is record or panel.view.maps.mosaic.frame_seq == record.frame_seq
    assert "skipped" in notice.text and [text for text, _ in notice.actions] == ["Use 112 x 112 pixels"]
    say(desk, qtbot, Answer(MAPS, 2, Result(record)), Answer(MAPS, 2, OUT), Answer(MAPS, 2, OUT))
    assert not panel.looking.paused
    say(desk, qtbot, Answer(MAPS, 2, OUT))
    notice = desk.sink.take()[-1]
    assert panel.looking.paused and "paused" in panel.view.detail.text() and "stand still" in notice.text
    offers = dict(notice.actions)
    desk.host.followed.clear()
    offers["Try again"]()
    assert desk.host.followed[MAPS] == desk.session.activations
    offers["Use 112 x 112 pixels"]()
    assert desk.session.activations.input_size == 112 and desk.host.followed[MAPS].input_size == 112
    assert panel.view.maps.mosaic is not None


def test_without_any_maps_the_reason_stands_in_their_place(panel, desk, qtbot):
    say(desk, qtbot, Answer(NETWORK_CHANNEL, 1, Result(replace(NETWORK, input_size=224))), Answer(MAPS, 1, OUT))
    assert "Not enough memory" in panel.view.maps._empty
    assert [text for text, _ in desk.sink.take()[-1].actions] == ["Use 112 x 112 pixels"]


def test_a_network_without_convolutions_has_no_filters_and_says_so(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    asked = len(desk.host.requests(KERNELS))
    bare = replace(NETWORK, layers=NETWORK.layers[-1:], title="Bare")
    say(desk, qtbot, Answer(NETWORK_CHANNEL, 2, Result(bare)))
    assert panel.view.kernels.mosaic is None and "Bare has no convolution" in panel.view.kernels._empty
    assert len(desk.host.requests(KERNELS)) == asked and panel.view.kernels_title.text() == "Filters"


def test_a_network_that_is_still_loading_is_not_asked_for_classes(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    desk.use_network("u2netp")
    assert desk.host.followed[CLASSES] is None and desk.host.followed[MAPS].model == "u2netp"


def test_another_picture_ends_the_pause_for_want_of_memory(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    say(desk, qtbot, *[Answer(MAPS, 2, OUT)] * 3)
    desk.host.followed.clear()
    playing(desk, qtbot, "opening")
    assert MAPS in desk.host.followed


def test_tiles_stand_in_the_columns_that_make_them_largest(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    view = panel.view.maps
    assert view.grid.count == 6 and view.grid.columns in (3, 6)
    wide = view.tile_rect(0).width()
    for columns in (1, 2):
        rows = -(-6 // columns)
        assert wide >= min(view.width() / columns, view.height() / rows) * 0.93
    for channel in range(6):
        spot = view.spot_at(*[at + 0.5 for at in view.grid.corner(view.tile_of(channel))])
        assert (spot.channel, spot.y, spot.x) == (channel, 0, 0)
