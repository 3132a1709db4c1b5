"""The picture view: what is under the cursor, zoom that holds its point, crisp pixels, nothing drawn from foreign memory."""

import gc

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from explorer.gui.widgets.picture_view import PictureView, image_of, indexed_image


@pytest.fixture
def view(qtbot):
    made = PictureView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    return made


def checker(width=4, height=3):
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[..., 0] = np.arange(width) * 50
    rgb[..., 1] = (np.arange(height) * 80)[:, None]
    return rgb


@pytest.mark.parametrize("width", [1, 3, 5, 641])
def test_odd_widths_are_not_sheared(width):
    rgb = np.random.default_rng(0).integers(0, 255, (7, width, 3), dtype=np.uint8)
    image = image_of(rgb)
    for y, x in ((0, 0), (6, width - 1), (3, width // 2)):
        assert image.pixelColor(x, y).getRgb()[:3] == tuple(int(v) for v in rgb[y, x])


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((3, 3), np.uint8), np.zeros((3, 3, 3), np.float32), np.zeros((0, 3, 3), np.uint8), np.zeros((3, 3, 4), np.uint8)],
)
def test_other_arrays_are_refused(wrong):
    with pytest.raises(ValueError, match="a picture is"):
        image_of(wrong)


def test_the_view_keeps_the_picture_alive(view):
    view.set_rgb(np.full((50, 50, 3), 200, np.uint8))
    gc.collect()
    view.grab()
    assert view.image.pixelColor(25, 25).red() == 200


def test_indexed_pictures_take_their_palette():
    palette = np.stack([np.arange(256)] * 3, axis=1).astype(np.uint8)
    palette[7] = (10, 20, 30)
    image = indexed_image(np.full((5, 3), 7, np.uint8), palette)
    assert QColor(image.pixel(2, 4)).getRgb()[:3] == (10, 20, 30)


def test_the_pixel_under_the_cursor(view, qtbot):
    view.set_rgb(checker())  # 4 x 3 in 400 x 300: each pixel is 100 wide
    assert view.pixel_at(QPointF(50, 50)) == (0, 0)
    assert view.pixel_at(QPointF(399, 299)) == (3, 2)
    with qtbot.waitSignal(view.hovered) as told:
        QTest.mouseMove(view, QPoint(250, 150))
    assert told.args[0] == (2, 1, (100, 80, 0))


def test_outside_of_the_picture_there_is_no_pixel(view):
    view.set_rgb(checker(4, 1))
    assert view.pixel_at(QPointF(10, 10)) is None
    assert PictureView().pixel_at(QPointF(1, 1)) is None


def test_zoom_holds_the_point_under_the_cursor(view):
    view.set_rgb(checker(40, 30))
    at = QPointF(130, 210)
    before = view.to_picture(at)
    for _ in range(6):
        view.zoom_by(1.25, at)
        after = view.to_picture(at)
        assert after.x() == pytest.approx(before.x(), abs=0.1)
        assert after.y() == pytest.approx(before.y(), abs=0.1)
    assert view.zoom == pytest.approx(1.25**6)


def test_zoom_has_ends_and_fit_brings_it_back(view):
    view.set_rgb(checker())
    view.zoom_by(1e9)
    assert view.zoom == 64
    view.zoom_by(1e-9)
    assert view.zoom == 1
    view.zoom_by(3)
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.zoom == 1


def test_a_drag_pans_and_is_no_click(view, qtbot):
    view.set_rgb(checker(40, 30))
    view.zoom_by(4)
    before = view.to_picture(QPointF(200, 150))
    with qtbot.assertNotEmitted(view.clicked):
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
        QTest.mouseMove(view, QPoint(240, 170))
        QTest.mouseMove(view, QPoint(260, 180))
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(260, 180))
    assert view.to_picture(QPointF(200, 150)).x() < before.x()


def test_a_click_says_where(view, qtbot):
    view.set_rgb(checker())
    with qtbot.waitSignal(view.clicked) as told:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(350, 250))
    assert told.args == pytest.approx([3.5, 2.5], abs=0.02)


def test_small_pictures_are_crisp(view):
    view.set_rgb(checker())
    shown = view.grab().toImage()
    assert shown.pixelColor(98, 50).red() == 0
    assert shown.pixelColor(102, 50).red() == 50


def test_an_overlay_draws_in_picture_coordinates(view):
    view.set_rgb(checker())

    def cross(painter, transform):
        painter.fillRect(transform.mapRect(view.image.rect()).adjusted(0, 0, -390, -290), QColor("#ff00ff"))

    view.add_overlay(cross)
    assert view.grab().toImage().pixelColor(4, 4).name() == "#ff00ff"


def test_an_empty_view_says_so_and_a_badge_greys(view):
    view.set_empty_text("nothing here")
    view.grab()
    view.set_rgb(checker())
    clear = view.grab().toImage().pixelColor(390, 290).name()
    view.set_badge("no signal 3 s")
    assert view.grab().toImage().pixelColor(390, 290).name() != clear


def test_the_badge_and_the_picture_at_twice_the_pixels(view, monkeypatch):
    view.set_rgb(checker(400, 300))
    monkeypatch.setattr(view, "devicePixelRatioF", lambda: 2.0)
    view.grab()
    assert view.pixel_at(QPointF(399, 299)) == (399, 299)
