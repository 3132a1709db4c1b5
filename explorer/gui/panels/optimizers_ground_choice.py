"""The list of surfaces by families, and an entry for a formula of one's own."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QSizePolicy

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.i18n import N_, tr

FAMILIES = (
    ("classic", N_("Classic")),
    ("rough", N_("Rough")),
    ("data", N_("From data")),
    ("neural", N_("Neural networks")),
    ("", N_("Others")),
)
OWN = "own formula"  # the data of the last entry; no surface of the table may be called so (a blank is no name)


class SurfaceChoice(QComboBox):
    """`picked(name)`: a person chose a surface, or OWN."""

    picked = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._rows = QStandardItemModel(self)
        self.setModel(self._rows)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(30)
        words.say(self, N_("Surface"), "name")
        words.say(self, N_("Surface (N: the next one)"), "tip")
        self.activated.connect(self._activated)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """It may be narrower than its longest entry."""
        return QSize(theme.px(34), super().minimumSizeHint().height())

    def refresh(self) -> None:
        """The surfaces or the language changed."""
        chosen = self.currentData()
        entries = self._desk.catalogue.entries("surface")
        with QSignalBlocker(self):
            self._rows.clear()
            for family, title in FAMILIES:
                names = [name for name in self._desk.choices("surface") if self._family(entries[name]) == family]
                if names:
                    self._head(tr(title))
                for name in names:
                    self._row(self._desk.title_of("surface", name), name, tr(str(entries[name].get("about", ""))))
            self._head(tr("Your own"))
            self._row(tr("Own formula"), OWN, tr("Type a function of x and y."))
            self.show_choice(chosen or "saddle")

    @staticmethod
    def _family(entry: dict[str, object]) -> str:
        family = str(entry.get("family", ""))
        return family if family in dict(FAMILIES) else ""

    def _head(self, text: str) -> None:
        item = QStandardItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setForeground(QColor(theme.tokens().muted))
        font = self.font()
        font.setBold(True)
        item.setFont(font)
        self._rows.appendRow(item)

    def _row(self, text: str, name: str, tip: str) -> None:
        item = QStandardItem(text)
        item.setData(name, Qt.ItemDataRole.UserRole)
        item.setToolTip(tip)
        self._rows.appendRow(item)

    def names(self) -> list[str]:
        """What can be chosen, in order."""
        found = [self.itemData(row) for row in range(self.count())]
        return [str(name) for name in found if name]

    def show_choice(self, name: str) -> None:
        """Show what is in force, without a signal."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(name))

    def next(self, by: int) -> str:
        """The name `by` entries after the present one; formulas are passed over."""
        names = [name for name in self.names() if name != OWN]
        here = names.index(self.currentData()) if self.currentData() in names else -1
        return names[(here + by) % len(names)]

    def _activated(self, row: int) -> None:
        name = self.itemData(row)
        if name:
            self.picked.emit(str(name))
