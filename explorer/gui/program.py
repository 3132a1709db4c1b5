"""The running program: window first, then, one step per turn of the event loop, everything else; and the way out."""

from __future__ import annotations

import contextlib
import importlib
import logging
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from explorer import i18n
from explorer.gui.collector import Collector
from explorer.gui.idle import Idle
from explorer.gui.leaving import Signals, Watchdog, leave
from explorer.gui.looks import Looks
from explorer.gui.notices import Notice, Sink
from explorer.gui.sentinel import Sentinel
from explorer.gui.window import MainWindow
from explorer.i18n import tr
from explorer.settings import Settings

if TYPE_CHECKING:
    from explorer.gui.crash import CrashLog
    from explorer.gui.desk import Desk
    from explorer.gui.panels.log_lines import LogHandler

log = logging.getLogger(__name__)
STARTED_WELL_MS = 3000
UNSEEN_MS = 1000


class Program(QObject):
    """`furnished` when every tab stands and every panel that can be seen is made; `complete` when the others are, too, one
    after the other in idle moments. `make_host` is the Host class, or a stand-in in tests.
    """

    furnished = Signal()
    complete = Signal()
    left = Signal(int)

    def __init__(
        self,
        app: QApplication,
        settings: Settings,
        sink: Sink,
        log_handler: LogHandler,
        sentinel: Sentinel | None = None,
        crash_log: CrashLog | None = None,
        make_host: Callable[[Callable[[], None]], Any] | None = None,
        paths: tuple[str, ...] = (),
        safe: bool = False,
    ) -> None:
        super().__init__()
        self.app = app
        self.settings = settings
        self.sink = sink
        self.sentinel = sentinel
        self.crash_log = crash_log
        self.exit_code = 0
        self.times: dict[str, float] = {}
        self.desk: Desk | None = None
        self._make_host = make_host
        self._log_handler = log_handler
        self._paths = paths
        self.safe = safe
        self.reset_3d = False  # the 3-D view that the last session had is not opened again: it may have ended the process
        self.wanted_size: tuple[int, int] | None = None
        self.window = MainWindow(settings, sink)
        app.focusChanged.connect(self._focus_moved)
        self.looks = Looks(app, self.window)
        self.collector = Collector(self)
        self.window.closing.connect(self.leave)
        self._steps: Iterator[None] | None = None
        self.idle: Idle | None = None
        self._signals: Signals | None = None
        self.watchdog: Watchdog | None = None

    # -- in ----------------------------------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the window; the rest follows after its first paint."""
        self.window.welcome.painted.connect(self._begin, Qt.ConnectionType.QueuedConnection)
        self.window.show()
        QTimer.singleShot(UNSEEN_MS, self, self._begin)  # a window that starts minimised is not painted

    @Slot()
    def _begin(self) -> None:
        if self._steps is not None or "painted" in self.times:
            return
        self.times["painted"] = time.perf_counter()
        self._signals = Signals(self.app)
        self._signals.asked.connect(self.quit_with)
        self._steps = self._furnish()
        self._next()

    @Slot()
    def _next(self) -> None:
        if self._steps is None or self.window.quitting:
            return
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
            self.times["furnished"] = time.perf_counter()
            if not self.safe:  # a panel that kills the process must not do so twice before anybody asked for it
                self.idle = Idle(self.window, self._make_the_rest())
                self.idle.done.connect(self._all_made)
            self.furnished.emit()
            QTimer.singleShot(STARTED_WELL_MS, self, self._started_well)
            return
        QTimer.singleShot(0, self, self._next)

    def _furnish(self) -> Iterator[None]:
        window = self.window
        slot = self.sentinel.slot if self.sentinel else 0
        from explorer.gui import keeping
        from explorer.gui.desk import Desk
        from explorer.gui.panels.log import LogPanel

        yield
        if self.safe:
            keeping.set_aside(slot)
        session, recent, problem = (None, [], "") if self.safe else keeping.load(slot)
        if problem:
            self.sink.put(
                Notice(
                    tr("The last session could not be read; it is kept as {name}.").format(name="session.json.bak"),
                    "warn",
                    problem,
                )
            )
        if session is not None and self.sentinel is not None and self.sentinel.crashed:
            kept, session = session, keeping.careful(session)
            self.reset_3d = session != kept
        self.desk = desk = Desk(self._make_host or _host(), self.settings, session, self.sink)
        desk.noticed.connect(window.take_notices, Qt.ConnectionType.QueuedConnection)
        desk.host.start("engine")
        yield
        window.desk = desk
        desk.session_changed.connect(window.session_changed)
        self.log_panel = LogPanel(self._log_handler)
        window.log.setWidget(self.log_panel)
        desk.child_said.connect(self.log_panel.child_said)
        window.status.attach(desk)
        desk.network_changed.connect(window.show_network)
        window.status.log_toggled.connect(self._toggle_log)
        window.notices.closed.connect(self.sink.forget)
        window.notices.log_wanted.connect(self._show_log)
        self.looks.theme_changed.connect(desk.theme_changed)
        self.looks.language_changed.connect(desk.language_changed)
        self.looks.language_changed.connect(desk.host.use_language)
        desk.host.use_language(i18n.language())
        yield
        from explorer.gui.arrangement import Arrangement
        from explorer.gui.panels.models import ModelsPanel
        from explorer.gui.pictures import Pictures
        from explorer.gui.recipes import Recipes
        from explorer.gui.reports import Reports
        from explorer.gui.tools import Tools

        self.arrangement = Arrangement(window, slot)
        self.recipes = Recipes(window, desk)
        self.pictures = Pictures(window, desk, recent, self.recipes)
        self.tools = Tools(window, desk)
        self.reports = Reports(self)
        self.keeping = keeping.Keeping(desk, slot, recent, self)
        self.models = ModelsPanel(desk)
        self.models.open_wanted.connect(self.pictures.open_model)
        window.models.setWidget(self.models)
        window.strip.fill()
        yield
        from explorer.gui.panels import PANELS

        window.panel_made.connect(self.tools.bind_keys_of)
        for row in PANELS:
            window.promise_panel(row, desk)
        yield
        from explorer.gui.plugin_desk import PluginDesk

        self.plugins = PluginDesk(window, desk)
        window.connect_commands(
            self, self.looks, self.arrangement, *self.pictures.owners, self.recipes, self.tools, self.plugins
        )
        window.centre.shown.connect(window.panels_shown)
        window.centre.current.connect(window.attend)
        yield
        self._arrange(session is not None)
        desk.host.open_source(desk.session.picture)
        yield
        desk.load_catalogue()
        desk.load_network()
        from explorer.gui.thumbnails import Thumbnails

        self.thumbnails = Thumbnails(window, desk)
        self.pictures.open_paths(list(self._paths))
        self.reports.after_start()
        window.centre.settle()  # the panels that can be seen are made now
        yield
        self.collector.start()
        self.collector.freeze()

    def _make_the_rest(self) -> Iterator[None]:
        from explorer.gui.panels import PANELS

        for row in PANELS:
            if self.window.quitting:
                return
            if row.name not in self.window.panels.made:
                with contextlib.suppress(Exception):  # told when the panel is made
                    importlib.import_module(row.module)
                yield
                self.window.panels.get(row.name)
                yield

    @Slot()
    def _all_made(self) -> None:
        self.times["complete"] = time.perf_counter()
        self.collector.freeze()
        self.complete.emit()

    def _arrange(self, came_back: bool) -> None:
        window = self.window
        if self.safe:
            self.arrangement.reset_layout()
        else:
            self.arrangement.restore()
        assert self.desk is not None
        window.go_to(self.desk.session.panel if came_back else "welcome")
        self.times["arranged"] = time.perf_counter()
        window.welcome.chosen.connect(window.go_to)
        if self.wanted_size is not None:
            window.resize(*self.wanted_size)

    @Slot()
    def _started_well(self) -> None:
        if self.sentinel is not None and not self.window.quitting:
            self.sentinel.stage("running")

    @Slot(QWidget, QWidget)
    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        at = None if self.window.quitting else new
        while at is not None:
            name = at.objectName()
            if name.startswith("panel-"):
                self.window.attend(name.removeprefix("panel-"))
                return
            at = at.parentWidget()

    @Slot()
    def _toggle_log(self) -> None:
        self.window.log.setVisible(not self.window.log.isVisible())

    @Slot()
    def _show_log(self) -> None:
        self.window.log.show()

    # -- out ---------------------------------------------------------------------------------------------------------
    def quit(self) -> None:
        """The command."""
        self.window.close()

    @Slot(int)
    def quit_with(self, code: int) -> None:
        """A signal asked: leave in order, with its code."""
        self.exit_code = code
        self.window.close()

    @Slot()
    def leave(self) -> None:
        """Stages of reliability.md D: session before children, children before Qt."""
        self.watchdog = watchdog = Watchdog()
        desk = self.desk
        if self.idle is not None:
            self.idle.stop()
        steps: list[tuple[str, Callable[[], None]]] = []
        if desk is not None:
            desk.closing = True
        if hasattr(self, "keeping"):
            steps += [
                ("stop timers", self.keeping.stop),
                ("save session", self.keeping.save),
                ("save layout", self._save_layout),
            ]
        steps.append(("save settings", self._save_settings))
        if desk is not None:
            steps.append(("end the helpers", lambda: desk.host.close(max(0.5, watchdog.left() - 0.7))))
        if hasattr(self, "log_panel"):
            steps.append(("close the log", self.log_panel.close_quietly))
        if self.sentinel is not None:
            steps.append(("clear the sentinel", self.sentinel.clear))
        steps += [("give the collection back", self.collector.stop), ("quit", self._last)]
        leave(watchdog, steps)
        watchdog.step = "Qt's own end"

    def dismantle(self) -> None:
        """Everything but the end of Qt: what tests need, which share one QApplication."""
        self.window.quitting = True
        self._steps = None
        if self.idle is not None:
            self.idle.stop()
        if self.desk is not None:
            self.desk.closing = True
            self.desk.host.close()
        if hasattr(self, "keeping"):
            self.keeping.stop()
        if hasattr(self, "log_panel"):
            self.log_panel.close_quietly()
        self.collector.stop()
        self.sink.wake = None
        self.dispose()

    def _save_layout(self) -> None:
        if "arranged" in self.times:  # else the layout of the last time has not come back yet: it stays as it was kept
            self.arrangement.save()

    def _save_settings(self) -> None:
        if self.settings.changed:
            self.settings.save()

    def _last(self) -> None:
        self.sink.wake = None
        QTimer.singleShot(0, self, self._gone)

    @Slot()
    def _gone(self) -> None:
        self.left.emit(self.exit_code)
        self.app.exit(self.exit_code)

    def dispose(self) -> None:
        """After the event loop: delete the widgets while Qt is still whole."""
        self.app.focusChanged.disconnect(self._focus_moved)
        if self._signals is not None:
            self._signals.remove()
        self.window.deleteLater()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.app.processEvents()


def _host() -> Callable[[Callable[[], None]], Any]:
    from explorer.host.host import Host

    return Host
