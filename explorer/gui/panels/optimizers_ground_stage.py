"""Where the surface is seen: contour, the surface in space, both; below them the points that a surface from data is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.widgets.contour_view import ContourView
from explorer.i18n import N_
from explorer.records.descent import Race

if TYPE_CHECKING:  # space and points are imported when they are asked for
    from explorer.gui.panels.optimizers_points import PointsPane
    from explorer.gui.widgets.surface_3d import Surface3D


class GroundStage(QWidget):
    """`view`: "2-D", "3-D" or "both". `grown(space)`: the 3-D view was made; it is made when it is first asked for."""

    grown = Signal(object)

    def __init__(self, contour: ContourView, parent: QWidget) -> None:
        super().__init__(parent)
        self.contour = contour
        self.space: Surface3D | None = None
        self.pane: PointsPane | None = None
        self.view = "2-D"
        self.said = QLabel()
        self.said.setProperty("kind", "muted")
        self.said.setWordWrap(True)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.said.setContentsMargins(theme.px(2), theme.px(1), theme.px(2), theme.px(1))
        self.said.hide()
        self.parts = QSplitter(Qt.Orientation.Vertical, self)
        self.parts.setChildrenCollapsible(False)
        self.views = QSplitter(Qt.Orientation.Horizontal, self.parts)
        self.views.setChildrenCollapsible(False)
        self.views.addWidget(contour)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.parts, 1)
        column.addWidget(self.said)

    def show_view(self, view: str) -> None:
        """Contour, space, or both; where there is no OpenGL, the contour and a sentence."""
        if view != "2-D" and self.space is None:
            from explorer.gui.widgets.surface_3d import opengl_problem

            problem = opengl_problem()
            if problem:
                self._refuse(problem)
            else:
                self._grow()
        self.view = view
        broken = self.space is None or self.space.broken
        if view == "2-D":
            self.said.hide()
        elif broken:
            self.said.show()
        self.contour.setVisible(view != "3-D" or broken)
        if self.space is not None:
            self.space.setVisible(view != "2-D" and not broken)
        self._arrange()

    def _grow(self) -> None:
        from explorer.gui.widgets.surface_3d import Surface3D

        self.space = Surface3D()
        words.say(
            self.space,
            N_("The surface in space: drag turns it (Ctrl+arrows), the wheel zooms (+ and -), a click starts here"),
            "tip",
        )
        words.say(self.space, N_("The surface in space"), "name")
        self.space.failed.connect(self._failed, Qt.ConnectionType.QueuedConnection)  # it happens while it paints
        self.views.addWidget(self.space)
        self.views.setSizes([1000, 1000])
        self.grown.emit(self.space)

    def _failed(self, text: str) -> None:
        self._refuse(text)
        self.show_view(self.view)

    def _refuse(self, text: str) -> None:
        words.say(self.said, text)

    def show_points(self, race: Race | None) -> PointsPane | None:
        """The points of a race on a surface from data; None hides them."""
        if race is None:
            if self.pane is not None:
                self.pane.hide()
            return None
        if self.pane is None:
            from explorer.gui.panels.optimizers_points import PointsPane

            self.pane = PointsPane()
            self.parts.addWidget(self.pane)
            self.parts.setStretchFactor(0, 3)
            self.parts.setStretchFactor(1, 2)
        self.pane.show_race(race)
        self.pane.show()
        return self.pane

    def _arrange(self) -> None:
        tall = self.height() > 0.9 * self.width()
        wanted = Qt.Orientation.Vertical if tall else Qt.Orientation.Horizontal
        if self.views.orientation() != wanted:
            self.views.setOrientation(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room."""
        super().resizeEvent(event)
        self._arrange()
