"""Open stream: one field for the address, examples, and the addresses of before without their passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QPushButton, QVBoxLayout

from explorer.gui import theme, words
from explorer.gui.page import Page
from explorer.i18n import N_, tr
from explorer.requests.source import SCHEMES, is_address

if TYPE_CHECKING:
    from explorer.gui.window import MainWindow

EXAMPLES = ("rtsp://192.168.1.20:554/stream1", "http://192.168.1.30:8080/video")
HIDDEN = "rtsp://name:password@..."


class StreamPage(Page):
    """Non-modal. `chosen(address)`: open it. `forgotten(address)`: take it out of the list."""

    chosen = Signal(str)
    forgotten = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        words.say(self, N_("Open stream"), "title")
        label = QLabel()
        words.say(label, N_("Address"))
        self.edit = QLineEdit()
        label.setBuddy(self.edit)
        self.edit.setMaxLength(2000)
        self.edit.setPlaceholderText(EXAMPLES[0])
        words.say(self.edit, N_("Address of a network camera or stream"), "name")
        self.edit.textChanged.connect(self._typed)
        self.edit.returnPressed.connect(self._open)
        self.problem = QLabel()
        self.problem.setProperty("kind", "bad")
        self.problem.setWordWrap(True)
        self.examples = QLabel()
        self.examples.setProperty("kind", "muted")
        self.examples.setTextFormat(Qt.TextFormat.PlainText)
        self.examples.setWordWrap(True)
        self.examples.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.before = QLabel()
        self.before.setProperty("kind", "heading")
        words.say(self.before, N_("Opened before"))
        self.list = QListWidget()
        self.list.setMaximumHeight(theme.px(36))
        words.say(self.list, N_("Addresses opened before, without names and passwords"), "name")
        words.say(self.list, N_("A click takes the address, a double-click opens it, Delete forgets it"), "tip")
        self.list.itemClicked.connect(self._take)
        self.list.itemActivated.connect(self._take_and_open)
        self.forget = QPushButton()
        self.forget.setProperty("kind", "quiet")
        words.say(self.forget, N_("Forget this address"))
        self.forget.setShortcut("Del")
        self.forget.clicked.connect(self._forget)
        self.open_button = QPushButton()
        self.open_button.setProperty("kind", "primary")
        words.say(self.open_button, N_("Open"))
        self.open_button.clicked.connect(self._open)
        self.open_button.setDefault(True)
        foot = QHBoxLayout()
        foot.addWidget(self.forget)
        foot.addStretch(1)
        foot.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(3), theme.px(3), theme.px(3))
        column.setSpacing(theme.px(2))
        for widget in (label, self.edit, self.problem, self.examples, self.before, self.list):
            column.addWidget(widget)
        column.addStretch(1)
        column.addLayout(foot)
        self.resize(round(480 * theme.scale()), 260)

    def open_page(self, address: str, known: tuple[str, ...]) -> None:
        """Show it; `known`: addresses of before, the newest first."""
        words.retranslate(self)
        lines = [tr("A network camera, a phone that sends its picture, or any address that FFmpeg can play:"), *EXAMPLES]
        lines.append(tr("With a password: {example} (it is not kept).").format(example=HIDDEN))
        self.examples.setText("\n".join(lines))
        self._list(known)
        self.edit.setText(address or (known[0] if known else ""))
        self.problem.hide()
        self.come_up()
        self.edit.setFocus()
        self.edit.selectAll()

    def _list(self, known: tuple[str, ...]) -> None:
        self.list.clear()
        self.list.addItems(known)
        for widget in (self.before, self.list, self.forget):
            widget.setVisible(bool(known))

    @Slot()
    def _typed(self) -> None:
        self.problem.hide()
        self.open_button.setEnabled(bool(self.edit.text().strip()))

    @Slot()
    def _open(self) -> None:
        address = self.edit.text().strip()
        if not address:
            return
        if not is_address(address):
            kinds = ", ".join(f"{name}://" for name in SCHEMES[:5])
            text = tr("This is not the address of a stream. It begins with {kinds} and then names a computer.")
            self.problem.setText(text.format(kinds=kinds))
            self.problem.show()
            return
        self.hide()
        self.chosen.emit(address)

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.edit.setText(item.text())

    def _take_and_open(self) -> None:
        self._take()
        self._open()

    @Slot()
    def _forget(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.forgotten.emit(item.text())
            self._list(tuple(self.list.item(row).text() for row in range(self.list.count()) if self.list.item(row) is not item))
