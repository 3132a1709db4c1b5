"""The numbers behind one number: window x kernel = products, their sum, the bias, the activation, the softmax."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.gui import theme
from explorer.gui.numerals import figure
from explorer.gui.widgets.numbers_parts import Hit, Row, Sheet, Table, cell_side, draw_curve, draw_rows, draw_table
from explorer.gui.widgets.numbers_text import filled_text, formula_text, place_text, result_text, softmax_text, sum_text
from explorer.gui.widgets.sized import Sized
from explorer.i18n import tr
from explorer.records.numbers import Numbers, Softmax, Window

STEPS = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
BACK = (Qt.Key.Key_Escape, Qt.Key.Key_Backspace)


class NumbersView(Sized):
    """Paints a Numbers. Arrow keys ask for the neighbour, Esc and Backspace for the way back; tooltips tell each cell."""

    comfortable: ClassVar[tuple[int, int]] = (640, 420)
    least: ClassVar[tuple[int, int]] = (260, 200)
    moved = Signal(int, int)  # rows, columns
    slice_chosen = Signal(int)  # an index into the window's channels
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record: Numbers | None = None
        self.at = 0  # the slice shown: an index into the window's channels
        self.classes: tuple[str, ...] = ()
        self.tables: list[Table] = []  # as drawn
        self._hits: list[Hit] = []
        self._lines: list[tuple[QRectF, int]] = []  # rows that stand for a slice
        self._empty = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # -- content -----------------------------------------------------------------------------------------------------
    def set_record(self, record: Numbers | None, at: int | None = None, classes: tuple[str, ...] = ()) -> None:
        """Show a number; `at`: the slice to show (None: the one with the largest sum)."""
        self.record, self.classes = record, classes
        window = None if record is None else record.worked.window
        if window is None:
            self.at = 0
        else:
            self.at = window.chosen if at is None or not 0 <= at < len(window.channels) else at
        self.tables = [] if window is None or self._listed(window) else self._tables(window)
        said = [] if record is None else [formula_text(record), sum_text(record), result_text(record)]
        self.setAccessibleDescription(" · ".join(filter(None, said)))
        self.update()

    def set_slice(self, at: int) -> None:
        """Show another input channel."""
        self.set_record(self.record, at, self.classes)

    def set_empty_text(self, text: str) -> None:
        """What to say while there is nothing."""
        self._empty = text
        self.update()

    @staticmethod
    def _listed(window: Window) -> bool:
        """Whether the numbers are better told as a list: one input each."""
        return bool(window.weights.size) and window.inside.size == 1

    def _tables(self, window: Window) -> list[Table]:
        at = self.at
        channel = int(window.channels[at])
        outside = ~window.inside
        rows = ["" if y < 0 else f"y {y}" for y in window.rows.tolist()]
        columns = ["" if x < 0 else f"x {x}" for x in window.columns.tolist()]
        values = window.values[at].astype(np.float64)
        first = Table(tr("Input, channel {channel}").format(channel=channel), values, outside, window.winner, rows, columns)
        if not window.weights.size:
            return [first]
        kernel = Table(tr("Kernel, slice {channel}").format(channel=channel), window.weights[at].astype(np.float64))
        return [first, kernel, Table(tr("Products"), window.products(at), outside)]

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """The formula, the body, the sum, the result."""
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()  # a traceback would keep it, and a painter that outlives its event is a crash

    def _paint(self, painter: QPainter) -> None:
        t = theme.tokens()
        painter.fillRect(self.rect(), QColor(t.canvas))
        record = self.record
        if record is None:
            painter.setPen(QColor(t.muted))
            painter.drawText(
                self.rect().adjusted(16, 16, -16, -16), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty
            )
            return
        sheet = Sheet(painter, theme.tabular(self.font()))  # not kept: a painter must end with its event
        self._hits, self._lines = sheet.hits, []
        margin = theme.px(3)
        box = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        below = self._below(record)
        room = 0.0
        for text, _, bold in below:
            room += self._height_of(sheet, box, text, bold) + theme.px(1)
        used = sheet.text(box, formula_text(record), t.muted)
        body = box.adjusted(0, used + theme.px(3), 0, -room - theme.px(2))
        bottom = self._body(sheet, record, body)
        box.setTop(min(bottom + theme.px(3), box.bottom() - room))
        for text, colour, bold in below:
            box.setTop(box.top() + sheet.text(box, text, colour, bold=bold) + theme.px(1))

    @staticmethod
    def _height_of(sheet: Sheet, box: QRectF, text: str, bold: bool) -> float:
        font = sheet.painter.font()
        font.setBold(bold)
        sheet.painter.setFont(font)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        return float(sheet.painter.boundingRect(QRectF(0, 0, box.width(), 10_000), int(flags), text).height())

    def _below(self, record: Numbers) -> list[tuple[str, str, bool]]:
        """The lines under the body: (text, colour, bold)."""
        t = theme.tokens()
        worked, window = record.worked, record.worked.window
        lines: list[tuple[str, str, bool]] = []
        if window is not None and worked.how == "sum" and not self._listed(window):
            total = figure(float(window.sums[self.at]))
            text = tr("The products of input channel {channel} sum to {sum}.")
            lines.append((text.format(channel=int(window.channels[self.at]), sum=total), t.text, False))
        if sum_text(record):
            lines.append((sum_text(record), t.text, True))
        elif worked.total is not None:
            if worked.how != "steps" or worked.curve is not None:
                terms = " · ".join(
                    f"{term.name if term.symbol else tr(term.name)} = {figure(term.value, 6)}" for term in worked.terms
                )
                lines += [(terms, t.text, False)] if terms else []
            lines.append((f"{filled_text(record)} = {figure(worked.total, 6)}".lstrip(), t.text, True))
        lines.append((result_text(record), t.muted, False))
        if record.before is not None:
            lines.append((tr("Surgery made {value} of it.").format(value=figure(record.value, 6)), t.warn, True))
        if record.probability is not None:
            lines.append((softmax_text(record.probability, self._label(record.probability.index)), t.accent, True))
        return lines

    def _body(self, sheet: Sheet, record: Numbers, box: QRectF) -> float:
        """Grids, rows or a curve; where they end."""
        worked = record.worked
        if self.tables:
            return self._draw_tables(sheet, box)
        rows = self._rows(record, max(1, int(box.height() // (sheet.line_height() + theme.px(1)))))
        if worked.curve is not None and worked.total is not None:
            side = min(box.width(), max(box.height(), 60.0) * 1.6, 460.0 * theme.scale())
            plot = QRectF(box.left(), box.top(), side, max(60.0, min(box.height(), side / 1.6)))
            draw_curve(sheet, worked.curve, (worked.terms[0].value, worked.total), plot)
            return float(plot.bottom())
        if worked.how == "steps":  # one term a line
            for term in worked.terms:
                text = f"{term.name if term.symbol else tr(term.name)} = {figure(term.value, 6)}"
                box.setTop(box.top() + sheet.text(box, text) + theme.px(1))
            return float(box.top())
        wide = max((sheet.painter.fontMetrics().horizontalAdvance(row.label) for row in rows), default=0) + theme.px(3)
        return self._drawn(sheet, worked.window, rows, box, min(wide, box.width() / 2))

    def _draw_tables(self, sheet: Sheet, box: QRectF) -> float:
        line, gap = sheet.line_height(), float(theme.px(9))
        labels = float(sheet.painter.fontMetrics().horizontalAdvance("y 000") + theme.px(1))
        side = cell_side(self.tables, box.width() - labels, box.height() - 2 * line - theme.px(1), gap)
        left, top = box.left() + labels, box.top() + line + theme.px(1)
        signs = ("×", "=")
        for index, table in enumerate(self.tables):
            filled = draw_table(sheet, table, index, left, top, side)
            title = QRectF(left, box.top(), max(filled.width() + gap - theme.px(1), 40.0), line)
            sheet.painter.setFont(sheet.font)
            sheet.painter.setPen(QColor(theme.tokens().muted))
            elided = sheet.painter.fontMetrics().elidedText(table.title, Qt.TextElideMode.ElideRight, int(title.width()))
            sheet.painter.drawText(title, Qt.AlignmentFlag.AlignLeft, elided)
            if index < len(self.tables) - 1:
                middle = QRectF(filled.right(), top, gap, filled.height())
                sheet.painter.setPen(QColor(theme.tokens().text))
                sheet.painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, signs[index])
            left = filled.right() + gap
        bottom = float(top + self.tables[0].values.shape[0] * side + line)
        return bottom if self.record is None else self._draw_sums(sheet, self.record, box, bottom)

    def _draw_sums(self, sheet: Sheet, record: Numbers, box: QRectF, top: float) -> float:
        """Under the grids: the sum of each input channel as a bar, as many as there is room for."""
        window, line = record.worked.window, sheet.line_height()
        room = int((box.bottom() - top - line - theme.px(5)) // (line + theme.px(1)))
        if window is None or record.worked.how != "sum" or len(window.channels) < 2 or room < 2:
            return top
        top += theme.px(3)
        sheet.text(QRectF(box.left(), top, box.width(), line), tr("Sums of the input channels"), theme.tokens().muted)
        rows = [
            Row(
                tr("input {channel}").format(channel=int(window.channels[at])),
                figure(float(window.sums[at])),
                float(window.sums[at]),
                at == self.at,
            )
            for at in window.order()[:room].tolist()
        ]
        rest = QRectF(box.left(), top + line + theme.px(1), box.width(), box.bottom() - top)
        wide = sheet.painter.fontMetrics().horizontalAdvance(tr("input {channel}").format(channel=1000)) + theme.px(9)
        return self._drawn(sheet, window, rows, rest, float(wide))

    def _drawn(self, sheet: Sheet, window: Window | None, rows: list[Row], box: QRectF, wide: float) -> float:
        """Draw rows; those of a window's slices can be clicked."""
        used = draw_rows(sheet, rows, box, wide)
        if window is not None and rows:
            height = used / len(rows)
            order = window.order()[: len(rows)].tolist()
            self._lines = [
                (QRectF(box.left(), box.top() + at * height, box.width(), height), one) for at, one in enumerate(order)
            ]
        return float(box.top() + used)

    def _rows(self, record: Numbers, room: int) -> list[Row]:
        """As many lines as there is room for."""
        worked, window = record.worked, record.worked.window
        if window is not None:
            weights, values = window.weights.reshape(-1), window.values.reshape(len(window.channels), -1)[:, 0]
            return [
                Row(
                    tr("input {channel}").format(channel=int(window.channels[at])),
                    f"{figure(float(values[at]))} × {figure(float(weights[at]))} = {figure(float(window.sums[at]))}",
                    float(window.sums[at]),
                    at == self.at,
                )
                for at in window.order()[:room].tolist()
            ]
        if worked.softmax is not None:
            return self._softmax_rows(worked.softmax, room)
        return [
            Row(
                tr("{layer}, channel {channel}").format(layer=part.layer or tr("the layer's input"), channel=part.channel),
                figure(part.value, 6),
                part.value,
            )
            for part in worked.parts
        ]

    def _softmax_rows(self, made: Softmax, room: int) -> list[Row]:
        order = np.argsort(-made.powers, kind="stable").tolist()[:room]
        if made.index not in order:
            order = [*order[:-1], made.index]
        return [
            Row(
                self._label(index) or str(index),
                tr("x = {x}, exp = {power}, {share} %").format(
                    x=figure(float(made.logits[index])),
                    power=figure(float(made.powers[index])),
                    share=figure(100 * float(made.powers[index]) / made.total, 3),
                ),
                float(made.powers[index]) / made.total,
                index == made.index,
            )
            for index in order
        ]

    def _label(self, index: int) -> str:
        return self.classes[index] if index < len(self.classes) else ""

    # -- events ------------------------------------------------------------------------------------------------------
    def cell_at(self, point: QPointF) -> tuple[int, int, int] | None:
        """(table, row, column) under a widget point."""
        for area, table, rows, columns in self._hits:
            if area.contains(point):
                row = int((point.y() - area.top()) / area.height() * rows)
                column = int((point.x() - area.left()) / area.width() * columns)
                return table, min(row, rows - 1), min(column, columns - 1)
        return None

    def cell_text(self, table: int, row: int, column: int) -> str:
        """A cell in words: its place in the layer's input and its exact number."""
        window = None if self.record is None else self.record.worked.window
        if window is None or table >= len(self.tables):
            return ""
        value = float(self.tables[table].values[row, column])
        where = place_text(window, row, column) if table != 1 else tr("kernel row {row}, column {column}")
        return where.format(row=row, column=column) + f": {figure(value, 7)}"

    def event(self, event: QEvent) -> bool:
        """Esc goes back here and stops no job; tooltips tell the cell under the mouse."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in (*BACK, *STEPS):
            event.accept()
            return True
        if isinstance(event, QHelpEvent):
            found = self.cell_at(QPointF(event.pos()))
            if found is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.cell_text(*found), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows ask for the neighbour, Esc and Backspace for the way back."""
        key = Qt.Key(event.key())
        if key in BACK:
            self.closed.emit()
        elif key in STEPS:
            self.moved.emit(*STEPS[key])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the keyboard; a bar chooses its input channel."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        chosen = next((at for box, at in self._lines if box.contains(event.position())), None)
        if chosen is not None:
            self.slice_chosen.emit(chosen)
        super().mousePressEvent(event)
