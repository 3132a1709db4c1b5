"""Filters & Activations with a host that says what the test wants."""

import numpy as np
import pytest
from fixtures_tiles import LAYERS, NETWORK, loaded, mosaic, say
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from explorer.gui.desk import NETWORK_CHANNEL
from explorer.gui.panels.filters import CLASSES, KERNELS, MAPS, FiltersPanel, convolution_for
from explorer.gui.panels.filters_saving import numbers_bytes
from explorer.host.messages import Answer
from explorer.jobs import Failed, Result
from explorer.records.errors import Trouble
from explorer.records.network import NetworkInfo
from explorer.records.vision import ClassScore, TopK
from explorer.requests.network import ClassifyRequest


@pytest.fixture
def panel(desk, put_up):
    return put_up(FiltersPanel(desk), (900, 640))


def test_live_work_only_while_it_can_be_seen(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    assert desk.host.followed[MAPS] == desk.session.activations
    assert desk.host.followed[CLASSES] == ClassifyRequest()
    assert desk.host.requests(KERNELS)[-1] == desk.session.filters
    panel.set_active(False)
    assert desk.host.followed[MAPS] is None and desk.host.followed[CLASSES] is None


def test_opens_with_the_strongest_map_enlarged_over_its_part_of_the_picture(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    view = panel.view
    assert panel.demo_ready() and view.maps.channel == 4 and view.enlarged.channel == 4
    assert view.heading.text() == "conv1" and "Conv2d · 6 × 8 × 8" in view.detail.text()
    assert view.enlarged.picture_rect() == QRectF(-2.0, 0.0, 12.0, 8.0)  # 40 px of the frame are 8 px of the map
    view.share.setValue(60)
    shot = view.enlarged.grab().toImage()
    middle = shot.pixelColor(shot.width() // 2, shot.height() // 2)
    view.share.setValue(0)
    assert view.enlarged.grab().toImage().pixelColor(shot.width() // 2, shot.height() // 2) != middle


def test_a_click_selects_the_channel_everywhere(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    view = panel.view
    qtbot.mouseClick(view.maps, Qt.MouseButton.LeftButton, pos=view.maps.tile_rect(2).center().toPoint())
    assert (desk.session.selection.layer, desk.session.selection.channel) == ("conv1", 2)
    assert view.kernels.channel == 2 and view.enlarged.channel == 2 and "channel 2" in view.map_title.text()
    qtbot.mouseClick(view.kernels, Qt.MouseButton.LeftButton, pos=view.kernels.tile_rect(5).center().toPoint())
    assert view.maps.channel == 5 and view.enlarged.channel == 5


def test_hover_tells_the_number_under_the_cursor(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    qtbot.mouseMove(panel.view.maps, panel.view.maps.tile_rect(0).center().toPoint() + QPoint(2, 2))
    assert panel.view.spot.text().startswith("channel 0 · y 4, x 4 · ")
    qtbot.mouseMove(panel.view.enlarged, panel.view.enlarged.rect().center())
    assert panel.view.spot.text().startswith("channel 4 · y ")
    panel.view.maps.leaveEvent(None)
    assert panel.view.spot.text() == ""


def test_a_layer_chosen_in_the_tree_is_followed_and_undone(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    desk.select(layer="relu1")
    assert desk.session.activations.layer == "relu1" and desk.session.filters.layer == "conv1"
    assert desk.host.followed[MAPS].layer == "relu1" and panel.view.heading.text() == "relu1"
    desk.select(layer="fc")
    assert desk.session.filters.layer == "conv2" and desk.host.requests(KERNELS)[-1].layer == "conv2"
    desk.undo()
    assert desk.session.activations.layer == "relu1" and desk.host.followed[MAPS].layer == "relu1"
    panel.step_layer(1)
    assert desk.session.activations.layer == "conv2"
    panel.step_layer(-2)
    assert desk.session.activations.layer == "conv1"
    panel.step_layer(-1)
    assert desk.session.activations.layer == "conv1"


def test_kernels_beside_a_layer():
    assert [convolution_for(NETWORK, layer.name) for layer in LAYERS] == ["conv1", "conv1", "conv2", "conv2"]
    assert convolution_for(NetworkInfo("x", "x", "classify", "", 8, (LAYERS[3],)), "fc") == ""


def test_silent_and_broken_channels_are_counted_in_words(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    broken = mosaic("conv1", dead=(1, 3))
    broken.bad[0] = 7
    say(desk, qtbot, Answer(MAPS, 2, Result(broken)))
    assert "silent: 2" in panel.view.detail.text() and "NaN or infinite: 1" in panel.view.detail.text()


def test_best_classes_as_bars_and_none_for_a_detector(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    say(desk, qtbot, Answer(CLASSES, 1, Result(TopK((ClassScore(0, "cup", 0.75), ClassScore(1, "cat", 0.2))))))
    assert panel.view.scores.lines == [("cup", "75.0 %"), ("cat", "20.0 %")]
    assert "cup 75.0 %" in panel.view.scores.accessibleDescription()
    assert panel.view.scores.isVisible()
    detector = NetworkInfo("yolov3_tiny", "Toy", "detect", "", 8, LAYERS)
    say(desk, qtbot, Answer(NETWORK_CHANNEL, 2, Result(detector)))
    assert desk.host.followed[CLASSES] is None and not panel.view.scores.isVisible()


def test_the_last_layer_names_its_classes(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    desk.select(layer="fc")
    say(desk, qtbot, Answer(MAPS, 2, Result(mosaic("fc", count=3, side=1))))
    panel.choose_channel(2)
    assert panel.view.map_title.text().endswith("dog")


def test_double_click_enlarges_and_e_brings_all_back(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    view = panel.view
    qtbot.mouseDClick(view.maps, Qt.MouseButton.LeftButton, pos=view.maps.tile_rect(1).center().toPoint())
    assert view.enlarged.channel == 1 and not view.maps.isVisible() and not view.kernels.isVisible()
    bound = panel.keys()
    keys = {key.sequence: key.slot for key in bound}
    keys["E"]()
    assert view.maps.isVisible() and view.kernels.isVisible()
    keys["O"]()
    assert view.enlarged.share > 0.3
    keys["O"]()
    assert view.enlarged.share == 0
    keys["Ctrl+C"]()
    assert float(QGuiApplication.clipboard().text()) == pytest.approx(float(view.maps.mosaic.values[1, 0, 0]))


def test_dream_this_channel(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    panel.choose_channel(3)
    panel.view.dream.click()
    dream = desk.session.dream
    assert (dream.layer, dream.channel, dream.start, desk.session.panel) == ("conv1", 3, "noise", "dream")
    assert desk.host.requests("dream") == [dream]


def test_trouble_is_said_where_the_maps_would_be(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    say(desk, qtbot, Answer(MAPS, 2, Failed(Trouble("layer.unknown", "no layer {layer}", {"layer": "x"}, "Try {layer}."))))
    assert panel.view.maps.mosaic is None and panel.view.maps._empty == "no layer x Try x."
    say(desk, qtbot, Answer(MAPS, 3, Result(mosaic("conv1"))))
    assert panel.view.maps.mosaic is not None


def test_pictures_and_numbers_can_be_taken_home(panel, desk, qtbot, tmp_path, monkeypatch):
    loaded(desk, qtbot, panel)
    image = panel.picture()
    assert image.width() > 400 and '"layer": "conv1"' in image.text("explorer-facts")
    lines = panel.numbers().splitlines()
    assert len(lines) == 7 and lines[0].startswith("channel\t")
    target = tmp_path / "maps.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(target), "Table (*.csv)"))
    menu = panel.view.maps.menu_for(panel.view.maps.spot(4, 0, 0))
    {action.text(): action for action in menu.actions()}["Save numbers..."].trigger()
    menu.close()
    rows = target.read_text().splitlines()
    values = panel.view.maps.mosaic.values
    assert len(rows) == 1 + values.size and rows[1] == f"0,0,0,{float(values[0, 0, 0])!r}"
    assert any("maps.csv" in notice.text for notice in desk.sink.take())
    archive = tmp_path / "maps.npz"
    archive.write_bytes(numbers_bytes(panel.view.maps.mosaic, ".npz"))
    with np.load(archive) as saved:
        np.testing.assert_array_equal(saved["values"], values)


def test_the_form_speaks_to_the_session_and_back(panel, desk, qtbot):
    loaded(desk, qtbot, panel)
    desk.change(activations={**desk.session.activations.model_dump(), "colour_map": "magma"})
    assert desk.host.followed[MAPS].colour_map == "magma"
    desk.change(filters={**desk.session.filters.model_dump(), "input_channel": 0, "scale": "layer"})
    assert desk.host.requests(KERNELS)[-1].scale == "layer"


def test_before_anything_is_there_the_panel_says_what_will_come(panel):
    assert "picture" in panel.view.maps._empty and panel.numbers() == ""
    assert not panel.demo_ready()
    panel.retranslate()
    panel.restyle()
