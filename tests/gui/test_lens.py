"""The lens and the numbers page of Filters & Activations, with a host that says what the test wants."""

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent

from explorer.gui.desk import NETWORK_CHANNEL
from explorer.gui.panels.filters import MAPS, FiltersPanel
from explorer.gui.panels.filters_lens import FIELD, SEEN
from explorer.gui.panels.filters_numbers import NUMBERS
from explorer.host.messages import Answer, FrameArrived
from explorer.jobs import Failed, Result
from explorer.picture.grid import sheet_of
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo, TapInfo
from explorer.records.numbers import Numbers, Term, Window, Worked
from explorer.records.picture import Grid, Mosaic
from explorer.records.receptive import LayerCells, Receptive, SeenBy
from explorer.requests.base import changed

LAYERS = (TapInfo("conv1", "Conv2d", (6, 8, 8), 168, (6, 3, 3, 3)), TapInfo("relu1", "ReLU", (6, 8, 8)))
NETWORK = NetworkInfo("squeezenet1_1", "Toy", "classify", "by hand", 8, LAYERS, ("cup", "cat", "dog"))
RULE = ((-1.0, 3.0, 2.0), (-1.0, 3.0, 2.0))


def mosaic(layer, seq=1):
    grid = Grid(6, 8, 8, 3, 1)
    values = np.random.default_rng(1).normal(size=(6, 8, 8)).astype(np.float32)
    return Mosaic(
        grid, sheet_of(np.full((6, 8, 8), 100, np.uint8), grid), values, np.arange(6), values.min((1, 2)), values.max((1, 2)),
        np.zeros(6, np.int64), "viridis", frame_seq=seq,
        facts={"layer": layer, "dead": [], "input_xyxy": [10.0, 0.0, 50.0, 40.0]},
    )  # fmt: skip


def field(request, seq=1, **fields):
    """What the engine would answer: 5 x 5 pixels of an input of 16 x 16, stride 2."""
    y, x = request.y, request.x
    box = (max(2 * x - 1, 0), max(2 * y - 1, 0), min(2 * x + 4, 16), min(2 * y + 4, 16))
    heat = np.zeros((16, 16), np.float32)
    heat[box[1] : box[3], box[0] : box[2]] = 1.0
    facts = {"central": 0.36, "side": 4.8, "rule": RULE, "heat": heat, "box": box, **fields}
    return Receptive(
        request.layer, request.channel, y, x, (8, 8), (16, 16), (40, 60), (10.0, 0.0, 50.0, 40.0), facts.pop("box"),
        (0.0, 0.0, 1.0, 1.0), 25, facts.pop("heat"), 0.5, frame_seq=seq, **facts,
    )  # fmt: skip


def number(request):
    made = np.ones((2, 4, 3, 3), np.float32) * np.arange(4)[None, :, None, None]
    sums = 9.0 * np.arange(4) ** 2
    window = Window(made[0], made[1], np.ones((3, 3), bool), np.arange(3), np.arange(3), np.arange(4), sums, (8, 8), 3)
    worked = Worked("sum", "sum", 126.0, {}, (Term("sum", 126.0),), window)
    channel, y, x = request.channel or 0, 4 if request.y is None else request.y, 4 if request.x is None else request.x
    return Numbers(request.layer, "Conv2d", channel, y, x, (8, 8), 6, 126.0, worked, frame_seq=1)


@pytest.fixture
def panel(desk, qtbot, put_up):
    made = put_up(FiltersPanel(desk), (1000, 700))
    say(desk, qtbot, Answer(NETWORK_CHANNEL, 1, Result(NETWORK)))
    picture(desk, qtbot, 1)
    say(desk, qtbot, Answer(MAPS, 1, Result(mosaic("conv1"))))
    made.choose_channel(2)
    made.view.enlarge(True)
    qtbot.wait(1)
    return made


def say(desk, qtbot, *events):
    desk.host.say(*events)
    qtbot.wait(1)


def picture(desk, qtbot, seq):
    say(desk, qtbot, FrameArrived(Frame(np.full((40, 60, 3), 90, np.uint8), seq=seq)))


