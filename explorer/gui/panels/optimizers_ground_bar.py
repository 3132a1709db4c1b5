"""The rows above the contour: the function, the view, what lies over it; where needed its formula and its sliders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.panels.optimizers_ground_sliders import LOW_WINDOW, DomainButton, GroundSliders
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.requests.ground_look import GroundLook

if TYPE_CHECKING:
    from explorer.gui.panels.optimizers_formula import FormulaEditor

VIEWS = (
    ("2-D", N_("2-D"), N_("The contour")),
    ("3-D", N_("3-D"), N_("The surface in space (3: the next view)")),
    ("both", N_("Both"), N_("The contour and the surface in space")),
)
LEVELS = (
    ("balanced", N_("Levels: balanced")),
    ("linear", N_("Levels: equal steps")),
    ("logarithmic", N_("Levels: logarithmic")),
)
SWITCHES = (
    ("slopes", N_("Downhill arrows"), "D"),
    ("parabola", N_("Newton's parabola"), "Q"),
    ("numbers", N_("Numbers at the cursor"), "V"),
)


class GroundBar(QWidget):
    """`looked(fields)`: fields of GroundLook that a person changed; `levels(name)`; `whole()`: all of the domain again.

    `written`: the editor of a formula of one's own, once there is one; `edited(editor)`: now there is.
    """

    looked = Signal(object)
    levels = Signal(str)
    whole = Signal()
    edited = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.formula = OneLine()
        self.formula.setProperty("kind", "muted")
        self.written: FormulaEditor | None = None
        self.sliders = GroundSliders(desk)
        self.domain = DomainButton()
        self.domain.whole.connect(self.whole)
        self.views = QButtonGroup(self)
        self.show_button = tool_button("layers", N_("What lies over the contour, and how its levels are spaced"), N_("Show"))
        self.show_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.fit = tool_button("zoom-fit", N_("The whole surface (0)"))
        self.fit.clicked.connect(self.whole)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), 0, theme.px(3), theme.px(1))
        column.setSpacing(theme.px(1))
        line = self._line = QHBoxLayout()
        column.addLayout(line)
        line.setSpacing(theme.px(0.5))
        line.addWidget(self.formula, 1)
        line.addWidget(self.fit)
        line.addWidget(self.domain)
        for number, (view, text, tip) in enumerate(VIEWS):
            button = QToolButton()
            button.setCheckable(True)
            words.say(button, text)
            words.say(button, tip, "tip")
            button.setProperty("view", view)
            self.views.addButton(button, number)
            line.addWidget(button)
        line.addWidget(self.show_button)
        self.views.idClicked.connect(lambda number: self.looked.emit({"view": VIEWS[number][0]}))
        column.addWidget(self.sliders)
        self._menu()

    @property
    def editor(self) -> FormulaEditor:
        """The field for a formula of one's own; made when it is first asked for."""
        if self.written is None:
            from explorer.gui.panels.optimizers_formula import FormulaEditor

            self.written = FormulaEditor()
            self.written.faulted.connect(self._faulted)
            self._line.insertWidget(self._line.indexOf(self.formula) + 1, self.written.shown, 1)
            self._column.insertWidget(1, self.written)
            self.edited.emit(self.written)
        return self.written

    def _menu(self) -> None:
        menu = QMenu(self.show_button)
        self.switches: dict[str, QAction] = {}
        for name, _, _ in SWITCHES:
            action = menu.addAction("")
            action.setCheckable(True)
            action.toggled.connect(lambda on, name=name: self.looked.emit({name: on}))
            self.switches[name] = action
        menu.addSeparator()
        group = QActionGroup(menu)
        self.spacing: dict[str, QAction] = {}
        for name, text in LEVELS:
            action = menu.addAction("")
            words.say(action, text)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _=False, name=name: self.levels.emit(name))
            self.spacing[name] = action
        self.show_button.setMenu(menu)
        self.retranslate()

    def retranslate(self) -> None:
        """Entries with their keys."""
        for name, text, key in SWITCHES:
            self.switches[name].setText(f"{tr(text)}\t{key}")

    def _faulted(self, on: bool) -> None:
        """In a low window the words about a wrong formula take the room of its sliders: nothing grows."""
        if self.window().height() < LOW_WINDOW:
            self.sliders.setVisible(bool(self.sliders.sliders) and not on)

    def show_look(self, look: GroundLook) -> None:
        """What is in force, without a signal."""
        for button in self.views.buttons():
            button.setChecked(button.property("view") == look.view)
        for name, action in self.switches.items():
            action.blockSignals(True)
            action.setChecked(bool(getattr(look, name)))
            action.blockSignals(False)

    def show_levels(self, name: str) -> None:
        """How levels are spaced."""
        self.spacing[name].setChecked(True)

    def show_own(self, own: bool) -> None:
        """A formula of one's own: its field takes the place of the words."""
        if own or self.written is not None:
            self.editor.setVisible(own)
            self.editor.shown.setVisible(own)
        self.formula.setVisible(not own)
