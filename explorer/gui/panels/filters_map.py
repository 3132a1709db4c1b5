"""One activation map enlarged, alone or over the picture the network saw."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QWidget

from explorer.gui.widgets.mosaic_view import Spot
from explorer.gui.widgets.picture_view import PictureView, image_of, indexed_image
from explorer.picture.colour import palette
from explorer.picture.grid import tile_of
from explorer.picture.levels import Levels
from explorer.records.frame import Frame
from explorer.records.picture import Mosaic


class MapView(PictureView):
    """Channel `channel` of a Mosaic, one map pixel a crisp square; `share` of the picture is laid over it (0..1)."""

    spot_hovered = Signal(object)  # Spot | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mosaic: Mosaic | None = None
        self.channel: int | None = None
        self.values = np.zeros((1, 1), np.float32)  # what is shown, (h, w) or (h, w, 3)
        self.side = 1  # each of them stands for so many numbers in both directions
        self.share = 0.0
        self._frame: Frame | None = None
        self.smooth = False
        self.add_overlay(self._paint_picture)
        self.hovered.connect(self._hovered)

    def set_map(self, mosaic: Mosaic | None, channel: int | None, frame: Frame | None = None) -> None:
        """Show a channel; `frame` is the picture that the mosaic was computed from, where it is known."""
        if mosaic is None or channel is None or not 0 <= channel < mosaic.grid.count:
            self.mosaic, self.channel = None, None
            self.set_rgb(None)
            return
        self.mosaic, self.channel, self._frame = mosaic, channel, frame
        exact = mosaic.exact(channel)
        self.values = mosaic.values[channel] if exact is None else exact
        self.side = mosaic.reduced if exact is None else 1
        if exact is not None and mosaic.reduced > 1:  # the tile is smaller than the map
            levels = Levels(
                float(mosaic.low[channel]), float(mosaic.high[channel]), mosaic.colour_map == "diverging", mosaic.gamma
            )
            tile = levels.indices(exact)
        else:
            place = int(np.flatnonzero(mosaic.order == channel)[0])
            tile = np.ascontiguousarray(tile_of(mosaic.sheet, mosaic.grid, place))
        if mosaic.colour_map:
            self.set_image(indexed_image(tile, palette(mosaic.colour_map)))
        else:
            self.set_image(image_of(tile).copy())

    def set_frame(self, frame: Frame) -> None:
        """The picture of the map that is shown has come."""
        self._frame = frame
        self.update()

    def set_share(self, share: float) -> None:
        """How much of the picture shines through, 0 (the map alone) to 1."""
        self.share = share
        self.update()

    def picture_rect(self) -> QRectF | None:
        """Where the whole frame lies, in map pixels; None where that is not known."""
        mosaic, frame = self.mosaic, self._frame
        if mosaic is None or frame is None or "input_xyxy" not in mosaic.facts:
            return None
        x0, y0, x1, y1 = mosaic.facts["input_xyxy"]
        across, down = self.image.width() / (x1 - x0), self.image.height() / (y1 - y0)
        return QRectF(-x0 * across, -y0 * down, frame.width * across, frame.height * down)

    def _paint_picture(self, painter: QPainter, transform: QTransform) -> None:
        where = self.picture_rect()
        if where is None or self._frame is None or self.share <= 0 or self.mosaic is None:
            return
        painter.setClipRect(transform.mapRect(QRectF(self.image.rect())))
        painter.setOpacity(self.share)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(transform.mapRect(where), image_of(self._frame.rgb))

    def _hovered(self, found: tuple[int, int, tuple[int, int, int]] | None) -> None:
        if found is None or self.mosaic is None or self.channel is None:
            self.spot_hovered.emit(None)
            return
        x, y, _ = found
        value = self.values[y, x]
        number = tuple(float(v) for v in value) if value.ndim else float(value)
        self.spot_hovered.emit(Spot(self.channel, y * self.side, x * self.side, number, self.side))
