"""The small button of all panels: an icon, words beside it where there is room for them, always a tooltip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from explorer.gui import words
from explorer.gui.icons import set_icon


def tool_button(icon: str, tip: str, text: str = "", *, checkable: bool = False) -> QToolButton:
    """A tool button. `icon`: a name in assets/icons; `tip`, `text`: English message keys."""
    button = QToolButton()
    button.setCheckable(checkable)  # before the icon: a checkable one has a second colour
    set_icon(button, icon)
    if text:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        words.say(button, text)
    words.say(button, tip, "tip")
    return button
