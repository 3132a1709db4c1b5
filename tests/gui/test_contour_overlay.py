"""Overlays of the contour view: where they lie, when they are painted, and who gets a press."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication

from explorer.gui.widgets.contour_overlay import Overlay, SurfaceMap
from explorer.gui.widgets.contour_view import ContourView
from explorer.jobs import result_of
from explorer.requests.race import RaceRequest

RED, BLUE = (255, 0, 0), (0, 0, 255)


class Patch(Overlay):
    """A filled square around a point of the surface; takes presses inside it."""

    def __init__(self, place, colour, x=0.0, y=0.0, half=0.5):
        self.place, self.colour, self.x, self.y, self.half = place, colour, x, y, half
        self.painted, self.got = 0, []

    def paint(self, painter, to):
        self.painted += 1
        corners = to.to_screen(self.x - self.half, self.y + self.half), to.to_screen(self.x + self.half, self.y - self.half)
        painter.fillRect(QRectF(*corners), QColor(*self.colour))

    def pressed(self, x, y, event):
        self.got.append(("pressed", x, y))
        return abs(x - self.x) <= self.half and abs(y - self.y) <= self.half

    def dragged(self, x, y, event):
        self.got.append(("dragged", x, y))

    def released(self, x, y, event):
        self.got.append(("released", x, y))


@pytest.fixture(scope="module")
def race():
    return result_of(RaceRequest(surface="saddle", steps=40))


@pytest.fixture
def view(qtbot, race):
    made = ContourView()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.hint = False
    made.set_race(race)
    made.show()
    qtbot.waitUntil(lambda: not made._settle.isActive())
    made.grab()
    return made


def colour_at(view, at):
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return QColor(image.pixel(at.toPoint() * image.devicePixelRatio())).getRgb()[:3]


def send(view, kind, at, button=Qt.MouseButton.LeftButton):
    event = QMouseEvent(kind, at, view.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


PRESS, MOVE, RELEASE = QMouseEvent.Type.MouseButtonPress, QMouseEvent.Type.MouseMove, QMouseEvent.Type.MouseButtonRelease


def test_map_goes_there_and_back():
    to = SurfaceMap(QRectF(50, 10, 400, 300), -2.0, 2.0, -1.0, 2.0)
    assert to.to_screen(-2, 2) == QPointF(50, 10)
    assert to.to_screen(2, -1) == QPointF(450, 310)
    assert to.to_surface(to.to_screen(0.5, 0.25)) == pytest.approx((0.5, 0.25))
    assert to.to_surface(QPointF(0, 1000)) == (-2.0, -1.0)
    points = np.array([[0.5, 0.25], [-3.0, 1.0]])
    np.testing.assert_allclose(to.many(points), [to.to_screen(*one).toTuple() for one in points.tolist()])


def test_below_is_kept_and_above_is_painted_in_every_frame(view):
    below, above = Patch("below", RED, 1.0, -1.0), Patch("above", BLUE, -1.0, -1.0)
    contours, whole = view.contours, view.layer.whole
    view.add_overlay(below)
    view.add_overlay(above)
    assert colour_at(view, view.place(1.0, -1.0)) == RED
    assert colour_at(view, view.place(-1.0, -1.0)) == BLUE
    seen = above.painted
    view.set_step(5.0)
    view.grab()
    assert (below.painted, above.painted) == (1, seen + 1)
    below.x = 0.9
    view.overlay_changed(below)
    view.grab()
    assert below.painted == 2
    assert (view.contours, view.layer.whole) == (contours, whole)
    above.visible = False
    view.remove_overlay(below)
    assert colour_at(view, view.place(1.0, -1.0)) != RED
    assert colour_at(view, view.place(-1.0, -1.0)) != BLUE


def test_overlays_stay_inside_the_plot(view):
    view.add_overlay(Patch("above", BLUE, half=100.0))
    assert colour_at(view, view.area().topLeft() + QPointF(-3, 100)) != BLUE
    assert colour_at(view, view.area().topLeft() + QPointF(3, 100)) == BLUE


def test_press_goes_to_the_uppermost_that_takes_it(view):
    starts = []
    view.start_moved.connect(lambda x, y, done: starts.append(done))
    first, second = Patch("above", RED), Patch("above", BLUE)
    view.add_overlay(first)
    view.add_overlay(second)
    send(view, PRESS, view.place(0.25, 0.0))
    send(view, MOVE, view.place(1.0, 0.5))
    send(view, RELEASE, view.place(1.0, 0.5))
    assert [what for what, *_ in second.got] == ["pressed", "dragged", "released"]
    assert second.got[1][1:] == pytest.approx((1.0, 0.5))
    assert first.got == []
    assert starts == []
    send(view, PRESS, view.place(1.0, 1.0))  # nobody's: a start
    send(view, RELEASE, view.place(1.0, 1.0))
    assert len(first.got) == 1
    assert starts == [False, True]


def test_view_tells_where_the_cursor_is(view):
    told = []
    view.pointed.connect(lambda x, y: told.append((x, y)))
    view.left.connect(lambda: told.append("left"))
    send(view, MOVE, view.place(0.5, 0.25), Qt.MouseButton.NoButton)
    send(view, MOVE, QPointF(2, 2), Qt.MouseButton.NoButton)
    send(view, MOVE, QPointF(3, 3), Qt.MouseButton.NoButton)
    assert told[0] == pytest.approx((0.5, 0.25))
    assert told[1:] == ["left"]
