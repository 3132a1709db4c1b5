"""Who takes part, from the long list by groups: a button that opens a page of tick boxes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.widgets.swatch import Swatch
from explorer.i18n import N_, tr
from explorer.requests.race import SIX

# Whoever is named nowhere (a plugin's method) stands in the last group.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("First order"), ("gd", "sgd", "momentum", "nesterov", "polyak")),
    (N_("Adaptive"), ("adagrad", "rmsprop", "adadelta", "adam", "adamw", "nadam", "radam", "lion")),
    (N_("Second order"), ("newton", "lm")),
    (N_("With a line search"), ("bfgs", "lbfgs", "cg")),
    (N_("Others"), ()),
)


def grouped(names: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """(title, methods) of every group that has any of `names`."""
    known = {name for _, group in GROUPS for name in group}
    rest = tuple(name for name in names if name not in known)
    found = [(title, tuple(name for name in group if name in names) or (() if group else rest)) for title, group in GROUPS]
    return [(title, group) for title, group in found if group]


class MethodPage(QFrame):
    """The page. `chosen(names)`: who takes part now, in the order of the list; at least one always does."""

    chosen = Signal(tuple)
    entered = Signal(str)  # a class of torch.optim

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._desk = desk
        self.setProperty("kind", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.boxes: dict[str, QCheckBox] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(4), theme.px(3), theme.px(4), theme.px(3))
        self._column.setSpacing(theme.px(2))
        self._build()

    def _build(self) -> None:
        names = self._desk.choices("optimizer")
        columns = QHBoxLayout()
        columns.setSpacing(theme.px(6))
        stacks = [QVBoxLayout(), QVBoxLayout()]
        groups = grouped(names)
        for index, (title, group) in enumerate(groups):
            stack = stacks[0] if index in (0, 2, 3) else stacks[1]
            label = QLabel(tr(title))
            label.setProperty("kind", "heading")
            stack.addWidget(label)
            grid = QGridLayout()
            grid.setHorizontalSpacing(theme.px(2))
            grid.setVerticalSpacing(0)
            for row, name in enumerate(group):
                box = QCheckBox(self._desk.title_of("optimizer", name))
                box.setToolTip(tr(str(self._desk.catalogue.entries("optimizer")[name].get("about", ""))))
                box.toggled.connect(self._toggled)
                self.boxes[name] = box
                grid.addWidget(Swatch(name), row, 0)
                grid.addWidget(box, row, 1)
            grid.setColumnStretch(1, 1)
            stack.addLayout(grid)
            stack.addSpacing(theme.px(1))
        for stack in stacks:
            stack.addStretch(1)
            columns.addLayout(stack)
        self._column.addLayout(columns)
        line = QHBoxLayout()
        for text, wanted in ((N_("The six of the lecture"), SIX), (N_("All methods"), names)):
            button = QPushButton(tr(text))
            button.setProperty("kind", "quiet")
            button.clicked.connect(lambda _=False, wanted=wanted: self._take(wanted))
            line.addWidget(button)
        line.addStretch(1)
        self._column.addLayout(line)
        self._column.addLayout(self._entry())

    def _entry(self) -> QHBoxLayout:
        """Any class of torch.optim, by name."""
        self.entry = QLineEdit()
        self.entry.setPlaceholderText("Adamax(lr=0.02)")
        words.say(self.entry, N_("A class of torch.optim"), "name")
        words.say(self.entry, N_("PyTorch's own code races too: a class with its options, then Enter"), "tip")
        label = QLabel("torch.optim")
        label.setProperty("kind", "muted")
        label.setBuddy(self.entry)
        self.entry.returnPressed.connect(self._entered)
        line = QHBoxLayout()
        line.addWidget(label)
        line.addWidget(self.entry, 1)
        return line

    def _entered(self) -> None:
        text = self.entry.text().strip()
        if text:
            self.entered.emit(text)
            self.entry.clear()

    def _toggled(self, on: bool) -> None:
        names = self.ticked()
        box = self.sender()
        if names:
            self.chosen.emit(names)
        elif isinstance(box, QCheckBox):  # somebody has to run
            with QSignalBlocker(box):
                box.setChecked(True)

    def _take(self, names: tuple[str, ...]) -> None:
        self.set_chosen(names)
        self.chosen.emit(self.ticked())

    def ticked(self) -> tuple[str, ...]:
        """In the order of the list."""
        return tuple(name for name in self._desk.choices("optimizer") if name in self.boxes and self.boxes[name].isChecked())

    def set_chosen(self, names: tuple[str, ...]) -> None:
        """Show who takes part, without a signal."""
        for name, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(name in names)


class MethodButton(QPushButton):
    """Opens the page under itself. `chosen(names)`; `entered(text)`: a class of torch.optim."""

    chosen = Signal(tuple)
    entered = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._names: tuple[str, ...] = ()
        self.page: MethodPage | None = None
        self.setProperty("kind", "quiet")
        set_icon(self, "add")
        words.say(self, N_("Methods..."))
        words.say(self, N_("Choose who takes part, from all methods (A)"), "tip")
        self.clicked.connect(self.open_page)

    def set_chosen(self, names: tuple[str, ...]) -> None:
        """Who takes part."""
        self._names = names
        if self.page is not None:
            self.page.set_chosen(names)

    def make_page(self) -> MethodPage:
        """A fresh page, not shown yet."""
        if self.page is not None:
            self.page.deleteLater()
        self.page = MethodPage(self._desk, self)
        self.page.set_chosen(self._names)
        self.page.chosen.connect(self.chosen)
        self.page.entered.connect(self.entered)
        return self.page

    def open_page(self) -> None:
        """Show the page, inside the screen."""
        page = self.make_page()
        size = page.sizeHint()
        at = self.mapToGlobal(QPoint(0, self.height()))
        screen = (self.screen() or QGuiApplication.primaryScreen()).availableGeometry()
        at.setX(max(screen.left(), min(at.x(), screen.right() - size.width())))
        at.setY(max(screen.top(), min(at.y(), screen.bottom() - size.height())))
        page.move(at)
        page.show()
        first = next(iter(page.boxes.values()), None)
        if first is not None:
            first.setFocus()
