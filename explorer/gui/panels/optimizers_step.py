"""Step by step: each term of one method's update, written with the numbers of this step and drawn in its colour."""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.panels.optimizers_marks import draw_arrow, term_colour
from explorer.gui.widgets.contour_view_trails import casing_of, qcolour
from explorer.gui.widgets.formula_lines import FormulaLines
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, figures, tr
from explorer.picture.colour import Colour
from explorer.picture.race_chart import number, pair
from explorer.records.descent import StepTerms, Term
from explorer.requests.race import RaceRequest


class Glyph(QWidget):
    """A term as the contour draws it: the direction of its arrow, the sides of its rectangle, or a disc for a number."""

    def __init__(self) -> None:
        super().__init__()
        self._term, self._colour = Term("", "", 0.0), (0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_term(self, term: Term, colour: Colour) -> None:
        """Show another."""
        self._term, self._colour = term, colour
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines high."""
        return QSize(theme.px(9), theme.px(9))

    def paintEvent(self, event: QPaintEvent) -> None:
        """In the colour of the term."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, casing = qcolour(self._colour), casing_of(self._colour)
        middle, reach = QPointF(self.width() / 2, self.height() / 2), 0.42 * self.width()
        x, y = self._term.x, self._term.y
        size = max(abs(x), abs(y)) if self._term.kind == "axes" else math.hypot(x, y)
        if self._term.kind == "number" or not 0.0 < size < math.inf:
            painter.setPen(QPen(casing, 1.4))
            painter.setBrush(ink)
            painter.drawEllipse(middle, 0.2 * self.width(), 0.2 * self.width())
        elif self._term.kind == "axes":
            wide, tall = (reach * math.sqrt(abs(one) / size) for one in (x, y))
            painter.setPen(QPen(ink, 1.6, Qt.PenStyle.DashLine))
            painter.setBrush(qcolour(self._colour, 60))
            painter.drawRect(QRectF(middle.x() - wide, middle.y() - tall, 2 * wide, 2 * tall))
        else:
            way = QPointF(reach * x / size, -reach * y / size)
            draw_arrow(painter, middle - way, middle + way, ink, casing, 2.2)


class TermRow(QWidget):
    """How a term is made, the same with numbers, what it is. Rows stay from step to step, so that nothing flickers."""

    def __init__(self) -> None:
        super().__init__()
        self._glyph, self._symbol = Glyph(), FormulaLines(larger=1.1)
        self.worked, self._said = QLabel(), QLabel()
        self.worked.setTextFormat(Qt.TextFormat.RichText)
        self.worked.setFont(theme.tabular(self.font()))
        self.worked.setWordWrap(True)
        self.worked.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._said.setProperty("kind", "muted")
        self._said.setWordWrap(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(2))
        grid.setVerticalSpacing(0)
        grid.addWidget(self._glyph, 0, 0, 3, 1, Qt.AlignmentFlag.AlignTop)
        for line, widget in enumerate((self._symbol, self.worked, self._said)):
            grid.addWidget(widget, line, 1)
        grid.setColumnStretch(1, 1)

    def set_term(self, term: Term, colour: Colour) -> None:
        """Write another."""
        result = number(term.x, 4) if term.kind == "number" else pair(term.x, term.y, 4)
        self._glyph.set_term(term, colour)
        if term.symbol != self._symbol.text():
            self._symbol.set_formula(term.symbol)
        self.worked.setText(f"= {escape(figures(term.numbers))} = <b>{result}</b>" if term.numbers else f"= <b>{result}</b>")
        self._said.setText(tr(term.text))
        self.setAccessibleName(f"{term.symbol}: {tr(term.text)}")


class StepPage(QWidget):
    """`method_chosen(name)`; `back` and `forward`: a step on the playhead; `slowly(on)`: play at a pace that can be read."""

    method_chosen = Signal(str)
    back = Signal()
    forward = Signal()
    slowly = Signal(bool)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.terms: StepTerms | None = None
        self.rows: list[TermRow] = []
        self.setProperty("kind", "page")
        self.method = QComboBox()
        self.method.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.method.setMinimumContentsLength(6)
        words.say(self.method, N_("Method"), "name")
        words.say(self.method, N_("Whose step is taken apart"), "tip")
        self.method.activated.connect(lambda at: self.method_chosen.emit(str(self.method.itemData(at))))
        self.to_back = tool_button("step-back", N_("The step before (Left)"))
        self.to_forward = tool_button("step", N_("The next step (Right)"))
        self.slow = tool_button("clock", N_("Play slowly: a step about every second"), N_("Slowly"), checkable=True)
        self.to_back.clicked.connect(self.back)
        self.to_forward.clicked.connect(self.forward)
        self.slow.toggled.connect(self.slowly)
        line = QHBoxLayout()
        line.setSpacing(theme.px(1))
        line.addWidget(self.method, 1)
        for button in (self.to_back, self.to_forward, self.slow):
            line.addWidget(button)
        self.title = QLabel()
        self.title.setProperty("kind", "heading")
        self.title.setWordWrap(True)
        self.formula = FormulaLines()
        self.note = QLabel()
        self.note.setProperty("kind", "muted")
        self.note.setWordWrap(True)
        words.say(self.note, N_("On the contour the step has its true length; all other arrows share a scale of their own."))
        holder = QWidget()
        holder.setProperty("kind", "page")
        whole = QVBoxLayout(holder)
        whole.setContentsMargins(0, 0, theme.px(1), 0)
        whole.setSpacing(theme.px(2))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.px(2))
        whole.addWidget(self.title)
        whole.addWidget(self.formula)
        whole.addLayout(self._rows)
        whole.addWidget(self.note)
        whole.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setProperty("kind", "page")
        area.setWidget(holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(1), theme.px(1), 0, 0)
        column.setSpacing(theme.px(2))
        column.addLayout(line)
        column.addWidget(area, 1)

    def show_request(self, request: RaceRequest, chosen: str) -> None:
        """Who takes part and who is told."""
        with QSignalBlocker(self.method):
            self.method.clear()
            for name in request.optimizers:
                self.method.addItem(self._desk.title_of("optimizer", name), name)
            self.method.setCurrentIndex(max(0, self.method.findData(chosen)))

    @property
    def chosen(self) -> str:
        """Whose step is told."""
        return str(self.method.currentData() or "")

    def show_terms(self, told: StepTerms) -> None:
        """Write a step."""
        self.terms = told
        entry = self._desk.catalogue.entries("optimizer").get(told.optimizer, {})
        self.formula.set_formula(str(entry.get("formula", "")))
        places = {"step": told.step, "before": pair(*told.before, 4), "after": pair(*told.after, 4)}
        if told.terms:
            self.title.setText(tr("Step {step}: from {before} to {after}").format(**places))
        else:
            self.title.setText(tr("There is no step {step}: the path ended at {before}.").format(**places))
        while self._rows.count() > len(told.terms):
            item = self._rows.takeAt(self._rows.count() - 1)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        del self.rows[len(told.terms) :]
        for index, term in enumerate(told.terms):
            if index == len(self.rows):
                self.rows.append(TermRow())
                self._rows.addWidget(self.rows[-1])
                self.rows[-1].show()
            self.rows[index].set_term(term, term_colour(told, index))

    def retranslate(self) -> None:
        """The language changed."""
        if self.terms is not None:
            self.show_terms(self.terms)
