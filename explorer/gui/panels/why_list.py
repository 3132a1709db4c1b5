"""What can be asked about: the best classes, or the objects found, as lines that can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from explorer.gui import theme
from explorer.gui.numerals import fixed
from explorer.i18n import tr

Index: TypeAlias = QModelIndex | QPersistentModelIndex
SCORE = Qt.ItemDataRole.UserRole
MARKED = Qt.ItemDataRole.UserRole + 1


class _Lines(QStyledItemDelegate):
    """A name on a bar, a number at the right; the line that is explained has a frame."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A finger high."""
        return QSize(theme.px(30), theme.px(6.5))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One line."""
        t, score = theme.tokens(), float(index.data(SCORE))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.tabular(painter.font()))
        metrics = painter.fontMetrics()
        number = score_text(score)
        whole = QRectF(option.rect).adjusted(1, 1, -1, -1)
        wide = metrics.horizontalAdvance(score_text(1.0)) + theme.px(2)
        bar = whole.adjusted(0, 1, -wide, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setBrush(QColor(t.hover if hovered else t.sunken))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(QColor(t.accent_soft))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * score, bar.height()), 3, 3)
        painter.setBrush(QColor(t.accent))
        painter.drawRect(QRectF(bar.left(), bar.bottom() - 2, bar.width() * score, 2))
        painter.setPen(QColor(t.text))
        inside = bar.adjusted(theme.px(1.5), 0, -theme.px(1), 0)
        label = metrics.elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), Qt.TextElideMode.ElideRight, int(inside.width())
        )
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, label)
        painter.drawText(whole, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if index.data(MARKED) or focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            solid = bool(index.data(MARKED))
            line = Qt.PenStyle.SolidLine if solid else Qt.PenStyle.DotLine
            painter.setPen(QPen(QColor(t.accent), 1.5 if solid else 1, line))
            painter.drawRoundedRect(bar, 3, 3)
        painter.restore()


class AnswerList(QListWidget):
    """`set_answers` shows lines; `asked(row)` when a person chooses one by mouse or Return."""

    asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Lines(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._chosen)
        self.itemActivated.connect(self._chosen)
        self.lines: list[tuple[str, float]] = []
        self._last = -1

    def set_answers(self, lines: Sequence[tuple[str, float]], marked: int | None) -> None:
        """Show (label, score 0..1) lines; `marked` is the one that is explained."""
        self.lines = list(lines)
        self._last = -1
        with QSignalBlocker(self):
            while self.count() > len(lines):
                self.takeItem(self.count() - 1)
            while self.count() < len(lines):
                self.addItem(QListWidgetItem())
            for row, (label, score) in enumerate(lines):
                item = self.item(row)
                item.setText(tr(label))
                item.setData(SCORE, min(1.0, max(0.0, score)))
                item.setData(MARKED, row == marked)
                item.setToolTip(tr("{label}: {score}. Click: why this?").format(label=tr(label), score=score_text(score)))
                said = f"{tr(label)} {score_text(score)}"
                item.setData(Qt.ItemDataRole.AccessibleTextRole, said)

    @property
    def marked(self) -> int | None:
        """The line that is explained."""
        return next((row for row in range(self.count()) if self.item(row).data(MARKED)), None)

    def _chosen(self, item: QListWidgetItem) -> None:
        # A click on some systems activates too: once is enough.
        row = self.row(item)
        if row != self._last:
            self._last = row
            self.asked.emit(row)


def score_text(score: float) -> str:
    """ "95.3 %"."""
    return tr("{number} %").format(number=fixed(100 * score))
