"""Pages under a line of tabs. A page is made when somebody first turns to it, or asks for it: nobody waits for the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from explorer.i18n import tr


class Pages(QObject):
    """`tabs` and `stack` are there to be put where they belong, then the owner asks for the first page. `titles`, `tips`:
    English keys, a page each; `make(index)` makes a page, best under `stack`: whatever moves to another parent is styled anew.
    `grown(index)`: a page was made; `turned(index)`: another one is in front.
    """

    grown = Signal(int)
    turned = Signal(int)

    def __init__(self, owner: QWidget, titles: Sequence[str], make: Callable[[int], QWidget], tips: Sequence[str] = ()) -> None:
        super().__init__(owner)
        self._titles, self._tips, self._make = titles, tips, make
        self._made: dict[int, QWidget] = {}
        self.tabs, self.stack = QTabBar(owner), QStackedWidget(owner)
        self.tabs.setDrawBase(False)
        for _ in titles:
            self.tabs.addTab("")
        self.retranslate()
        self.tabs.currentChanged.connect(self._turn)

    @property
    def at(self) -> int:
        """Which page is in front."""
        return self.tabs.currentIndex()

    @property
    def made(self) -> list[QWidget]:
        """Those that are there, in the order of their tabs."""
        return [self._made[index] for index in sorted(self._made)]

    def has(self, index: int) -> bool:
        """Whether a page is there."""
        return index in self._made

    def page(self, index: int) -> QWidget:
        """A page; it is made where it is not there yet."""
        if index not in self._made:
            page = self._made[index] = self._make(index)
            self.stack.addWidget(page)
            self.grown.emit(index)
        return self._made[index]

    def turn(self, index: int) -> None:
        """Bring a page to the front."""
        self.tabs.setCurrentIndex(index)

    def _turn(self, index: int) -> None:
        self.stack.setCurrentWidget(self.page(index))
        self.turned.emit(index)

    def retranslate(self) -> None:
        """The language changed."""
        for index, title in enumerate(self._titles):
            self.tabs.setTabText(index, tr(title))
        for index, tip in enumerate(self._tips):
            self.tabs.setTabToolTip(index, tr(tip))
