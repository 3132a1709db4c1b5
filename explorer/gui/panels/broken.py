"""What stands in the place of a panel that could not be made."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.panels import PanelRow
from explorer.gui.panels.panel import Panel
from explorer.i18n import N_


class BrokenPanel(Panel):
    """Says why. Subclasses are made by `broken_panel`."""

    def __init__(self, desk: Desk, reason: str) -> None:
        super().__init__(desk)
        said = QLabel()
        said.setProperty("kind", "bad")
        said.setWordWrap(True)
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        said.setMargin(theme.px(6))
        words.say(said, N_("The panel {name} could not be opened: {reason}"), name=self.title, reason=reason)
        QVBoxLayout(self).addWidget(said)


def broken_panel(row: PanelRow, desk: Desk, reason: str) -> BrokenPanel:
    """One of a class of its own, because the window asks the class for its name."""
    kind: type[BrokenPanel] = type("BrokenPanelOfRow", (BrokenPanel,), {"name": row.name})
    return kind(desk, reason)
