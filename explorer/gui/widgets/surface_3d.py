"""The error surface in space, with the paths of a race over it. Drag turns it, the wheel zooms, a click chooses the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy

from explorer.gui import theme
from explorer.gui.widgets import surface_3d_marks as marks
from explorer.gui.widgets.contour_view_trails import qcolour
from explorer.gui.widgets.sized import Sized
from explorer.gui.widgets.surface_3d_mesh import F32, Mesh, mesh_of, met, on_screen, trail_of
from explorer.i18n import N_
from explorer.picture.colour import optimizer_look
from explorer.records.descent import F64, Race

if TYPE_CHECKING:
    from explorer.gui.widgets.surface_3d_scene import Scene

REACH = 12.0  # pixels within which a place is met
AZIMUTH, ELEVATION, DISTANCE = -60.0, 36.0, 4.6
NO_OPENGL = N_("There is no OpenGL here, so the surface cannot be drawn in space. The contour shows the same.")
NO_LIBRARY = N_("The 3-D view needs PyOpenGL: pip install PyOpenGL. The contour shows the same.")


def opengl_problem() -> str:
    """Why there can be no 3-D view (an English key); "" if there can. Cheap enough to ask each time."""
    context = QOpenGLContext()
    if not context.create():
        return NO_OPENGL
    ground = QOffscreenSurface()
    ground.setFormat(context.format())
    ground.create()
    if not (ground.isValid() and context.makeCurrent(ground)):
        return NO_OPENGL
    version = context.format().version()
    context.doneCurrent()
    ground.destroy()
    return "" if (int(version[0]), int(version[1])) >= (2, 1) else NO_OPENGL


class Surface3D(Sized):
    """Shows a Race at a step. `pointed(x, y)`, `left()`: the surface under the cursor; `hovered(optimizer, step)`: a path;
    `start_moved(x, y, done)`: a click; `failed(text)`: it cannot be drawn, and why (an English key).
    """

    comfortable: ClassVar[tuple[int, int]] = (560, 520)
    least: ClassVar[tuple[int, int]] = (160, 120)
    pointed = Signal(float, float)
    left = Signal()
    hovered = Signal(str, int)
    start_moved = Signal(float, float, bool)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.race: Race | None = None
        self.step = 0.0
        self.azimuth, self.elevation, self.distance = AZIMUTH, ELEVATION, DISTANCE
        self.mesh: Mesh | None = None
        self.pictures = 0  # drawn by OpenGL so far
        self._scene: Scene | None = None
        self.broken = False
        self.trails: dict[str, F32] = {}
        self._picture = QImage()
        self._picture_of: tuple[object, ...] = ()
        self.mark: tuple[float, float] | None = None  # linked from the contour
        self.highlight: tuple[str, int] | None = None
        self._press: QPointF | None = None
        self._turned = False
        self._told = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    # -- content -----------------------------------------------------------------------------------------------------
    def set_race(self, race: Race | None) -> None:
        """Show another race; the eye stays where it is."""
        old, self.race = self.race, race
        if race is None:
            self.mesh = None
        elif self.mesh is None or old is None or not _same(old, race):
            self.mesh = None  # made when it is painted
        self.trails = {}
        self._picture_of = ()
        self.update()

    def set_step(self, step: float) -> None:
        """Show the paths as they are at `step`."""
        if step != self.step:
            self.step = step
            self.update()

    def set_highlight(self, highlight: tuple[str, int] | None) -> None:
        """Ring one step of one path."""
        if highlight != self.highlight:
            self.highlight = highlight
            self.update()

    def set_mark(self, at: tuple[float, float] | None) -> None:
        """Mark a point of the surface: the one under the cursor in the contour."""
        if at != self.mark:
            self.mark = at
            self.update()

    # -- the eye -----------------------------------------------------------------------------------------------------
    def orbit(self, azimuth: float, elevation: float) -> None:
        """Turn by so many degrees."""
        self.azimuth = (self.azimuth + azimuth) % 360.0
        self.elevation = min(max(self.elevation + elevation, -10.0), 90.0)
        self.update()

    def zoom(self, factor: float) -> None:
        """Nearer (above 1) or farther."""
        self.distance = min(max(self.distance / factor, 1.0), 14.0)
        self.update()

    def back(self) -> None:
        """The eye where it was at first."""
        self.azimuth, self.elevation, self.distance = AZIMUTH, ELEVATION, DISTANCE
        self.update()

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture of OpenGL; marks, heads and words over it."""
        drawn = self._draw()  # before there is a painter: OpenGL has one of its own meanwhile
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.tokens().canvas))
        if not drawn:
            return
        painter.drawImage(QRectF(self.rect()), self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marks.axes(painter, self)
        marks.landmarks(painter, self)
        marks.pin(painter, self)
        marks.heads(painter, self)

    def _draw(self) -> bool:
        """Bring the picture up to date; whether there is one."""
        race = self.race
        if race is None or self.broken:
            return False
        t = theme.tokens()
        key = (
            id(race),
            int(self.step),
            self.size(),
            self.azimuth,
            self.elevation,
            self.distance,
            t.name,
            self.devicePixelRatioF(),
        )
        if key == self._picture_of:
            return True
        try:
            scene = self._ready()
            if self.mesh is None or self._picture_of == () or self._picture_of[6] != t.name:
                self.mesh = mesh_of(race.surface, t.name == "dark")
                scene.show_mesh(self.mesh, QColor(t.canvas), QColor(t.text))
            if not self.trails:
                self.trails = {run.optimizer: trail_of(self.mesh.frame, run) for run in race.runs}
            last = int(self.step) + 1
            looks = {name: qcolour(optimizer_look(name).colour) for name in self.trails}
            scene.show_trails({name: (places[: last + 1], looks[name]) for name, places in self.trails.items()})
            scene.turn(self.azimuth, self.elevation, self.distance)
            self._picture = scene.picture(self.width(), self.height())
        except ImportError:
            return self._fail(NO_LIBRARY)
        except Exception:  # a driver may refuse anything; the contour is always there
            return self._fail(NO_OPENGL)
        if self._picture.isNull():
            return self._fail(NO_OPENGL)
        self.pictures += 1
        self._picture_of = key
        return True

    def _ready(self) -> Scene:
        if self._scene is None:
            from explorer.gui.widgets.surface_3d_scene import Scene

            self._scene = Scene()
            program = QCoreApplication.instance()
            if program is not None:
                program.aboutToQuit.connect(self.end)
        return self._scene

    def end(self) -> None:
        """The program ends, or the view is no longer wanted."""
        if self._scene is not None:
            scene, self._scene, self.broken = self._scene, None, True
            scene.end()

    def _fail(self, text: str) -> bool:
        self.broken = True
        self.failed.emit(text)
        return False

    def matrix(self) -> F64 | None:
        """(4, 4) from the box to the screen; None before the first picture."""
        return None if self._scene is None else self._scene.matrix(self.width(), self.height())

    def screen_of(self, places: F32) -> list[QPointF]:
        """Widget pixels of places in the box."""
        matrix = self.matrix()
        if matrix is None:
            return []
        pixels, _ = on_screen(places, matrix, self.width(), self.height())
        return [QPointF(x, y) for x, y in pixels.tolist()]

    # -- mouse -------------------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A turn begins, or a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._press, self._turned = event.position(), False
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn, or look."""
        if self._press is not None:
            by = event.position() - self._press
            if self._turned or by.manhattanLength() > 4:
                self._turned = True
                self._press = event.position()
                self.orbit(-0.5 * by.x(), 0.5 * by.y())
            return
        self._look(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press without a turn chooses where everybody starts."""
        if self._press is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._press = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        at = self.point_at(event.position())
        if not self._turned and at is not None:
            x, y = (float(f"{value:.4g}") for value in at)
            self.start_moved.emit(x, y, True)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second click of two is no other start."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nearer or farther."""
        self.zoom(1.0015 ** event.angleDelta().y())
        event.accept()

    def point_at(self, at: QPointF) -> tuple[float, float] | None:
        """The point of the surface under a widget pixel."""
        matrix = self.matrix()
        if matrix is None or self.mesh is None:
            return None
        found = met(self.mesh.grid, matrix, (self.width(), self.height()), (at.x(), at.y()), REACH)
        if found is None:
            return None
        x, y, _ = self.mesh.grid[found].tolist()
        return self.mesh.frame.point((x, y))

    def _look(self, at: QPointF) -> None:
        point = self.point_at(at)
        if point is not None:
            self.pointed.emit(*point)
        else:
            self.left.emit()
        near = self._path_at(at)
        if near is not None:
            self._told = True
            self.hovered.emit(*near)
        elif self._told:
            self._told = False
            self.hovered.emit("", 0)

    def _path_at(self, at: QPointF) -> tuple[str, int] | None:
        matrix = self.matrix()
        best: tuple[float, str, int] | None = None
        for name, places in self.trails.items() if matrix is not None else ():
            assert matrix is not None
            pixels, _ = on_screen(places[: int(self.step) + 1], matrix, self.width(), self.height())
            away = np.hypot(pixels[:, 0] - at.x(), pixels[:, 1] - at.y())
            step = int(np.argmin(away))
            if away[step] <= REACH and (best is None or away[step] < best[0]):
                best = (float(away[step]), name, step)
        return None if best is None else best[1:]

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self.left.emit()
        if self._told:
            self._told = False
            self.hovered.emit("", 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drawn anew when it is painted."""
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Theme or type size changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.update()


def _same(old: Race, new: Race) -> bool:
    return old.surface.z is new.surface.z and old.surface.facts.get("levels") == new.surface.facts.get("levels")