def point(panel, qtbot, row, column):
    """The mouse over a number of the enlarged map (an event of our own: the real cursor may be there already)."""
    enlarged = panel.view.enlarged
    at, none = enlarged.transform().map(QPointF(column + 0.5, row + 0.5)), Qt.MouseButton.NoButton
    QCoreApplication.sendEvent(
        enlarged, QMouseEvent(QEvent.Type.MouseMove, at, enlarged.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    )
    qtbot.wait(1)


def press(panel, sequence):
    """A key of the panel's table."""
    {key.sequence: key.slot for key in FiltersPanel.keys(panel)}[sequence]()


def asked(desk, channel=FIELD):
    return desk.host.requests(channel)


def answer(desk, qtbot, channel, make, **fields):
    say(desk, qtbot, Answer(channel, 1, Result(make(asked(desk, channel)[-1], **fields))))


def test_the_unit_under_the_mouse_is_looked_through(panel, desk, qtbot):
    lens, shown = panel.lens, panel.lens.box.picture
    assert asked(desk) == [] and "Point at a pixel" in lens.box.words.text()
    point(panel, qtbot, 3, 2)
    request = asked(desk)[-1]
    assert (request.layer, request.channel, request.y, request.x) == ("conv1", 2, 3, 2)
    answer(desk, qtbot, FIELD, field)
    assert shown.record.box == (3, 5, 8, 10) and shown.guessed is None
    assert shown.box_rect().getRect() == (10 + 3 * 2.5, 5 * 2.5, 5 * 2.5, 5 * 2.5)
    assert lens.box.words.text() == "can see 5 × 5 pixels · 95 % of the heat in 4.8 × 4.8"
    assert "36 % of the heat lies in the middle half" in lens.box.words.toolTip()
    point(panel, qtbot, 6, 6)  # the box of the formula at once, dashed, while the engine works
    assert shown.guessed == (11, 11, 16, 16)
    point(panel, qtbot, 5, 5)
    assert len(asked(desk)) == 2  # one on its way, the newest waits
    say(desk, qtbot, Answer(FIELD, 1, Result(field(changed(asked(desk)[-1], y=6, x=6)))))
    assert asked(desk)[-1].y == 5 and shown.record.y == 6 and shown.guessed == (9, 9, 14, 14)
    panel.view.enlarged.leaveEvent(None)
    assert shown.record is None


def test_nothing_is_asked_for_a_panel_that_nobody_sees(panel, desk, qtbot):
    point(panel, qtbot, 3, 2)
    answer(desk, qtbot, FIELD, field)
    panel.set_active(False)
    count = len(asked(desk))
    picture(desk, qtbot, 2)
    assert len(asked(desk)) == count


def test_g_holds_the_unit_and_follows_every_new_picture(panel, desk, qtbot):
    point(panel, qtbot, 3, 2)
    answer(desk, qtbot, FIELD, field)
    press(panel, "G")
    point(panel, qtbot, 7, 7)
    desk.select(layer="relu1")
    assert panel.lens.unit == ("conv1", 2, 3, 2) and panel.lens.box.hold.isChecked()
    for seq in (2, 3):
        picture(desk, qtbot, seq)
        request = asked(desk)[-1]
        assert (request.layer, request.y, request.x) == ("conv1", 3, 2) and len(asked(desk)) == seq
        answer(desk, qtbot, FIELD, field, seq=seq)
        assert panel.lens.box.picture.record.frame_seq == seq
    assert panel.lens.box.words.text().startswith("held: conv1")
    press(panel, "G")
    assert panel.lens.held is None


def test_a_click_selects_the_pixel_for_the_whole_program(panel, desk, qtbot):
    enlarged = panel.view.enlarged
    at = enlarged.transform().map(QPointF(4.5, 1.5)).toPoint()
    qtbot.mouseClick(enlarged, Qt.MouseButton.LeftButton, pos=at)
    assert desk.session.selection.pixel == (1, 4) and desk.session.selection.channel == 2
    enlarged.leaveEvent(None)
    assert panel.lens.unit == ("conv1", 2, 1, 4)
    desk.select(pixel=(0, 7))  # chosen elsewhere
    answer(desk, qtbot, FIELD, field)
    answer(desk, qtbot, FIELD, field)
    assert (panel.lens.box.picture.record.y, panel.lens.box.picture.record.x) == (0, 7)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"heat": np.zeros((16, 16), np.float32)}, "its gradient is zero"),
        ({"bad": 7}, "NaN or infinite in 7 pixels"),
        ({"box": (0, 0, 16, 16)}, "can see the whole picture"),
        ({"box": None}, "depends on no pixel"),
        ({"samples": 16}, "mean of 16 random pictures"),
    ],
)
def test_what_there_is_no_heat_for_is_explained(panel, desk, qtbot, fields, words):
    point(panel, qtbot, 3, 2)
    answer(desk, qtbot, FIELD, field, **fields)
    assert words in panel.lens.box.words.text()
    panel.grab()


