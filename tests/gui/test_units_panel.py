"""The Units panel with a host that says what the test wants."""

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from explorer.gui.panels.units import BEST, GROW, KERNEL, LOOK, MAPS, SIGHT, UNIT, UnitsPanel
from explorer.gui.panels.units_asking import kernel_of
from explorer.gui.panels.units_gallery import numbers_in
from explorer.gui.panels.units_saving import save_page_numbers
from explorer.gui.panels.units_sight import glow
from explorer.host.messages import Answer
from explorer.jobs import CancelledJob, Failed, Preview, Result, Started
from explorer.picture.grid import grid_for, sheet_of
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo, TapInfo
from explorer.records.picture import Mosaic
from explorer.records.receptive import Receptive
from explorer.records.units import BestPicture, BestPictures, Gallery
from explorer.requests.surgery import Edit, is_muted, toggled

TAPS = (
    TapInfo("conv1", "Conv2d", (6, 8, 8), 168, (6, 3, 3, 3)),
    TapInfo("relu1", "ReLU", (6, 8, 8)),
    TapInfo("tokens", "Block", (5, 6)),
    TapInfo("fc", "Linear", (3,), 24),
)
INFO = NetworkInfo("squeezenet1_1", "Toy", "classify", "by hand", 16, TAPS, classes=("ant", "bee", "cat"), parameters=200)


@pytest.fixture
def panel(desk, qtbot, put_up):
    made = put_up(UnitsPanel(desk), (1000, 800))
    desk.network = INFO
    desk.network_changed.emit(INFO)
    return made


def say(desk, qtbot, channel, *events):
    desk.host.say(*[Answer(channel, 1, event) for event in events])
    qtbot.wait(1)


