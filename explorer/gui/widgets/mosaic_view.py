"""A sheet of tiles (Mosaic): crisp pixels, one hairline between tiles, the value under the cursor, one tile selected.

Drawn from palette indices as an 8-bit QImage with a colour table: no look-up in Python, no float ever reaches the painter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTransform,
)
from PySide6.QtWidgets import QMenu, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.gui.widgets.mosaic_marks import paint_frame, paint_marks
from explorer.gui.widgets.picture_view import PictureView, image_of, indexed_image
from explorer.i18n import tr
from explorer.picture.colour import palette
from explorer.picture.grid import cells_of, tile_mask
from explorer.records.picture import Grid, Mosaic


@dataclass(frozen=True)
class Spot:
    """One number of a mosaic: `channel`, `y` and `x` inside its map, `value` (or red, green, blue of an RGB kernel).

    `side` > 1: the mean of `side` x `side` numbers of which (`y`, `x`) is the first.
    """

    channel: int
    y: int
    x: int
    value: float | tuple[float, ...]
    side: int = 1

    def text(self) -> str:
        """For a status line: "channel 12 · y 3, x 4 · 0.123"."""
        if self.side > 1:
            template = tr("channel {channel} · y {y}, x {x} · mean of {side} × {side}: {value}")
        else:
            template = tr("channel {channel} · y {y}, x {x} · {value}")
        return template.format(channel=self.channel, y=self.y, x=self.x, value=number(self.value), side=self.side)


def number(value: float | tuple[float, ...]) -> str:
    """A number, or red / green / blue, with four significant digits; NaN and inf as words."""
    if isinstance(value, tuple):
        return " / ".join(number(part) for part in value)
    return figure(value)


def without_gaps(mosaic: Mosaic, columns: int = 0) -> tuple[npt.NDArray[np.uint8], Grid]:
    """The sheet with its tiles side by side, and its grid: the view draws the hairlines itself, one pixel at any zoom.

    `columns`: how many tiles in a row; 0 as in the sheet.
    """
    grid, rest = mosaic.grid, mosaic.sheet.shape[2:]
    tight = Grid(grid.count, grid.tile_h, grid.tile_w, columns or grid.columns, 0)
    if grid.gap == 0 and tight.columns == grid.columns:
        return mosaic.sheet, grid
    cells = cells_of(mosaic)
    if tight.columns != grid.columns:
        places = np.zeros((tight.rows * tight.columns, grid.tile_h, grid.tile_w, *rest), np.uint8)
        places[: grid.count] = cells.swapaxes(1, 2).reshape(-1, grid.tile_h, grid.tile_w, *rest)[: grid.count]
        cells = places.reshape(tight.rows, tight.columns, grid.tile_h, grid.tile_w, *rest).swapaxes(1, 2)
    return np.ascontiguousarray(cells.reshape(tight.height, tight.width, *rest)), tight


def columns_for(grid: Grid, width: float, height: float) -> int:
    """How many tiles in a row make them largest in a view of this size; among nearly equal ones, the fullest last row."""

    def side(columns: int) -> float:
        rows = -(-grid.count // columns)
        return min(width / (columns * grid.tile_w), height / (rows * grid.tile_h))

    best = max(side(columns) for columns in range(1, grid.count + 1))
    good = [columns for columns in range(1, grid.count + 1) if side(columns) > 0.94 * best]
    return min(good, key=lambda columns: (-(-grid.count // columns) * columns - grid.count, -side(columns)))


def mosaic_image(mosaic: Mosaic, columns: int = 0) -> QImage:
    """The tiles side by side as an image: Indexed8 with the theme's ground where nothing is, or RGB for RGB kernels."""
    ground = QColor(theme.tokens().canvas)
    empty = (ground.red(), ground.green(), ground.blue())
    sheet, grid = without_gaps(mosaic, columns)
    if mosaic.colour_map:
        table = palette(mosaic.colour_map).copy()
        table[0] = empty  # index 0 is never a finite number: empty places, NaN and inf
        return indexed_image(sheet, table)
    rgb = sheet.copy()
    rgb[~tile_mask(grid)] = empty
    return image_of(rgb).copy()


