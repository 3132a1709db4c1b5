"""The button "Drawing": what is drawn over the picture, chosen in a small form under it."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QToolButton, QWidgetAction

from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_
from explorer.requests.live import LiveLook
from explorer.session import LiveTask

CHOICES: dict[LiveTask, tuple[str, ...]] = {
    "detect": (
        "boxes", "names", "scores", "numbers", "trails", "trail_s", "fill", "opacity", "outline", "line", "text",
    ),
    "segment": ("shade", "outline", "line", "answers", "text"),
    "classify": ("answers", "text"),
}  # fmt: skip


def drawing_button(desk: Desk) -> QToolButton:
    """A button with a menu that holds the form of the chosen task; it stays open while its values are tried."""
    button = tool_button("form", N_("Choose what is drawn over the picture: labels, masks, trails, widths"), N_("Drawing"))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    button.setMenu(menu)
    forms: dict[LiveTask, QWidgetAction] = {}

    def fill() -> None:
        task = desk.session.live
        if task not in forms:
            forms[task] = QWidgetAction(menu)
            forms[task].setDefaultWidget(Form(LiveLook, desk, "live_look", only=CHOICES[task]))
            menu.addAction(forms[task])
        for name, action in forms.items():
            action.setVisible(name == task)

    menu.aboutToShow.connect(fill)
    return button