def gallery(layer="conv1", channels=(0, 1, 2, 3, 4, 5), done=(0, 2), size=32, of=6, silent=()):
    grid = grid_for(len(channels), size, size)
    tiles = np.full((len(channels), size, size, 3), 128, np.uint8)
    there = np.zeros(len(channels), bool)
    objective = np.full(len(channels), np.nan, np.float32)
    for at, channel in enumerate(channels):
        if channel in done:
            there[at], objective[at] = True, 10.0 - channel
            tiles[at, :, : size // 2] = 20 * channel
    facts = {"layer": layer, "size": size, "steps": 8, "seed": 0, "silent": list(silent)}
    return Gallery(layer, tuple(channels), grid, sheet_of(tiles, grid), there, objective, of, facts)


def best(channel=2, layer="conv1", done=2, total=2, unreadable=()):
    entries = tuple(
        BestPicture(f"/p/{name}.png", score, (1, 2), (0.0, 0.0, 4.0, 4.0), np.full((4, 4, 3), 90, np.uint8))
        for name, score in (("a", 3.0), ("b", 1.0))
    )
    arrays = np.zeros((6, 2), np.int32), np.zeros((6, 2), np.float32), np.zeros((6, 2, 2), np.int32)
    paths = ("/p/a.png", "/p/b.png")
    return BestPictures(layer, "max", "/p", channel, paths, *arrays, (8, 8), entries, unreadable, done, total)


def maps(layer="conv1", count=6, seq=4):
    values = np.arange(count * 64, dtype=np.float32).reshape(count, 8, 8)
    values[3] = 0
    grid = grid_for(count, 8, 8)
    sheet = sheet_of(np.zeros((count, 8, 8), np.uint8), grid)
    zeros = np.zeros(count, np.float32)
    facts = {"layer": layer, "dead": [3], "input_xyxy": [0.0, 0.0, 40.0, 40.0], "source": "coffee"}
    order, bad = np.arange(count), np.zeros(count, np.int64)
    return Mosaic(grid, sheet, values, order, zeros, zeros, bad, "viridis", facts=facts, frame_seq=seq)


def test_a_layer_shows_its_units_and_asks_only_for_what_is_there(panel, desk):
    assert panel.tiles.units.rowCount() == 6 and panel.layer == "conv1"
    asked = desk.host.requests(LOOK)[-1]
    assert (asked.layer, asked.cached_only, asked.channels) == ("conv1", True, ())
    assert "6 units, none grown yet" in panel.view.note.text()
    assert panel.page.heading.text() == "No unit is selected" and not panel.page.dream.isVisible()
    assert not desk.host.requests(UNIT) and not desk.host.requests(BEST)


def test_tiles_show_pictures_numbers_and_what_is_silent(panel, desk, qtbot):
    say(desk, qtbot, LOOK, Result(gallery(done=(0, 2, 4), silent=(4,))))
    units = panel.tiles.units
    assert [units.done(channel) for channel in range(6)] == [True, False, True, False, True, False]
    assert units.words(2) == "unit 2 · mean activation 8" and units.words(1) == "unit 1 · not grown yet"
    assert units.words(4) == "unit 4 · no picture moves it"
    assert units.picture(1) is None and units.picture(2) is not None
    assert panel.view.note.text() == "3 of 6 units grown"
    picture = panel.tiles.grab().toImage()
    assert len({picture.pixel(x, y) for x in range(0, 200, 7) for y in range(0, 200, 7)}) > 4
    say(desk, qtbot, GROW, Preview(gallery(layer="relu1", done=(1,))))  # another layer's: passed over
    assert not units.done(1)


def test_choosing_a_tile_selects_the_unit_for_the_whole_program(panel, desk, qtbot):
    say(desk, qtbot, LOOK, Result(gallery()))
    rect = panel.tiles.visualRect(panel.tiles.order.index(2, 0))
    qtbot.mouseClick(panel.tiles.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    selection = desk.session.selection
    assert (selection.layer, selection.channel) == ("conv1", 2)
    assert panel.page.heading.text() == "conv1 · unit 2" and panel.page.dream.isVisible()
    asked = desk.host.requests(UNIT)[-1]
    assert (asked.channels, asked.size, asked.steps, asked.cached_only) == ((2,), 256, 256, True)
    assert desk.host.requests(KERNEL)[-1].layer == "conv1" and desk.host.requests(BEST)[-1].channel == 2
    assert desk.host.followed[MAPS].layer == "conv1" and desk.host.followed[MAPS].detail == 2
    qtbot.keyClick(panel.tiles, Qt.Key.Key_Right)
    assert desk.session.selection.channel == 3 and panel.channel == 3
    desk.select(layer="conv1", channel=5)  # chosen elsewhere
    assert panel.tiles.channel == 5


def test_without_a_large_picture_the_small_one_grows_at_once(panel, desk, qtbot):
    panel.choose(1)
    say(desk, qtbot, UNIT, Result(gallery(channels=(1,), done=(), size=256)))
    asked = desk.host.requests(UNIT)[-1]
    assert (asked.channels, asked.size, asked.cached_only) == ((1,), desk.session.gallery.size, False)
    size = desk.session.gallery.size
    say(
        desk,
        qtbot,
        UNIT,
        Preview(gallery(channels=(1,), done=(), size=size)),
        Result(gallery(channels=(1,), done=(1,), size=size)),
    )
    assert panel.tiles.units.done(1) and panel.page.picture.image.width() == size
    assert panel.page.picture_note.text() == "mean activation 9"
    qtbot.keyClick(panel.tiles, Qt.Key.Key_Return)
    asked = desk.host.requests(UNIT)[-1]
    assert (asked.size, asked.steps, asked.cached_only) == (256, 256, False)


def test_the_gallery_starts_with_the_selected_unit_and_can_be_stopped(panel, desk, qtbot):
    panel.choose(4)
    panel.view.grow.click()
    asked = desk.host.requests(GROW)[-1]
    assert asked.channels == (4, 5, 0, 1, 2, 3) and not asked.cached_only
    say(desk, qtbot, GROW, Started("GalleryRequest", 0), Preview(gallery(channels=asked.channels, done=(4,)), 8, 48))
    assert panel.view.grow.text() == "Stop" and panel.tiles.units.done(4)
    panel.toggle()
    assert desk.host.stopped == [GROW]
    say(desk, qtbot, GROW, CancelledJob(gallery(done=(4, 5))))
    assert panel.view.grow.text() == "Grow all" and panel.view.note.text() == "2 of 6 units grown"


def test_search_and_order(panel, desk, qtbot):
    say(desk, qtbot, LOOK, Result(gallery(done=(0, 2, 5))))
    rows = lambda: [panel.tiles.order.index(row, 0).data() for row in range(panel.tiles.order.rowCount())]  # noqa: E731
    panel.choose(5)
    panel.view.search.setText("1, 3-4")
    assert rows() == ["1", "3", "4"]
    assert panel.channel == 5 and panel.tiles.channel is None  # hidden, but selected all the same
    panel.view.search.clear()
    assert panel.tiles.channel == 5
    panel.view.sort.setCurrentIndex(1)
    panel.view.sort.activated.emit(1)
    assert rows() == ["0", "2", "5", "1", "3", "4"]  # strongest first, those without a number last
    panel.tiles.order.sort_by("weak")
    assert rows() == ["5", "2", "0", "1", "3", "4"]
    panel.tiles.order.sort_by("number")
    assert rows() == ["0", "1", "2", "3", "4", "5"]
    desk.select(layer="fc", channel=None)
    panel.view.search.setText("Ca")
    assert rows() == ["2"]
    panel.view.search.setText("nothing like it")
    assert rows() == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("3", {3}), ("1 4", {1, 4}), ("7-", {7, 8, 9}), ("8-20", {8, 9}), ("a", None), ("1-x", None), ("", None)],
)
def test_numbers_in_a_search(text, found):
    assert numbers_in(text, 10) == found


