"""What to do when there is no picture: a sentence with a button."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.host.messages import SourceState
from explorer.i18n import N_, tr
from explorer.requests.source import SourceRequest


class Offer(QWidget):
    """The sentence with a button that stands above the picture when a camera or file cannot be shown."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.button = QPushButton()
        words.say(self.button, N_("Play the sample clip"))
        self.button.clicked.connect(self._play)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.text)
        line.addWidget(self.button)
        line.addStretch(1)
        self.hide()

    def show_for(self, source: SourceState | None, request: SourceRequest, empty: bool) -> None:
        """Appear when the source has failed and there is no earlier picture either (`empty`)."""
        self.text.setText(self.reason(request))
        self.setVisible(empty and source is not None and source.state == "failed")

    @staticmethod
    def reason(request: SourceRequest) -> str:
        """Why there is no picture, in one sentence."""
        return tr("No camera found.") if request.kind == "camera" else tr("This picture cannot be shown.")

    @Slot()
    def _play(self) -> None:
        self._desk.open_source(SourceRequest(kind="clip", path=""))


def top_of(content: QWidget) -> QWidget:
    """`content` at the top of a page."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    column.addStretch(1)
    return page
