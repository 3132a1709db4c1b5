"""The column beside the contour: the race (legend, words, chart), one method step by step, many starts at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.optimizers_chart import ChartPart
from explorer.gui.panels.optimizers_chooser import MethodButton
from explorer.gui.panels.optimizers_legend import Legend
from explorer.gui.panels.optimizers_starts import StartsPage
from explorer.gui.panels.optimizers_step import StepPage
from explorer.i18n import N_, tr

RACE, STEP, STARTS = "race", "step", "starts"
PAGES = (
    (RACE, N_("Race"), N_("All methods from one start")),
    (STEP, N_("Steps"), N_("One method slowly: every term of its update, with the numbers of this step (T)")),
    (STARTS, N_("Many starts"), N_("The chosen methods from many starts at once: where they end")),
)


class Side(QWidget):
    """`shown(page)`: RACE, STEP or STARTS came to the front."""

    shown = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("kind", "page")
        self.legend = Legend(desk)
        self.methods = MethodButton(desk)
        self.words = QLabel()
        self.words.setProperty("kind", "muted")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.curves = ChartPart(desk)
        self.step = StepPage(desk)
        self.starts = StartsPage(desk)
        self.export_button = self._button("save", N_("Export..."), N_("Write the race as GIF, MP4, PNG, SVG or CSV (E)"))
        self.reset_button = self._button("reset", N_("Back to start"), N_("The surface's own start and rates, all six methods"))
        self._build()

    def _build(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.pages = QStackedWidget()
        for index, page in enumerate((self._race_page(), self.step, self.starts)):
            self.tabs.addTab("")
            self.pages.addWidget(page)
            self.tabs.setTabData(index, PAGES[index][0])
        self.tabs.currentChanged.connect(self._turned)
        buttons = QHBoxLayout()
        buttons.addWidget(self.reset_button)
        buttons.addStretch(1)
        buttons.addWidget(self.export_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(1), 0, theme.px(2), 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.tabs)
        column.addWidget(self.pages, 1)
        column.addLayout(buttons)
        self.retranslate()

    def _race_page(self) -> QWidget:
        page = QWidget()
        page.setProperty("kind", "page")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.legend)
        area.setMinimumHeight(theme.px(16))
        area.viewport().setProperty("kind", "page")
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.legend_area = area
        upper = QVBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(area, 1)
        line = QHBoxLayout()
        line.addWidget(self.methods)
        line.addStretch(1)
        line.addWidget(self.curves.arrows)
        upper.addLayout(line)
        upper.addWidget(self.words)
        self.body = QBoxLayout(QBoxLayout.Direction.TopToBottom, page)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.px(1))
        self.body.addLayout(upper, 1)
        self.body.addWidget(self.curves, 1)
        return page

    def _button(self, icon: str, text: str, tip: str) -> QPushButton:
        button = QPushButton()
        button.setProperty("kind", "quiet")
        set_icon(button, icon)
        words.say(button, text)
        words.say(button, tip, "tip")
        return button

    @property
    def page(self) -> str:
        """What is in front."""
        return PAGES[self.tabs.currentIndex()][0]

    def go_to(self, page: str) -> None:
        """Bring RACE, STEP or STARTS to the front."""
        self.tabs.setCurrentIndex([name for name, _, _ in PAGES].index(page))

    def _turned(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self.shown.emit(self.page)

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
        for index, (_, title, tip) in enumerate(PAGES):
            self.tabs.setTabText(index, tr(title))
            self.tabs.setTabToolTip(index, tr(tip))
