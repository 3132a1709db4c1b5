"""Keeps one kind of child alive: starts it, hears it, notices its death, starts it again, ends it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from explorer import i18n
from explorer.host.messages import ChildKind, ChildLog, EnginePhase, EngineState
from explorer.host.process import ChildSpec, Process
from explorer.host.wire import LOST, Beat, LogLine, Quit, Ready
from explorer.i18n import N_

log = logging.getLogger(__name__)
DEATHS, WITHIN_S = 3, 60.0
SLOW_S = 5.0
TICK_S = 0.05
LOG_TAIL = 4000
NO_GPU = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": "", "ZE_AFFINITY_MASK": "none"}


class Listener(Protocol):
    """Who hears of a child. All calls come from the child's own thread."""

    def child_up(self, kind: ChildKind) -> None:
        """It can work (again): send what it has to know."""

    def child_said(self, kind: ChildKind, message: object) -> None:
        """A message that is not the supervisor's."""

    def child_down(self, kind: ChildKind, how: str, *, asked: bool, final: bool) -> None:
        """It is gone; `asked`: we ended it; `final`: and it will not be started again by itself."""

    def child_tick(self, kind: ChildKind, now: float) -> None:
        """About twenty times a second while it lives."""

    def child_news(self, event: EngineState | ChildLog) -> None:
        """Something for the window."""


