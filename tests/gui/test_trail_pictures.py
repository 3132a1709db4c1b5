"""Wide lines of many points: thinned, cut into lines and dashes, outlined, and as a draft while they change."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from explorer.gui.widgets.contour_view import ContourView
from explorer.gui.widgets.trail_coverage import Coverage
from explorer.gui.widgets.trail_draft import TrailDraft
from explorer.gui.widgets.trail_lines import dashed_lines, draw_lines, polyline, spaced, thinned, whole_lines
from explorer.gui.widgets.trail_picture import TrailPicture
from explorer.records.descent import Race, Trajectory
from explorer.requests.race import SIX

RED, GROUND = QColor(213, 94, 0), QColor(120, 130, 150)
SIZE = QSize(300, 240)


def spiral(count=400, turns=3):
    turn = np.linspace(0, 2 * np.pi * turns, count)
    return np.stack([150 + (110 - 5 * turn) * np.cos(turn), 120 + (90 - 4 * turn) * np.sin(turn)], axis=1)


def array(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return pixels[..., 2::-1].astype(int)


def ground(size=SIZE):
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(GROUND)
    return image


def beside(points, kept):
    """How far the path strays from the thinned one at most."""
    far = 0.0
    for first, last in pairwise(kept.tolist()):
        between, line = points[first : last + 1] - points[first], points[last] - points[first]
        part = np.clip(between @ line / max(line @ line, 1e-12), 0, 1)
        far = max(far, float(np.hypot(*(between - part[:, None] * line).T).max()))
    return far


def test_a_thinned_path_is_the_same_curve():
    smooth, zigzag = spiral(), np.array([[0.0, 0.0], [40.0, 0.0], [1.0, 0.0], [30.0, 0.2], [2.0, 0.0], [20.0, 0.0]])
    walk = np.cumsum(np.random.default_rng(0).normal(0, 0.4, (2000, 2)), axis=0)
    both = np.concatenate([smooth, zigzag, walk])
    begins = np.array([0, len(smooth), len(smooth) + len(zigzag), len(both)])
    kept = thinned(both, np.concatenate([begins[:-1], begins[1:] - 1]))
    parts = [kept[(kept >= a) & (kept < b)] - a for a, b in pairwise(begins.tolist())]
    assert len(parts[0]) < 0.4 * len(smooth)
    assert parts[1].tolist() == list(range(len(zigzag)))  # a path that turns back keeps its turning points
    for path, part in zip((smooth, zigzag, walk), parts, strict=True):
        assert part[0] == 0 and part[-1] == len(path) - 1
        assert beside(path, part) < 0.5


def test_paths_one_after_the_other_are_spaced_as_each_alone():
    paths = [spiral(3000), spiral(50) + 7.0]
    along, drawn = spaced(np.concatenate(paths), (0, 3000))
    for first, path in zip((0, 3000), paths, strict=True):
        own_along, own = spaced(path)
        np.testing.assert_allclose(along[first : first + len(path)] - along[first], own_along, atol=1e-6)
        here = drawn[(drawn >= first) & (drawn < first + len(path))] - first
        assert here[0] == 0 and here[-1] == len(path) - 1 and abs(len(here) - len(own)) <= 2


def test_dashes_are_as_long_as_they_should_be_and_leave_nothing_out():
    points = np.array([[0.0, 0.0], [7.0, 0.0], [7.0, 33.0], [50.0, 33.0]])
    along = np.array([0.0, 7.0, 40.0, 83.0])
    drawn, gaps = dashed_lines(points, along, (8, 3, 2, 3), 2.0)  # 16 on, 6 off, 4 on, 6 off; square ends add 1 on each side

    def lengths(lines):
        return np.abs(lines.places[:, 2:] - lines.places[:, :2]).sum(axis=1)

    assert lengths(drawn).sum() == pytest.approx(14 + 2 + 14 + 2 + 14 + 0)  # 0-16, 22-26, 32-48, 54-58, 64-80
    assert lengths(gaps).sum() == pytest.approx(4 * 4 + 2)
    assert drawn.places[0].tolist() == [1.0, 0.0, 7.0, 0.0] and drawn.of[0] == 0
    assert drawn.places[1].tolist() == [7.0, 0.0, 7.0, 8.0] and drawn.of[1] == 1
    np.testing.assert_array_equal(np.concatenate([drawn.between(k, k + 1) for k in range(3)]), drawn.places)


def test_lines_look_like_the_polyline():
    lines, line = ground(), ground()
    path = spiral()
    for image, draw in (
        (lines, lambda painter: draw_lines(painter, whole_lines(path[thinned(path, np.array([0, 399]))]).places)),
        (line, lambda painter: painter.drawPolyline(polyline(path))),
    ):
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(RED, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
        draw(painter)
        painter.end()
    assert polyline(path) == QPolygonF([QPointF(*one) for one in path.tolist()])
    apart = np.abs(array(lines) - array(line)).max(axis=2)
    drawn = (array(line) != array(ground())).any(axis=2)
    assert np.mean(apart[drawn]) < 12 and np.mean(apart[drawn] > 60) < 0.01 and not apart[~drawn].max() > 60


def test_coverage_grows_by_pixels_and_nearly_round():
    image = QImage(QSize(41, 31), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    image.setPixelColor(20, 15, RED)
    coverage = Coverage(image.size())
    for pixels, area in ((1, 9), (2, 21), (3, 45)):
        coverage.clear()
        coverage.add(image)
        coverage.grow(pixels)
        assert np.count_nonzero(coverage._inside) == area
        rows, columns = np.nonzero(coverage._inside)
        assert (rows.min(), rows.max(), columns.min(), columns.max()) == (15 - pixels, 15 + pixels, 20 - pixels, 20 + pixels)


@pytest.mark.parametrize("ratio", (1.0, 2.0))
def test_strokes_have_outlines_and_news_look_the_same(ratio):
    path = spiral()
    lines = whole_lines(path).places
    size = SIZE * ratio
    under = ground(size)
    clip = QRect(0, 0, size.width(), round(200 * ratio))
    at_once, bit_by_bit = TrailPicture(SIZE, ratio, 2.4), TrailPicture(SIZE, ratio, 2.4)
    at_once.stroke(RED, False, lines, lines[:0])
    at_once.outline()
    at_once.compose(under, clip)
    bit_by_bit.outline()
    bit_by_bit.compose(under, clip)
    for first in range(0, 399, 21):
        bit_by_bit.stroke(RED, False, lines[first : first + 21], lines[:0], news=True)
        bit_by_bit.compose(under, clip)
    one, other = array(at_once.image), array(bit_by_bit.image)
    bit_by_bit.clear()
    bit_by_bit.compose(under, clip)
    np.testing.assert_array_equal(array(bit_by_bit.image), array(under))
    red = np.abs(one - RED.getRgb()[:3]).max(axis=2) < 10
    dark = one.max(axis=2) < 60
    length = np.hypot(*np.diff(path, axis=0).T).sum() * ratio**2 * 0.95  # some of it lies outside the clip
    assert 1.2 * length < red.sum() < 2.6 * length and 1.0 * length < dark.sum() < 3.0 * length
    assert (np.abs(one - other) > 90).any(axis=2).mean() < 0.01
    assert not (np.abs(one - GROUND.getRgb()[:3]).max(axis=2) > 0)[clip.height() :].any()


def test_a_draft_is_nearly_the_picture():
    path = spiral()
    whole, draft = TrailPicture(SIZE, 1.0, 2.4), TrailDraft(SIZE, 1.0, 2.4)
    whole.stroke(RED, True, whole_lines(path).places, np.zeros((0, 4)))
    whole.outline()
    whole.compose(ground(), QRect(0, 0, 300, 240))
    draft.draw([(RED, True, path, ())])
    draft.compose(ground(), QRect(0, 0, 300, 240))
    for image, reds in ((whole.image, 3000), (draft.image, 1500)):
        red = array(image)[..., 0] - array(image)[..., 2]
        assert (red > 60).sum() > reds
    # Seen from far enough away to forget single pixels they are the same.
    near, far = (array(image).reshape(24, 10, 30, 10, 3).mean(axis=(1, 3)) for image in (whole.image, draft.image))
    assert np.abs(near - far).max() < 45


def test_the_view_draws_a_draft_while_long_paths_change_and_the_picture_at_rest(qtbot, race_of_spirals):
    view = ContourView()
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.set_race(race_of_spirals)
    view.set_step(2000.0)
    view.show()
    view.grab()
    view._settle.stop()
    view.set_race(race_of_spirals)
    view.grab()
    assert not view.layer.rough  # the first of them
    view.set_race(race_of_spirals)
    view.grab()
    assert view.layer.rough
    qtbot.waitUntil(lambda: not view.layer.rough, timeout=2000)
    drawn = view.layer.whole
    view.grab()
    assert view.layer.whole == drawn


@pytest.fixture
def race_of_spirals():
    from explorer.descent.ground import surface_named

    surface = surface_named("saddle")
    runs = []
    for name in SIX:
        turn = np.linspace(0, 40, 2001)
        points = np.stack([1.3 * np.cos(turn) * (1 - turn / 60), 1.3 * np.sin(turn) * (1 - turn / 60)], axis=1)
        runs.append(Trajectory(name, points, surface.array(*points.T), points, status_step=2000))
    return Race(surface.samples(50), tuple(runs), (1.3, 0.0), facts={"title": "Saddle"})
