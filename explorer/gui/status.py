"""The bottom line: device, runtime and precision in use (click to switch), frames a second, memory, running jobs with Stop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QLabel, QMenu, QStatusBar, QToolButton

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.panels.surgery_words import edits_text
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.records.network import RunsOn

if TYPE_CHECKING:
    from explorer.gui.desk import Desk
    from explorer.host.messages import EngineState

PRECISIONS = {"auto": N_("Precision: automatic"), "float32": "float32", "bfloat16": "bfloat16"}
PAGE = 4096
PHASES = {
    "starting": N_("engine warms up"),
    "ready": N_("engine ready"),
    "slow": N_("engine is busy"),
    "restarting": N_("engine restarts"),
    "dead": N_("engine stopped"),
    "closed": N_("engine closed"),
}


class StatusBar(QStatusBar):
    """Built bare for the first paint; `attach` gives it the desk."""

    log_toggled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.device = QToolButton()
        self.device.setToolButtonStyle(self.device.toolButtonStyle().ToolButtonTextBesideIcon)
        self.device.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        set_icon(self.device, "chip")
        words.say(self.device, N_("Where the network runs. Click to choose another device or precision."), "tip")
        self._menu = QMenu(self.device)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.device.setMenu(self._menu)
        self.surgery = QToolButton()
        self.surgery.setToolButtonStyle(self.surgery.toolButtonStyle().ToolButtonTextBesideIcon)
        set_icon(self.surgery, "surgery")
        words.say(self.surgery, N_("The network was operated on: whatever is shown comes from the edited one"), "tip")
        self.surgery.clicked.connect(self._to_surgery)
        self.surgery.hide()
        self.engine = QLabel()
        self.engine.setProperty("kind", "muted")
        self.rate = QLabel()
        self.memory = QLabel()
        words.say(self.rate, N_("Pictures a second that come in and that are shown; how many were skipped"), "tip")
        words.say(self.memory, N_("Memory of the program with its helpers"), "tip")
        for label in (self.rate, self.memory):
            label.setFont(theme.tabular(label.font()))
            label.setProperty("kind", "muted")
        self.jobs = ProgressStrip(compact=True)
        self.log = QToolButton()
        self.log.setToolButtonStyle(self.log.toolButtonStyle().ToolButtonTextBesideIcon)
        words.say(self.log, N_("Log"))
        words.say(self.log, N_("Show or hide the log"), "tip")
        set_icon(self.log, "log")
        self.log.clicked.connect(self.log_toggled)
        self.addWidget(self.device)
        self.addWidget(self.surgery)
        self.addWidget(self.engine)
        self.addPermanentWidget(self.jobs)
        for widget in (self.rate, self.memory, self.log):
            self.addPermanentWidget(widget)
        self._desk: Desk | None = None
        self._runs_on: RunsOn | None = None
        self._phase = "starting"
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self.retranslate()

    def attach(self, desk: Desk) -> None:
        """Begin to show what the desk knows."""
        self._desk = desk
        desk.runs_on_changed.connect(self._ran)
        desk.engine_changed.connect(self._engine)
        desk.jobs_changed.connect(self._jobs)
        desk.session_changed.connect(self._say_surgery)
        self.jobs.stopped.connect(desk.stop)
        self._clock.start()
        self._tick()

    def retranslate(self) -> None:
        """The language changed."""
        self._say_surgery()
        self.engine.setText(tr(PHASES.get(self._phase, "")) if self._phase != "ready" or self._runs_on is None else "")
        self.device.setText(self._runs_on.short() if self._runs_on else tr("Device"))

    @Slot()
    def _say_surgery(self) -> None:
        text = edits_text(self._desk.session.surgery) if self._desk is not None else ""
        self.surgery.setText(text)
        self.surgery.setVisible(bool(text))

    def _to_surgery(self) -> None:
        if self._desk is not None:
            self._desk.change(undoable=False, panel="surgery")

    @Slot(object)
    def _ran(self, runs_on: RunsOn) -> None:
        if runs_on != self._runs_on:
            self._runs_on = runs_on
            tip = tr("Where the network runs. Click to choose another device or precision.")
            self.device.setToolTip(f"{tip}\n{runs_on.agreement}" if runs_on.agreement else tip)
            self.retranslate()

    @Slot(object)
    def _engine(self, state: EngineState) -> None:
        if state.child != "engine":
            return
        self._phase = state.kind
        if state.kind == "ready" and self._runs_on is None and state.facts.get("device"):
            self._runs_on = RunsOn(device=str(state.facts["device"]), threads=int(state.facts.get("threads", 1)))
        self.retranslate()

    @Slot()
    def _jobs(self) -> None:
        if self._desk is not None:
            running = self._desk.jobs.running()
            self.jobs.show_job(running[-1] if running else None)

    def _tick(self) -> None:
        desk = self._desk
        if desk is None:
            return
        arrival = desk.arrival
        moving = desk.source is not None and desk.source.state == "playing" and arrival is not None
        if moving and arrival is not None:
            text = tr("{fps} in, {shown} shown").format(fps=f"{arrival.fps:.0f}", shown=f"{arrival.shown_fps:.0f}")
            if arrival.dropped:
                text += " · " + tr("{n} skipped").format(n=arrival.dropped)
            self.rate.setText(text)
        self.rate.setVisible(moving)
        used = memory_bytes()
        self.memory.setText(f"{used / 2**20:.0f} MiB" if used else "")

    def _fill_menu(self) -> None:
        desk, menu = self._desk, self._menu
        menu.clear()
        if desk is None:
            return
        now = desk.session.network
        devices = QActionGroup(menu)
        for name in desk.choices("device"):
            self._entry(devices, desk.title_of("device", name), ("device", name), now.device == name)
        menu.addSeparator()
        precisions = QActionGroup(menu)
        for name, text in PRECISIONS.items():
            self._entry(precisions, tr(text), ("precision", name), now.precision == name and not now.exact)
        self._entry(precisions, tr("Exact: torch float32, the reference"), ("exact", True), now.exact)

    def _entry(self, group: QActionGroup, text: str, data: tuple[str, object], on: bool) -> None:
        action = QAction(text, self._menu)
        action.setCheckable(True)
        action.setChecked(on)
        action.setData(data)
        group.addAction(action)
        action.triggered.connect(self._choose)
        self._menu.addAction(action)

    def _choose(self) -> None:
        sender = self.sender()
        if isinstance(sender, QAction) and self._desk is not None:
            key, value = sender.data()
            fields = {key: value} if key != "precision" else {"precision": value, "exact": False}
            self._desk.use_device(**fields)


def memory_bytes() -> int:
    """Resident memory of this process and its children; 0 where the system does not say (only Linux does, cheaply)."""
    total = 0
    todo = [os.getpid()]
    while todo:
        pid = todo.pop()
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
            for task in Path(f"/proc/{pid}/task").iterdir():  # a helper belongs to the thread that started it
                todo += [int(n) for n in (task / "children").read_text(encoding="ascii").split()]
        except (OSError, ValueError, IndexError):
            continue
    return total
