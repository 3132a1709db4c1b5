"""The button "Drawing": what is drawn over the picture, chosen in a small form under it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QToolButton, QWidget, QWidgetAction

from explorer.gui import theme
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
    button = tool_button("form", N_("Choose what is drawn over the picture: labels, masks, trails, widths"))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    button.setMenu(menu)
    forms: dict[LiveTask, QWidgetAction] = {}

    def fill() -> None:
        task = desk.session.live
        if task not in forms:
            forms[task] = QWidgetAction(menu)
            forms[task].setDefaultWidget(_scrolling(Form(LiveLook, desk, "live_look", only=CHOICES[task]), button))
            menu.addAction(forms[task])
        for name, action in forms.items():
            action.setVisible(name == task)

    menu.aboutToShow.connect(fill)
    return button


def _scrolling(form: Form, beside: QWidget) -> QScrollArea:
    """The form as high as it is, or as the screen allows: a menu that is too high would be cut."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(form)
    size = form.sizeHint()
    high = min(size.height(), round(0.7 * beside.screen().availableGeometry().height()))
    bar = area.verticalScrollBar().sizeHint().width() if high < size.height() else 0
    area.setFixedSize(max(size.width(), theme.px(48)) + bar, high)
    return area
