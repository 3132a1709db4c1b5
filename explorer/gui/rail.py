"""The rail at the left edge: every panel by its picture and name, one click away, however many there are."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QSizePolicy, QToolBar, QToolButton, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.i18n import N_

WIDE = 22  # units of the grid: a rail with names under the pictures
LONG = 34  # with names beside them
NARROW = 10
TALL = 12.75  # of one button with its name, and the gap after it
LOW = 9.25  # of one with its name beside it
BARE = 8.5  # of one without a name, at most
TIGHT = 6.75  # and at least: in still lower windows the pictures stand in two columns
NAMES_FROM = 290  # units of the grid: narrower windows need the room for the panel
LONG_FROM = 320
ABOUT: dict[str, str] = {
    "welcome": N_("The first page: what one can do here, and recent work"),
    "network": N_("All layers of the network: what they cost, what they see"),
    "filters": N_("What the first layers look for, and what every channel answers to the picture"),
    "dream": N_("Pictures that a unit likes most, and Deep Dream"),
    "units": N_("One page a unit: filter, best pictures, maximised picture, field"),
    "why": N_("Which parts of the picture an answer rests on"),
    "surgery": N_("What the network says without a channel, or with another kernel"),
    "regions": N_("How far a picture can change before the answer does"),
    "live": N_("Objects, masks and classes in camera, video and pictures"),
    "xray": N_("How a detector comes from feature maps to boxes, step by step"),
    "arena": N_("Two networks or two precisions on the same picture"),
    "teach": N_("Teach the network classes of your own, from the camera"),
    "optimizers": N_("Optimizers racing over error surfaces"),
    "basins": N_("From which start a method ends where, and for which learning rates it arrives"),
    "contest": N_("Fair races: everybody tuned alike; the turned valley; tasks"),
    "init": N_("What the first weights do to a deep network, and how a ReLU network folds the plane"),
    "landscape": N_("The loss around the loaded weights, and training that leaves the plane"),
}


class Rail(QToolBar):
    """`chosen(name)` says what was clicked. Empty when it is first painted, in its final width: nothing moves later."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        words.say(self, N_("Panels"), "title")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setOrientation(Qt.Orientation.Vertical)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        self._room = QSize()
        self._current = "welcome"
        self._rows = _Rows()
        self.addWidget(self._rows)
        self.setFixedWidth(theme.px(WIDE))

    def add(self, name: str, title: str, icon: str) -> None:
        """One more button, at the end. `title` is an English message key."""
        button = QToolButton(self._rows)
        button.setObjectName(f"rail-{name}")
        button.setCheckable(True)
        set_icon(button, icon, 20)
        words.say(button, title)
        words.say(button, title, "name")
        if name in ABOUT:
            words.say(button, ABOUT[name], "tip")
        button.clicked.connect(self._clicked)
        self._group.addButton(button)
        self._buttons[name] = button
        self._dress()
        self.mark(self._current)

    def button(self, name: str) -> QToolButton:
        """The button of a panel."""
        return self._buttons[name]

    def mark(self, name: str) -> None:
        """Show which panel is the current one."""
        self._current = name
        button = self._buttons.get(name)
        if button is not None:
            button.setChecked(True)

    def fit(self, window: QSize) -> None:
        """Names under the pictures where the window has the room for them, and the rail itself is high enough."""
        self._room = window
        self._dress()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A second row of the strip, or another window: the names may have to go."""
        super().resizeEvent(event)
        if event.size().height() != event.oldSize().height():
            self._dress()

    def _dress(self) -> None:
        width, style = self._look()
        layout = self.layout()  # the style gives it margins of its own at each change
        if layout is not None:
            layout.setContentsMargins(0, theme.px(1), 0, 0)
            layout.setSpacing(1)
        bare = style == Qt.ToolButtonStyle.ToolButtonIconOnly
        columns = 2 if bare and self._room.isValid() and self._height_of_one() < theme.px(TIGHT) else 1
        wide = theme.px(width) - theme.px(2)
        self._rows.setFixedWidth((wide + 1) * columns - 1)
        self.setFixedWidth(self._rows.width() + theme.px(2))
        self.setIconSize(QSize(theme.px(5), theme.px(5)))
        high = min(theme.px(BARE), self._height_of_one() * columns) if bare and self._room.isValid() else 0
        for button in self._buttons.values():
            button.setToolButtonStyle(style)
            button.setIconSize(self.iconSize())
            button.setFixedWidth(wide)
            button.setFixedHeight(high or button.sizeHint().height())
        self._rows.place(list(self._buttons.values()), columns)

    def _look(self) -> tuple[float, Qt.ToolButtonStyle]:
        """Names under the pictures, beside them where the rail is too low for that, or none."""
        rows, room = len(self._buttons), self.height() - theme.px(2)
        if self._room.width() >= theme.px(NAMES_FROM) and room >= theme.px(TALL) * rows:
            return WIDE, Qt.ToolButtonStyle.ToolButtonTextUnderIcon
        if self._room.width() >= theme.px(LONG_FROM) and room >= theme.px(LOW) * rows:
            return LONG, Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        return NARROW, Qt.ToolButtonStyle.ToolButtonIconOnly

    def _height_of_one(self) -> int:
        """Pixels for each of the buttons under each other, without the gap of one."""
        return (self.height() - theme.px(2)) // max(1, len(self._buttons)) - 1

    def _clicked(self) -> None:
        sender = self._group.checkedButton()
        for name, button in self._buttons.items():
            if button is sender:
                self.chosen.emit(name)


class _Rows(QWidget):
    """The buttons in one column or two. One widget for the tool bar: that one would hide what does not fit behind an arrow."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(1)
        self._grid.setSizeConstraint(QGridLayout.SizeConstraint.SetNoConstraint)
        self._placed: tuple[int, int] = (0, 0)

    def place(self, buttons: list[QToolButton], columns: int) -> None:
        """Down the first column, then down the second."""
        if self._placed == (len(buttons), columns):
            return
        self._placed = len(buttons), columns
        rows = -(-len(buttons) // columns)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        for at, button in enumerate(buttons):
            self._grid.addWidget(button, at % rows, at // rows)
        self._grid.setRowStretch(rows, 1)

    def sizeHint(self) -> QSize:
        """No more than there is: it never asks the window to grow."""
        return QSize(1, 1)

    def minimumSizeHint(self) -> QSize:
        """See sizeHint."""
        return self.sizeHint()
