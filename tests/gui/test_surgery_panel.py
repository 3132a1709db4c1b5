"""The Surgery panel with a host that says what the test wants."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog

from explorer.cli.operating import read_surgery
from explorer.gui.desk import NETWORK_CHANNEL
from explorer.gui.panels.filters_saving import FACTS
from explorer.gui.panels.surgery import COMPARE, KERNEL, MAPS, RANK, SurgeryPanel
from explorer.gui.panels.surgery_studio import PRESETS
from explorer.gui.panels.surgery_words import edit_text
from explorer.host.messages import Answer, FrameArrived
from explorer.jobs import CancelledJob, Failed, Preview, Progress, Result, Started
from explorer.picture.grid import sheet_of
from explorer.picture.kernels import preset
from explorer.records.ablation import Ablation, Comparison
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo, RunsOn, TapInfo
from explorer.records.picture import Grid, Mosaic, Picture
from explorer.records.vision import ClassScore, Detections, Mask, TopK
from explorer.requests.base import changed
from explorer.requests.kernel import Preset
from explorer.requests.surgery import Edit, silent, unmuted

LAYERS = (
    TapInfo("conv1", "Conv2d", (6, 8, 8), 168, (6, 3, 3, 3)),
    TapInfo("relu1", "ReLU", (6, 8, 8)),
    TapInfo("conv2", "Conv2d", (4, 8, 8), 100, (4, 6, 1, 1)),
    TapInfo("drop", "Dropout", (4, 8, 8)),
    TapInfo("head", "Conv2d", (3, 8, 8), 15, (3, 4, 1, 1)),
    TapInfo("fc", "Linear", (3,), 15),
)
NETWORK = NetworkInfo("squeezenet1_1", "Toy", "classify", "by hand", 8, LAYERS, ("cup", "cat", "dog"))
FRAME = Frame(np.full((40, 60, 3), 90, np.uint8), seq=1, source="grey")


def maps(layer="conv2", count=4, side=8):
    grid = Grid(count, side, side, 2, 1)
    values = np.random.default_rng(1).normal(size=(count, side, side)).astype(np.float32)
    sheet = sheet_of(np.full((count, side, side), 100, np.uint8), grid)
    ends = values.min((1, 2)), values.max((1, 2))
    bad = np.zeros(count, np.int64)
    return Mosaic(grid, sheet, values, np.arange(count), *ends, bad, "viridis", facts={"layer": layer}, frame_seq=1)


def ranking(done=4, together=2):
    channels = np.array([3, 1, 0, 2])[:done]
    scores = np.array([0.2, 0.5, 0.7, 0.85])[:done]
    ends = {"together": 0.05, "together_count": together} if together else {}
    return Ablation("conv2", "class", "cup", 0, 0.8, 4.0, channels, scores, scores * 4, 4, **ends)


def compared(after=0.3):
    old = (ClassScore(0, "cup", 0.8), ClassScore(1, "cat", 0.15))
    new = (ClassScore(0, "cup", after), ClassScore(1, "cat", 0.6))
    sides = TopK(old), TopK(new, RunsOn(edits=1))
    return Comparison(*sides, tuple(zip(old, new, strict=True)), 1)


@pytest.fixture
def panel(desk, qtbot, put_up):
    made = put_up(SurgeryPanel(desk), (1000, 700))
    say(desk, qtbot, Answer(NETWORK_CHANNEL, 1, Result(NETWORK)), FrameArrived(FRAME, 1.0, 1.0))
    say(desk, qtbot, Answer(MAPS, 2, Result(maps())), Answer(COMPARE, 3, Result(compared())))
    return made


def say(desk, qtbot, *events):
    for event in events:
        desk.host.say(event)
    qtbot.wait(10)


def click(qtbot, panel, channel, modifier=Qt.KeyboardModifier.NoModifier):
    view = panel.bench.maps
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, modifier, view.tile_rect(channel).center().toPoint())


def mute(*channels, layer="conv2"):
    return Edit(kind="mute", layer=layer, channels=channels)


def test_begins_with_the_last_layer_whose_maps_are_not_the_classes(panel, desk):
    assert panel.layer_now() == "conv2" == panel.bench.layer.currentText()
    assert desk.host.followed[MAPS].layer == "conv2" and desk.host.followed[COMPARE].model == "squeezenet1_1"
    assert desk.host.followed.get(KERNEL) is None and "Conv2d" in panel.bench.detail.text()
    assert NetworkInfo("x", "x", "classify", "", 8, ()).feature_layer == ""


def test_a_click_mutes_and_unmutes_and_shift_keeps(panel, desk, qtbot):
    click(qtbot, panel, 1)
    click(qtbot, panel, 2)
    assert desk.session.surgery == (mute(1, 2),) and panel.bench.maps.muted == (1, 2)
    assert desk.host.followed[MAPS].surgery == desk.host.followed[COMPARE].surgery == (mute(1, 2),)
    click(qtbot, panel, 1)
    assert desk.session.surgery == (mute(2),)
    click(qtbot, panel, 3, Qt.KeyboardModifier.ShiftModifier)
    assert desk.session.surgery[1] == Edit(kind="keep", layer="conv2", channels=(3,)) and panel.bench.maps.muted == (0, 1, 2)
    assert desk.session.selection.channel == 3
    for _ in range(4):
        desk.undo()
    assert desk.session.surgery == () and panel.bench.maps.muted == () and panel.mark.text() == "as it was trained"
    desk.redo()
    assert desk.session.surgery == (mute(1),) and panel.mark.text() == "1 edit"


def test_by_keyboard(panel, desk, qtbot):
    view = panel.bench.maps
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    keys = {key.sequence: key.slot for key in SurgeryPanel.keys(panel)}
    keys["M"]()
    assert desk.session.surgery == (mute(0, 1),)
    keys["K"]()
    assert desk.session.surgery[-1].kind == "keep"
    keys["PgUp"]()
    assert panel.layer_now() == "relu1" and view.mosaic is None
    keys["PgDown"]()
    assert desk.host.followed[MAPS].layer == "conv2"
    keys["2"]()
    assert panel.pages.currentIndex() == 1 and desk.host.followed[MAPS] is None and desk.host.followed[KERNEL] is not None
    keys["M"]()  # the bench is not shown
    assert len(desk.session.surgery) == 2


def test_the_menu_scales_and_swaps(panel, desk, qtbot):
    view = panel.bench.maps
    texts = [action.text() for action in view.menu_for(view.spot(1, 0, 0)).actions()]
    assert {"Mute this channel", "Keep only this channel", "Scale this channel...", "Swap with another channel..."} <= set(
        texts
    )
    panel.bench.ask_scale(1)
    panel.bench.findChild(QInputDialog).doubleValueSelected.emit(0.5)
    panel.bench.ask_swap(1, 4)
    panel.bench.findChildren(QInputDialog)[-1].intValueSelected.emit(3)
    assert desk.session.surgery == (
        Edit(kind="scale", layer="conv2", channels=(1,), factor=0.5),
        Edit(kind="swap", layer="conv2", channels=(1, 3)),
    )
    assert [edit_text(edit) for edit in desk.session.surgery] == ["scale · conv2 · 1 × 0.5", "swap · conv2 · 1 ↔ 3"]
    for dialog in panel.bench.findChildren(QInputDialog):
        dialog.reject()


def test_the_list_reorders_and_takes_out(panel, desk, qtbot):
    first, second, third = mute(0), Edit(kind="swap", layer="conv2", channels=(0, 1)), mute(2, layer="conv1")
    desk.change(surgery=(first, second, third))
    edits = panel.bench.edits
    assert edits.list.count() == 3 and edits.list.currentRow() == 2
    qtbot.keyClick(edits.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert desk.session.surgery == (first, third, second) and edits.list.currentRow() == 1
    qtbot.keyClick(edits.list, Qt.Key.Key_Delete)
    assert desk.session.surgery == (first, second)
    edits.list.setCurrentRow(0)
    assert [action.isEnabled() for action in edits.menu().actions()] == [False, True, True]
    edits.shift(1)
    assert desk.session.surgery == (second, first)
    edits.clear.click()
    assert desk.session.surgery == () and not edits.save.isEnabled() and edits.empty.isVisibleTo(panel)
    edits.undo.click()
    assert desk.session.surgery == (second, first)
    edits.redo.click()
    assert desk.session.surgery == ()


def test_saved_for_the_command_line_and_loaded_again(panel, desk, qtbot, tmp_path, monkeypatch):
    surgery = (mute(0, 3), Edit(kind="kernel", layer="conv1", channels=(2,), rows=1, columns=2, numbers=(1.5, -2.0)))
    desk.change(surgery=surgery)
    path = tmp_path / "cut.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: (str(path), ""))
    panel.bench.edits.ask_save()
    assert read_surgery(str(path)) == surgery and json.loads(path.read_text())["model"] == "squeezenet1_1"
    desk.change(surgery=())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a: (str(path), ""))
    panel.bench.edits.ask_load()
    assert desk.session.surgery == surgery
    path.write_text('{"surgery": [{"kind": "mute"}]}')
    panel.bench.edits.ask_load()
    assert desk.session.surgery == surgery and "no surgery file" in desk.sink.take()[-1].text
    path.write_text('{"model": "lenet5", "surgery": []}')
    panel.bench.edits.ask_load()
    assert desk.session.surgery == () and "lenet5" in desk.sink.take()[-1].text


def test_ranking_grows_and_its_first_are_muted(panel, desk, qtbot):
    rank = panel.bench.rank
    assert not rank.mute_first.isEnabled()
    rank.start.click()
    request = desk.host.requests(RANK)[-1]
    assert (request.layer, request.class_index) == ("conv2", None)
    say(desk, qtbot, Answer(RANK, 9, Started("AblateRequest")), Answer(RANK, 9, Progress(2, 4)))
    say(desk, qtbot, Answer(RANK, 9, Preview(ranking(2, 0), 2, 4)))
    assert (
        rank.tree.topLevelItemCount() == 2
        and rank.result.text().startswith("2 of 4 channels")
        and not rank.mute_first.isEnabled()
    )
    rank.start.click()
    assert desk.host.stopped == [RANK]
    say(desk, qtbot, Answer(RANK, 9, CancelledJob(ranking(3, 0))))
    assert rank.tree.topLevelItemCount() == 3
    rank.start.click()
    say(desk, qtbot, Answer(RANK, 10, Result(ranking())))
    row = [rank.tree.topLevelItem(0).text(column) for column in range(4)]
    assert row == ["1.", "3", "20.0 %", "−60.0"] and rank.tree.topLevelItem(3).text(3) == "+5.0"
    assert rank.result.text() == "80.0 % with all 4 · 5.0 % without the first 2" and "cup" in rank.heading.text()
    assert rank.mute_first.text() == "Mute the first 2"
    rank.mute_first.click()
    assert desk.session.surgery == (mute(1, 3),) and not rank.mute_first.isEnabled()
    rank.tree.setCurrentItem(rank.tree.topLevelItem(1))
    assert desk.session.selection.channel == 1 and panel.bench.maps.channel == 1
    assert panel.numbers().splitlines()[1].startswith("3\t0.2\t")
    desk.undo()
    assert rank.mute_first.isEnabled()


def test_a_class_is_chosen_to_be_measured(panel, desk, qtbot):
    bars = panel.bench.compare.bars
    assert bars.lines == [("cup", "80.0 %", "30.0 %"), ("cat", "15.0 %", "60.0 %")]
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, bars._line() + 4))
    assert desk.session.ablate.class_index == 1 == bars.marked
    panel.rank()
    assert desk.host.requests(RANK)[-1].class_index == 1
    bars.setFocus()
    qtbot.keyClick(bars, Qt.Key.Key_Up)
    assert desk.session.ablate.class_index == 0
    panel.measure_class(0)
    assert desk.session.ablate.class_index is None


def test_boxes_and_masks_stand_side_by_side(panel, desk, qtbot):
    found = Detections(
        np.array([[10, 10, 40, 30]], np.float32), np.array([0.9], np.float32), np.array([1]), ("cup", "cat"), (40, 60)
    )
    none = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), ("cup", "cat"), (40, 60))
    say(desk, qtbot, Answer(COMPARE, 5, Result(Comparison(found, none, (), 1))))
    before, after = panel.bench.compare.views
    assert before.isVisibleTo(panel) and before.accessibleDescription() == "cat 90.0 %" and after.accessibleDescription()
    before.clicked.emit(20.0, 20.0)
    assert desk.session.ablate.box == (10, 10, 40, 30) and desk.session.ablate.class_index == 1
    panel.grab()
    mask = Mask(np.repeat([[0.0, 1.0]], 40, 0).repeat(30, 1).astype(np.float32), frame_seq=1)
    say(desk, qtbot, Answer(COMPARE, 6, Result(Comparison(mask, mask, (), 1))))
    assert "50.0 %" in before.accessibleDescription()
    panel.grab()


def test_failures_are_said_where_the_picture_would_be(panel, desk, qtbot):
    say(
        desk,
        qtbot,
        Answer(MAPS, 7, Failed(Trouble("x", "No maps here."))),
        Answer(COMPARE, 7, Failed(Trouble("y", "No answer."))),
    )
    assert panel.bench.maps.mosaic is None and panel.bench.compare.record is None
    panel.grab()


def test_title_status_and_saved_picture_know_of_the_surgery(program, qtbot):
    panel = program.window.panels["surgery"]
    desk = program.desk
    say(desk, qtbot, Answer(NETWORK_CHANNEL, 1, Result(NETWORK)))
    assert program.window.windowTitle() == "Toy · by hand – Explorer" and not program.window.status.surgery.isVisibleTo(
        program.window
    )
    desk.change(surgery=(mute(0, 1, 2, 3), Edit(kind="swap", layer="conv1", channels=(0, 1))))
    assert program.window.windowTitle() == "Toy · by hand · 5 edits – Explorer"
    assert program.window.status.surgery.text() == "5 edits"
    program.window.status.surgery.click()
    assert program.window.current == "surgery"
    say(desk, qtbot, Answer(MAPS, 2, Result(maps())))
    saved = json.loads(panel.picture().text(FACTS))["surgery"]
    assert tuple(Edit.model_validate(edit) for edit in saved) == desk.session.surgery
    desk.undo()
    assert program.window.windowTitle() == "Toy · by hand – Explorer"


def kernel_answer(request):
    numbers = (
        preset(request.preset, request.size)
        if request.preset in PRESETS and request.preset not in ("filter", "numbers")
        else None
    )
    flat = list(request.numbers) if numbers is None else numbers.reshape(-1).tolist()
    rows, columns = (request.rows, request.columns) if numbers is None else numbers.shape
    facts = {
        "preset": request.preset,
        "rows": rows,
        "columns": columns,
        "numbers": flat,
        "low": -1.0,
        "high": 2.0,
        "frame_seq": 1,
    }
    return Picture(np.full((40, 60, 3), 128, np.uint8), facts)


def test_the_studio_shows_numbers_and_answers(panel, desk, qtbot):
    panel.show_page(1)
    studio = panel.studio
    assert np.array_equal(studio.grid.numbers, preset("sobel_x")) and set(PRESETS) == set(Preset.__args__)
    say(desk, qtbot, Answer(KERNEL, 4, Result(kernel_answer(desk.session.kernel))))
    assert "−1" in studio.range.text() and studio.before.image.width() == 60 and studio.after.image.width() == 60
    studio.preset.setCurrentIndex(studio.preset.findData("gaussian"))
    studio.preset.activated.emit(studio.preset.currentIndex())
    studio.side.setValue(4)
    assert desk.session.kernel.size == 5 and studio.grid.numbers.shape == (5, 5) and studio.side.value() == 5
    assert desk.host.followed[KERNEL].preset == "gaussian" and "sum 1" in studio.sum.text()
    desk.change(kernel=changed(desk.session.kernel, preset="filter"))
    answer = Picture(
        np.zeros((40, 60, 3), np.uint8),
        {**kernel_answer(desk.session.kernel).facts, "rows": 1, "columns": 2, "numbers": [3.0, 4.0]},
    )
    say(desk, qtbot, Answer(KERNEL, 5, Result(answer)))
    assert studio.grid.numbers.tolist() == [[3.0, 4.0]]
    studio.preset.setCurrentIndex(studio.preset.findData("numbers"))
    studio.preset.activated.emit(studio.preset.currentIndex())
    assert desk.session.kernel.numbers == (3.0, 4.0) and panel.numbers() == "3.0\t4.0"
    studio.side.setValue(3)
    assert desk.session.kernel.numbers == (0, 0, 0, 3, 4, 0, 0, 0, 0)


def test_a_kernel_goes_back_into_the_network(panel, desk, qtbot):
    panel.show_page(1)
    studio = panel.studio
    assert [studio.layer.itemData(row) for row in range(studio.layer.count())] == ["conv1", "conv2", "head"]
    studio.filter.setValue(5)
    studio.slice.setValue(2)
    studio.put.click()
    wanted = Edit(
        kind="kernel",
        layer="conv1",
        channels=(5,),
        input_channel=2,
        rows=3,
        columns=3,
        numbers=tuple(preset("sobel_x").reshape(-1)),
    )
    assert desk.session.surgery == (wanted,) and desk.host.followed[COMPARE].surgery == (wanted,)
    studio.put.click()
    assert desk.session.surgery == (wanted,)  # the same place again: instead of the old one
    studio.slice.setValue(-1)
    studio.put.click()
    assert desk.session.surgery == (changed_slice(wanted),)
    studio.layer.setCurrentIndex(1)
    studio.layer.activated.emit(1)
    assert "1 × 1" in studio.why_not.text() and desk.session.kernel.channel == 3
    studio.put.click()
    assert (
        desk.session.surgery[-1].numbers == (0.0,)
        and edit_text(desk.session.surgery[-1]) == "kernel · conv2 · 3 · all inputs · 1 × 1"
    )
    studio.start_from_filter()
    assert desk.host.followed[KERNEL].preset == "filter" and desk.host.followed[KERNEL].layer == "conv2"


def changed_slice(edit):
    return edit.model_copy(update={"input_channel": None})


def test_pure_edits():
    surgery = (mute(0, 1), Edit(kind="swap", layer="conv2", channels=(1, 3)), Edit(kind="keep", layer="conv2", channels=(3, 0)))
    assert silent(surgery, "conv2", 4) == (0, 1, 2, 3) and silent(surgery, "conv1", 4) == ()
    assert unmuted(surgery, "conv2", 0)[0].channels == (1,) and unmuted((mute(0),), "conv2", 0) == ()
    assert silent((Edit(kind="scale", layer="a", channels=(1,), factor=0.0),), "a", 2) == (1,)
