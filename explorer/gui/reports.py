"""What the window says about its helpers and about the last start: engine banner, safe start, crash reports, second window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from explorer.gui import keeping
from explorer.gui.notices import Notice
from explorer.host.messages import EngineState
from explorer.i18n import N_, tr

if TYPE_CHECKING:
    from explorer.gui.program import Program

CHILDREN = {
    "engine": N_("The engine"),
    "calc": N_("The calculator"),
    "capture": N_("The picture source"),
    "recorder": N_("The recorder"),
}


class Reports(QObject):
    """Belongs to a Program."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._program = program
        self._slow: EngineState | None = None
        self._dead: EngineState | None = None
        assert program.desk is not None
        self._desk = program.desk
        self._desk.engine_changed.connect(self.engine_changed)

    @Slot(object)
    def engine_changed(self, state: EngineState) -> None:
        """The banner."""
        who = tr(CHILDREN.get(state.child, state.child))
        strip, key = self._program.window.notices, f"child:{state.child}"
        if state.kind == "restarting":
            text = tr("{who} stopped and restarts ({n}). What was made so far is kept.").format(who=who, n=state.restarts)
            if state.child == "engine":
                text = tr("engine restarted ({n})").format(n=state.restarts) + ". " + tr("What was made so far is kept.")
            self._desk.notify(text, "warn", detail=state.detail or state.log, key=key, stay=True)
        elif state.kind == "slow":
            if self._slow is None:
                text = tr("{who} is still working.").format(who=who)
                actions = ((tr("Wait"), self._wait), (tr("Stop"), self._stop_slow))
                self._desk.notify(text, "info", key=f"{key}:slow", stay=True, actions=actions)
            self._slow = state
        elif state.kind == "dead":
            self._dead = state
            text = tr("{who} stopped three times within a minute.").format(who=who)
            actions = ((tr("Try again"), self._try_again), (tr("Show the log"), self._show_log))
            self._desk.notify(text, "bad", detail=state.log, key=key, stay=True, actions=actions)
        elif state.kind == "ready" and self._slow is not None and self._slow.child == state.child:
            self._slow = None
            strip.drop(f"{key}:slow")

    def _wait(self) -> None:
        """Closing the notice is all there is to do."""

    def _stop_slow(self) -> None:
        if self._slow is not None:
            self._desk.host.restart(self._slow.child)
            self._slow = None

    def _try_again(self) -> None:
        if self._dead is not None:
            self._desk.host.restart(self._dead.child)
            self._dead = None

    def _show_log(self) -> None:
        if self._dead is not None:
            self._program.log_panel.show_report(self._dead.log)
        self._program.window.log.show()

    # -- the last start ----------------------------------------------------------------------------------------------
    def after_start(self) -> None:
        """Say what the last start left behind, and what of the settings could not be used."""
        program = self._program
        sentinel, settings = program.sentinel, program.settings
        reports = program.crash_log.old_reports if program.crash_log else []
        if program.safe:
            actions = ((tr("Restore my session"), self._restore), (tr("Show report"), self._show_reports))
            text = tr("The last start failed. This is a safe start with everything as it came.")
            program.sink.put(Notice(text, "warn", key="safe", stay=True, actions=actions))
        elif sentinel is not None and ("running" in sentinel.crashed or reports):
            text = tr("The program did not end well last time; your session is back.")
            if program.reset_3d:
                text = tr("The program did not end well last time; your session is back, with the surface in 2-D.")
            shown = ((tr("Show report"), self._show_reports),) if reports else ()
            program.sink.put(Notice(text, "info", key="crashed", stay=bool(reports), actions=shown))
        if sentinel is not None and sentinel.slot:
            text = tr("Another window is open already; this one keeps a session of its own.")
            program.sink.put(Notice(text, "info", key="second"))
        if settings.problem:
            text = tr("The settings could not be read; they are kept as {name}.").format(name=settings.path.name + ".bak")
            program.sink.put(Notice(text, "warn", settings.problem, key="settings"))
        elif settings.reset:
            names = ", ".join(settings.reset)
            text = tr("Settings that could not be used are as they came: {names}").format(names=names)
            program.sink.put(Notice(text, "warn", key="settings"))

    def _restore(self) -> None:
        program = self._program
        slot = program.sentinel.slot if program.sentinel else 0
        session, recent, _ = keeping.load(slot, keeping.crashed_path(slot))
        program.arrangement.restore()
        program.pictures.recent[:] = recent
        if session is not None:
            session = keeping.careful(session)
            self._desk.adopt(session)
            program.window.go_to(session.panel)

    def _show_reports(self) -> None:
        program = self._program
        program.window.log.show()
        found = program.crash_log.old_reports if program.crash_log else []
        texts = []
        for path in found[-3:]:
            try:
                texts.append(f"{path}\n{path.read_text(encoding='utf-8', errors='replace')}")
            except OSError as error:
                texts.append(f"{path}: {error}")
        text = "\n".join(texts) or tr("There is no report of the crash.")
        program.log_panel.show_report(text)
        QGuiApplication.clipboard().setText(text)
