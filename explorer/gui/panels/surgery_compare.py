"""Before and after: classes as pairs of bars, boxes and masks as two pictures."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QTransform
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.numerals import fixed
from explorer.gui.panels.live_draw import paint_detections
from explorer.gui.panels.live_overlay import MaskPaint, object_at
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.picture_view import PictureView
from explorer.i18n import N_, tr
from explorer.records.ablation import Comparison
from explorer.records.frame import Frame
from explorer.records.vision import Detections, Mask


def percent(score: float) -> str:
    """ "12.3 %", as the language writes it."""
    return tr("{number} %").format(number=fixed(100 * score))


class PairBars(QWidget):
    """One line a class: its name over two bars, before (pale) and after (strong), and both numbers. A click chooses a class."""

    chosen = Signal(int)  # class index

    def __init__(self) -> None:
        super().__init__()
        self.record: Comparison | None = None
        self.marked: int | None = None
        self.rows = 6
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        words.say(self, N_("Class scores before and after"), "name")

    def set_record(self, record: Comparison | None) -> None:
        """Show the classes of `record`."""
        self.record = record
        self.setAccessibleDescription("; ".join(" ".join(line) for line in self.lines))
        self.update()

    def mark(self, index: int | None) -> None:
        """Mark the class that is measured."""
        if index != self.marked:
            self.marked = index
            self.update()

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """What is shown: (class, before, after)."""
        if self.record is None:
            return []
        return [(old.label, percent(old.score), percent(new.score)) for old, new in self.record.scores[: self.fitting()]]

    def fitting(self) -> int:
        """How many lines have room."""
        return max(1, min(self.rows, int(self.height() // self._line())))

    def _line(self) -> int:
        return self.fontMetrics().height() + theme.px(3)

    def sizeHint(self) -> QSize:
        """Six lines."""
        return QSize(theme.px(60), self.rows * self._line())

    def minimumSizeHint(self) -> QSize:
        """Three lines."""
        return QSize(theme.px(40), 3 * self._line())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names and numbers above, bars below."""
        painter, t = QPainter(self), theme.tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.tabular(self.font()))
        if self.record is None:
            painter.setPen(QColor(t.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("The answer appears here."))
            return
        metrics, height = painter.fontMetrics(), self._line()
        for at, (old, new) in enumerate(self.record.scores[: self.fitting()]):
            top = at * height
            if old.index == self.marked:
                painter.fillRect(QRectF(0, top, self.width(), height - 2), QColor(t.hover))
            text = (
                percent(new.score)
                if percent(old.score) == percent(new.score)
                else f"{percent(old.score)} → {percent(new.score)}"
            )
            wide = metrics.horizontalAdvance(text) + theme.px(2)
            painter.setPen(QColor(t.text))
            name = metrics.elidedText(old.label, Qt.TextElideMode.ElideRight, int(self.width() - wide - theme.px(2)))
            painter.drawText(QPointF(theme.px(1), top + metrics.ascent() + 1), name)
            painter.drawText(QPointF(self.width() - wide + theme.px(1), top + metrics.ascent() + 1), text)
            painter.setPen(Qt.PenStyle.NoPen)
            bar, full = top + metrics.height() + 2, self.width() - theme.px(2)
            painter.setBrush(QColor(t.sunken))
            painter.drawRect(QRectF(theme.px(1), bar, full, theme.px(1.75)))
            painter.setBrush(QColor(t.strong_line))
            painter.drawRect(QRectF(theme.px(1), bar, full * old.score, theme.px(0.75)))
            painter.setBrush(QColor(t.accent))
            painter.drawRect(QRectF(theme.px(1), bar + theme.px(0.75), full * new.score, theme.px(1)))
        if self.hasFocus():
            painter.setPen(QColor(t.strong_line))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the class under the cursor."""
        self._choose(int(event.position().y() // self._line()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose another class."""
        shown = [] if self.record is None else [old.index for old, _ in self.record.scores[: self.fitting()]]
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not shown:
            super().keyPressEvent(event)
            return
        here = shown.index(self.marked) if self.marked in shown else -step if step > 0 else 0
        self._choose(min(max(here + step, 0), len(shown) - 1))

    def _choose(self, row: int) -> None:
        if self.record is not None and 0 <= row < min(self.fitting(), len(self.record.scores)):
            self.chosen.emit(self.record.scores[row][0].index)


class CompareView(QWidget):
    """The answer before and after surgery, as the network's task wants it. `frame`: the picture that the record is of."""

    class_chosen = Signal(int)
    box_chosen = Signal(object)  # (left, top, right, bottom) in pixels of the frame, and the class index

    def __init__(self) -> None:
        super().__init__()
        self.bars = PairBars()
        self.views = (PictureView(), PictureView())
        self._marked: int | None = None
        self._record: Comparison | None = None
        self._masks: list[MaskPaint | None] = [None, None]
        pair = QWidget()
        line = QHBoxLayout(pair)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(2))
        for side, (view, title) in enumerate(zip(self.views, (N_("Before"), N_("After")), strict=True)):
            column = QVBoxLayout()
            column.setSpacing(theme.px(0.5))
            label = OneLine()
            label.setProperty("kind", "muted")
            words.say(label, title)
            words.say(view, title, "name")
            view.add_overlay(partial(self._paint, side))
            column.addWidget(label)
            column.addWidget(view, 1)
            line.addLayout(column, 1)
        self.views[0].clicked.connect(self._clicked)
        self.views[0].moved.connect(self.views[1].look)
        self.views[1].moved.connect(self.views[0].look)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.bars)
        self.pages.addWidget(pair)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.pages)
        self.bars.chosen.connect(self.class_chosen)

    @property
    def record(self) -> Comparison | None:
        """What is shown."""
        return self._record

    def set_record(self, record: Comparison | None, frame: Frame | None) -> None:
        """Show an answer; None empties."""
        self._record = record
        pictures = record is not None and not record.scores
        self.pages.setCurrentIndex(1 if pictures else 0)
        if not pictures or record is None:
            self.bars.set_record(record)
            return
        sides = (record.before, record.after)
        self._masks = [MaskPaint(side) if isinstance(side, Mask) else None for side in sides]
        for view, side in zip(self.views, sides, strict=True):
            if frame is not None:
                view.set_rgb(frame.rgb)
            view.setAccessibleDescription(answer_text(side))
            view.update()

    def mark_box(self, number: int | None) -> None:
        """Mark an object of the side before."""
        self._marked = number
        self.views[0].update()

    def _paint(self, side: int, painter: QPainter, transform: QTransform) -> None:
        if self._record is None:
            return
        found = (self._record.before, self._record.after)[side]
        mask = self._masks[side]
        if isinstance(found, Detections):
            paint_detections(painter, transform, found, self._marked if side == 0 else None)
        elif mask is not None:
            mask.paint(painter, transform)

    def _clicked(self, x: float, y: float) -> None:
        found = None if self._record is None else self._record.before
        if isinstance(found, Detections):
            number = object_at(found, x, y)
            if number is not None:
                self.mark_box(number)
                self.box_chosen.emit((tuple(float(edge) for edge in found.xyxy[number]), int(found.class_index[number])))


def answer_text(side: object) -> str:
    """One side of a comparison of pictures in words."""
    if isinstance(side, Detections):
        names = [f"{tr(side.label(number))} {percent(float(side.score[number]))}" for number in range(len(side))]
        return ", ".join(names) or tr("nothing found")
    if isinstance(side, Mask):
        return tr("object covers {share}").format(share=percent(float((side.alpha > 0.5).mean())))
    return ""
