"""What is drawn over the picture of an X-ray: heat, cells, anchors, boxes, as vectors at the screen's resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPen, QTransform

from explorer.gui import theme
from explorer.gui.widgets.number_label import shown as number_text
from explorer.picture.colour import CLASS_COLOURS, class_colour, ink_on, paint, to_index
from explorer.picture.grid import grid_for, sheet_of
from explorer.picture.heat import heat_rgba
from explorer.records.picture import Grid as Tiles
from explorer.records.xray import Maps, MapsStage, XrayRecord
from explorer.records.xray_cells import Grid, GridStage

F32 = npt.NDArray[np.float32]
Colour = tuple[int, int, int]
CELL: Colour = (240, 228, 66)
GONE: Colour = (187, 187, 187)
PALE = 0.4


@dataclass(frozen=True)
class Look:
    """How a stage is looked at: which scale, which of its maps, and how.

    `mode`: for features "mean", "channel" (number `map`) or "all"; for classes "class", "score" or "best". Maps of anchors
    take `map` as the anchor.
    """

    scale: int = 0
    map: int = 0
    mode: str = "mean"


def rect(box: Sequence[float] | npt.NDArray[np.floating]) -> QRectF:
    """xyxy as a rectangle."""
    left, top, right, bottom = (float(edge) for edge in box)
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def drawable(box: Sequence[float] | npt.NDArray[np.floating]) -> bool:
    """Whether a painter can take it: finite, and of this world."""
    return bool(np.isfinite(box).all() and np.abs(box).max() < 1e6)


def outline(
    painter: QPainter,
    to_widget: QTransform,
    box: Sequence[float] | npt.NDArray[np.floating],
    colour: Colour,
    width: float = 2.0,
    dashed: bool = False,
) -> None:
    """A box with a dark rim, so that it is seen on any picture."""
    if not drawable(box):
        return
    shown = to_widget.mapRect(rect(box))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 120), width + 2))
    painter.drawRect(shown)
    painter.setPen(QPen(QColor(*colour), width, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
    painter.drawRect(shown)


def tag(painter: QPainter, shown: QRectF, text: str, colour: Colour, taken: list[QRectF] | None = None) -> None:
    """A name on a plate at the upper left corner of a box in widget pixels, inside the view, below plates that are `taken`."""
    metrics, pad, view = QFontMetricsF(painter.font()), theme.px(1), painter.viewport()
    plate = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * pad, metrics.height() + pad / 2)
    left = min(max(shown.left(), 0.0), max(0.0, view.width() - plate.width()))
    above = shown.top() - plate.height()
    plate.moveTopLeft(QPointF(left, above if above >= 0 else min(max(shown.top(), 0.0), view.height() - plate.height())))
    if taken is not None:
        while any(plate.intersects(other) for other in taken) and plate.bottom() + plate.height() < view.height():
            plate.translate(0, plate.height() + 1)
        taken.append(QRectF(plate))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*colour))
    painter.drawRect(plate)
    painter.setPen(QColor(*ink_on(colour)))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def paint_cell(painter: QPainter, to_widget: QTransform, grid: Grid, row: int, column: int, fill: bool = True) -> None:
    """The followed cell."""
    shown = to_widget.mapRect(rect(grid.cell_box(row, column)))
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3))
    painter.setBrush(theme.colour("#f0e442", 0.35) if fill else Qt.BrushStyle.NoBrush)
    painter.drawRect(shown)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(*CELL), 1.5))
    painter.drawRect(shown)


def paint_lines(painter: QPainter, to_widget: QTransform, grid: Grid) -> None:
    """The cells' borders, hairlines that are seen on light and dark."""
    s, wide, tall = grid.stride, grid.columns * grid.stride, grid.rows * grid.stride
    lines = [QLineF(at * s, 0, at * s, tall) for at in range(1, grid.columns)]
    lines += [QLineF(0, at * s, wide, at * s) for at in range(1, grid.rows)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    shown = [to_widget.map(line) for line in lines]
    for colour, shift in ((QColor(0, 0, 0, 110), 1), (QColor(255, 255, 255, 150), 0)):
        painter.setPen(QPen(colour, 1))
        painter.drawLines([line.translated(shift, shift) for line in shown])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


# -- maps ------------------------------------------------------------------------------------------------------------------
def map_values(stage: MapsStage, record: XrayRecord, look: Look) -> F32 | None:
    """(H, W) numbers that are drawn, None where the stage has no such scale."""
    if not 0 <= look.scale < len(stage.scales):
        return None
    scale = stage.scales[look.scale]
    if stage.each == "channel" and look.mode != "channel":
        return scale.mean()
    values: F32 = scale.values[min(max(look.map, 0), len(scale.values) - 1)]
    if look.mode == "score":
        there = record.stage("objectness")
        if isinstance(there, MapsStage):
            product: F32 = values * there.scales[look.scale].values[min(look.map, len(scale.values) - 1)]
            return product
    return values


def map_ends(stage: MapsStage, values: F32, look: Look) -> tuple[float, float]:
    """The ends of the colours."""
    fixed = stage.scales[look.scale].ends
    if fixed is not None:
        return fixed
    good = values[np.isfinite(values)]
    return (float(good.min()), float(good.max())) if good.size else (0.0, 0.0)


def heat_image(values: F32, ends: tuple[float, float], opacity: float = 0.85) -> QImage:
    """One pixel a cell: magma over a veil; what is not a number is clear (and hatched elsewhere)."""
    low, high = ends
    good = np.isfinite(values)
    share = np.where(good, (np.where(good, values, low) - low) / ((high - low) or 1.0), 0.0).astype(np.float32)
    return rgba_image(heat_rgba(share, 1.0, "magma", signed=False, opacity=opacity))


def rgba_image(rgba: npt.NDArray[np.uint8]) -> QImage:
    """(H, W, 4) uint8 as an image of its own."""
    rgba = np.ascontiguousarray(rgba)
    height, width = rgba.shape[:2]
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def best_image(stage: MapsStage, record: XrayRecord, look: Look) -> QImage | None:
    """The class that each cell finds most probable, in its colour, as opaque as the cell is sure that something is there."""
    there = record.stage("objectness")
    if not stage.best or not isinstance(there, MapsStage):
        return None
    best, sure = stage.best[look.scale], there.scales[look.scale].values
    anchor = min(look.map, len(best) - 1)
    rgba = np.empty((*best.shape[1:], 4), np.uint8)
    rgba[..., :3] = np.array(CLASS_COLOURS, np.uint8)[best[anchor] % len(CLASS_COLOURS)]
    rgba[..., 3] = np.rint(255 * (0.12 + 0.8 * np.nan_to_num(np.sqrt(sure[anchor]))))
    return rgba_image(rgba)


def tiles_of(scale: Maps) -> tuple[npt.NDArray[np.uint8], Tiles]:
    """All maps side by side, each stretched over its own range: (H, W, 3) RGB, and where which one is."""
    good = np.isfinite(scale.values)
    flat = np.where(good, scale.values, np.nan).reshape(len(scale.values), -1)
    with np.errstate(invalid="ignore"):
        low, high = np.nan_to_num(np.fmin.reduce(flat, 1)), np.nan_to_num(np.fmax.reduce(flat, 1))
    reach = np.where(high > low, high - low, 1.0)[:, None, None]
    index = to_index((np.where(good, scale.values, np.nan) - low[:, None, None]) / reach, 0.0, 1.0)
    tiles = paint(index, "viridis")
    bad = QColor(theme.tokens().bad)
    tiles[~good] = (bad.red(), bad.green(), bad.blue())
    ground = QColor(theme.tokens().canvas)
    grid = grid_for(len(tiles), *scale.values.shape[1:])
    return sheet_of(tiles, grid, (ground.red() + ground.green() + ground.blue()) // 3), grid


def paint_bad(painter: QPainter, to_widget: QTransform, values: F32, stride: float) -> None:
    """Hatching where there is no number."""
    rows, columns = np.nonzero(~np.isfinite(values))
    brush = QBrush(QColor(theme.tokens().bad), Qt.BrushStyle.BDiagPattern)
    whole = len(rows) == values.size
    if whole:
        rows, columns, stride = rows[:1], columns[:1], stride * max(values.shape)
    for row, column in zip(rows[:4000].tolist(), columns[:4000].tolist(), strict=True):
        painter.fillRect(to_widget.mapRect(QRectF(column * stride, row * stride, stride, stride)), brush)


def paint_bar(painter: QPainter, low: float, high: float) -> None:
    """The colours and what they mean, in the lower left corner."""
    texts, metrics, pad = (number_text(low, 3), number_text(high, 3)), QFontMetricsF(painter.font()), theme.px(1.5)
    wide, tall, view = theme.px(30), theme.px(2), painter.viewport()
    sides = [metrics.horizontalAdvance(text) for text in texts]
    plate = QRectF(pad, view.height() - metrics.height() - 2 * pad, sum(sides) + wide + 4 * pad, metrics.height() + pad)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(theme.tokens().surface, 0.9))
    painter.drawRoundedRect(plate, 4, 4)
    ramp = paint(np.arange(256, dtype=np.uint8)[None], "magma")
    image = QImage(ramp.data, 256, 1, 768, QImage.Format.Format_RGB888)
    bar = QRectF(plate.left() + 2 * pad + sides[0], plate.center().y() - tall / 2, wide, tall)
    painter.drawImage(bar, image)
    painter.setPen(QColor(theme.tokens().text))
    painter.drawText(
        QRectF(plate.left() + pad, plate.top(), sides[0] + 1, plate.height()), Qt.AlignmentFlag.AlignVCenter, texts[0]
    )
    right = QRectF(bar.right() + pad, plate.top(), sides[1] + 1, plate.height())
    painter.drawText(right, Qt.AlignmentFlag.AlignVCenter, texts[1])


def paint_anchors(
    painter: QPainter, to_widget: QTransform, grid: Grid, row: int, column: int, chosen: int, only: bool = False
) -> None:
    """The anchors of a cell, dashed, each in its colour; the chosen one thicker."""
    for anchor in range(len(grid.anchors)):
        if anchor != chosen and only:
            continue
        width = 2.5 if anchor == chosen else 1.5
        outline(painter, to_widget, grid.anchor_box(row, column, anchor), class_colour(anchor), width, dashed=True)


def grid_of(record: XrayRecord, scale: int) -> Grid | None:
    """The cells of a scale."""
    stage = record.first(GridStage)
    return stage.scales[scale] if stage is not None and 0 <= scale < len(stage.scales) else None
