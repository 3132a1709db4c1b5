"""The classes of a detector: which of them to show, how many there are now and were so far."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.panels.live_counts import Counts
from explorer.gui.panels.live_list import class_icon
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr

ROWS = 9
LETTERS = 13  # that a name should have room for
NAME = Qt.ItemDataRole.UserRole


class ClassFilter(QWidget):
    """`chosen(names)`: only these are wanted, () all. `set_only` shows what is in force, `show_counts` the numbers."""

    chosen = Signal(tuple)
    restarted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._labels: tuple[str, ...] = ()
        self._only: tuple[str, ...] = ()
        self._wide = {1: 0, 2: 0}  # of the columns with numbers, in pixels
        self._none = False  # nothing is ticked yet: a person begins to choose
        self.title = QLabel()
        self.title.setProperty("kind", "muted")
        words.say(self.title, N_("Classes to show"))
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        words.say(self.search, N_("Search a class"), "placeholder")
        words.say(self.search, N_("Search a class"), "name")
        self.search.textChanged.connect(self._filter)
        self.title.setBuddy(self.search)
        self.seen = tool_button("live", N_("List only classes that were seen so far"), checkable=True)
        self.seen.toggled.connect(self._filter)
        self.all = tool_button("check", N_("Show all classes"), N_("All"))
        self.all.clicked.connect(self.show_all)
        self.none = tool_button("close", N_("Take all ticks away, to choose a few"), N_("None"))
        for button in (self.all, self.none):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)  # words alone: the dock may be narrow
        self.none.clicked.connect(self.show_none)
        self.again = tool_button("reset", N_("Count again from the beginning"))
        self.again.clicked.connect(self.restarted)
        self.list = QTreeWidget()
        self.list.setColumnCount(3)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setIndentation(0)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setMinimumSectionSize(theme.px(7))
        for column in (1, 2):
            self.list.header().setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self.list.setFixedHeight(ROWS * (self.fontMetrics().height() + theme.px(2)))
        self.list.itemChanged.connect(self._ticked)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.itemActivated.connect(self._only_this)
        words.say(self.list, N_("Classes to show"), "name")
        words.say(self.list, N_("Tick the classes to show. Double click: only this one."), "tip")
        self.hint = QLabel()
        self.hint.setProperty("kind", "muted")
        self.hint.setWordWrap(True)
        line = QHBoxLayout()
        line.setSpacing(theme.px(0.5))
        for button in (self.all, self.none, self.seen, self.again):
            line.addWidget(button)
        line.addStretch(1)
        self.setMinimumWidth(theme.px(36))  # the dock may be narrow; the list then scrolls
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.px(1))
        whole.addWidget(self.title)
        whole.addWidget(self.search)
        whole.addLayout(line)
        whole.addWidget(self.list)
        whole.addWidget(self.hint)
        self.say()

    # -- what is shown -----------------------------------------------------------------------------------------------
    def set_labels(self, labels: tuple[str, ...]) -> None:
        """The classes of the network."""
        if labels == self._labels:
            return
        self._labels, self._none = labels, False
        with QSignalBlocker(self.list):
            self.list.clear()
            for name in dict.fromkeys(labels):
                item = QTreeWidgetItem([tr(name), "", ""])
                item.setData(0, NAME, name)
                item.setIcon(0, class_icon(name))
                item.setToolTip(0, item.text(0))
                for column in (1, 2):
                    item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.list.addTopLevelItem(item)
        self._tick()
        self.say()

    def set_only(self, only: tuple[str, ...]) -> None:
        """Which classes are wanted; () is all."""
        self._none = self._none and not only
        self._only = only
        self._tick()
        self.say()

    def show_counts(self, counts: Counts) -> None:
        """Now, and so far."""
        with QSignalBlocker(self.list):
            for item in self._items():
                name = str(item.data(0, NAME))
                for column, number in ((1, counts.now[name]), (2, counts.so_far[name])):
                    text = str(number) if number else ""
                    if item.text(column) != text:
                        item.setText(column, text)
        if self.seen.isChecked():
            self._filter()
        tip = N_("Objects with a number of their own since the start") if counts.by_track else N_(
            "The most objects seen at once since the start. With Follow objects on, each one is counted."
        )  # fmt: skip
        self.list.headerItem().setToolTip(2, tr(tip))

    def say(self) -> None:
        """Texts that are put together here, in the language in force."""
        heads = [tr("Class"), tr("Now"), tr("So far")]
        self.list.setHeaderLabels(heads)
        for column in (1, 2):  # its word or four figures, no wider: the names need the room
            wide = max(self.list.header().fontMetrics().horizontalAdvance(text) for text in (heads[column], "8888"))
            self._wide[column] = wide + theme.px(2.5)
            self.list.header().resizeSection(column, self._wide[column])
        self._make_room()
        with QSignalBlocker(self.list):
            for item in self._items():
                item.setText(0, tr(str(item.data(0, NAME))))
                item.setToolTip(0, item.text(0))
        if not self._labels:
            text = tr("The classes appear with the first picture.")
        elif self._none:
            text = tr("Tick at least one class; until then all are shown.")
        else:
            text = tr("{count} of {all} classes are shown.").format(count=len(self._only), all=len(self._labels))
        self.hint.setText(text)
        self.hint.setVisible(bool(self._only or self._none or not self._labels))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow dock the names are worth more than how many there are now: the picture and its list say that, too."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        names = self.width() - sum(self._wide.values()) - theme.px(14)  # the box and the icon stand before them
        self.list.setColumnHidden(1, names < LETTERS * self.fontMetrics().averageCharWidth())

    # -- choosing ----------------------------------------------------------------------------------------------------
    @Slot()
    def show_all(self) -> None:
        """Every class."""
        self._none = False
        self._choose(())

    @Slot()
    def show_none(self) -> None:
        """Begin to choose from nothing; all stay until the first tick."""
        self._none = True
        self._choose(())

    def _choose(self, only: tuple[str, ...]) -> None:
        self.set_only(only)
        self.chosen.emit(only)

    @Slot(QTreeWidgetItem)
    def _ticked(self, _item: QTreeWidgetItem) -> None:
        ticked = tuple(str(item.data(0, NAME)) for item in self._items() if item.checkState(0) == Qt.CheckState.Checked)
        every = len(ticked) == self.list.topLevelItemCount()
        self._none = not ticked
        self._choose(() if every else ticked)

    @Slot(QTreeWidgetItem)
    def _only_this(self, item: QTreeWidgetItem) -> None:
        self._choose((str(item.data(0, NAME)),))

    @Slot(QPoint)
    def _menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at) or self.list.currentItem()
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Only this class")).triggered.connect(lambda: self._only_this(item))
        menu.addAction(tr("Show all classes")).triggered.connect(self.show_all)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _tick(self) -> None:
        wanted = set(self._only)
        with QSignalBlocker(self.list):
            for item in self._items():
                on = str(item.data(0, NAME)) in wanted if wanted else not self._none
                item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    @Slot()
    def _filter(self) -> None:
        wanted, seen = self.search.text().strip().casefold(), self.seen.isChecked()
        for item in self._items():
            here = wanted in item.text(0).casefold() or wanted in str(item.data(0, NAME)).casefold()
            item.setHidden(not here or (seen and not item.text(2)))