def test_best_pictures_come_with_crops_that_open_in_the_strip(panel, desk, qtbot):
    panel.choose(2)
    say(desk, qtbot, BEST, Preview(best(done=1)), Result(best(unreadable=(("x.png", "no"),))))
    crops = panel.page.crops
    assert [crops.item(row).text() for row in range(2)] == ["3", "1"]
    assert "a.png: 3 at row 1, column 2" in crops.item(0).toolTip()
    assert panel.page.best_note.text() == "2 pictures ranked · 1 could not be read: x.png"
    at = crops.visualItemRect(crops.item(1)).center()
    qtbot.mouseClick(crops.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert (desk.session.picture.kind, desk.session.picture.path) == ("file", "/p/b.png")
    crops.setCurrentRow(0)
    qtbot.keyClick(crops, Qt.Key.Key_Return)
    assert desk.session.picture.path == "/p/a.png"


def test_a_pass_over_a_folder_is_not_begun_anew_for_every_unit(panel, desk, qtbot):
    panel.choose(2)
    say(desk, qtbot, BEST, Started("BestRequest"), Preview(best(done=1)))
    panel.choose(3)
    assert [asked.channel for asked in desk.host.requests(BEST)] == [2]
    assert panel.page.crops.count() == 0
    say(desk, qtbot, BEST, Result(best()))  # it ended for unit 2: now unit 3 is asked for, from the disk
    assert [asked.channel for asked in desk.host.requests(BEST)] == [2, 3]
    say(desk, qtbot, BEST, Result(best(channel=3)))
    assert panel.page.crops.count() == 2


def test_a_stopped_ranking_waits_until_it_is_asked_for(panel, desk, qtbot):
    panel.choose(2)
    say(desk, qtbot, BEST, Started("BestRequest"), CancelledJob(best(done=1, total=9)))
    assert panel.page.again.isVisible() and "Stopped after 1 of 9" in panel.page.best_note.text()
    panel.choose(3)
    assert len(desk.host.requests(BEST)) == 1
    panel.page.again.click()
    assert desk.host.requests(BEST)[-1].channel == 3


def test_a_folder_is_chosen(panel, desk, qtbot, monkeypatch, tmp_path):
    panel.choose(2)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(tmp_path))
    panel.page.folder.click()
    assert desk.session.best.folder == str(tmp_path)
    assert desk.host.requests(BEST)[-1].folder == str(tmp_path)
    say(desk, qtbot, BEST, Failed(Trouble("folder.empty", "There is no picture in the folder {path}.", {"path": "x"})))
    assert panel.page.best_note.text() == "There is no picture in the folder x."
    panel.page.samples.click()
    assert desk.session.best.folder == ""


def test_the_unit_on_the_current_picture(panel, desk, qtbot):
    desk.host.frame(Frame(np.zeros((40, 60, 3), np.uint8), seq=4))
    qtbot.wait(1)
    panel.choose(2)
    say(desk, qtbot, MAPS, Result(maps()))
    asked = desk.host.requests(SIGHT)[-1]
    assert (asked.layer, asked.channel, asked.y, asked.x) == ("conv1", 2, 7, 7)  # the strongest place
    heat = np.zeros((16, 16), np.float32)
    sight = Receptive(
        "conv1", 2, 7, 7, (8, 8), (16, 16), (40, 60), (0, 0, 40, 40), (13, 13, 16, 16), (32.0, 32.0, 40.0, 40.0), 9, heat, 191.0
    )
    say(desk, qtbot, SIGHT, Result(sight))
    assert panel.page.sight_note.text() == "Row 7, column 7: 191 · sees 3 × 3 of 16 × 16 pixels"
    panel.page.sight.clicked.emit(12.0, 22.0)
    assert desk.session.selection.pixel == (4, 2)
    assert (desk.host.requests(SIGHT)[-1].y, desk.host.requests(SIGHT)[-1].x) == (4, 2)
    panel.choose(3)
    assert desk.session.selection.pixel is None


def test_mute_is_one_step_for_undo_and_keeps_other_edits(panel, desk, qtbot):
    other = Edit(kind="mute", layer="conv1", channels=(2, 5))
    desk.change(surgery=(other,))
    panel.choose(2)
    assert panel.muted and panel.page.mute.isChecked() and "muted by surgery" in panel.page.facts.text()
    panel.page.mute.click()
    assert desk.session.surgery == (Edit(kind="mute", layer="conv1", channels=(5,)),) and not panel.page.mute.isChecked()
    desk.undo()
    assert desk.session.surgery == (other,)
    panel.choose(1)
    panel.mute()
    assert desk.session.surgery == (Edit(kind="mute", layer="conv1", channels=(1, 2, 5)),)


