"""Docks with a quiet title of our own, and the centre: an inner window whose docks are the panels, tabbed or side by side."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QTabBar, QToolButton, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import icon, pixmap, set_icon
from explorer.i18n import N_

Area = Qt.DockWidgetArea
ROOM = (130, 106)  # what the larger panels need: nothing around them moves when they are made


class Title(QWidget):
    """One line: icon, name, float, close. Folds away for a dock that has a tab."""

    def __init__(self, dock: QDockWidget, name: str, icon_name: str, closable: bool = True) -> None:
        super().__init__(dock)
        self.setObjectName("dock-title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon_name = icon_name
        self.sign = QLabel()
        self.label = QLabel()
        self.label.setProperty("kind", "heading")
        words.say(self.label, name)
        self.float = QToolButton()
        words.say(self.float, N_("Float this panel or dock it again"), "tip")
        set_icon(self.float, "float")
        self.float.clicked.connect(self._float)
        self.close_button = QToolButton()
        words.say(self.close_button, N_("Hide this panel"), "tip")
        set_icon(self.close_button, "close")
        self.close_button.clicked.connect(dock.close)
        self.close_button.setVisible(closable)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.px(3), 2, theme.px(1), 2)
        line.setSpacing(theme.px(1.5))
        line.addWidget(self.sign)
        line.addWidget(self.label, 1)
        line.addWidget(self.float)
        line.addWidget(self.close_button)
        self._dock = dock
        self.restyle()

    def _float(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())

    def fold(self, away: bool) -> None:
        """Give the line's room to the panel: its tab says the name."""
        self.setFixedHeight(0 if away else 30)

    def restyle(self) -> None:
        """The theme changed."""
        self.sign.setPixmap(pixmap(self._icon_name, 16, theme.tokens().muted, self.devicePixelRatioF()))

    def sizeHint(self) -> QSize:
        """As low as it may be."""
        return QSize(80, self.maximumHeight() if self.maximumHeight() < 100 else 30)

    def minimumSizeHint(self) -> QSize:
        """Likewise: Qt asks this for title bars."""
        return self.sizeHint()


class Dock(QDockWidget):
    """A dock with a Title. `content` can be set later."""

    def __init__(self, name: str, title: str, icon_name: str, owner: QMainWindow) -> None:
        super().__init__(owner)
        self.setObjectName(f"dock-{name}")
        self.name = name
        self.icon_name = icon_name
        self.title_line = Title(self, title, icon_name)
        self.setTitleBarWidget(self.title_line)
        words.say(self, title, "dock")
        ground = QWidget()
        ground.setProperty("kind", "ground")
        self.setWidget(ground)
        self.title_line.fold(False)

    def fill(self, widget: QWidget) -> None:
        """What is made later than its dock takes the place of the empty ground."""
        ground = self.widget()
        self.setWidget(widget)
        ground.deleteLater()


