"""The objects of the picture as a list: colour, name, score. Tells which one the person points at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from explorer.gui import theme
from explorer.gui.panels.live_overlay import percent
from explorer.i18n import tr
from explorer.picture.colour import class_colour
from explorer.records.vision import Detections


class ObjectList(QTreeWidget):
    """One line an object, best first. `pointed(number or None)` follows mouse and keys; `mark(number)` shows a line."""

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[tuple[str, str]] = []
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setIndentation(0)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.entered.connect(self._entered)
        self.currentItemChanged.connect(self._current)

    def set_objects(self, found: Detections | None) -> None:
        """Show what was found; lines that did not change stay as they are, so that nothing flickers."""
        count = 0 if found is None else len(found)
        while self.topLevelItemCount() > count:
            self.takeTopLevelItem(self.topLevelItemCount() - 1)
        while self.topLevelItemCount() < count:
            line = QTreeWidgetItem()
            line.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            line.setFont(1, theme.tabular(self.font()))
            self.addTopLevelItem(line)
        self._shown = []
        for number in range(count):
            assert found is not None  # count is 0 without objects
            item = self.topLevelItem(number)
            text, score = tr(found.label(number)), percent(float(found.score[number]))
            self._shown.append((text, score))
            if item is None or (item.text(0), item.text(1)) == (text, score):
                continue
            if item.text(0) != text:
                item.setIcon(0, _chip(class_colour(int(found.class_index[number]))))
            item.setText(0, text)
            item.setText(1, score)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What is shown: (name, score)."""
        return list(self._shown)

    def mark(self, number: int | None) -> None:
        """Show which object the mouse is over in the picture."""
        with QSignalBlocker(self):
            item = None if number is None else self.topLevelItem(number)
            if item is None:
                self.clearSelection()
                self.setCurrentIndex(QModelIndex())
            else:
                self.setCurrentItem(item)

    @Slot(QModelIndex)
    def _entered(self, index: QModelIndex) -> None:
        self.pointed.emit(index.row())

    @Slot(QTreeWidgetItem, QTreeWidgetItem)
    def _current(self, item: QTreeWidgetItem | None, before: QTreeWidgetItem | None) -> None:
        self.pointed.emit(None if item is None else self.indexOfTopLevelItem(item))

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse points at nothing here any more."""
        super().leaveEvent(event)
        self.pointed.emit(None)


def _chip(colour: tuple[int, int, int]) -> QIcon:
    """A small disc in a class's colour."""
    size = theme.px(3)
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*colour))
    painter.drawEllipse(pixmap.rect().adjusted(1, 1, -1, -1))
    painter.end()
    return QIcon(pixmap)