class MosaicView(PictureView):
    """Shows a Mosaic. Arrows move the selection, Enter and double-click open a tile, + and - zoom, the menu key offers more.

    `menu_actions` may be extended: each is called with the spot under the cursor (or the selected tile's first number) and
    gives (translated text, callback) or None.
    """

    spot_hovered = Signal(object)  # Spot | None
    selected = Signal(int)  # channel, by a person
    opened = Signal(int)  # channel, double-click or Enter

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mosaic: Mosaic | None = None
        self.channel: int | None = None
        self.grid = Grid(1, 1, 1, 1, 0)  # of the image as it is drawn: the mosaic's without gaps
        self.fills = False  # whether tiles may stand in other columns than the sheet's, to be larger
        self._fitted: tuple[object, int] = (None, 0)
        self._places: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.pinned: tuple[int, ...] = ()
        self.muted: tuple[int, ...] = ()
        self.hover: int | None = None
        self.menu_actions: list[Callable[[Spot], tuple[str, Callable[[], None]] | None]] = []
        self.add_overlay(self._paint_marks)
        self.clicked.connect(self._click)

    # -- content -----------------------------------------------------------------------------------------------------
    def set_mosaic(self, mosaic: Mosaic | None) -> None:
        """Show `mosaic`; selection, zoom and place stay where the new one has them too."""
        old, self.mosaic = self.mosaic, mosaic
        if mosaic is None:
            self.channel = self.hover = None
            self.set_rgb(None)
            self._describe()
            return
        self._places = np.argsort(mosaic.order)
        columns = self._columns_for(mosaic.grid)
        self.grid = Grid(mosaic.grid.count, mosaic.grid.tile_h, mosaic.grid.tile_w, columns, 0)
        if self.channel is not None and self.channel >= mosaic.grid.count:
            self.channel = None
        if old is not None and old.grid != mosaic.grid:
            self.hover = None
            self.fit()
        self.set_image(mosaic_image(mosaic, columns))
        self._describe()

    def _columns_for(self, grid: Grid) -> int:
        """As the view is wide, where `fills`; single numbers stay the strip they are."""
        key = (grid, self.width(), self.height())
        if not self.fills or grid.tile_h * grid.tile_w == 1 or not self.isVisible():
            return grid.columns
        if key != self._fitted[0]:
            self._fitted = key, columns_for(grid, self.width(), self.height())
        return self._fitted[1]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another shape may want other columns."""
        super().resizeEvent(event)
        if self.mosaic is not None and self._columns_for(self.mosaic.grid) != self.grid.columns:
            self.set_mosaic(self.mosaic)

    def showEvent(self, event: QShowEvent) -> None:
        """Likewise when it is seen for the first time."""
        super().showEvent(event)
        if self.mosaic is not None and self._columns_for(self.mosaic.grid) != self.grid.columns:
            self.set_mosaic(self.mosaic)

    def mark(self, pinned: Iterable[int] = (), muted: Iterable[int] = ()) -> None:
        """Mark tiles as pinned and as muted by surgery."""
        count = 0 if self.mosaic is None else self.mosaic.grid.count
        marks = tuple(tuple(channel for channel in some if channel < count) for some in (pinned, muted))
        if marks != (self.pinned, self.muted):
            self.pinned, self.muted = marks
            self._describe()
            self.update()

    def select(self, channel: int | None) -> None:
        """Select a channel without a signal; None for none."""
        if self.mosaic is None or (channel is not None and not 0 <= channel < self.mosaic.grid.count):
            channel = None
        if channel != self.channel:
            self.channel = channel
            self._describe()
            self.update()

    def tile_of(self, channel: int) -> int:
        """The place in the sheet where `channel` is drawn."""
        return int(self._places[channel])

    def spot_at(self, y: float, x: float) -> Spot | None:
        """The number at a place of the image, None outside the tiles."""
        if self.mosaic is None:
            return None
        found = self.grid.find(y, x)
        if found is None:
            return None
        tile, row, column = found
        return self.spot(int(self.mosaic.order[tile]), row, column)

    def spot(self, channel: int, row: int, column: int) -> Spot:
        """The number of `channel` at (row, column) of its tile."""
        assert self.mosaic is not None
        value, side = self.mosaic.values[channel, row, column], self.mosaic.reduced
        found = tuple(float(v) for v in value) if value.ndim else float(value)
        return Spot(channel, row * side, column * side, found, side)

    def tile_rect(self, channel: int) -> QRectF:
        """Where `channel` lies, in widget pixels."""
        top, left = self.grid.corner(self.tile_of(channel))
        return self.transform().mapRect(QRectF(left, top, self.grid.tile_w, self.grid.tile_h))

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Crisp while a number has a pixel of its own, averaged when the sheet is larger than the screen."""
        self.smooth = self._scale() * self.devicePixelRatioF() < 1.0
        super().paintEvent(event)

    def _paint_marks(self, painter: QPainter, transform: QTransform) -> None:
        if self.mosaic is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            paint_marks(self, self.mosaic, painter, transform)
            for channel, width in ((self.hover, 1), (self.channel, 2)):
                if channel is not None:
                    paint_frame(painter, self.tile_rect(channel), width)

    def _describe(self) -> None:
        """What a screen reader says: how many tiles, which one is selected, its range."""
        if self.mosaic is None:
            self.setAccessibleDescription("")
            return
        text = tr("{count} maps of {height} x {width}").format(
            count=self.mosaic.grid.count, height=self.mosaic.grid.tile_h, width=self.mosaic.grid.tile_w
        )
        if self.channel is not None:
            text += " · " + self.summary(self.channel)
        self.setAccessibleDescription(text)

    def summary(self, channel: int) -> str:
        """One channel in words: its number, range and mean, or how much of it is not finite, or that it is dead."""
        assert self.mosaic is not None
        values, stats = self.mosaic.values[channel], self.mosaic.stats
        bad, size = int(self.mosaic.bad[channel]), values.size if stats is None else stats.size
        marks = "".join(
            f" · {word}" for word, some in ((tr("pinned"), self.pinned), (tr("muted"), self.muted)) if channel in some
        )
        if bad:
            text = tr("channel {channel} · NaN or infinite ({bad} of {count})").format(channel=channel, bad=bad, count=size)
        elif channel in self.mosaic.facts.get("dead", ()) or not values.any():
            text = tr("channel {channel} · zero everywhere").format(channel=channel)
        elif values.size == 1:
            text = tr("channel {channel} · {value}").format(channel=channel, value=number(float(values.reshape(-1)[0])))
        else:
            # What is shown, not what is known of a whole kernel; but all numbers of a map that is shown smaller.
            one = stats if stats is not None and self.mosaic.reduced > 1 else None
            text = tr("channel {channel} · from {low} to {high}, mean {mean}").format(
                channel=channel,
                low=number(float(values.min() if one is None else one.least[channel])),
                high=number(float(values.max() if one is None else one.most[channel])),
                mean=number(float(values.mean(dtype=np.float64) if one is None else one.mean[channel])),
            )
        return text + marks

    # -- events ------------------------------------------------------------------------------------------------------
    def changeEvent(self, event: QEvent) -> None:
        """The theme's ground is part of the colour table."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "mosaic", None) is not None:
            self.set_mosaic(self.mosaic)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Also say which number is under the cursor."""
        super().mouseMoveEvent(event)
        at = self.to_picture(event.position())
        spot = self.spot_at(at.y(), at.x())
        self._point_at(spot.channel if spot else None)
        self.spot_hovered.emit(spot)

    def leaveEvent(self, event: object) -> None:
        """Nothing is under the cursor any more."""
        super().leaveEvent(event)
        self._point_at(None)
        self.spot_hovered.emit(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame when the keyboard brought us here."""
        self._focus_by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the tile; unlike in a plain picture the zoom stays."""
        at = self.to_picture(event.position())
        spot = self.spot_at(at.y(), at.x())
        if spot is not None:
            self._choose(spot.channel)
            self.opened.emit(spot.channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home and End move the selection, Enter opens it; the rest is the picture's."""
        mosaic = self.mosaic
        if mosaic is None:
            super().keyPressEvent(event)
            return
        count, columns = mosaic.grid.count, self.grid.columns
        here = None if self.channel is None else self.tile_of(self.channel)
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        key = Qt.Key(event.key())
        if key in steps and event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier:
            there = 0 if here is None else here + steps[key]
            if 0 <= there < count:
                self._choose(int(mosaic.order[there]))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose(int(mosaic.order[0 if key == Qt.Key.Key_Home else count - 1]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.channel is not None:
            self.opened.emit(self.channel)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with this tile."""
        if self.mosaic is None:
            return
        at = self.to_picture(QPointF(event.pos()))
        spot = self.spot_at(at.y(), at.x())
        if event.reason() == QContextMenuEvent.Reason.Keyboard or spot is None:
            spot = None if self.channel is None else self.spot(self.channel, 0, 0)
        if spot is not None:
            self.menu_for(spot).exec(event.globalPos())

    def menu_for(self, spot: Spot) -> QMenu:
        """The menu of one number: enlarge its map, copy it, and what the panel adds."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addSection(self.summary(spot.channel))
        menu.addAction(tr("Enlarge this map")).triggered.connect(lambda: self.opened.emit(spot.channel))
        menu.addAction(tr("Copy value {value}").format(value=number(spot.value))).triggered.connect(lambda: copy_text(spot))
        for make in self.menu_actions:
            made = make(spot)
            if made is not None:
                text, call = made
                menu.addAction(text).triggered.connect(lambda _checked=False, call=call: call())
        return menu

    def _click(self, x: float, y: float) -> None:
        spot = self.spot_at(y, x)
        if spot is not None:
            self._choose(spot.channel)

    def _choose(self, channel: int) -> None:
        changed = channel != self.channel
        self.select(channel)
        if changed:
            self._show_tile(channel)
            self.selected.emit(channel)

    def _show_tile(self, channel: int) -> None:
        """Pan so that the tile can be seen when the sheet is zoomed."""
        box = self.tile_rect(channel)
        if self.zoom > 1.0 and not QRectF(self.rect()).contains(box):
            at = self.to_picture(box.center())
            self._look_at(at.x() / self.image.width(), at.y() / self.image.height())

    def _point_at(self, channel: int | None) -> None:
        if channel != self.hover:
            self.hover = channel
            self.update()


def copy_text(spot: Spot) -> None:
    """The exact number to the clipboard, as short as it can be told apart from its float32 neighbours."""
    parts = spot.value if isinstance(spot.value, tuple) else (spot.value,)
    QGuiApplication.clipboard().setText(" ".join(str(np.float32(part)) for part in parts))
