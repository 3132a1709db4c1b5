"""The block diagram of one branch: boxes with kind and shape, lines that show skips and concatenations; zoom, pan, choose."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.gui import theme
from explorer.gui.panels.network_branch import Box, Branch, Link
from explorer.gui.panels.network_table import field_text
from explorer.i18n import tr
from explorer.records.network_map import MapRow

WIDE, HIGH = 176.0, 44.0  # of a box, in pixels at zoom 1
ACROSS, DOWN = 200.0, 74.0  # from box to box
TRACK = 16.0  # from line to line beside the boxes
OPS = {"add": "+", "sub": "−", "mul": "×", "div": "÷", "cat": "⧺"}  # drawn as a small circle
STEP = 1.2
FAMILIES = (  # the beginning of a module's kind -> which token its edge is drawn in
    (("Conv", "SameConv", "ConvTranspose", "Linear", "LazyConv"), "accent"),
    (("ReLU", "LeakyReLU", "Sigmoid", "Tanh", "SiLU", "GELU", "Mish", "Hard", "ELU", "PReLU", "Softmax"), "good"),
    (("MaxPool", "AvgPool", "Adaptive", "Padded", "Upsample"), "warn"),
)


def family(kind: str) -> str:
    """The token of a kind's edge: layers with weights, activations, poolings, the rest."""
    return next((token for words, token in FAMILIES if kind.startswith(words)), "strong_line")


