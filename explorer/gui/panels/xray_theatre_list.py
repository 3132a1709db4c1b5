"""The cast of the suppression theatre: every candidate with its score as a bar, before and now, by one method or by two."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from explorer.gui import theme, words
from explorer.gui.numerals import fixed
from explorer.gui.panels.xray_theatre_scene import GONE, KEPT, Scene
from explorer.gui.panels.xray_theatre_words import percent1, row_text
from explorer.i18n import N_, tr
from explorer.picture.colour import class_colour

MARKS = {KEPT: "✓", GONE: "✕"}


class CastList(QScrollArea):
    """`chosen(row)` at a click or Enter; `pointed(row or None)` under the mouse. Only lines that can be seen are painted."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Cast()
        self.chosen, self.pointed = self.body.chosen, self.body.pointed
        self.setWidget(self.body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusProxy(self.body)
        self.setMinimumHeight(theme.px(22))

    def set_scenes(self, scene: Scene | None, beside: Scene | None) -> None:
        """Show a moment; the box that has a part in it is brought into sight."""
        self.body.set_scenes(scene, beside)
        if scene is not None and scene.step is not None:
            line = self.body.line_height
            for row in (scene.current, scene.met):
                if row >= 0:
                    self.ensureVisible(0, round((row + 0.5) * line), 0, line)

    @property
    def lines(self) -> list[str]:
        """What is said, line by line."""
        scene = self.body.scene
        return [] if scene is None else [row_text(scene, row) for row in range(len(scene.boxes))]


class Cast(QWidget):
    """The painted lines."""

    chosen = Signal(int)
    pointed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None
        self.beside: Scene | None = None
        self.over: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        words.say(self, N_("Candidates, the best first, with their scores before and now"), "name")

    @property
    def line_height(self) -> int:
        """Pixels of a line."""
        return self.fontMetrics().height() + theme.px(1.5)

    def set_scenes(self, scene: Scene | None, beside: Scene | None) -> None:
        """Show a moment, and the same of another method."""
        before = 0 if self.scene is None else len(self.scene.boxes)
        self.scene, self.beside = scene, beside
        if (0 if scene is None else len(scene.boxes)) != before:
            self.updateGeometry()
        self.setAccessibleDescription("" if scene is None or scene.step is None else row_text(scene, scene.step.row))
        self.update()

    def point(self, row: int | None) -> None:
        """Mark a line that is pointed at elsewhere."""
        if row != self.over:
            self.over = row
            self.update()

    def sizeHint(self) -> QSize:
        """All lines."""
        return QSize(theme.px(80), self.line_height * (0 if self.scene is None else len(self.scene.boxes)))

    def minimumSizeHint(self) -> QSize:
        """As tall as all lines: it stands in a scroll area."""
        return QSize(theme.px(60), self.sizeHint().height())

    # -- painting ----------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines in sight."""
        scene = self.scene
        if scene is None:
            return
        painter, height = QPainter(self), self.line_height
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.tabular(self.font()))
        first, last = event.rect().top() // height, event.rect().bottom() // height
        for row in range(max(0, first), min(len(scene.boxes), last + 1)):
            self._line(painter, scene, row, QRectF(0, row * height, self.width(), height))

    def _line(self, painter: QPainter, scene: Scene, row: int, where: QRectF) -> None:
        t, pad = theme.tokens(), theme.px(1)
        if row in (scene.current, scene.met):
            painter.fillRect(where, QColor(t.accent_soft))
        elif row == self.over:
            painter.fillRect(where, QColor(t.hover))
        metrics = QFontMetricsF(painter.font())
        left, state = where.left() + pad, int(scene.state[row])
        if row == scene.followed:
            painter.fillRect(QRectF(where.left(), where.top() + 1, 3, where.height() - 2), QColor(t.accent))
        wide = metrics.horizontalAdvance("✓") + 2 * pad
        mark = "▶" if row == scene.current else "?" if row == scene.met and state != GONE else MARKS.get(state, "")
        ink = {KEPT: t.good, GONE: t.muted}.get(state, t.text)
        self._text(painter, QRectF(left + pad, where.top(), wide, where.height()), mark, t.accent if mark in "▶?" else ink)
        left += wide + pad
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*class_colour(int(scene.boxes.class_index[row]))))
        dot = 0.5 * metrics.height()
        painter.drawEllipse(QRectF(left, where.center().y() - dot / 2, dot, dot))
        left += dot + pad
        name_wide = min(0.24 * where.width(), metrics.horizontalAdvance("000 · motorcycle") + pad)
        name = metrics.elidedText(f"{row + 1} · {tr(scene.boxes.label(row))}", Qt.TextElideMode.ElideRight, name_wide)
        self._text(painter, QRectF(left, where.top(), name_wide, where.height()), name, t.text if state != GONE else t.muted)
        left += name_wide + pad
        iou = scene.iou(row)
        iou_wide = metrics.horizontalAdvance(tr("IoU {iou}").format(iou="0,00")) + 2 * pad
        right = where.right() - pad
        if iou is not None and iou > 0:
            place = QRectF(right - iou_wide, where.top(), iou_wide, where.height())
            self._text(painter, place, tr("IoU {iou}").format(iou=fixed(iou, 2)), t.muted, Qt.AlignmentFlag.AlignRight)
        right -= iou_wide + pad
        if self.beside is None:
            self._bar(painter, scene, row, QRectF(left, where.top(), right - left, where.height()))
            return
        half = (right - left - 6 * pad) / 2
        self._bar(painter, scene, row, QRectF(left, where.top(), half, where.height()))
        other = QRectF(left + half + 6 * pad, where.top(), half, where.height())
        self._bar(painter, self.beside, row, other)
        if differ(scene, self.beside, row):
            middle = QRectF(left + half, where.top(), 6 * pad, where.height())
            self._text(painter, middle, "≠", t.warn, Qt.AlignmentFlag.AlignHCenter)

    def _bar(self, painter: QPainter, scene: Scene, row: int, where: QRectF) -> None:
        """The score at the beginning pale, that of now strong over it, and the number."""
        t, pad = theme.tokens(), theme.px(1)
        start, now = float(scene.boxes.score[row]), float(scene.scores[row])
        gone = scene.state[row] == GONE
        metrics = QFontMetricsF(painter.font())
        text = percent1(start) if now == start else f"{percent1(start)} → {percent1(now) if now else '✕'}"
        text_wide = metrics.horizontalAdvance(f"{percent1(0.888)} → {percent1(0.888)}")
        full = max(0.0, where.width() - text_wide - pad)
        tall = theme.px(1.75)
        bar = QRectF(where.left(), where.center().y() - tall / 2, full, tall)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.sunken))
        painter.drawRect(bar)
        painter.setBrush(theme.colour(t.strong_line, 0.55))
        painter.drawRect(QRectF(bar.left(), bar.top(), full * start, tall))
        if not gone:
            painter.setBrush(QColor(t.good if scene.state[row] == KEPT else t.accent))
            painter.drawRect(QRectF(bar.left(), bar.top(), full * now, tall))
        place = QRectF(where.right() - text_wide, where.top(), text_wide, where.height())
        self._text(painter, place, text, t.muted if gone else t.text, Qt.AlignmentFlag.AlignRight)

    def _text(
        self, painter: QPainter, where: QRectF, text: str, ink: str, side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
    ) -> None:
        painter.setPen(QColor(ink))
        painter.drawText(where, side | Qt.AlignmentFlag.AlignVCenter, text)

    # -- mouse and keys ----------------------------------------------------------------------------------------------
    def row_at(self, y: float) -> int | None:
        """The line at a height."""
        row = int(y // self.line_height)
        return row if self.scene is not None and 0 <= row < len(self.scene.boxes) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which line is under the mouse."""
        self.point(self.row_at(event.position().y()))
        self.pointed.emit(self.over)

    def leaveEvent(self, event: QEvent) -> None:
        """None."""
        self.point(None)
        self.pointed.emit(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        row = self.row_at(event.position().y())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go to the line above and below."""
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if by is None or self.scene is None or not len(self.scene.boxes):
            super().keyPressEvent(event)
            return
        here = self.scene.followed if self.scene.followed is not None else max(0, self.scene.current)
        self.chosen.emit(min(max(here + by, 0), len(self.scene.boxes) - 1))


def differ(scene: Scene, beside: Scene, row: int) -> bool:
    """Whether two methods end differently for a box: it stays with one and goes with the other."""
    return bool(scene.trace.kept[row] != beside.trace.kept[row])
