"""The column beside the contour: the race (legend, words, chart), one method step by step, many starts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.optimizers_chart import ChartPart
from explorer.gui.panels.optimizers_chooser import MethodButton
from explorer.gui.panels.optimizers_legend import Legend
from explorer.gui.widgets.pages import Pages
from explorer.i18n import N_

if TYPE_CHECKING:
    from explorer.gui.panels.optimizers_starts import StartsPage
    from explorer.gui.panels.optimizers_step import StepPage

RACE, STEP, STARTS = "race", "step", "starts"
ROWS = (
    (RACE, N_("Race"), N_("All methods from one start")),
    (STEP, N_("Steps"), N_("One method slowly: every term of its update, with the numbers of this step (T)")),
    (STARTS, N_("Many starts"), N_("The chosen methods from many starts at once: where they end")),
)
NAMES = tuple(name for name, _, _ in ROWS)


class Side(QWidget):
    """`shown(page)`: RACE, STEP or STARTS came to the front; `grown(page)`: it was made. `step`, `starts` make theirs."""

    shown = Signal(str)
    grown = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setProperty("kind", "page")
        self._pages = Pages(self, [title for _, title, _ in ROWS], self._make, [tip for _, _, tip in ROWS])
        self.tabs = self._pages.tabs
        words.say(self.tabs, N_("Pages of the race"), "name")
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.export_button = self._button("save", N_("Export..."), N_("Write the race as GIF, MP4, PNG, SVG or CSV (E)"))
        self.reset_button = self._button("reset", N_("Back to start"), N_("The surface's own start and rates, all six methods"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(1), 0, theme.px(2), 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.tabs)
        column.addWidget(self._pages.stack, 1)
        buttons = QHBoxLayout()
        column.addLayout(buttons)
        buttons.addWidget(self.reset_button)
        buttons.addStretch(1)
        buttons.addWidget(self.export_button)
        self._pages.page(0)
        self._pages.grown.connect(lambda index: self.grown.emit(NAMES[index]))
        self._pages.turned.connect(lambda index: self.shown.emit(NAMES[index]))

    def _make(self, index: int) -> QWidget:
        if NAMES[index] == RACE:
            return self._race_page()
        if NAMES[index] == STEP:
            from explorer.gui.panels.optimizers_step import StepPage

            return StepPage(self._desk)
        from explorer.gui.panels.optimizers_starts import StartsPage

        return StartsPage(self._desk)

    def has(self, page: str) -> bool:
        """Whether RACE, STEP or STARTS is there."""
        return self._pages.has(NAMES.index(page))

    @property
    def step(self) -> StepPage:
        """One method step by step."""
        return cast("StepPage", self._pages.page(NAMES.index(STEP)))

    @property
    def starts(self) -> StartsPage:
        """Many starts at once."""
        return cast("StartsPage", self._pages.page(NAMES.index(STARTS)))

    def _race_page(self) -> QWidget:
        """The race, built from outside inwards."""
        page = QWidget(self._pages.stack)
        page.setProperty("kind", "page")
        self.body = QBoxLayout(QBoxLayout.Direction.TopToBottom, page)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.px(1))
        upper, line = QVBoxLayout(), QHBoxLayout()
        self.body.addLayout(upper, 1)
        upper.setSpacing(0)
        area = self.legend_area = QScrollArea(page)
        upper.addWidget(area, 1)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.legend = Legend(self._desk)
        area.setWidget(self.legend)
        area.setMinimumHeight(theme.px(16))
        area.viewport().setProperty("kind", "page")
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.methods = MethodButton(self._desk)
        self.curves = ChartPart(self._desk, page)
        upper.addLayout(line)
        line.addWidget(self.methods)
        line.addStretch(1)
        line.addWidget(self.curves.arrows)
        self.words = QLabel(page)
        self.words.setProperty("kind", "muted")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        upper.addWidget(self.words)
        self.body.addWidget(self.curves, 1)
        return page

    def _button(self, icon: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("kind", "quiet")
        set_icon(button, icon)
        words.say(button, text)
        words.say(button, tip, "tip")
        return button

    @property
    def page(self) -> str:
        """What is in front."""
        return NAMES[self._pages.at]

    def go_to(self, page: str) -> None:
        """Bring RACE, STEP or STARTS to the front."""
        self._pages.turn(NAMES.index(page))

    def say(self, text: str, more: str = "") -> None:
        """The sentence under the legend; its tooltip says `more`."""
        if text != self.words.text():
            self.words.setText(text)
        self.words.setToolTip("\n\n".join(one for one in (text, more) if one))

    def fit_legend(self) -> None:
        """The methods changed: room for all of them, where there is room."""
        QTimer.singleShot(0, self, self._fit)  # once the new rows know their size

    def _fit(self) -> None:
        self.legend_area.setMinimumWidth(self.legend.sizeHint().width() + theme.px(3))
        self.legend_area.setMaximumHeight(max(self.legend.sizeHint().height(), self.legend.minimumSizeHint().height()) + 2)
        lines = 3 if self.height() > theme.px(140) else 2
        self.words.setFixedHeight(lines * self.words.fontMetrics().lineSpacing() + 2)  # nothing moves when a sentence comes

    def changeEvent(self, event: QEvent) -> None:
        """Type of another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "legend_area"):
            self.fit_legend()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Less room for legend and sentence where there is little."""
        super().resizeEvent(event)
        self.body.setStretch(1, 1 if self.height() > theme.px(140) else 2)  # a flat chart says nothing
        self.fit_legend()

    def retranslate(self) -> None:
        """The language changed."""
        self._pages.retranslate()
        self.curves.retranslate()
        if self.has(STARTS):
            self.starts.retranslate()
