"""The widgets of the Optimizers panel and where they stand. What they do is the panel's matter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.optimizers_legend import Legend
from explorer.gui.widgets.contour_view import ContourView
from explorer.gui.widgets.loss_chart import LossChart
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.playhead import Playhead
from explorer.gui.widgets.slider import NumberSlider
from explorer.i18n import N_


class OptimizersView(QWidget):
    """Surface and rate on top, contour beside legend and chart, the playhead below."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.contour = ContourView()
        self.chart = LossChart()
        self.legend = Legend(desk)
        self.playhead = Playhead()
        self._build()

    def _build(self) -> None:
        self.surface = QComboBox()
        self.surface.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.surface.setMinimumContentsLength(15)
        words.say(self.surface, N_("Surface"), "name")
        self.formula = QLabel()
        self.formula.setProperty("kind", "muted")
        self.formula.setMinimumWidth(20)
        self.rate = NumberSlider(0.01, 100.0, 1.0, step=0.01, log=True, unit="×")
        self.rate.setFixedWidth(theme.px(56))
        words.say(self.rate, N_("Multiplies every method's own learning rate on this surface."), "tip")
        words.say(self.rate, N_("Learning rate factor"), "name")
        rate_label = OneLine(QSizePolicy.Policy.Maximum)
        rate_label.setProperty("kind", "muted")
        words.say(rate_label, N_("Learning rate"))
        self.export_button = self._button("save", N_("Export..."), N_("Write the race as GIF, MP4, PNG or CSV (E)"))
        self.reset_button = self._button("reset", N_("Back to start"), N_("The surface's own start and rates, all six methods"))
        top = QHBoxLayout()
        top.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(1))
        top.setSpacing(theme.px(2))
        top.addWidget(self.surface)
        top.addWidget(self.formula, 1)
        top.addWidget(rate_label)
        top.addWidget(self.rate)
        side = QWidget()
        side.setProperty("kind", "page")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.legend)
        area.setMinimumHeight(theme.px(20))
        self._legend_area = area
        area.viewport().setProperty("kind", "page")
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        buttons = QHBoxLayout()
        buttons.addWidget(self.reset_button)
        buttons.addStretch(1)
        buttons.addWidget(self.export_button)
        column = QVBoxLayout(side)
        column.setContentsMargins(theme.px(1), theme.px(1), theme.px(2), 0)
        column.setSpacing(theme.px(1))
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(theme.px(1))
        self._body.addWidget(area, 3)
        self._body.addWidget(self.chart, 2)
        column.addLayout(self._body, 1)
        column.addLayout(buttons)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.contour)
        self.split.addWidget(side)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(top)
        page.addWidget(self.split, 1)
        page.addWidget(self.playhead)

    def _button(self, icon: str, text: str, tip: str) -> QPushButton:
        button = QPushButton()
        button.setProperty("kind", "quiet")
        set_icon(button, icon)
        words.say(button, text)
        words.say(button, tip, "tip")
        return button

    def fit_legend(self) -> None:
        """The methods changed: room for all of them, where there is room."""
        QTimer.singleShot(0, self, self._fit)  # once the new rows know their size

    def _fit(self) -> None:
        self._legend_area.setMinimumWidth(self.legend.sizeHint().width() + theme.px(3))
        self._legend_area.setMaximumHeight(max(self.legend.sizeHint().height(), self.legend.minimumSizeHint().height()) + 2)

    def changeEvent(self, event: QEvent) -> None:
        """Type of another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_legend_area"):
            self.fit_legend()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room, else one below the other."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(170) and self.height() > self.width() * 0.9
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if self.split.orientation() != wanted:
            self.split.setOrientation(wanted)
            beside = QBoxLayout.Direction.LeftToRight if narrow else QBoxLayout.Direction.TopToBottom
            self._body.setDirection(beside)
        self.formula.setVisible(self.width() > theme.px(190))
