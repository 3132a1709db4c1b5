"""The stages in their order as a row of numbered buttons; where there is no room only the chosen one says its name."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from explorer.gui import theme
from explorer.i18n import tr
from explorer.records.xray import Stage


class StageRail(QWidget):
    """`chosen(name)` when a person goes to a stage. Left and right go on while a button has the focus."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._titles: list[str] = []
        self.buttons: list[QToolButton] = []
        self._arrows: list[QLabel] = []
        self._group = QButtonGroup(self)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(theme.px(0.5))
        self._line.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_stages(self, stages: tuple[Stage, ...], now: str) -> None:
        """Show these stages, `now` chosen. Buttons are made anew only when the names are others."""
        names = [stage.name for stage in stages]
        if names != self._names:
            self._rebuild(names)
        self._titles = [stage.title for stage in stages]
        for button, stage in zip(self.buttons, stages, strict=True):
            button.setToolTip(stage.about.text() + ("" if stage.empty is None else f"\n{stage.empty.text()}"))
            button.setAccessibleName(tr(stage.title))
        self.mark(now)

    def mark(self, name: str) -> None:
        """Show which stage is chosen."""
        if name in self._names:
            self.buttons[self._names.index(name)].setChecked(True)
        self._fit()

    def _rebuild(self, names: list[str]) -> None:
        for widget in (*self.buttons, *self._arrows):
            self._line.removeWidget(widget)
            widget.deleteLater()
        self._names, self.buttons, self._arrows = names, [], []
        for at, name in enumerate(names):
            if at:
                arrow = QLabel("›")
                arrow.setProperty("kind", "muted")
                self._arrows.append(arrow)
                self._line.insertWidget(self._line.count() - 1, arrow)
            button = QToolButton()
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.clicked.connect(partial(self.chosen.emit, name))
            self._group.addButton(button)
            self.buttons.append(button)
            self._line.insertWidget(self._line.count() - 1, button)

    def _fit(self) -> None:
        """All names if they fit, else numbers and the chosen name."""
        texts = [f"{at + 1} {tr(title)}" for at, title in enumerate(self._titles)]
        metrics = self.fontMetrics()
        need = sum(metrics.horizontalAdvance(text) + theme.px(6.5) for text in texts) + len(texts) * theme.px(2.5)
        for at, (button, text) in enumerate(zip(self.buttons, texts, strict=True)):
            said = text if need <= self.width() or button.isChecked() else str(at + 1)
            if button.text() != said:
                button.setText(said)

    def retranslate(self) -> None:
        """The language changed."""
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for names now."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """One line; how wide is for the layout to say."""
        return QSize(theme.px(80), super().sizeHint().height())

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
