"""The stage of the suppression theatre: all boxes over the picture, the two that meet, their intersection and their union."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QTransform

from explorer.gui import theme
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.xray_paint import GONE as GREY
from explorer.gui.panels.xray_paint import drawable, outline, rect, tag
from explorer.gui.panels.xray_theatre_scene import GONE, KEPT, Scene
from explorer.gui.widgets.picture_view import PictureView
from explorer.i18n import tr
from explorer.picture.colour import class_colour
from explorer.records.xray import PictureStage

MOST = 150  # boxes drawn; more would be one grey patch
INTERSECTION, UNION = (230, 159, 0), (86, 180, 233)


class TheatreView(PictureView):
    """`chosen(row)` at a click on a box; `pointed(row or None)` while the mouse is over one."""

    chosen = Signal(int)
    pointed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self._picture: PictureStage | None = None
        self._left = self._top = 0  # of what is shown, input pixels
        self.smooth = True
        self.add_overlay(self._paint)
        self.clicked.connect(self._clicked)
        self.hovered.connect(self._hovered)

    def set_scene(self, scene: Scene | None, picture: PictureStage | None) -> None:
        """Show a moment over the network's input; its grey borders are left out, they hold nothing and take room."""
        self.scene = scene
        if picture is not self._picture:
            self._picture = picture
            height, width = (0, 0) if picture is None else picture.rgb.shape[:2]
            left, top, right, bottom = (0.0, 0.0, 0.0, 0.0) if picture is None else picture.inside
            self._left, self._top = max(0, math.floor(left)), max(0, math.floor(top))
            inside = slice(self._top, min(height, math.ceil(bottom))), slice(self._left, min(width, math.ceil(right)))
            self.set_rgb(None if picture is None else picture.rgb[inside])
        self.update()

    def to_view(self, x: float, y: float) -> QPointF:
        """A place of the input in widget coordinates."""
        return self.transform().map(QPointF(x - self._left, y - self._top))

    @property
    def drawn(self) -> list[int]:
        """The rows that are drawn, what matters last: the best ones, and whoever has a part in this step."""
        scene = self.scene
        if scene is None:
            return []
        count = len(scene.boxes)
        rows = list(range(min(count, MOST)))
        stars = [row for row in (scene.followed, scene.met, scene.current) if row is not None and row >= 0]
        order = sorted(rows, key=lambda row: (int(scene.state[row]) == KEPT, -row))
        return [row for row in order if row not in stars] + list(dict.fromkeys(stars))

    def _paint(self, painter: QPainter, to_widget: QTransform) -> None:
        paint_scene(painter, QTransform.fromTranslate(-self._left, -self._top) * to_widget, self.scene, self.drawn)

    # -- mouse -------------------------------------------------------------------------------------------------------
    def row_at(self, x: float, y: float) -> int | None:
        """The smallest drawn box that holds a place of the network's input."""
        scene, rows = self.scene, np.array(self.drawn, np.int64)
        if scene is None or not len(rows):
            return None
        box = scene.boxes.xyxy[rows]
        holds = (box[:, 0] <= x) & (x <= box[:, 2]) & (box[:, 1] <= y) & (y <= box[:, 3])
        size = np.where(holds, (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]), np.inf)
        return int(rows[size.argmin()]) if holds.any() else None

    def _clicked(self, x: float, y: float) -> None:
        row = self.row_at(x + self._left, y + self._top)
        if row is not None:
            self.chosen.emit(row)

    def _hovered(self, spot: tuple[int, int, object] | None) -> None:
        self.pointed.emit(None if spot is None else self.row_at(spot[0] + self._left + 0.5, spot[1] + self._top + 0.5))


def paint_scene(painter: QPainter, to_widget: QTransform, scene: Scene | None, rows: list[int]) -> None:
    """A moment: waiting boxes thin, kept ones thick, gone ones grey and dashed; the two that meet with their areas."""
    if scene is None:
        return
    boxes, step = scene.boxes, scene.step
    draw = partial(outline, painter, to_widget)
    for row in rows:
        if row in (scene.current, scene.met):
            continue
        state, colour = int(scene.state[row]), class_colour(int(boxes.class_index[row]))
        painter.setOpacity({KEPT: 1.0, GONE: 0.45}.get(state, 0.75))
        draw(boxes.xyxy[row], GREY if state == GONE else colour, 2.5 if state == KEPT else 1.2, state == GONE)
    painter.setOpacity(1.0)
    if step is None:
        return
    taken: list[QRectF] = []
    if scene.met >= 0:
        _paint_areas(painter, to_widget, boxes.xyxy[scene.current], boxes.xyxy[scene.met])
        colour = GREY if step.gone else class_colour(int(boxes.class_index[scene.met]))
        draw(boxes.xyxy[scene.met], colour, 3.0, step.gone)
    draw(boxes.xyxy[scene.current], (255, 255, 255), 5.0)
    draw(boxes.xyxy[scene.current], class_colour(int(boxes.class_index[scene.current])), 3.0)
    _tag(painter, to_widget, scene, scene.current, taken)
    if scene.met >= 0:
        _tag(painter, to_widget, scene, scene.met, taken)


def _tag(painter: QPainter, to_widget: QTransform, scene: Scene, row: int, taken: list[QRectF]) -> None:
    if not drawable(scene.boxes.xyxy[row]):
        return
    step = scene.step
    gone = step is not None and step.gone and row == step.row
    mark = "✕ " if gone else "✓ " if scene.state[row] == KEPT else ""
    text = f"{mark}{row + 1} · {tr(scene.boxes.label(row))} {percent(float(scene.boxes.score[row]))}"
    colour = GREY if gone else class_colour(int(scene.boxes.class_index[row]))
    tag(painter, to_widget.mapRect(rect(scene.boxes.xyxy[row])), text, colour, taken)


def _paint_areas(painter: QPainter, to_widget: QTransform, one: object, other: object) -> None:
    """The union in blue, the intersection in orange and hatched."""
    first, second = np.asarray(one), np.asarray(other)
    if not (drawable(first) and drawable(second)):
        return
    shapes = []
    for box in (first, second):
        path = QPainterPath()
        path.addRect(to_widget.mapRect(rect(box)))
        shapes.append(path)
    union, inter = shapes[0].united(shapes[1]), shapes[0].intersected(shapes[1])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillPath(union, theme.colour(QColor(*UNION).name(), 0.38))
    painter.fillPath(inter, theme.colour(QColor(*INTERSECTION).name(), 0.55))
    painter.fillPath(inter, QBrush(QColor(0, 0, 0, 130), Qt.BrushStyle.BDiagPattern))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(*INTERSECTION), 1.5))
    painter.drawPath(inter)
