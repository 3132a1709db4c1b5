"""The one place for notices: a strip under the picture bar. Non-modal; what is repeated is counted; bad news stays."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import pixmap, set_icon
from explorer.gui.notices import Notice
from explorer.i18n import N_, tr

FADE_MS = 6000


class NoticeStrip(QWidget):
    """Shows the newest notice; the older ones wait behind it and come back when it is closed."""

    closed = Signal(object)  # Notice
    log_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._notices: list[Notice] = []
        self.icon = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.count = QLabel()
        self.count.setProperty("kind", "muted")
        self._actions: list[QPushButton] = []
        self.copy = QPushButton()
        self.copy.setProperty("kind", "quiet")
        words.say(self.copy, N_("Copy report"))
        self.copy.clicked.connect(self._copy)
        self.more = QPushButton()
        self.more.setProperty("kind", "quiet")
        self.more.clicked.connect(self.log_wanted)
        self.button = QToolButton()
        words.say(self.button, N_("Close this notice"), "tip")
        set_icon(self.button, "close")
        self.button.clicked.connect(self.close_newest)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(theme.px(3), theme.px(1), theme.px(2), theme.px(1))
        self._line.setSpacing(theme.px(2))
        for widget in (self.icon, self.text, self.count, self.copy, self.more, self.button):
            self._line.addWidget(widget, 1 if widget is self.text else 0)
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(FADE_MS)
        self._fade.timeout.connect(self._faded)
        self.hide()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """All that are still open, the newest last."""
        return tuple(self._notices)

    def add(self, notice: Notice) -> None:
        """Show a notice; an equal one is replaced."""
        self._notices = [*[old for old in self._notices if old.same != notice.same][-20:], notice]
        self._show()

    def close_newest(self) -> None:
        """Close what is shown; the one before comes back."""
        if self._notices:
            self.closed.emit(self._notices.pop())
        self._show()

    def drop(self, key: str) -> None:
        """Take away the notice with this key, if it is open."""
        self._notices = [notice for notice in self._notices if notice.same != key]
        self._show()

    def _faded(self) -> None:
        self._notices = [notice for notice in self._notices if notice.stay or notice.level == "bad"]
        self._show()

    def _show(self) -> None:
        for old in self._actions:
            old.deleteLater()
        self._actions = []
        if not self._notices:
            self.hide()
            return
        notice = self._notices[-1]
        self.text.setText(notice.text)
        self.text.setAccessibleName(notice.text)
        self.count.setText(f"×{notice.count}" if notice.count > 1 else "")
        self.count.setVisible(notice.count > 1)
        self.copy.setVisible(bool(notice.detail))
        behind = len(self._notices) - 1
        self.more.setText(tr("{n} more").format(n=behind))
        self.more.setVisible(behind > 0)
        for label, slot in notice.actions:
            button = QPushButton(label)
            button.clicked.connect(slot)
            button.clicked.connect(self.close_newest)
            self._line.insertWidget(self._line.indexOf(self.copy), button)
            self._actions.append(button)
        self._dress()
        self._fit()
        if notice.stay or notice.level == "bad":
            self._fade.stop()
        else:
            self._fade.start()
        self.show()

    def _fit(self) -> None:
        """As high as the text needs at this width: by itself a wrapped label asks for the height of its narrowest form, and a
        low window would grow for it."""
        parent = self.parentWidget()
        self._line.invalidate()
        self.setFixedHeight(self._line.heightForWidth(parent.width() if parent is not None else self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, other lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width() and self._notices:
            self._fit()

    def _dress(self) -> None:
        if self._notices:
            level = self._notices[-1].level
            colour = getattr(theme.tokens(), level, theme.tokens().accent)
            self.icon.setPixmap(pixmap(level, 18, colour, self.devicePixelRatioF()))

    def _copy(self) -> None:
        if self._notices:
            notice = self._notices[-1]
            QGuiApplication.clipboard().setText(f"{notice.text}\n{notice.detail}".strip())

    def paintEvent(self, event: QPaintEvent) -> None:
        """A ground of its own and a bar in the level's colour."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(t.surface))
        level = self._notices[-1].level if self._notices else "info"
        painter.fillRect(0, 0, 3, self.height(), QColor(getattr(t, level, t.accent)))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(t.line))

    def restyle(self) -> None:
        """The theme changed."""
        self._dress()
        self.update()
