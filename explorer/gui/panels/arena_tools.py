"""A line of tool buttons whose words go where there is no room for them; the menu of a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from explorer.gui import theme
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.filters_saving import save_picture
from explorer.gui.panels.panel import Panel
from explorer.i18n import N_, tr


class ToolLine(QWidget):
    """Buttons with words and icons, or with icons alone; the tooltip says the words then too."""

    def __init__(self, buttons: Sequence[QToolButton]) -> None:
        super().__init__()
        self.buttons = tuple(buttons)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(1))
        for button in self.buttons:
            line.addWidget(button)
            button.installEventFilter(self)
        line.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """Icons alone."""
        return QSize(len(self.buttons) * theme.px(9), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room, or less."""
        super().resizeEvent(event)
        self.fit()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """A button came, went or changed its words."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent, QEvent.Type.LanguageChange):
            self.fit()
        return False

    def fit(self) -> None:
        """Words where all of them have room."""
        style, wide = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, 0
        for button in self.buttons:
            if not button.isHidden():
                text = button.fontMetrics().horizontalAdvance(button.text())
                wide += text + button.iconSize().width() + theme.px(8)
        if wide > self.width():
            style = Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self.buttons:
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)


def result_menu(desk: Desk, panel: Panel, name: str, facts: dict[str, Any]) -> QMenu:
    """Copy and save what `panel` shows."""
    deeds: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("copy", N_("Copy values"), lambda: QApplication.clipboard().setText(panel.numbers())),
        ("picture", N_("Copy picture"), lambda: QApplication.clipboard().setImage(panel.picture())),
        ("save", N_("Save picture..."), lambda: save_picture(desk, panel, panel.picture(), name, facts)),
    )
    menu = QMenu(panel)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for icon, text, deed in deeds:
        action = menu.addAction(tr(text))
        set_icon(action, icon)
        action.triggered.connect(lambda _checked=False, do=deed: do())
    return menu
