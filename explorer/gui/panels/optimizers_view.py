"""The widgets of the Optimizers panel and where they stand. What they do is the panel's matter."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.panels.optimizers_ground_bar import GroundBar
from explorer.gui.panels.optimizers_ground_choice import SurfaceChoice
from explorer.gui.panels.optimizers_ground_stage import GroundStage
from explorer.gui.panels.optimizers_side import Side
from explorer.gui.widgets.contour_view import ContourView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.playhead import Playhead, step_of
from explorer.gui.widgets.slider import NumberSlider
from explorer.i18n import N_


class OptimizersView(QWidget):
    """Surface and rate on top, contour beside legend and chart, the playhead below."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.setChildrenCollapsible(False)
        self.contour = ContourView()
        self.stage = GroundStage(self.contour, self.split)
        self.side = Side(desk, self.split)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.legend, self.chart = self.side.legend, self.side.curves.chart
        self.export_button, self.reset_button = self.side.export_button, self.side.reset_button
        self.playhead = Playhead(say=self._step_of)
        self.surface = SurfaceChoice(desk)
        self.ground = GroundBar(desk, self)
        self.formula = self.ground.formula
        self._build()

    def _build(self) -> None:
        self.rate = NumberSlider(0.01, 100.0, 1.0, step=0.01, log=True, unit="×")
        self.rate.setFixedWidth(theme.px(56))
        words.say(self.rate, N_("Multiplies every method's own learning rate on this surface."), "tip")
        words.say(self.rate, N_("Learning rate factor"), "name")
        rate_label = OneLine(QSizePolicy.Policy.Maximum)
        rate_label.setProperty("kind", "muted")
        words.say(rate_label, N_("Learning rate"))
        top = QHBoxLayout()
        top.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(1))
        top.setSpacing(theme.px(2))
        top.addWidget(self.surface)
        top.addStretch(1)
        top.addWidget(rate_label)
        top.addWidget(self.rate)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(top)
        page.addWidget(self.ground)
        page.addWidget(self.split, 1)
        page.addWidget(self.playhead)

    def fit_legend(self) -> None:
        """The methods changed: room for all of them, where there is room."""
        self.side.fit_legend()

    def _step_of(self, index: int, last: int) -> str:
        """The step that a point of the paths stands after: long paths are thinned out."""
        race = self.chart.race
        longest = max(race.runs, key=lambda run: run.steps, default=None) if race is not None else None
        if longest is None:
            return step_of(index, last)
        return step_of(longest.number_at(min(index, longest.steps)), longest.number_at(min(last, longest.steps)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room, else one below the other."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(170) and self.height() > self.width() * 0.9
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if self.split.orientation() != wanted:
            self.split.setOrientation(wanted)
            beside = QBoxLayout.Direction.LeftToRight if narrow else QBoxLayout.Direction.TopToBottom
            self.side.body.setDirection(beside)
