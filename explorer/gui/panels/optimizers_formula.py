"""An own formula as a surface: the field with its examples, what is wrong and where, and the formula as a book would set it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.notices import trouble_text
from explorer.gui.widgets.tool_button import tool_button
from explorer.gui.widgets.typeset import Box, draw, fitted
from explorer.i18n import N_, tr
from explorer.records.errors import Trouble

PAUSE_MS = 160  # after the last key
HEAD = "f(x, y) = "
EXAMPLES = (
    (N_("Bowl with a slider"), "x^2 + a y^2"),
    (N_("Saddle in waves"), "x^2 - y^2 + cos(a x)"),
    (N_("Kinks"), "|x| + a |y|"),
    (N_("Turned valley"), "(x + y)^2 + k*(x - y)^2"),
    (N_("Two basins"), "(x^2 - 1)^2 + y^2 + 0.3x"),
    (N_("Egg box"), "sin(3x) sin(3y) + (x^2 + y^2)/10"),
    (N_("Plateau"), "1 - exp(-(x^2 + y^2)/s)"),
    (N_("Stair"), "where(x < 0, 1, 0) + y^2/4"),
    (N_("Pole"), "1/(x^2 + y^2 + 0.01)"),
    (N_("Edge of the world"), "y^2 - log(x)"),
    (N_("One sigmoid unit"), "(1/(1 + exp(-(x + y))) - 0.8)^2 + (1/(1 + exp(-(x - 2y))) - 0.3)^2"),
)


class FormulaField(QLineEdit):
    """The line that is typed into; underlines the first bad character."""

    def __init__(self) -> None:
        super().__init__()
        self.bad = -1
        self.setClearButtonEnabled(True)
        self.setFont(theme.tabular(self.font()))
        self.setMaxLength(2000)

    def place_of(self, position: int) -> float:
        """Pixel from the left at which the character at `position` begins, as the line is scrolled now."""
        metrics, text = QFontMetricsF(self.font()), self.text()
        here = QRectF(self.cursorRect()).center().x()
        return here - metrics.horizontalAdvance(text[: self.cursorPosition()]) + metrics.horizontalAdvance(text[:position])

    def paintEvent(self, event: QPaintEvent) -> None:
        """A mark under what is wrong."""
        super().paintEvent(event)
        if self.bad < 0:
            return
        left = self.place_of(self.bad)
        right = max(self.place_of(self.bad + 1), left + 6)
        painter = QPainter(self)
        painter.setPen(QPen(QColor(theme.tokens().bad), 2))
        y = self.height() - 4
        painter.drawLine(QPointF(left, y), QPointF(right, y))


class FaultLine(QWidget):
    """A caret under the first bad character, and in words what is wrong there."""

    def __init__(self, field: FormulaField) -> None:
        super().__init__()
        self._field = field
        self.text = ""
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def say(self, text: str) -> None:
        """Show `text`; "" hides it."""
        self.text = text
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:
        """As many lines as the words need."""
        room = self.fontMetrics().boundingRect(0, 0, max(60, width), 1000, int(Qt.TextFlag.TextWordWrap), self.text)
        return room.height() + theme.px(2.5)

    def sizeHint(self) -> QSize:
        """At the present width."""
        return QSize(100, self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The caret stands where the character stands in the field above."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bad, side = QColor(theme.tokens().bad), theme.px(1)
        at = self._field.place_of(max(0, self._field.bad)) + QFontMetricsF(self._field.font()).averageCharWidth() / 2
        x = float(self.mapFromGlobal(self._field.mapToGlobal(QPointF(at, 0.0))).x())
        x = min(max(x, side), self.width() - side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(bad)
        painter.drawPolygon(QPolygonF([QPointF(x, 0), QPointF(x + side, 1.4 * side), QPointF(x - side, 1.4 * side)]))
        painter.setPen(bad)
        painter.drawText(self.rect().adjusted(0, theme.px(2), 0, 0), int(Qt.TextFlag.TextWordWrap), self.text)


class TypesetLine(QWidget):
    """A formula set as in a book; smaller where there is little room."""

    LINES = 2.6  # lines of type that it may be high

    def __init__(self) -> None:
        super().__init__()
        self._latex = ""
        self._box: Box | None = None
        self._box_of: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_latex(self, latex: str, plain: str) -> None:
        """Show another formula; `plain` is read to those who cannot see it."""
        self._latex = latex
        self.setAccessibleName(plain)
        self.setToolTip(plain)
        self.updateGeometry()
        self.update()

    def _fitted(self) -> Box:
        font = self.font()
        key = (self._latex, font.key(), self.width())
        if self._box is None or key != self._box_of:
            large = self.fontMetrics().height() * 1.1
            font.setPixelSize(round(large * 0.9))
            room = QRectF(0, 0, max(80, self.width() - 8), self.LINES * self.fontMetrics().height())
            self._box, self._box_of = fitted(HEAD.replace(" ", "") + self._latex, font, room), key
        return self._box

    def sizeHint(self) -> QSize:
        """As high as the formula."""
        return QSize(100, round(self._fitted().height) + theme.px(2) if self._latex else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another size of type."""
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The formula, in the middle of the height."""
        if not self._latex:
            return
        box = self._fitted()
        painter = QPainter(self)
        painter.setClipRect(self.rect())
        draw(painter, box, 4, (self.height() + box.up - box.down) / 2, QPen(QColor(theme.tokens().text)))


class FormulaEditor(QWidget):
    """`wanted(text)`: try this formula (the person stopped typing); `entered(text)`: they pressed Enter or chose it.

    `shown`: the formula in force, for whoever has room for it.
    """

    wanted = Signal(str)
    entered = Signal(str)
    faulted = Signal(bool)  # something is wrong, or no longer

    def __init__(self) -> None:
        super().__init__()
        self.before: list[str] = []  # formulas of before, the newest first
        self.tried = False  # what stands in the field is being tried
        self._in_force = ""
        self.field = FormulaField()
        words.say(self.field, N_("Formula"), "name")
        words.say(
            self.field,
            N_("x and y; + - * / ^ |x|; sqrt, exp, log, sin, cos, tanh, min, max, where(x < 0, 1, 2). Other letters: sliders."),
            "tip",
        )
        words.say(self.field, N_("for example x^2 + a y^2"), "placeholder")
        self.fault = FaultLine(self.field)
        self.shown = TypesetLine()
        self.examples = tool_button("recipe", N_("Examples, and formulas of before"), N_("Examples"))
        self.examples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.examples)
        self._menu.aboutToShow.connect(self._fill)
        self.examples.setMenu(self._menu)
        head = QLabel(HEAD)
        head.setProperty("kind", "muted")
        head.setBuddy(self.field)
        line = QHBoxLayout()
        line.setSpacing(theme.px(1))
        line.addWidget(head)
        line.addWidget(self.field, 1)
        line.addWidget(self.examples)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.fault)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._rested)
        self.field.textEdited.connect(self._typed)
        self.field.returnPressed.connect(self._enter)
        self.field.cursorPositionChanged.connect(self.fault.update)

    def _typed(self) -> None:
        self._pause.start()

    def _rested(self) -> None:
        if self.field.text().strip():
            self.wanted.emit(self.field.text())
        else:
            self.clear_fault()

    def _enter(self) -> None:
        self._pause.stop()
        if self.field.text().strip():
            self.entered.emit(self.field.text())

    def choose(self, text: str) -> None:
        """An example or a formula of before."""
        self.field.setText(text)
        self._enter()
        self.field.setFocus()

    @property
    def typing(self) -> bool:
        """Whether nobody knows yet if what stands in the field is good."""
        return self._pause.isActive() or self.tried

    def show_formula(self, text: str) -> None:
        """The formula in force; leaves alone what is being typed, and what is wrong until another one is in force."""
        if text != self._in_force and not self.typing:
            self.clear_fault()
        self._in_force = text
        if not self.typing and not self.fault.text and self.field.text() != text:
            self.field.setText(text)

    def accepted(self, latex: str, plain: str) -> None:
        """The formula is good."""
        self.clear_fault()
        self.shown.set_latex(latex, plain)

    def clear_fault(self) -> None:
        """Nothing is wrong."""
        self.field.bad = -1
        self.field.update()
        self.fault.say("")
        self.faulted.emit(False)

    def refused(self, trouble: Trouble) -> None:
        """Say what is wrong, under the place, if that text still stands there."""
        told = str(trouble.values.get("formula", ""))
        if not self.field.text():
            self.field.setText(told)
        self.field.bad = int(trouble.values.get("position", 0))
        self.field.update()
        self.faulted.emit(True)
        self.fault.say(trouble_text(trouble))

    def _fill(self) -> None:
        self._menu.clear()
        for title, text in EXAMPLES:
            self._menu.addAction(f"{tr(title)}\t{_short(text)}").triggered.connect(partial(self.choose, text))
        if self.before:
            self._menu.addSeparator()
        for text in self.before:
            self._menu.addAction(_short(text).replace("&", "&&")).triggered.connect(partial(self.choose, text))


def _short(text: str) -> str:
    """For a menu."""
    return text if len(text) <= 40 else text[:39] + "…"