def test_the_habit_is_a_choice_of_the_session(panel, desk, qtbot):
    point(panel, qtbot, 3, 2)
    answer(desk, qtbot, FIELD, field)
    panel.lens.box.habit.click()
    assert desk.session.receptive.over == "random" and asked(desk)[-1].over == "random"
    answer(desk, qtbot, FIELD, field, samples=16)
    count = len(asked(desk))
    picture(desk, qtbot, 2)
    assert len(asked(desk)) == count  # the same for every picture
    desk.undo()
    assert not panel.lens.box.habit.isChecked()


def test_a_click_on_the_picture_shows_who_sees_the_place(panel, desk, qtbot):
    shown, lens = panel.lens.box.picture, panel.lens
    at = shown.transform().map(QPointF(30.5, 20.5)).toPoint()
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=at)
    request = asked(desk, SEEN)[-1]
    assert (
        request.layer == "conv1"
        and request.pixel_x == pytest.approx(30.5, abs=1)
        and request.pixel_y == pytest.approx(20.5, abs=1)
    )
    cells = np.zeros((8, 8), bool)
    cells[2:4, 3:6] = True
    layers = (LayerCells("conv1", "Conv2d", (8, 8), (3, 2, 6, 4), 6), LayerCells("relu1", "ReLU", (8, 8), (3, 2, 6, 4), 6))
    say(desk, qtbot, Answer(SEEN, 1, Result(SeenBy((30.5, 20.5), (8, 8), "conv1", cells, layers))))
    assert len(lens._border) == 2 * (3 + 2)
    assert "6 of 64 cells of conv1" in lens.box.words.text()
    listed = [[lens.box.list.topLevelItem(row).text(column) for column in range(2)] for row in range(2)]
    assert listed == [["conv1", "6 / 64"], ["relu1", "6 / 64"]] and lens.box.list.isVisible()
    panel.grab()
    lens.box.list.itemClicked.emit(lens.box.list.topLevelItem(1), 0)
    assert desk.session.activations.layer == "relu1" and asked(desk, SEEN)[-1].layer == "relu1"
    lens.box.forget.click()
    assert lens.cells is None and not lens.box.list.isVisible()


def test_a_place_that_the_network_does_not_see_takes_the_outlines_away(panel, desk, qtbot):
    panel.lens.look_back(1.0, 1.0)
    say(desk, qtbot, Answer(SEEN, 1, Failed(Trouble("receptive.outside", "The network does not see the place."))))
    assert panel.lens.cells is None and desk.sink.take()


def test_a_double_click_opens_the_numbers_and_esc_comes_back(panel, desk, qtbot):
    enlarged, page = panel.view.enlarged, panel.lens.page
    at = enlarged.transform().map(QPointF(2.5, 3.5)).toPoint()
    qtbot.mouseDClick(enlarged, Qt.MouseButton.LeftButton, pos=at)
    assert page.isVisible() and desk.session.selection.pixel == (3, 2)
    request = asked(desk, NUMBERS)[-1]
    assert (request.layer, request.channel, request.y, request.x) == ("conv1", 2, 3, 2)
    answer(desk, qtbot, NUMBERS, number)
    assert "y 3, x 2" in page.title.text() and page.view.at == 3
    qtbot.keyClick(page.view, Qt.Key.Key_Left)
    qtbot.keyClick(page.view, Qt.Key.Key_Down)
    assert desk.session.selection.pixel == (4, 1)
    answer(desk, qtbot, NUMBERS, number)
    answer(desk, qtbot, NUMBERS, number)
    assert (page.view.record.y, page.view.record.x) == (4, 1)
    item = next(page.list.topLevelItem(row) for row in range(4) if page.list.topLevelItem(row).text(0) == "1")
    page.list.setCurrentItem(item)
    assert page.view.at == 1
    qtbot.keyClick(page.view, Qt.Key.Key_Right)
    answer(desk, qtbot, NUMBERS, number)
    assert page.view.at == 1  # the channel chosen by hand stays
    page.copy.click()
    assert QGuiApplication.clipboard().text() == page.text() == panel.numbers() != ""
    assert panel.picture().size() == page.view.size()
    qtbot.keyClick(page.view, Qt.Key.Key_Escape)
    assert not page.isVisible() and panel.numbers() != page.text()


