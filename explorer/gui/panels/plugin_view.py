"""The viewer of a plugin's result: pictures as pictures, lists as text."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.gui.panels.live_draw import paint_detections
from explorer.gui.panels.live_overlay import MaskPaint, percent
from explorer.gui.widgets.mosaic_view import mosaic_image
from explorer.gui.widgets.picture_view import PictureView, image_of
from explorer.i18n import tr
from explorer.picture.colour import palette
from explorer.records.descent import Race, SurfaceSamples
from explorer.records.frame import RGB, Frame
from explorer.records.picture import Mosaic, Picture
from explorer.records.vision import Detections, Mask, TopK


class ResultView(QWidget):
    """`look_at(frame)` before the job, `show_record(record)` with each preview and the result."""

    def __init__(self) -> None:
        super().__init__()
        self.record: Any = None
        self._frame: Frame | None = None
        self._mask: MaskPaint | None = None
        self.picture = PictureView()
        self.picture.add_overlay(self._paint)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setFont(theme.tabular(self.text.font()))
        self.text.setWordWrap(True)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.picture)
        self.pages.addWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)

    def look_at(self, frame: Frame | None) -> None:
        """The picture that the job gets: boxes and masks are drawn over it."""
        self._frame = frame

    def show_record(self, record: Any) -> bool:
        """Show a record; False (and the old one stays) if it is of a kind that has no view here."""
        if isinstance(record, Picture):
            self.picture.set_image(image_of(record.rgb))
        elif isinstance(record, Mosaic):
            self.picture.set_image(mosaic_image(record))
        elif isinstance(record, SurfaceSamples):
            self.picture.set_image(image_of(_relief(record)))
        elif isinstance(record, Mask):
            self._mask = MaskPaint(record)
            self.picture.set_image(image_of(self._ground(record.alpha.shape)))
        elif isinstance(record, Detections):
            self.picture.set_image(image_of(self._ground(record.frame_hw)))
        elif isinstance(record, (TopK, Race)):
            self.text.setText(text_of(record))
        else:
            return False
        self.record = record
        self.pages.setCurrentWidget(self.text if isinstance(record, (TopK, Race)) else self.picture)
        return True

    def facts_text(self) -> str:
        """The numbers that came with it: "stripes: 4 · seed: 0"."""
        facts = getattr(self.record, "facts", None) or {}
        shown = [f"{tr(str(name))}: {value}" for name, value in facts.items() if isinstance(value, (bool, int, float, str))]
        if isinstance(self.record, Detections):
            shown.append(tr("objects: {n}").format(n=len(self.record)))
        return " · ".join(shown[:12])

    def _ground(self, hw: tuple[int, ...]) -> RGB:
        """What the job looked at, if it fits, else grey."""
        if self._frame is not None and self._frame.rgb.shape[:2] == tuple(hw):
            return self._frame.rgb
        return np.full((int(hw[0]), int(hw[1]), 3), 128, np.uint8)

    def _paint(self, painter: QPainter, to_widget: QTransform) -> None:
        if isinstance(self.record, Detections):
            paint_detections(painter, to_widget, self.record)
        elif isinstance(self.record, Mask) and self._mask is not None:
            self._mask.paint(painter, to_widget)


def text_of(record: TopK | Race) -> str:
    """A line each."""
    if isinstance(record, TopK):
        return "\n".join(f"{percent(score.score)}  {tr(score.label)}" for score in record.top)
    return "\n".join(f"{run.optimizer}: {figure(float(run.values[-1]), 6)}" for run in record.runs if len(run.values))


def _relief(samples: SurfaceSamples) -> RGB:
    """Height as colour, y upwards; where there is none it is black."""
    z = np.asarray(samples.z, np.float64)
    there = np.isfinite(z)
    low, high = (float(z[there].min()), float(z[there].max())) if there.any() else (0.0, 1.0)
    level = np.where(there, (np.nan_to_num(z, posinf=high, neginf=low) - low) / ((high - low) or 1.0), 0.0)
    rgb = palette("viridis")[np.rint(255 * np.clip(level, 0, 1)).astype(np.uint8)]
    rgb[~there] = 0
    return np.ascontiguousarray(rgb[::-1])