class Centre(QMainWindow):
    """The panels. `shown(names)` when other panels are on the screen; `current(name)` when another one has the attention;
    `raised(name)` at once when a tab comes to the front, before it is painted.
    """

    shown = Signal(object)
    current = Signal(str)
    raised = Signal(str)

    def __init__(self, railed: bool = False) -> None:
        super().__init__()
        self._railed = railed
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setObjectName("centre")
        self.setDocumentMode(True)
        options = QMainWindow.DockOption
        self.setDockOptions(options.AllowTabbedDocks | options.AllowNestedDocks | options.GroupedDragging)
        self.setTabPosition(Area.AllDockWidgetAreas, self.tabPosition(Area.TopDockWidgetArea).North)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.docks: dict[str, Dock] = {}
        self._visible: frozenset[str] = frozenset()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.settle)
        self._arranging = False
        self.tabifiedDockWidgetActivated.connect(self._tab_raised)

    def add(self, name: str, title: str, icon_name: str) -> Dock:
        """One more tab; its panel can come later."""
        dock = Dock(name, title, icon_name, self)
        dock.widget().setMinimumSize(theme.px(ROOM[0]), theme.px(ROOM[1]))
        first = next(iter(self.docks.values()), None)
        self.addDockWidget(Area.TopDockWidgetArea, dock)
        if first is not None:
            self.tabifyDockWidget(first, dock)
        self.docks[name] = dock
        dock.visibilityChanged.connect(self._changed)
        dock.topLevelChanged.connect(self._changed)
        dock.dockLocationChanged.connect(self._changed)
        return dock

    def arrange(self, *columns: tuple[str, ...]) -> None:
        """Docks side by side, each column a group of tabs whose first is on top; panels not named join the first column."""
        named = {name for column in columns for name in column}
        groups = [[*columns[0], *(name for name in self.docks if name not in named)], *[list(c) for c in columns[1:]]]
        self._arranging = True  # every tab comes to the front for a moment
        for dock in self.docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        heads = []
        for group in groups:
            docks = [self.docks[name] for name in group if name in self.docks]
            if not docks:
                continue
            self.addDockWidget(Area.TopDockWidgetArea, docks[0], Qt.Orientation.Horizontal)
            for dock in docks[1:]:
                self.tabifyDockWidget(docks[0], dock)
            heads.append(docks[0])
            for dock in docks:
                dock.show()
        for dock in heads:
            dock.raise_()
        self._arranging = False
        if len(heads) > 1:
            self.resizeDocks(heads, [1000] * len(heads), Qt.Orientation.Horizontal)
        self._changed()

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front."""
        dock = self.docks.get(name)
        if dock is not None:
            dock.show()
            dock.raise_()
            self._changed()

    def dock_all(self) -> None:
        """Every panel back into the window."""
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.show()
        self._changed()

    def _changed(self, *_: object) -> None:
        self._soon.start()

    def _tab_raised(self, dock: QDockWidget) -> None:
        if isinstance(dock, Dock) and self.isVisible() and not self._arranging:
            self.raised.emit(dock.name)

    def settle(self) -> None:
        """Say what is on the screen now."""
        docked = [dock for dock in self.docks.values() if not dock.isFloating() and not dock.isHidden()]
        groups = {frozenset([dock, *self.tabifiedDockWidgets(dock)]) & frozenset(docked) for dock in docked}
        alone = self._railed and len(groups) == 1  # the rail names the panels: tabs would say it twice
        for dock in self.docks.values():
            beside = [other for other in self.tabifiedDockWidgets(dock) if not other.isFloating()]
            dock.title_line.fold(bool(beside) and not dock.isFloating() and not alone)
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if bool(bar.property("away")) != alone:
                bar.setProperty("away", alone)
                bar.style().unpolish(bar)
                bar.style().polish(bar)
                bar.updateGeometry()
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(True)
            bar.setExpanding(False)
            self._dress(bar)
        visible = frozenset(name for name, dock in self.docks.items() if _on_screen(dock))
        if visible != self._visible:
            new = [name for name in self.docks if name in visible - self._visible]
            self._visible = visible
            self.shown.emit(visible)
            if new:
                self.current.emit(new[-1])

    def _dress(self, bar: QTabBar) -> None:
        """Icons beside the names while all tabs fit; without them before any tab has to be scrolled for."""
        names = {dock.windowTitle(): dock.icon_name for dock in self.docks.values()}
        for at in range(bar.count()):
            if bar.tabText(at) in names:
                bar.setTabIcon(at, icon(names[bar.tabText(at)], theme.tokens().muted))
        if bar.sizeHint().width() > self.width():
            for at in range(bar.count()):
                bar.setTabIcon(at, QIcon())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tabs may fit now, or no longer."""
        super().resizeEvent(event)
        self._changed()

    def restyle(self) -> None:
        """The theme changed."""
        for dock in self.docks.values():
            dock.title_line.restyle()
        self.settle()


def _on_screen(dock: QDockWidget) -> bool:
    return dock.isVisible() and not dock.visibleRegion().isEmpty()
