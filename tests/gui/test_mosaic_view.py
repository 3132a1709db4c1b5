"""The tile sheet: what is drawn where, what the mouse and the keys do, what a screen reader hears."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication

from explorer.gui import theme
from explorer.gui.widgets.mosaic_view import MosaicView, columns_for, mosaic_image, number
from explorer.picture.colour import palette
from explorer.picture.grid import sheet_of
from explorer.records.picture import Grid, Mosaic


def mosaic(count=6, h=3, w=4, columns=3, gap=1, colour_map="viridis", order=None):
    grid = Grid(count, h, w, columns, gap)
    values = (np.arange(count * h * w, dtype=np.float32) - 20).reshape(count, h, w)
    tiles = (np.arange(count * h * w) % 255 + 1).astype(np.uint8).reshape(count, h, w)
    order = np.arange(count) if order is None else np.asarray(order)
    return Mosaic(
        grid=grid,
        sheet=sheet_of(tiles[order], grid),
        values=values,
        order=order.astype(np.int64),
        low=values.min(axis=(1, 2)),
        high=values.max(axis=(1, 2)),
        bad=np.zeros(count, np.int64),
        colour_map=colour_map,
        facts={"dead": []},
    )


@pytest.fixture
def view(qtbot):
    made = MosaicView()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


def middle(view, channel):
    return view.tile_rect(channel).center().toPoint()


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_the_image_is_the_tiles_through_the_palette_side_by_side(qapp, gap):
    made = mosaic(count=5, gap=gap)  # the last place stays empty
    image = mosaic_image(made)
    assert (image.width(), image.height()) == (12, 6)
    table = palette("viridis")
    tight = Grid(5, 3, 4, 3, 0)
    for y in range(6):
        for x in range(12):
            found = tight.find(y, x)
            if found is None:
                want = QColor(theme.tokens().canvas).getRgb()[:3]
            else:
                top, left = made.grid.corner(found[0])
                want = table[made.sheet[top + found[1], left + found[2]]]
            assert tuple(want) == image.pixelColor(x, y).getRgb()[:3]


def test_rgb_kernels_are_drawn_as_they_are(qapp):
    grid = Grid(2, 2, 2, 2, 1)
    tiles = np.random.default_rng(0).integers(1, 256, (2, 2, 2, 3), dtype=np.uint8)
    made = Mosaic(grid, sheet_of(tiles, grid), tiles.astype(np.float32), np.arange(2), *np.zeros((2, 2), np.float32),
                  np.zeros(2, np.int64), "")  # fmt: skip
    image = mosaic_image(made)
    assert image.pixelColor(2, 1).getRgb()[:3] == tuple(tiles[1, 1, 0])


def test_hover_names_channel_place_and_value_in_drawn_order(view, qtbot):
    made = mosaic(order=[5, 4, 3, 2, 1, 0])
    view.set_mosaic(made)
    spots = []
    view.spot_hovered.connect(spots.append)
    place = view.transform().map(QPointF(2 * 4 + 1.5, 3 + 2.5)).toPoint()  # last tile of row 2: channel 0, y 2, x 1
    qtbot.mouseMove(view, place)
    assert (spots[-1].channel, spots[-1].y, spots[-1].x) == (0, 2, 1)
    assert spots[-1].value == made.values[0, 2, 1]
    assert number(spots[-1].value) in spots[-1].text()
    outside = view.transform().map(QPointF(13, 1.5)).toPoint()
    qtbot.mouseMove(view, outside)
    assert spots[-1] is None


def test_click_selects_double_click_opens(view, qtbot):
    view.set_mosaic(mosaic())
    chosen, opened = [], []
    view.selected.connect(chosen.append)
    view.opened.connect(opened.append)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(view, 4))
    assert chosen == [4] and view.channel == 4 and opened == []
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=middle(view, 2))
    assert opened == [2] and chosen[-1] == 2


def test_keys_move_open_and_zoom(view, qtbot):
    view.set_mosaic(mosaic())
    chosen, opened = [], []
    view.selected.connect(chosen.append)
    view.opened.connect(opened.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(view, key)
    assert chosen == [0, 1, 4, 3, 0]  # the second Down leads outside and does nothing
    qtbot.keyClick(view, Qt.Key.Key_End)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened == [5]
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom > 1
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.zoom == 1


def test_a_zoomed_sheet_follows_the_selection(view, qtbot):
    view.set_mosaic(mosaic(count=64, h=8, w=8, columns=8))
    for _ in range(8):
        view.zoom_by(1.5)
    view.select(0)
    for _ in range(7):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.channel == 7
    assert view.rect().intersects(view.tile_rect(7).toRect())


def test_selection_from_outside_is_silent_and_survives_new_values(view):
    chosen = []
    view.selected.connect(chosen.append)
    view.set_mosaic(mosaic())
    view.select(3)
    view.set_mosaic(mosaic(colour_map="magma"))
    assert view.channel == 3 and chosen == []
    view.set_mosaic(mosaic(count=2, columns=2))
    assert view.channel is None
    view.select(99)
    assert view.channel is None


def test_menu_copies_the_exact_number_and_takes_additions(view):
    made = mosaic()
    made.values[1, 2, 3] = np.float32(0.1)
    view.set_mosaic(made)
    done = []
    view.menu_actions.append(lambda spot: ("Dream", lambda: done.append(spot.channel)))
    view.menu_actions.append(lambda spot: None)
    menu = view.menu_for(view.spot(1, 2, 3))
    actions = [action for action in menu.actions() if not action.isSeparator()]
    actions[1].trigger()
    assert QGuiApplication.clipboard().text() == "0.1"
    actions[2].trigger()
    assert done == [1] and len(actions) == 3
    menu.close()


def test_nan_tiles_are_hatched_and_counted(view):
    made = mosaic(count=4, columns=2, h=30, w=60)
    made.values[1, 0, :5] = np.nan
    made.bad[1] = 5
    view.set_mosaic(made)
    shot = view.grab().toImage()
    red = QColor(theme.tokens().bad)
    box = view.tile_rect(1).toRect()
    inside = [shot.pixelColor(x, y) for x in range(box.left(), box.right()) for y in range(box.top(), box.bottom(), 3)]
    assert inside.count(red) > 50
    assert "5 of 1800" in view.summary(1)
    view.select(1)
    assert "5 of 1800" in view.accessibleDescription()


def test_a_screen_reader_hears_count_size_and_selection(view):
    made = mosaic()
    made.values[2] = 0
    view.set_mosaic(made)
    assert "6 maps of 3 x 4" in view.accessibleDescription()
    view.select(0)
    assert "from −20 to −9" in view.accessibleDescription()
    view.select(2)
    assert "zero everywhere" in view.accessibleDescription()


@pytest.mark.parametrize(("gap", "side"), [(0, 1), (1, 1), (1, 9)])
def test_tiles_are_parted_by_hairlines_at_any_size(view, gap, side):
    view.set_mosaic(mosaic(count=10, h=side, w=side, columns=10, gap=gap))
    shot = view.grab().toImage()
    edge = view.transform().map(QPointF(5 * side, side / 2)).toPoint()
    assert shot.pixelColor(edge) == QColor(theme.tokens().canvas)
    assert shot.pixelColor(edge + QPoint(5, 0)) != QColor(theme.tokens().canvas)


def test_no_mosaic_is_no_trouble(view, qtbot):
    view.set_empty_text("Nothing yet")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Plus):
        qtbot.keyClick(view, key)
    qtbot.mouseMove(view, QPoint(20, 20))
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    view.set_mosaic(mosaic())
    view.set_mosaic(None)
    assert view.channel is None and view.accessibleDescription() == ""


@pytest.mark.parametrize("count", [1, 3, 16, 64, 96, 1000])
@pytest.mark.parametrize("size", [(480, 210), (200, 600), (300, 300)])
def test_columns_make_the_tiles_nearly_as_large_as_they_can_be(count, size):
    grid = Grid(count, 5, 5, 1, 1)

    def side(columns):
        return min(size[0] / columns, size[1] / -(-count // columns))

    found = columns_for(grid, *size)
    assert 1 <= found <= count and side(found) > 0.93 * max(side(columns) for columns in range(1, count + 1))


def test_a_sheet_that_fills_its_view_shows_the_same_tiles(view, qtbot):
    made = mosaic(count=6, h=3, w=3, columns=3)
    view.fills = True
    view.resize(600, 100)
    view.set_mosaic(made)
    assert view.grid.columns == 6
    for channel in range(6):
        top, left = view.grid.corner(view.tile_of(channel))
        first, second = made.grid.corner(channel)
        want = palette("viridis")[made.sheet[first, second]]
        assert view.image.pixelColor(left, top).getRgb()[:3] == tuple(want)
    view.resize(100, 600)
    assert view.grid.columns == 1