@pytest.mark.parametrize("part", ["list", "map"])
def test_esc_comes_back_from_everywhere(panel, desk, qtbot, part):
    panel.lens.open_numbers()
    answer(desk, qtbot, NUMBERS, number)
    widget = getattr(panel.lens.page, part)
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_Escape)
    assert not panel.lens.page.isVisible()


def test_arrows_stop_at_the_border_of_the_map(panel, desk, qtbot):
    desk.select(layer="conv1", channel=0, pixel=(0, 7))
    panel.lens.open_numbers()
    answer(desk, qtbot, NUMBERS, number)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right):
        qtbot.keyClick(panel.lens.page.view, key)
    assert desk.session.selection.pixel == (0, 7)


def test_n_works_before_anything_was_pointed_at(panel, desk, qtbot):
    press(panel, "N")
    request = asked(desk, NUMBERS)[-1]
    assert (request.channel, request.y, request.x) == (2, 4, 4) and panel.lens.page.isVisible()
    press(panel, "N")
    assert not panel.lens.page.isVisible()


def test_another_layer_shows_its_middle_and_selects_it(panel, desk, qtbot):
    panel.lens.open_numbers()
    answer(desk, qtbot, NUMBERS, number)
    panel.choose_layer("relu1")
    request = asked(desk, NUMBERS)[-1]
    assert (request.layer, request.channel, request.y) == ("relu1", None, None)
    answer(desk, qtbot, NUMBERS, number)
    assert desk.session.selection.pixel == (4, 4) and desk.session.selection.layer == "relu1"


def test_a_number_that_cannot_be_worked_out_says_why(panel, desk, qtbot):
    panel.lens.open_numbers()
    say(desk, qtbot, Answer(NUMBERS, 1, Failed(Trouble("cell.channel", "There is no channel 9."))))
    assert panel.lens.page.view.record is None and panel.lens.page.text() == ""
    panel.grab()


def test_everything_speaks_the_language(panel, desk, qtbot):
    from explorer import i18n
    from explorer.gui import words

    point(panel, qtbot, 3, 2)
    answer(desk, qtbot, FIELD, field)
    i18n.use_language("hu")
    words.retranslate(panel)
    panel.retranslate()
    assert "képpontot láthat" in panel.lens.box.words.text()


def test_everything_by_keyboard_alone(panel, desk, qtbot):
    enlarged, shown = panel.view.enlarged, panel.lens.box.picture
    qtbot.keyClick(enlarged, Qt.Key.Key_Right)
    assert desk.session.selection.pixel == (4, 4)  # the first step finds the middle
    qtbot.keyClick(enlarged, Qt.Key.Key_Right)
    qtbot.keyClick(enlarged, Qt.Key.Key_Up)
    assert desk.session.selection.pixel == (3, 5)
    for _ in range(9):
        qtbot.keyClick(enlarged, Qt.Key.Key_Down)
    assert desk.session.selection.pixel == (7, 5)
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    request = asked(desk, SEEN)[-1]
    assert (request.pixel_x, request.pixel_y) == (30.0, 20.0)
    say(desk, qtbot, Answer(SEEN, 1, Result(SeenBy((30.0, 20.0), (8, 8), "conv1", np.ones((8, 8), bool), ()))))
    qtbot.keyClick(shown, Qt.Key.Key_Left)
    assert asked(desk, SEEN)[-1].pixel_x == 29.0
    qtbot.keyClick(enlarged, Qt.Key.Key_Return)
    assert panel.lens.page.isVisible() and asked(desk, NUMBERS)[-1].y == 7


def test_the_menu_of_a_tile_leads_to_its_numbers(panel, desk, qtbot):
    menu = panel.view.maps.menu_for(panel.view.maps.spot(4, 2, 6))
    next(action for action in menu.actions() if action.text() == "The numbers behind this pixel").trigger()
    request = asked(desk, NUMBERS)[-1]
    assert (request.channel, request.y, request.x) == (4, 2, 6) and panel.lens.page.isVisible()
    menu.close()
