"""Rows and walls of small pictures: click looks at one, Delete takes it away, the right button offers the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QMenu, QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.panels.teach_set import THUMB, PictureSet
from explorer.i18n import tr

PATH = Qt.ItemDataRole.UserRole + 1
MOST_SHOWN = 120  # small pictures in one list; the newest, or the first of an order


class Thumbs(QListWidget):
    """`looked(path)`: a picture is to be seen large; `unwanted(paths)`: taken away. `wrap`: a wall, else one row."""

    looked = Signal(str)
    unwanted = Signal(list)

    def __init__(self, pictures: PictureSet, *, wrap: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._items: dict[str, QListWidgetItem] = {}
        self.may_delete = True
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setWrapping(wrap)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAcceptDrops(False)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.itemClicked.connect(self._look)
        self.itemActivated.connect(self._look)
        pictures.thumbed.connect(self._thumbed)
        self._resize(wrap)

    def _resize(self, wrap: bool) -> None:
        size = THUMB * theme.scale()
        self.setIconSize(size)
        line = self.fontMetrics().height()
        self.setGridSize(QSize(size.width() + theme.px(2), size.height() + (line + theme.px(2) if wrap else theme.px(1))))
        self.setSpacing(0)
        if not wrap:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setFixedHeight(size.height() + theme.px(5))
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_files(self, paths: list[Path], captions: dict[Path, tuple[str, str]] | None = None) -> None:
        """Show these files; those that stay keep their places and their selection. `captions`: (text below, tooltip)."""
        wanted = {str(path): path for path in paths[:MOST_SHOWN]}
        if list(wanted) != list(self._items):
            before, after = list(self._items), list(wanted)
            new = after.index(before[0]) if before and before[0] in wanted else -1
            if new >= 0 and after[new:] == before[: len(after) - new]:  # the usual case: new ones came in front
                for place, name in enumerate(after[:new]):
                    self.insertItem(place, self._item(wanted[name]))
                while self.count() > len(after):
                    self.takeItem(self.count() - 1)
            else:
                self.clear()
                self._items = {}
                for path in wanted.values():
                    self.addItem(self._item(path))
            self._items = {name: self._items[name] for name in wanted}
        for path, (text, tip) in (captions or {}).items():
            item = self._items.get(str(path))
            if item is not None:
                item.setText(text)
                item.setToolTip(tip)

    def _item(self, path: Path) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setData(PATH, str(path))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, path.name)
        item.setToolTip(path.name)
        self._items[str(path)] = item
        self._dress(item, path)
        return item

    def _dress(self, item: QListWidgetItem, path: Path) -> None:
        image = self._pictures.thumb(path)
        if image is not None:
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(2.0)
            icon = QIcon(pixmap)
            icon.addPixmap(pixmap, QIcon.Mode.Selected)
            item.setIcon(icon)

    @Slot(str)
    def _thumbed(self, path: str) -> None:
        item = self._items.get(path)
        if item is not None:
            self._dress(item, Path(path))

    @property
    def chosen(self) -> list[Path]:
        """The selected pictures."""
        return [Path(item.data(PATH)) for item in self.selectedItems()]

    def _look(self, item: QListWidgetItem) -> None:
        self.looked.emit(item.data(PATH))

    def _menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, call in self.offers(item):
            menu.addAction(text).triggered.connect(partial(_call, call))
        menu.popup(self.viewport().mapToGlobal(at))

    def offers(self, item: QListWidgetItem) -> list[tuple[str, Callable[[], None]]]:
        """What can be done with a picture: (text, call)."""
        found: list[tuple[str, Callable[[], None]]] = [(tr("Look at it"), lambda: self._look(item))]
        if self.may_delete:
            found.append((tr("Delete"), self.delete))
        return found

    def delete(self) -> None:
        """Take the selected pictures away."""
        if self.may_delete and self.chosen:
            self.unwanted.emit(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes the selected ones away; arrows and Enter as in every list; figures belong to the panel."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete()
        elif event.text().isdigit():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """The type size changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_items"):
            self._resize(self.isWrapping())


def _call(call: Callable[[], None], _checked: bool = False) -> None:
    call()
