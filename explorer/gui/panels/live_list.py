"""The objects of the picture as a list: mark and colour of the class, name, number, score. Linked with the picture."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRectF, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from explorer.gui import theme
from explorer.gui.panels.live_labels import paint_marker
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.live_view import escape_is_ours
from explorer.i18n import tr
from explorer.picture.colour import class_look, ink_on
from explorer.records.vision import Detections


class ObjectList(QTreeWidget):
    """One line an object, best first. `pointed(number or None)` follows mouse and keys; `mark(number)` shows a line.

    `accepted(number)`: Enter or double click; `escaped`: Esc while something is `pinned`; `menu_asked(place, number)`.
    """

    pointed = Signal(object)
    accepted = Signal(int)
    escaped = Signal()
    menu_asked = Signal(QPoint, int)
    pinned = False  # of the class: Qt sends events before a widget is complete

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[tuple[str, str]] = []
        self._marked = True
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setIndentation(0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.entered.connect(self._entered)
        self.currentItemChanged.connect(self._current)
        self.customContextMenuRequested.connect(self._menu)
        self.doubleClicked.connect(self._accept)

    def set_objects(self, found: Detections | None) -> None:
        """Show what was found; lines that did not change stay as they are, so that nothing flickers."""
        count = 0 if found is None else len(found)
        with QSignalBlocker(self):
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
            if found.track is not None and found.track[number] > 0:
                text = f"{text} {int(found.track[number])}"
            self._shown.append((text, score))
            if item is None or (item.text(0), item.text(1)) == (text, score):
                continue
            if item.text(0) != text:
                item.setIcon(0, class_icon(found.label(number)))
                item.setText(0, text)
            item.setText(1, score)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What is shown: (name, score)."""
        return list(self._shown)

    def mark(self, number: int | None, pinned: int | None = None) -> None:
        """Show which object is pointed at, and which is pinned (in bold letters)."""
        before, self._marked = self._marked, (number, pinned) != (None, None)
        if not before and not self._marked:
            return
        with QSignalBlocker(self):
            item = None if number is None else self.topLevelItem(number)
            if item is None:
                self.clearSelection()
                self.setCurrentIndex(QModelIndex())
            elif item is not self.currentItem():
                self.setCurrentItem(item)
            for row in range(self.topLevelItemCount()):
                line = self.topLevelItem(row)
                if line is not None and line.font(0).bold() != (row == pinned):
                    font = self.font()
                    font.setBold(row == pinned)
                    line.setFont(0, font)

    @Slot(QModelIndex)
    def _entered(self, index: QModelIndex) -> None:
        self.pointed.emit(index.row())

    @Slot(QTreeWidgetItem, QTreeWidgetItem)
    def _current(self, item: QTreeWidgetItem | None, before: QTreeWidgetItem | None) -> None:
        self.pointed.emit(None if item is None else self.indexOfTopLevelItem(item))

    @Slot(QPoint)
    def _menu(self, at: QPoint) -> None:
        item = self.itemAt(at) or self.currentItem()
        if item is not None:
            self.menu_asked.emit(self.viewport().mapToGlobal(at), self.indexOfTopLevelItem(item))

    @Slot(QModelIndex)
    def _accept(self, index: QModelIndex) -> None:
        if index.isValid():
            self.accepted.emit(index.row())

    def event(self, event: QEvent) -> bool:
        """Esc lets the pinned object go before it stops anything else."""
        if escape_is_ours(event, self.pinned):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter pins, Esc lets go."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._accept(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape and self.pinned:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse points at nothing here any more."""
        super().leaveEvent(event)
        self.pointed.emit(None)


def class_icon(name: str) -> QIcon:
    """A class's mark on its colour."""
    return _chip(name, theme.px(3.5), theme.tokens().name)


@lru_cache(maxsize=512)
def _chip(name: str, size: int, _theme: str) -> QIcon:
    look = class_look(name)
    pixmap = QPixmap(2 * size, 2 * size)  # for screens with two pixels to one
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*look.colour))
    painter.drawRoundedRect(pixmap.rect().adjusted(1, 1, -1, -1), size / 2, size / 2)
    inner = 0.9 * size
    paint_marker(painter, look.marker, QRectF(size - inner / 2, size - inner / 2, inner, inner), QColor(*ink_on(look.colour)))
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else the style tints it where its row is chosen: another class's colour
    return icon