def test_toggling_mute():
    surgery = (Edit(kind="scale", layer="a", channels=(1,), factor=2.0), Edit(kind="mute", layer="a", channels=(1,)))
    assert is_muted(surgery, "a", 1) and not is_muted(surgery, "b", 1)
    assert toggled(surgery, "a", 1) == surgery[:1]
    assert toggled(toggled((), "a", 7), "a", 7) == ()


def test_dream_and_why(panel, desk, qtbot):
    panel.choose(2)
    panel.page.why.click()
    assert desk.session.panel == "why" and desk.session.selection.channel == 2
    panel.page.dream.click()
    assert desk.session.panel == "dream" and (desk.session.dream.layer, desk.session.dream.channel) == ("conv1", 2)
    assert desk.host.requests("dream")


def test_layers_without_units_and_other_networks(panel, desk, qtbot):
    desk.select(layer="tokens", channel=None)
    assert panel.tiles.units.rowCount() == 0 and "no units" in panel.view.note.text()
    panel.toggle()
    assert not desk.host.requests(GROW)
    panel.step_layer(1)
    assert panel.layer == "fc" and panel.tiles.units.labels == ("ant", "bee", "cat")
    panel.choose(1)
    assert "bee" in panel.page.facts.text() and "No convolution" in panel.page.filter._empty
    desk.network = None
    desk.network_changed.emit(None)
    assert panel.tiles.units.rowCount() == 0 and "Load a network" in panel.view.note.text()


def test_page_numbers_and_picture(panel, desk, qtbot, tmp_path, monkeypatch):
    panel.choose(2)
    size = desk.session.gallery.size
    say(desk, qtbot, LOOK, Result(gallery()))
    say(desk, qtbot, UNIT, Result(gallery(channels=(2,), done=(2,), size=size)))
    say(desk, qtbot, BEST, Result(best()))
    numbers = panel.numbers()
    assert "maximised.objective\t8.0" in numbers and "1\t/p/a.png\t3.0\t1\t2" in numbers and numbers.endswith("2\t8.0")
    place = tmp_path / "page.tsv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(place), ""))
    assert save_page_numbers(panel) == place and place.read_text() == numbers + "\n"
    assert [action.text() for action in panel.page.save.menu().actions()] == ["Save picture...", "Save numbers..."]
    image = panel.picture()
    assert image.height() > 400 and '"channel": 2' in image.text("explorer-facts")


def test_keys_of_the_tiles(panel, qtbot):
    side = panel.tiles.tiles.side
    qtbot.keyClick(panel.tiles, Qt.Key.Key_Plus)
    assert panel.tiles.tiles.side > side
    qtbot.keyClick(panel.tiles, Qt.Key.Key_Minus)
    assert panel.tiles.tiles.side == side
    keys = panel.keys()
    assert {key.sequence for key in keys} >= {"Space", "/", "L", "D", "M", "W", "O", "PgDown", "PgUp"}


def test_the_filter_of_a_unit_is_found_also_in_modules_that_concatenate():
    fire = tuple(
        TapInfo(f"fire.{name}", "Conv2d", (out, 8, 8), 0, (out, inner, side, side))
        for name, out, inner, side in (("squeeze", 2, 6, 1), ("one", 3, 2, 1), ("three", 4, 2, 3))
    )
    info = NetworkInfo(
        "n", "N", "classify", "", 16, (*TAPS[:2], *fire, TapInfo("fire", "Fire", (7, 8, 8)), TapInfo("p", "Pool", (9, 1, 1)))
    )
    assert kernel_of(info, "conv1", 4) == ("conv1", 4, True) and kernel_of(info, "relu1", 4) == ("conv1", 4, True)
    assert kernel_of(info, "fire", 2) == ("fire.one", 2, False) and kernel_of(info, "fire", 3) == ("fire.three", 0, False)
    assert kernel_of(info, "fire.squeeze", 1) == ("fire.squeeze", 1, False)
    assert kernel_of(info, "p", 0) is None and kernel_of(info, "fire", 7) is None and kernel_of(info, "nowhere", 0) is None


def test_glow_is_clear_where_nothing_is():
    image = glow(np.array([[0.0, 2.0], [math.nan, -2.0]], np.float32))
    assert image.pixelColor(0, 0).alpha() == 0 and image.pixelColor(0, 1).alpha() == 0
    assert image.pixelColor(1, 0).alpha() == 200 == image.pixelColor(1, 1).alpha()


def test_it_speaks_another_language(panel, desk, qtbot):
    from explorer import i18n
    from explorer.gui import words

    i18n.use_language("hu")
    words.retranslate(panel)
    panel.retranslate()
    assert panel.view.sort.itemText(0) != "By number" and panel.view.grow.text() != "Grow all"
