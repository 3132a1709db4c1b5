"""The stages in their order, as a row of buttons of one width: a number, below it the name while there is room for names."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from explorer.gui import theme
from explorer.i18n import tr
from explorer.records.xray import Stage

SMALLEST = 0.77  # of the normal type: below that names are left out


class StageRail(QWidget):
    """`chosen(name)` when a person goes to a stage. Left and right go on while a button has the focus."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._titles: list[str] = []
        self.buttons: list[QToolButton] = []
        self._group = QButtonGroup(self)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(theme.px(0.5))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_stages(self, stages: tuple[Stage, ...], now: str) -> None:
        """Show these stages, `now` chosen. Buttons are made anew only when the names are others."""
        names = [stage.name for stage in stages]
        if names != self._names:
            self._rebuild(names)
        self._titles = [stage.title for stage in stages]
        for button, stage in zip(self.buttons, stages, strict=True):
            title = tr(stage.title)
            said = [title, stage.about.text(), "" if stage.empty is None else stage.empty.text()]
            button.setToolTip("\n".join(filter(None, said)))
            button.setAccessibleName(title)
        self._fit()
        self.mark(now)

    def mark(self, name: str) -> None:
        """Show which stage is chosen."""
        if name in self._names:
            self.buttons[self._names.index(name)].setChecked(True)
            self._fit()

    def _rebuild(self, names: list[str]) -> None:
        for widget in self.buttons:
            self._line.removeWidget(widget)
            widget.deleteLater()
        self._names, self.buttons = names, []
        for name in names:
            button = QToolButton()
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setMinimumWidth(theme.px(6))
            button.clicked.connect(partial(self.chosen.emit, name))
            self._group.addButton(button)
            self.buttons.append(button)
            self._line.addWidget(button)

    def _fit(self) -> None:
        """Names in normal type, in smaller type, or the chosen one's only: as large as there is room."""
        if not self.buttons:
            return
        room = (self.width() - (len(self.buttons) - 1) * self._line.spacing()) / len(self.buttons) - theme.px(2)
        longest = max(QFontMetrics(self.font()).horizontalAdvance(tr(title)) for title in self._titles)
        scale = min(1.0, room / max(longest, 1))
        font = QFont(self.font())
        font.setPixelSize(round(self.fontInfo().pixelSize() * max(scale, SMALLEST)))
        named = scale >= SMALLEST
        for at, (button, title) in enumerate(zip(self.buttons, self._titles, strict=True)):
            said = f"{at + 1}\n{tr(title)}" if named or button.isChecked() else f"{at + 1}\n"
            if button.text() != said or button.font() != font:
                button.setFont(font)
                button.setText(said)
            button.setMaximumWidth(16_777_215 if named or button.isChecked() else theme.px(12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for names now."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Two lines; how wide is for the layout to say."""
        return QSize(theme.px(80), max(super().sizeHint().height(), 2 * self.fontMetrics().height() + theme.px(2)))

    def minimumSizeHint(self) -> QSize:
        """It never asks for more room than there is."""
        return QSize(theme.px(40), self.sizeHint().height())

    def take_focus(self) -> None:
        """Keys come to the chosen stage's button."""
        for button in self.buttons:
            if button.isChecked():
                button.setFocus()

    def step(self, by: int) -> None:
        """The next stage, or the one before."""
        at = next((n for n, button in enumerate(self.buttons) if button.isChecked()), 0) + by
        if 0 <= at < len(self.buttons):
            self.chosen.emit(self._names[at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right."""
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        by = moves.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.step(by)
