"""What stands beside a stability map: the scale of its colours, and how the lines of theory are drawn."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.widgets.contour_view_trails import draw_marker
from explorer.gui.widgets.end_map import CASING, DASHES, WHITE
from explorer.gui.widgets.picture_view import image_of
from explorer.i18n import tr
from explorer.picture.basin_map import speed_colours, step_range
from explorer.records.basins import EndMap


class SpeedScale(QWidget):
    """From the fewest steps to the most, in the map's colours."""

    def __init__(self) -> None:
        super().__init__()
        self._range: tuple[int, int] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_map(self, one: EndMap) -> None:
        """The scale of this map."""
        self._range = step_range(one)
        self.setAccessibleName(tr("{low} to {high} steps").format(low=self._range[0], high=self._range[1]))
        self.update()

    def sizeHint(self) -> QSize:
        """Words, colours, numbers."""
        return QSize(160, 3 * self.fontMetrics().height() + theme.px(2))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words above, the numbers below."""
        if self._range is None:
            return
        painter, t, line = QPainter(self), theme.tokens(), self.fontMetrics().height()
        width = min(self.width(), theme.px(60))
        painter.setPen(QColor(t.muted))
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, tr("steps to a minimum"))
        painter.drawImage(QRectF(0, line + 2, width, line), image_of(speed_colours(128)).copy())
        below = QRectF(0, 2 * line + 4, width, line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, str(self._range[0]))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, str(self._range[1]))


class BoundsKey(QWidget):
    """Name and stroke of every line, and the star of the best pair."""

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._best = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_bounds(self, names: tuple[str, ...], best: bool = False) -> None:
        """These lines."""
        if (names, best) != (self._names, self._best):
            self._names, self._best = names, best
            self.setAccessibleName(", ".join(names))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """A line each."""
        return QSize(160, (len(self._names) + self._best) * (self.fontMetrics().height() + theme.px(1)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """On the ground of the map, so that the strokes are seen in a light window too."""
        painter, t, line = QPainter(self), theme.tokens(), self.fontMetrics().height() + theme.px(1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, name in enumerate((*self._names, *([tr("best by theory, on a quadratic")] if self._best else []))):
            y = (index + 0.5) * line
            if index == len(self._names):
                draw_marker(painter, "star", theme.px(4), y, 4.5, WHITE, CASING)
            else:
                ends = QPointF(0, y), QPointF(theme.px(9), y)
                painter.setPen(QPen(CASING, 4))
                painter.drawLine(*ends)
                pen = QPen(WHITE, 1.5)
                if DASHES[index % len(DASHES)]:
                    pen.setDashPattern(list(DASHES[index % len(DASHES)]))
                painter.setPen(pen)
                painter.drawLine(*ends)
            painter.setPen(QColor(t.text))
            painter.drawText(QPointF(theme.px(11), y + self.fontMetrics().ascent() / 2 - 1), name)
