"""The third zoom level of Filters & Activations: the numbers behind the selected pixel, beside the map it stands in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QPainter, QPen, QTransform
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.newest import Newest
from explorer.gui.notices import trouble_text
from explorer.gui.numerals import figure
from explorer.gui.panels.filters_map import MapView
from explorer.gui.widgets.numbers_text import as_table, place_text
from explorer.gui.widgets.numbers_view import BACK, NumbersView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed
from explorer.records.frame import Frame
from explorer.records.numbers import Numbers
from explorer.requests.base import changed
from explorer.requests.numbers import NumbersRequest

if TYPE_CHECKING:
    from explorer.gui.panels.filters import FiltersPanel

NUMBERS = "filters.numbers"
MOST_LISTED = 512
REFILL_S = 0.4  # the list of a live picture changes no more often


class NumbersPage(QWidget):
    """Map and list of input channels at the left, the numbers at the right. Arrow keys walk over the map."""

    closed = Signal()

    def __init__(self, panel: FiltersPanel) -> None:
        super().__init__()
        self.panel, self.desk = panel, panel.desk
        self.newest = Newest(self.desk, NUMBERS)
        self.map, self.view, self.list = MapView(), NumbersView(), QTreeWidget()
        self.title = OneLine()
        self.title.setProperty("kind", "heading")
        words.say(self.map, N_("The map: click a pixel"), "name")
        words.say(self.view, N_("The numbers behind the pixel"), "name")
        words.say(self.list, N_("Input channels, the largest share first"), "name")
        self.back = tool_button("step-back", N_("Back to the map (Esc)"))
        self.copy = tool_button("copy", N_("Copy the numbers, separated by tabs (Ctrl+C)"))
        self.list.setColumnCount(2)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setFont(theme.tabular(self.list.font()))
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.map)
        left.addWidget(self.list)
        left.setChildrenCollapsible(False)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(self.view)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 3)
        split.setSizes([260, 780])
        split.setHandleWidth(theme.px(3))
        split.setChildrenCollapsible(False)
        line = QHBoxLayout()
        line.setSpacing(theme.px(1))
        line.addWidget(self.back)
        line.addWidget(self.title, 1)
        line.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(line)
        column.addWidget(split, 1)
        self.map.add_overlay(self._paint_window)
        self.map.clicked.connect(self._choose)
        self.back.clicked.connect(self.closed)
        self.copy.clicked.connect(self.copy_numbers)
        self.view.closed.connect(self.closed)
        self.view.moved.connect(self.step)
        self.view.slice_chosen.connect(self._choose_row)
        self.list.currentItemChanged.connect(self._choose_slice)

    # -- asking ------------------------------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the numbers of the selected pixel and take the keyboard."""
        self.look()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def look(self) -> None:
        """Ask for the selected pixel; nothing while the page is not open.

        Where a layer was chosen without a pixel, the middle of its strongest map is shown, and selected.
        """
        chosen, layer = self.desk.session.selection, self.panel.layer_now()
        if not self.isVisible() or not self.panel.active:
            self.newest.want(None)
            return
        if chosen.layer not in ("", layer):
            return  # the panel is about to follow
        y, x = chosen.pixel or (None, None)
        size = self.desk.session.activations.input_size
        request: NumbersRequest = changed(
            self.desk.session.numbers, layer=layer, channel=chosen.channel, y=y, x=x, input_size=size
        )
        self.newest.want(request)

    def rest(self) -> None:
        """Ask nothing."""
        self.newest.want(None)

    def frame(self, frame: Frame) -> None:
        """A newer picture."""
        self.newest.frame(frame)

    def take(self, event: Event) -> None:
        """An event of the channel."""
        found = self.newest.heard(event)
        if found is not None and isinstance(found.record, Numbers):
            record = found.record
            self.show_record(record)
            chosen = self.desk.session.selection
            if chosen.channel is None or chosen.pixel is None:
                self.desk.select(layer=record.layer, channel=record.channel, pixel=(record.y, record.x))
        elif isinstance(event, Failed):
            self.view.set_record(None)
            self.view.set_empty_text(trouble_text(event.trouble))
            self._fill(None)
            self._say(None)

    def show_record(self, record: Numbers) -> None:
        """Paint it; the same input channel stays chosen while the pixel moves."""
        old = self.view.record
        stays = old is not None and (old.layer, old.channel) == (record.layer, record.channel) and self._chosen_by_hand
        if not stays:
            self._chosen_by_hand = False
        network = self.desk.network
        self.view.set_record(record, self.view.at if stays else None, () if network is None else network.classes)
        same = old is not None and (old.layer, old.channel, old.y, old.x) == (record.layer, record.channel, record.y, record.x)
        if not same or time.monotonic() - self._filled > REFILL_S:
            self._fill(record)
        self._say(record)
        self.show_map()

    _chosen_by_hand = False
    _filled = 0.0

    def show_map(self) -> None:
        """The map that the pixel stands in, as the panel shows it."""
        enlarged = self.panel.view.enlarged
        self.map.set_map(enlarged.mosaic, enlarged.channel, None)
        self.map.update()

    def event(self, event: QEvent) -> bool:
        """Esc and Backspace go back from the map and the list too, and stop no job."""
        if isinstance(event, QKeyEvent) and event.key() in BACK:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.closed.emit()
                return True
        return super().event(event)

    # -- moving ------------------------------------------------------------------------------------------------------
    def step(self, rows: int, columns: int) -> None:
        """The neighbour of the selected pixel, if there is one."""
        record, chosen = self.view.record, self.desk.session.selection.pixel
        if record is None or chosen is None:
            return
        y, x = chosen[0] + rows, chosen[1] + columns
        if 0 <= y < record.map_hw[0] and 0 <= x < record.map_hw[1]:
            self.desk.select(pixel=(y, x))

    def _choose(self, x: float, y: float) -> None:
        self.desk.select(pixel=(int(y) * self.map.side, int(x) * self.map.side))
        self.view.setFocus(Qt.FocusReason.MouseFocusReason)

    # -- the list of input channels ----------------------------------------------------------------------------------
    def _fill(self, record: Numbers | None) -> None:
        window = None if record is None else record.worked.window
        self._filled = time.monotonic()
        with QSignalBlocker(self.list):
            self.list.clear()
            self.list.setVisible(window is not None and len(window.channels) > 1)
            if window is None:
                return
            self.list.setHeaderLabels([tr("Input channel"), tr("Sum")])
            items = []
            for at in window.order()[:MOST_LISTED].tolist():
                item = QTreeWidgetItem([str(int(window.channels[at])), figure(float(window.sums[at]))])
                item.setData(0, Qt.ItemDataRole.UserRole, at)
                item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                items.append(item)
            self.list.addTopLevelItems(items)
            for item in items:
                if item.data(0, Qt.ItemDataRole.UserRole) == self.view.at:
                    self.list.setCurrentItem(item)

    def _choose_slice(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self._chosen_by_hand = True
            self.view.set_slice(int(item.data(0, Qt.ItemDataRole.UserRole)))

    def _choose_row(self, at: int) -> None:
        """A bar of the view was clicked."""
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is not None and item.data(0, Qt.ItemDataRole.UserRole) == at:
                self.list.setCurrentItem(item)

    # -- painting ----------------------------------------------------------------------------------------------------
    def _paint_window(self, painter: QPainter, transform: QTransform) -> None:
        """The pixel itself; its window lies in the map before, so it is only drawn where that has the same size."""
        record = self.view.record
        if record is None or self.map.mosaic is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        side = self.map.side
        scale = QTransform.fromScale(1 / side, 1 / side) * transform
        window = record.worked.window
        boxes = [(record.x, record.y, record.x + 1, record.y + 1)]
        if window is not None and window.input_hw == record.map_hw and window.inside.any():
            rows, columns = window.rows[window.inside.any(1)], window.columns[window.inside.any(0)]
            boxes.append((int(np.min(columns)), int(np.min(rows)), int(np.max(columns)) + 1, int(np.max(rows)) + 1))
        for left, top, right, bottom in boxes:
            shown = scale.mapRect(_rect(left, top, right, bottom)).adjusted(-1, -1, 0, 0)
            for colour, width in (("#000000", 4), ("#ffffff", 2)):
                painter.setPen(QPen(QColor(colour), width))
                painter.drawRect(shown)

    # -- words -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Texts that are put together here."""
        self.view.set_empty_text(tr("Choose a pixel of the map: how its number came about appears here."))
        if self.view.record is not None:
            self.show_record(self.view.record)

    def _say(self, record: Numbers | None) -> None:
        if record is None:
            self.title.setText("")
            return
        place = tr("channel {channel} · y {y}, x {x}").format(channel=record.channel, y=record.y, x=record.x)
        self.title.setText(f"{record.layer} · {record.kind} · {place} · {figure(record.value, 6)}")
        window = record.worked.window
        if window is not None and window.inside.size:
            middle = (window.inside.shape[0] // 2, window.inside.shape[1] // 2)
            self.map.setToolTip(tr("The middle of the window: {place}").format(place=place_text(window, *middle)))

    def text(self) -> str:
        """The numbers shown, tab-separated; "" without any."""
        return "" if self.view.record is None else as_table(self.view.record, self.view.at)

    def copy_numbers(self) -> None:
        """The numbers to the clipboard."""
        if self.text():
            QGuiApplication.clipboard().setText(self.text())
            self.desk.notify(tr("The numbers are on the clipboard."), "good", key="numbers.copied")


def _rect(left: int, top: int, right: int, bottom: int) -> QRectF:
    return QRectF(left, top, right - left, bottom - top)
