"""Choosing a channel by its response: the channels that answer most to the picture, as a short list with bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
)

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.dream_cards import Index, style_rect, style_state
from explorer.gui.panels.dream_words import short
from explorer.i18n import N_, tr
from explorer.jobs import Event, Result
from explorer.records.frame import Frame
from explorer.records.response import Responses
from explorer.requests.base import changed
from explorer.requests.dream import ChannelsRequest
from explorer.requests.goals import Goal

CHANNEL = "dream.channels"
TOP = 8
PART = Qt.ItemDataRole.UserRole + 1  # of the strongest rise, 0..1


class BarPaint(QStyledItemDelegate):
    """Channel, bar, number."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A line."""
        return QSize(theme.px(30), theme.px(6))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The bar lies under the words."""
        from PySide6.QtWidgets import QStyle

        t, rect = theme.tokens(), style_rect(option)
        chosen = bool(style_state(option) & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, QColor(t.hover if chosen else t.surface))
        bar = QRectF(rect).adjusted(2, 3, -2, -3)
        bar.setWidth(bar.width() * float(index.data(PART) or 0.0))
        painter.fillRect(bar, QColor(t.accent_soft))
        if chosen:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), QColor(t.accent))
        name, _, value = str(index.data()).partition("\t")
        painter.setPen(QColor(t.text))
        inner = rect.adjusted(theme.px(2), 0, -theme.px(2), 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(QColor(t.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)


class Ranking(QFrame):
    """Hidden until asked. Moving through the list selects the channel for the whole program; Enter dreams of it."""

    chosen = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._found: Responses | None = None
        self.setProperty("kind", "card")
        self.title = QLabel()
        self.title.setProperty("kind", "muted")
        self.title.setWordWrap(True)
        close = QToolButton()
        set_icon(close, "close")
        words.say(close, N_("Close this list"), "tip")
        close.clicked.connect(self.hide)
        self.list = QListWidget()
        self.list.setItemDelegate(BarPaint(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        words.say(self.list, N_("Channels that respond most to the picture"), "name")
        self.list.currentRowChanged.connect(self._selected)
        self.list.itemActivated.connect(lambda: self.use())
        self.take_it = QPushButton()
        words.say(self.take_it, N_("Take"))
        words.say(self.take_it, N_("Dream of this channel (Enter)"), "tip")
        self.take_it.clicked.connect(self.use)
        self.goal = QPushButton()
        words.say(self.goal, N_("Add as goal"))
        words.say(self.goal, N_("One more goal of the composer"), "tip")
        self.goal.clicked.connect(self.add_goal)
        top, bottom, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        margin = theme.px(2)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(theme.px(1.5))
        top.addWidget(self.title, 1)
        top.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        bottom.addWidget(self.take_it)
        bottom.addWidget(self.goal)
        column.addLayout(top)
        column.addWidget(self.list)
        column.addLayout(bottom)
        desk.language_changed.connect(self._fill)
        self.hide()

    def ask(self, frame: Frame | None) -> None:
        """Which channels of the form's layer answer to `frame`?"""
        if frame is None:
            self._desk.notify(tr("There is no picture to look at yet: choose one above."), "warn")
            return
        dream = self._desk.session.dream
        same = {name: getattr(dream, name) for name in ("model", "weights", "device", "precision", "exact", "layer")}
        self._desk.submit(CHANNEL, ChannelsRequest(**same, top=TOP), frame)

    def take(self, event: Event) -> None:
        """The answer."""
        if isinstance(event, Result) and isinstance(event.record, Responses):
            self._found = event.record
            self._fill()
            self.show()
            self.list.setFocus()

    def channel(self) -> int | None:
        """The one that is chosen in the list."""
        row = self.list.currentRow()
        return int(self._found.channels[row]) if self._found is not None and row >= 0 else None

    def use(self) -> None:
        """Take it for the form's layer and channel."""
        channel = self.channel()
        if channel is not None and self._found is not None:
            request = changed(self._desk.session.dream, layer=self._found.layer, channel=channel, objective="", goals=())
            self._desk.change(dream=request)
            self.chosen.emit()

    def add_goal(self) -> None:
        """Take it as one more goal."""
        channel, request = self.channel(), self._desk.session.dream
        if channel is not None and self._found is not None:
            goal = Goal(layer=self._found.layer, channel=channel)
            self._desk.change(dream=changed(request, goals=(*request.goals, goal)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.use()
        else:
            super().keyPressEvent(event)

    def _selected(self, row: int) -> None:
        channel = self.channel()
        if channel is not None and self._found is not None:
            self._desk.select(layer=self._found.layer, channel=channel)

    def _fill(self, *_: object) -> None:
        found = self._found
        if found is None:
            return
        self.list.blockSignals(True)
        self.list.clear()
        most = max(float(found.rise.max(initial=0.0)), 1e-12)
        for channel, rise in zip(found.channels.tolist(), found.rise.tolist(), strict=True):
            name = tr("channel {channel}").format(channel=channel)
            item = QListWidgetItem(f"{name}\t{'+' if rise > 0 else ''}{short(rise)}")
            item.setData(PART, max(0.0, rise / most))
            item.setToolTip(
                tr("Its mean rises by {rise} over that of a flat picture of the same colour.").format(rise=short(rise))
            )
            self.list.addItem(item)
        self.list.setFixedHeight(theme.px(6) * min(TOP, self.list.count()) + 2 * self.list.frameWidth() + 2)
        self.list.blockSignals(False)
        self.title.setText(tr("{layer}: channels that respond most to the picture").format(layer=found.layer))
