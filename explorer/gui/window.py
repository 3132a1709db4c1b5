"""The window: bars, docks and the centre. Bare Qt when it is first painted; `furnish` brings the desk and the panels in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QIcon, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from explorer.assets import assets_dir
from explorer.gui import theme, words
from explorer.gui.commands import BREAKS, COMMANDS, MENUS, Command, keys_of
from explorer.gui.docks import Centre, Dock
from explorer.gui.icons import recolour, set_icon
from explorer.gui.notices import Sink
from explorer.gui.panels import PanelRow
from explorer.gui.panels.surgery_words import edits_text
from explorer.gui.panels.welcome import FirstSteps, Welcome
from explorer.gui.rail import Rail
from explorer.gui.roster import Roster, make_panel
from explorer.gui.widgets.notice_strip import NoticeStrip
from explorer.gui.widgets.picture_strip import PictureStrip
from explorer.i18n import N_
from explorer.settings import Settings

if TYPE_CHECKING:
    from explorer.gui.desk import Desk
    from explorer.gui.panels.panel import Panel
    from explorer.records.network import NetworkInfo
    from explorer.session import Session

SIDE_WIDTHS = {"models": 280, "form": 272}
FORM_ROOM = 61  # what the widest form needs: the dock does not grow when it is made


class MainWindow(QMainWindow):
    """`closing` is emitted once, when the person (or a signal) wants to quit: the program then shuts down in stages."""

    closing = Signal()
    panel_changed = Signal(str)
    panel_made = Signal(str)

    def __init__(self, settings: Settings, sink: Sink) -> None:
        super().__init__()
        from explorer.gui.status import StatusBar

        self.settings = settings
        self.sink = sink
        self.desk: Desk | None = None
        self.panels = Roster(self._house)
        self.network: NetworkInfo | None = None
        self.current = "welcome"
        self.actions_by_name: dict[str, QAction] = {}
        self.quitting = False
        self.setObjectName("window")
        self.setWindowTitle("Explorer")
        self.setWindowIcon(QIcon(str(assets_dir() / "icons" / "explorer.svg")))
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        self.strip = PictureStrip(self)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.strip)
        self.rail = Rail(self)
        self.rail.chosen.connect(self.go_to)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.rail)
        self.notices = NoticeStrip()
        self.welcome = Welcome()
        self.centre = Centre(railed=True)
        self.centre.raised.connect(self._make_seen)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.centre)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(middle)
        self.models = self._dock("models", N_("Models"), "models", Qt.DockWidgetArea.LeftDockWidgetArea)
        self.form = self._dock("form", N_("First steps"), "form", Qt.DockWidgetArea.RightDockWidgetArea)
        self.log = self._dock("log", N_("Log"), "log", Qt.DockWidgetArea.BottomDockWidgetArea)
        self.log.hide()
        self.forms = QStackedWidget()
        self.forms.setProperty("kind", "ground")
        self.forms.setMinimumWidth(theme.px(FORM_ROOM))
        self.first_steps = FirstSteps()
        self.forms.addWidget(self.first_steps)
        self.form.setWidget(self.forms)
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self._menus: dict[str, QMenu] = {}
        self._build_menus()
        self.setTabOrder(self.strip, self.welcome)
        screen = QGuiApplication.primaryScreen().availableGeometry().size()
        self.resize(QSize(1280, 800).boundedTo(screen))
        self.resizeDocks([self.models, self.form], list(SIDE_WIDTHS.values()), Qt.Orientation.Horizontal)

    def _dock(self, name: str, title: str, icon_name: str, area: Qt.DockWidgetArea) -> Dock:
        dock = Dock(name, title, icon_name, self)
        self.addDockWidget(area, dock)
        return dock

    @property
    def side_docks(self) -> tuple[Dock, ...]:
        """The docks around the centre."""
        return self.models, self.form, self.log

    def all_docks(self) -> list[Dock]:
        """Side docks and panels."""
        return [*self.side_docks, *self.centre.docks.values()]

    # -- commands ----------------------------------------------------------------------------------------------------
    def _build_menus(self) -> None:
        for name in MENUS:
            menu = self.menuBar().addMenu("")
            words.say(menu, name, "menu")
            self._menus[name] = menu
        for command in COMMANDS:
            action = QAction(self)
            action.setObjectName(command.name)
            words.say(action, command.text)
            action.setCheckable(command.checkable)
            action.setShortcuts([QKeySequence(key) for key in keys_of(command, self.settings.shortcuts)])
            action.setEnabled(False)
            if command.name in BREAKS:
                self._menus[command.menu].addSeparator()
            self._menus[command.menu].addAction(action)
            self.addAction(action)  # so that keys work while the menu bar is hidden
            self.actions_by_name[command.name] = action

    def connect_commands(self, *owners: object) -> None:
        """Give every command the method of its name, from the first owner that has one."""
        for command in COMMANDS:
            slot = next((getattr(owner, command.name) for owner in owners if hasattr(owner, command.name)), None)
            if slot is None:
                raise LookupError(f"no owner has a method for the command {command.name!r}")
            action = self.actions_by_name[command.name]
            action.triggered.connect(_without_checked(slot))
            if command.icon:
                set_icon(action, command.icon)  # not before the first paint: no menu is open then
            action.setEnabled(True)

    def rebind(self) -> None:
        """The person chose other keys."""
        for command in COMMANDS:
            keys = [QKeySequence(key) for key in keys_of(command, self.settings.shortcuts)]
            self.actions_by_name[command.name].setShortcuts(keys)

    def commands(self) -> list[tuple[Command, QAction]]:
        """The key table as it is in force."""
        return [(command, self.actions_by_name[command.name]) for command in COMMANDS]

    # -- panels ------------------------------------------------------------------------------------------------------
    def promise_panel(self, row: PanelRow, desk: Desk) -> None:
        """A tab in the centre for a panel that is made when it is needed."""
        self.panels.promise(row.name, functools.partial(make_panel, row, desk))
        self._stand(row.name, row.title, row.icon)

    def add_panel(self, panel: Panel) -> None:
        """A panel that is there already, as one more tab."""
        kind = type(panel)
        self.panels.promise(kind.name, lambda: panel)
        self._stand(kind.name, kind.title, kind.icon)
        self._make_seen(kind.name)

    def _stand(self, name: str, title: str, icon: str) -> None:
        if not self.centre.docks:
            self.rail.add("welcome", N_("Home"), "home")
        self.centre.add(name, title, icon)
        self.rail.add(name, title, icon)

    def _house(self, panel: Panel) -> None:
        """A panel that was made goes into its dock, its form becomes a page of the right dock, and it hears the desk."""
        name = type(panel).name
        form = panel.form()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = form if form is not None else QWidget()
        area.setObjectName(f"form-{name}")
        self.forms.addWidget(area)  # before it is filled: whatever moves to another parent is styled anew
        area.setWidget(page)
        bar = area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(max(page.minimumSizeHint().width() + bar, theme.px(52)))
        self.centre.docks[name].fill(panel)
        if self.desk is not None:
            for channel in panel.channels:
                self.desk.register(channel, panel.take)
            self.desk.frame_arrived.connect(panel.frame_arrived)
        self.panel_made.emit(name)

    @Slot(str)
    def _make_seen(self, name: str) -> None:
        self.panels.get(name)

    def go_to(self, name: str) -> None:
        """Show a panel, or "welcome"."""
        if name not in self.panels:
            self.stack.setCurrentWidget(self.welcome)
            self._made_current("welcome")
            return
        self._make_seen(name)
        self.stack.setCurrentWidget(self.centre)
        self.centre.show_panel(name)
        self._made_current(name)

    def _made_current(self, name: str) -> None:
        form = self.forms.findChild(QScrollArea, f"form-{name}")
        self.forms.setCurrentIndex(self.forms.indexOf(form) if form is not None else 0)
        title = type(self.panels[name]).title if name in self.panels else N_("First steps")
        words.say(self.form.title_line.label, title)
        self.rail.mark(name)
        if name != self.current:
            self.current = name
            self.panel_changed.emit(name)
        if self.desk is not None and self.desk.session.panel != name:
            self.desk.change(undoable=False, panel=name)

    def attend(self, name: str) -> None:
        """Another panel has the person's attention (its tab was raised, it was clicked)."""
        if name in self.panels and self.stack.currentWidget() is self.centre:
            self._made_current(name)

    @Slot(object, object)
    def session_changed(self, new: Session, old: Session) -> None:
        """A panel sent the person to another one ("Dream this channel"); surgery is marked in the title."""
        if new.surgery != old.surgery:
            self._say_title()
        if new.panel != old.panel and new.panel != self.current:
            self.go_to(new.panel)

    @Slot(object)
    def panels_shown(self, names: frozenset[str]) -> None:
        """Live work only where it can be seen."""
        for name in self.panels:
            if name in names:
                self._make_seen(name)
        for name, panel in self.panels.made.items():
            panel.set_active(name in names)

    @property
    def panel(self) -> Panel | None:
        """The current panel."""
        return self.panels.get(self.current)

    @Slot(object)
    def show_network(self, info: NetworkInfo) -> None:
        """The title says what is loaded, a part of a file included, and how many edits were made to it."""
        self.network = info
        self._say_title()

    def _say_title(self) -> None:
        if self.network is not None:
            edits = edits_text(self.desk.session.surgery) if self.desk is not None else ""
            said = " · ".join(filter(None, (self.network.title, self.network.weights, edits)))
            self.setWindowTitle(f"{said} – Explorer")

    # -- notices -----------------------------------------------------------------------------------------------------
    @Slot()
    def take_notices(self) -> None:
        """Show what the sink has."""
        for notice in self.sink.take():
            self.notices.add(notice)

    # -- looks -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Say everything again, in the new language."""
        words.retranslate(self)
        self._say_title()
        self.status.retranslate()
        self.welcome.update()
        for panel in self.panels.made.values():
            panel.retranslate()

    def restyle(self) -> None:
        """The theme changed: icons and what we paint ourselves."""
        recolour(self)
        for dock in self.side_docks:
            dock.title_line.restyle()
        self.centre.restyle()
        self.notices.restyle()
        self.first_steps.restyle()

    # -- Qt ----------------------------------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        """The rail drops its names in a small window."""
        super().resizeEvent(event)
        self.rail.fit(event.size())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Never close at once: the program shuts down in stages, from the event loop."""
        event.ignore()
        if not self.quitting:
            self.quitting = True
            self.hide()
            QTimer.singleShot(0, self, self.closing.emit)

    dropped = Signal(object)  # list of local paths

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the paths on."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.dropped.emit(paths)


def _without_checked(slot: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(slot)
    def call(checked: bool = False) -> None:
        slot()

    return call