class BranchView(QWidget):
    """`chosen(name)`: a box was clicked; `opened(name)`: its inside is wanted; `left()`: one level up is wanted."""

    chosen = Signal(str)
    opened = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.branch = Branch("")
        self.current = ""
        self._rows: dict[str, MapRow] = {}
        self._zoom = 1.0
        self._middle = QPointF()  # of the widget, in the diagram's pixels
        self._drag: QPointF | None = None
        self._moved = False
        self._hover = -1
        self._empty = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(180, 120)

    # -- content -----------------------------------------------------------------------------------------------------
    def set_branch(self, branch: Branch, rows: dict[str, MapRow], current: str) -> None:
        """Draw another branch; where it is the same one only the choice moves."""
        same = self.branch.scope == branch.scope and len(self.branch.boxes) == len(branch.boxes) and bool(self.branch.boxes)
        self.branch, self._rows, self.current, self._hover = branch, rows, current, -1
        if not same:
            self.fit()
        self._into_sight()
        self.update()

    def set_empty_text(self, text: str) -> None:
        """What to say (already translated) while there is nothing to draw."""
        self._empty = text
        self.update()

    # -- geometry ----------------------------------------------------------------------------------------------------
    def rect_of(self, box: Box) -> QRectF:
        """Where a box stands in the diagram."""
        small = box.kind == "op" and box.op in OPS
        wide, high = (32.0, 32.0) if small else (WIDE * 0.7, 32.0) if box.kind == "op" else (WIDE, 32.0)
        size = QSizeF(WIDE, HIGH) if box.kind in ("module", "group") else QSizeF(wide, high)
        rect = QRectF(QPointF(), size)
        rect.moveCenter(QPointF(box.lane * ACROSS, box.rank * DOWN))
        return rect

    def _extent(self) -> QRectF:
        found = QRectF()
        for box in self.branch.boxes:
            found = found.united(self.rect_of(box))
        tracks = max((link.track for link in self.branch.links), default=0)
        return found.adjusted(-16, -16, 16 + tracks * TRACK, 16)

    def fit(self) -> None:
        """Show the whole branch, or as much of its beginning as can be read."""
        extent = self._extent()
        if extent.isEmpty():
            return
        share = min(self.width() / extent.width(), self.height() / extent.height())
        self._zoom = min(max(share, 0.62), 1.15)
        self._middle = extent.center()
        if share < self._zoom:
            self._middle.setY(extent.top() + self.height() / 2 / self._zoom)
        self.update()

    def to_diagram(self, point: QPointF) -> QPointF:
        """Widget coordinates to the diagram's."""
        return (point - QPointF(self.width() / 2, self.height() / 2)) / self._zoom + self._middle

    def to_widget(self, point: QPointF) -> QPointF:
        """The diagram's coordinates to the widget's."""
        return (point - self._middle) * self._zoom + QPointF(self.width() / 2, self.height() / 2)

    def box_at(self, point: QPointF) -> int:
        """The box under a widget point, -1 for none."""
        at = self.to_diagram(point)
        return next((number for number, box in enumerate(self.branch.boxes) if self.rect_of(box).contains(at)), -1)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom so that what is under `at` (default: the middle) stays there."""
        here = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        fixed = self.to_diagram(here)
        self._zoom = min(max(self._zoom * factor, 0.2), 4.0)
        self._middle += fixed - self.to_diagram(here)
        self.update()

    def _into_sight(self) -> None:
        at = self.branch.place_of(self.current)
        if at is None:
            return
        rect = self.rect_of(self.branch.boxes[at]).adjusted(-8, -24, 8, 24)
        seen = QRectF(self.to_diagram(QPointF(0, 0)), self.to_diagram(QPointF(self.width(), self.height())))
        if not seen.contains(rect):
            self._middle.setY(rect.center().y())
            if not (seen.left() <= rect.left() and rect.right() <= seen.right()):
                self._middle.setX(rect.center().x())

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Lines first, then boxes."""
        painter = QPainter(self)
        t = theme.tokens()
        painter.fillRect(self.rect(), QColor(t.canvas))
        if not self.branch.boxes:
            painter.setPen(QColor(t.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._empty)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.width() / 2, self.height() / 2)
        painter.scale(self._zoom, self._zoom)
        painter.translate(-self._middle)
        right = max(self.rect_of(box).right() for box in self.branch.boxes)
        for link in self.branch.links:
            self._paint_link(painter, link, right)
        chosen = self.branch.place_of(self.current)
        for at, box in enumerate(self.branch.boxes):
            self._paint_box(painter, box, at == chosen, at == self._hover)
        if self.hasFocus():
            painter.resetTransform()
            painter.setPen(QPen(QColor(t.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_link(self, painter: QPainter, link: Link, right: float) -> None:
        t = theme.tokens()
        boxes = self.branch.boxes
        source, target = self.rect_of(boxes[link.source]), self.rect_of(boxes[link.target])
        skip = link.skips(boxes)
        painter.setPen(QPen(QColor(t.accent if skip else t.strong_line), 2.2 if skip else 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(QPointF(source.center().x(), source.bottom()))
        end = QPointF(target.center().x(), target.top())
        if link.track:
            side = right + 12 + (link.track - 1) * TRACK
            begin = QPointF(source.right(), source.center().y())
            end = QPointF(target.right(), target.center().y())
            path = QPainterPath(begin)
            path.lineTo(side - 8, begin.y())
            path.quadTo(side, begin.y(), side, begin.y() + 8)
            path.lineTo(side, end.y() - 8)
            path.quadTo(side, end.y(), side - 8, end.y())
            path.lineTo(end + QPointF(6, 0))
        elif target.center().x() == source.center().x() or not skip:
            low = QPointF(source.center().x(), end.y() - (DOWN - HIGH) * 0.9)
            if boxes[link.target].rank > boxes[link.source].rank:
                path.lineTo(low)
            reach = (end.y() - low.y()) * 0.6
            path.cubicTo(low + QPointF(0, reach), end - QPointF(0, reach), end)
        else:
            turn = QPointF(source.center().x(), end.y() - DOWN * 0.55)
            path.lineTo(turn)
            path.cubicTo(turn + QPointF(0, DOWN * 0.3), end - QPointF(0, DOWN * 0.3), end)
        painter.drawPath(path)
        head = QPainterPath()
        way = QPointF(-1, 0) if link.track else QPointF(0, 1)
        across = QPointF(way.y(), way.x())
        tip = end
        head.moveTo(tip)
        head.lineTo(tip - way * 7 + across * 4)
        head.lineTo(tip - way * 7 - across * 4)
        head.closeSubpath()
        painter.fillPath(head, painter.pen().color())

    def _paint_box(self, painter: QPainter, box: Box, chosen: bool, hover: bool) -> None:
        t = theme.tokens()
        rect = self.rect_of(box)
        row = self._rows.get(box.name)
        module = box.kind in ("module", "group")
        edge = QColor(t.accent) if chosen or hover else QColor(t.strong_line)
        painter.setPen(QPen(edge, 2.4 if chosen else 1.2))
        painter.setBrush(QColor(t.accent_soft if chosen else t.surface if module else t.window))
        if box.kind == "op" and box.op in OPS:
            painter.drawEllipse(rect)
            self._text(painter, rect, OPS[box.op], t.text, 18, Qt.AlignmentFlag.AlignCenter)
            return
        if box.kind == "group":  # a second sheet behind: there is more inside
            painter.drawRoundedRect(rect.translated(4, -4), 6, 6)
        if box.kind in ("in", "out", "more"):
            painter.setPen(QPen(edge, 1.2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(rect, 6 if module else 15, 6 if module else 15)
        if not module:
            self._text(painter, rect.adjusted(6, 0, -6, 0), self.label(box), t.text, 12, Qt.AlignmentFlag.AlignCenter)
            return
        kind = row.kind if row is not None else ""
        stripe = QPainterPath()
        stripe.addRoundedRect(
            rect.adjusted(4, 7, 0, -7).intersected(QRectF(rect.left() + 4, rect.top(), 4, rect.height())), 2, 2
        )
        painter.fillPath(stripe, QColor(getattr(t, family(kind))))
        inside = rect.adjusted(15, 3, -8, -3)
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        name = box.name.rpartition(".")[2] + (f"  ({box.run})" if box.runs > 1 else "")
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        width = self._text(painter, inside, name, t.text, 13, top | left, bold=True)
        self._text(painter, inside.adjusted(width + 8, 0, 0, 0), kind, t.muted, 12, top | right)
        self._text(painter, inside, " × ".join(map(str, box.shape)), t.muted, 12, bottom | left)
        if box.kind == "group":
            self._text(painter, inside, "+", t.accent, 13, bottom | right, bold=True)

    def _text(
        self, painter: QPainter, rect: QRectF, text: str, colour: str, px: int, flags: Qt.AlignmentFlag, bold: bool = False
    ) -> float:
        font = QFont(self.font())
        font.setPixelSize(px)
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        said = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, int(rect.width())))
        painter.drawText(rect, flags, said)
        return float(painter.fontMetrics().horizontalAdvance(said))

    def label(self, box: Box) -> str:
        """What stands in a box that is no module."""
        if box.kind == "in":
            return (
                tr("from {name}").format(name=box.name) if box.name else tr("picture") + "  " + " × ".join(map(str, box.shape))
            )
        if box.kind == "out":
            return tr("to what follows") if self.branch.scope else tr("answer")
        if box.kind == "more":
            return tr("{count} more").format(count=box.count)
        return box.op.replace("_", " ")

    # -- events ------------------------------------------------------------------------------------------------------
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        self.zoom_by(STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan, or to click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan; mark the box under the cursor."""
        if self._drag is not None:
            step = event.position() - self._drag
            if self._moved or step.manhattanLength() > 6:
                self._moved, self._drag = True, event.position()
                self._middle -= step / self._zoom
        self._hover = self.box_at(event.position())
        named = self._hover >= 0 and bool(self.branch.boxes[self._hover].name)
        self.setCursor(Qt.CursorShape.PointingHandCursor if named else Qt.CursorShape.ArrowCursor)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A press that did not move is a click."""
        if self._drag is not None and not self._moved:
            self._choose(self.box_at(event.position()))
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Into a box; on the ground: show all."""
        at = self.box_at(event.position())
        if at < 0:
            self.fit()
        elif self.branch.boxes[at].kind == "group":
            self.opened.emit(self.branch.boxes[at].name)

    def leaveEvent(self, event: object) -> None:
        """Nothing is under the cursor any more."""
        self._hover = -1
        self.update()

    def _choose(self, at: int) -> None:
        if at >= 0 and self.branch.boxes[at].name:
            self.chosen.emit(self.branch.boxes[at].name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up, Down: the module before, after; Enter: inside; Backspace: up one level; +, -, 0: zoom."""
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.opened.emit(self.current)
        elif key == Qt.Key.Key_Backspace:
            self.left.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        line = [at for at, box in enumerate(self.branch.boxes) if box.name and box.kind != "in"]
        line.sort(key=lambda at: (self.branch.boxes[at].rank, self.branch.boxes[at].lane))
        now = self.branch.place_of(self.current)
        at = line.index(now) + by if now in line else 0
        if line and 0 <= at < len(line):
            self._choose(line[at])

    def event(self, event: QEvent) -> bool:
        """Tool tips of boxes."""
        if isinstance(event, QHelpEvent):
            at = self.box_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip(self.branch.boxes[at]) if at >= 0 else "", self)
            return True
        return bool(super().event(event))

    def tip(self, box: Box) -> str:
        """What a box is, in full."""
        row = self._rows.get(box.name)
        if row is None or box.kind == "more":
            return self.label(box) + ("\n" + " × ".join(map(str, box.shape)) if box.shape else "")
        lines = [f"{row.name}  {row.kind}", tr("output {size}").format(size=" × ".join(map(str, row.shape)))]
        if row.field is not None:
            lines.append(
                tr("sees {field} pixels of the picture").format(field=field_text(row))
                if not row.whole
                else tr("sees the whole picture")
            )
        return "\n".join(lines)
