"""The objects of both sides, pair by pair."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from explorer.gui import theme, words
from explorer.gui.numerals import fixed
from explorer.gui.panels.arena_words import KINDS, pair_name, pair_text, score_text
from explorer.gui.panels.xray_side import disc
from explorer.i18n import N_, tr
from explorer.records.arena import ArenaResult

HEADS = (N_("Object"), "A", "B", "IoU")


class PairList(QTreeWidget):
    """`chosen(number)` when a person goes to a line."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(len(HEADS))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setIndentation(0)
        self.setFont(theme.tabular(self.font()))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, len(HEADS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        words.say(self, N_("Objects of both sides"), "name")
        words.say(self, N_("Choose an object: it is marked in both pictures"), "tip")
        self.itemClicked.connect(lambda item, _column: self._choose(item))

    def set_result(self, result: ArenaResult | None) -> None:
        """Show the pairs of a result, those that differ first."""
        self.setHeaderLabels([tr(head) for head in HEADS])
        with QSignalBlocker(self):
            self.clear()
            if result is None:
                return
            order = sorted(range(len(result.pairs)), key=lambda at: result.pairs[at].kind == "agreed")
            for number in order:
                pair = result.pairs[number]
                mark, _, colour = KINDS[pair.kind]
                iou = fixed(pair.iou, 2) if pair.a is not None and pair.b is not None else ""
                scores = (score_text(side, at) for side, at in zip(result.sides, (pair.a, pair.b), strict=True))
                item = QTreeWidgetItem([f"{mark}  {pair_name(result, pair)}", *scores, iou])
                item.setIcon(0, disc(colour))
                item.setToolTip(0, pair_text(result, pair))
                item.setData(0, Qt.ItemDataRole.UserRole, number)
                for column in range(1, len(HEADS)):
                    item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.addTopLevelItem(item)

    def mark(self, number: int | None) -> None:
        """Show which object is chosen."""
        with QSignalBlocker(self):
            for at in range(self.topLevelItemCount()):
                item = self.topLevelItem(at)
                if item is not None and item.data(0, Qt.ItemDataRole.UserRole) == number:
                    self.setCurrentItem(item)
                    return
            self.clearSelection()

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """What is shown."""
        found = []
        for at in range(self.topLevelItemCount()):
            item = self.topLevelItem(at)
            if item is not None:
                found.append(tuple(item.text(column) for column in range(len(HEADS))))
        return found

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down choose."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose(self.currentItem())

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(0, Qt.ItemDataRole.UserRole))
