"""The methods as a table with boxes to tick: who takes part, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from explorer.gui import theme
from explorer.gui.desk import Desk
from explorer.gui.widgets.contour_view_trails import casing_of, draw_marker, qcolour
from explorer.i18n import tr
from explorer.picture.colour import optimizer_look

NAME = Qt.ItemDataRole.UserRole


class MethodTable(QTreeWidget):
    """`chosen(names)`: who takes part was changed; `pointed(name)`: the line under the cursor or with the focus, "" none."""

    chosen = Signal(tuple)
    pointed = Signal(str)

    def __init__(self, desk: Desk, columns: Sequence[str]) -> None:
        super().__init__()
        self._desk, self._columns = desk, tuple(columns)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setColumnCount(1 + len(columns))
        self.header().setStretchLastSection(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setSectionResizeMode(len(columns), QHeaderView.ResizeMode.Interactive)
        self.setMinimumHeight(theme.px(30))
        self.viewport().installEventFilter(self)
        self.itemChanged.connect(self._changed)
        self.itemEntered.connect(lambda item, _column: self.pointed.emit(item.data(0, NAME)))
        self.currentItemChanged.connect(lambda item, _old: self.pointed.emit(item.data(0, NAME) if item else ""))
        self._said: dict[str, Sequence[str]] = {}
        self._order: list[str] = []
        self._taking: tuple[str, ...] = ()
        self._tokens = theme.tokens()
        self.refresh()

    def refresh(self) -> None:
        """Methods or language changed."""
        self.setHeaderLabels([tr("Method"), *map(tr, self._columns)])
        self._fill()

    def show_chosen(self, names: tuple[str, ...]) -> None:
        """Who takes part, without a signal."""
        if names != self._taking:
            self._taking = names
            self._fill()

    def show_rows(self, said: Mapping[str, Sequence[str]], order: Iterable[str]) -> None:
        """What stands in the columns of each method; `order` first, then who takes part, then the others."""
        self._said, self._order = dict(said), list(order)
        self._fill()

    def _fill(self) -> None:
        known = self._desk.choices("optimizer")
        first = [name for name in self._order if name in known and name in self._taking]
        rest = [name for name in known if name not in first]
        names = [*first, *(name for name in rest if name in self._taking), *(name for name in rest if name not in self._taking)]
        focused = self.currentItem()
        current = focused.data(0, NAME) if focused is not None else ""
        with QSignalBlocker(self):
            if [item.data(0, NAME) for item in self.items()] != names:
                self.clear()
                for name in names:
                    item = QTreeWidgetItem(self)
                    item.setData(0, NAME, name)
                    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                    item.setIcon(0, swatch(name))
            for item, name in zip(self.items(), names, strict=True):
                item.setText(0, self._desk.title_of("optimizer", name))
                item.setCheckState(0, Qt.CheckState.Checked if name in self._taking else Qt.CheckState.Unchecked)
                cells = self._said.get(name, ()) if name in self._taking else ()
                for column in range(len(self._columns)):
                    text = cells[column] if column < len(cells) else ""
                    item.setText(column + 1, text)
                    item.setToolTip(column + 1, text)
                if name == current:
                    self.setCurrentItem(item)

    def items(self) -> list[QTreeWidgetItem]:
        """The lines from top to bottom."""
        found = (self.topLevelItem(index) for index in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]

    def mark(self, name: str) -> None:
        """Show the line of a method, without a signal; "" none."""
        with QSignalBlocker(self):
            item = next((one for one in self.items() if one.data(0, NAME) == name), None)
            if item is None:
                self.clearSelection()
            else:
                self.setCurrentItem(item)

    def lines(self) -> list[str]:
        """Every line that takes part, tab-separated."""
        taking = [item for item in self.items() if item.checkState(0) == Qt.CheckState.Checked]
        return ["\t".join(item.text(column) for column in range(self.columnCount())) for item in taking]

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column != 0:
            return
        name, on = item.data(0, NAME), item.checkState(0) == Qt.CheckState.Checked
        if on == (name in self._taking):
            return
        names = (*self._taking, name) if on else tuple(one for one in self._taking if one != name)
        if not names:  # somebody must run
            with QSignalBlocker(self):
                item.setCheckState(0, Qt.CheckState.Checked)
            return
        self._taking = names
        # Later: whoever hears of it fills the table anew, and the line that is told of here would be gone under Qt's feet.
        QTimer.singleShot(0, self, lambda: self.chosen.emit(self._taking))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The cursor left the lines."""
        if watched is self.viewport() and event.type() == QEvent.Type.Leave:
            self.pointed.emit("")
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Space ticks the line with the focus, whatever else it does in this panel."""
        return space_presses(event) or super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Theme changed: other casings around the markers."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_tokens", theme.tokens()) != theme.tokens():
            self._tokens = theme.tokens()
            with QSignalBlocker(self):
                for item in self.items():
                    item.setIcon(0, swatch(item.data(0, NAME)))


def space_presses(event: QEvent) -> bool:
    """Whether `event` asks if Space belongs to the widget with the focus: it does, where it ticks or presses something."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride or event.key() != Qt.Key.Key_Space:
        return False
    event.accept()
    return True


def swatch(name: str) -> QIcon:
    """A method's marker in its colour."""
    return _swatch(name, theme.px(4), theme.tokens())


@lru_cache(128)
def _swatch(name: str, side: int, _tokens: theme.Tokens) -> QIcon:
    found = QPixmap(2 * side, 2 * side)
    found.setDevicePixelRatio(2.0)
    found.fill(Qt.GlobalColor.transparent)
    look = optimizer_look(name)
    painter = QPainter(found)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_marker(painter, look.marker, side / 2, side / 2, 0.34 * side, qcolour(look.colour), casing_of(look.colour))
    painter.end()
    return QIcon(found)