class Supervisor:
    """`ensure` starts it; every other method may be called before, and from any thread; none of them waits."""

    def __init__(
        self, kind: ChildKind, spec: ChildSpec, log_file: Path, listener: Listener, dropped: Callable[[object], None]
    ) -> None:
        self.kind = kind
        self.ready = False
        self.dead = False
        self._spec = spec
        self._log_file = log_file
        self._listener = listener
        self._dropped = dropped
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process: Process | None = None
        self._early: list[tuple[object, object]] = []  # sent before the process was there
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._restarts = 0
        self._asked = ""  # why we ended it ourselves
        self._closing_at: float | None = None
        self._budget = 3.0
        self._beat = Beat("", 0.0)
        self._beat_at = 0.0
        self._slow_said = 0.0
        self._facts: dict[str, Any] = {}
        self._lost_at: float | None = None

    def ensure(self) -> None:
        """Start it unless it runs, is dead or the host is closing."""
        with self._lock:
            if self._thread is None and not self.dead and self._closing_at is None:
                self._thread = threading.Thread(target=self._live, name=f"{self.kind} child", daemon=True)
                self._thread.start()

    def send(self, message: object, key: object = None) -> None:
        """Send, or keep until the process is there; lost if the child dies first."""
        replaced = None
        with self._lock:
            if self._process is not None:
                replaced = self._process.send(message, key)
            else:
                self._early.append((message, key))
        if replaced is not None:
            self._dropped(replaced)

    def end(self, why: str) -> None:
        """KILL it now; it is started again, and this does not count as a death."""
        with self._lock:
            if self._process is not None and self._closing_at is None:
                self._asked = why
                self._process.signal(kill=True)

    def revive(self) -> None:
        """Forget its deaths and start it again if it is dead."""
        with self._lock:
            self._deaths.clear()
            self.dead = False
        self.ensure()

    @property
    def running(self) -> bool:
        """Whether a process is there or about to be."""
        return self._thread is not None

    def begin_close(self, budget_s: float) -> None:
        """Ask it to end; its thread will TERM and KILL it in time."""
        with self._lock:
            self._closing_at, self._budget = time.monotonic(), budget_s
            if self._process is not None:
                self._process.send(Quit())

    def join(self, until: float) -> bool:
        """Wait for the child's end until the monotonic time `until`; whether it came."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(max(0.0, until - time.monotonic()))
            return not thread.is_alive()
        return True

    def _live(self) -> None:
        while True:
            how = self._one_life()
            asked, self._asked = self._asked, ""
            closing = self._closing_at is not None
            if not closing and not asked:
                self._deaths.append(time.monotonic())
            final = closing or (len(self._deaths) == DEATHS and self._deaths[-1] - self._deaths[0] < WITHIN_S)
            self.dead = final and not closing
            detail = self._blame_device(how) or asked or how or "exit"
            if not closing:
                log.warning("the %s child ended: %s", self.kind, detail)
            self._listener.child_down(self.kind, detail, asked=bool(asked), final=final)
            if final:
                self._say("closed" if closing else "dead", detail, log=self._log_end())
                with self._lock:
                    self._thread = None
                    self._early.clear()
                return
            self._restarts += 1
            self._say("restarting", detail, log=self._log_end())

    def _blame_device(self, how: str) -> str:
        """A device that failed twice within a minute is not used again; says so."""
        if how != f"exit status {LOST}":
            return ""
        now, before = time.monotonic(), self._lost_at
        self._lost_at = now
        if before is None or now - before > WITHIN_S:
            return N_("the device failed")
        self._spec = replace(self._spec, environment={**self._spec.environment, **NO_GPU})
        return N_("the device failed again; computing on the CPU")

    def _one_life(self) -> str:
        try:
            process = Process(self.kind, self._spec, self._log_file, i18n.language())
        except OSError as error:
            return str(error)
        with self._lock:
            self._process = process
            early, self._early = self._early, []
            replaced = [process.send(message, key) for message, key in early]
            if self._closing_at is not None:
                process.send(Quit())
        self._drop(replaced)
        self._beat, self._beat_at, self._slow_said = Beat("", 0.0), time.monotonic(), 0.0
        self._say("starting")
        try:
            self._hear(process)
        finally:
            with self._lock:
                self._process, self.ready = None, False
            how, unsent = process.reap(0.5)
        self._drop(unsent)
        return how

    def _drop(self, messages: Iterable[object]) -> None:
        for message in messages:  # never under our lock: the host takes its own
            if message is not None:
                self._dropped(message)

    def _hear(self, process: Process) -> None:
        termed, ticked_at = False, 0.0
        while True:
            try:
                message = process.receive(TICK_S)
            except EOFError:
                return
            now = time.monotonic()
            if self._closing_at is not None:
                waited = now - self._closing_at
                if waited > self._budget / 2:
                    return  # reap() KILLs after half a second
                if waited > self._budget / 3 and not termed:
                    process.signal(kill=False)
                    termed = True
                continue
            try:
                self._deal(message, now)
                self._watch(now)
                while process.unsendable:
                    self._drop([process.unsendable.popleft()])
                if message is None or now - ticked_at >= TICK_S:
                    ticked_at = now
                    self._listener.child_tick(self.kind, now)
            except Exception:  # one bad message must not deafen us
                log.exception("a message of the %s child was not dealt with", self.kind)

    def _deal(self, message: object | None, now: float) -> None:
        if message is None:
            return
        if isinstance(message, Beat):
            self._beat, self._beat_at = message, now
        elif isinstance(message, LogLine):
            self._listener.child_news(ChildLog(self.kind, message.level, message.logger, message.text))
        elif isinstance(message, Ready):
            again, self.ready, self._facts = self.ready, True, message.facts
            self._say("ready", facts=message.facts)
            if not again:
                self._listener.child_up(self.kind)
        else:
            self._listener.child_said(self.kind, message)

    def _watch(self, now: float) -> None:
        silent = now - self._beat_at
        age = silent + self._beat.age if self._beat.job else silent
        if not self.ready:
            return
        if age >= (SLOW_S if self._beat.job else 2 * SLOW_S):
            if now - self._slow_said >= 1.0:
                self._slow_said = now
                self._say("slow", job=self._beat.job, seconds=round(age, 1))
        elif self._slow_said:
            self._slow_said = 0.0
            self._say("ready", facts=self._facts)

    def _say(self, phase: EnginePhase, detail: str = "", job: str = "", seconds: float = 0.0, **more: object) -> None:
        state = EngineState(phase, detail, self._restarts, self.kind, job, seconds)
        if more:
            state = EngineState(**{**vars(state), **more})
        self._listener.child_news(state)

    def _log_end(self) -> str:
        try:
            with open(self._log_file, "rb") as handle:
                handle.seek(max(0, self._log_file.stat().st_size - LOG_TAIL))
                return handle.read().decode("utf-8", "replace")
        except OSError:
            return ""
