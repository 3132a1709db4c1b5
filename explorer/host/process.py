"""One running child process: a fresh interpreter, a pipe to it, a thread that sends, so that nobody waits for a deaf child.

Why not `multiprocessing.Process`: its spawn imports the main module of the window again (a console script, pytest), cannot
give each child its own environment before the first import, and cannot send standard output elsewhere.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from dataclasses import asdict, dataclass, field
from itertools import count
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from explorer.host import pickling
from explorer.host.child import ChildConfig
from explorer.host.pipe import waiter

log = logging.getLogger(__name__)
_BOOT = "import sys,json;c=json.loads(sys.argv[1]);sys.path[:]=c['path'];from explorer.host.child import main;main(c)"


@dataclass(frozen=True)
class ChildSpec:
    """How to start a kind of child. `target`: "module:function"; `options` reach it; `environment` is set before it starts."""

    target: str
    options: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


def command_line(config: ChildConfig) -> list[str]:
    """The command that starts a child. -P: nothing in the current folder may pose as a module before sys.path is set."""
    return [sys.executable, "-P", "-c", _BOOT, json.dumps(asdict(config))]


class Process:
    """Started on construction; must be made by a thread that lives as long as it (Linux ends it with that thread)."""

    def __init__(self, kind: str, spec: ChildSpec, log_file: Path, language: str) -> None:
        self.kind = kind
        self._changed = threading.Condition()
        self._outbox: OrderedDict[object, object] = OrderedDict()
        self._numbers = count()
        self._closed = False
        self.unsendable: deque[object] = deque()  # messages that could not be pickled
        ours, theirs = Pipe()
        try:
            handle = _handle(theirs)
            config = ChildConfig(kind, spec.target, handle, os.getpid(), tuple(sys.path), language, spec.options)
            log_file.parent.mkdir(parents=True, exist_ok=True)
            with open(log_file, "ab") as output:
                self._popen = subprocess.Popen(
                    command_line(config),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env={**os.environ, "PYTHONUNBUFFERED": "1", **spec.environment},
                    **_inheriting(handle),
                )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()  # ours alone stays open here, so the child's death is the end of the pipe
        self._connection = ours
        self._wait = waiter(ours)
        self.pid = self._popen.pid
        self._sender = threading.Thread(target=self._send_all, name=f"send to {kind}", daemon=True)
        self._sender.start()

    def send(self, message: object, key: object = None) -> object | None:
        """Queue a message; returns at once. An unsent message with the same `key` (not None) is replaced and returned."""
        with self._changed:
            old = self._outbox.pop(key, None) if key is not None else None
            self._outbox[next(self._numbers) if key is None else key] = message
            self._changed.notify()
        return old

    def receive(self, timeout: float) -> object | None:
        """The next message, or None after `timeout` seconds. Raises EOFError when the child is gone."""
        try:
            if not self._wait(timeout):
                return None
            data = self._connection.recv_bytes()
        except OSError as error:  # the pipe was reset, which is an end too
            raise EOFError from error
        try:
            message = pickling.loads(data)
        except Exception:
            log.exception("a message of the %s child cannot be read", self.kind)
            return None
        return message

    def signal(self, *, kill: bool) -> None:
        """TERM or KILL; nothing if it is gone."""
        if self._popen.poll() is None:
            if kill:
                self._popen.kill()
            else:
                self._popen.terminate()

    def reap(self, timeout: float) -> tuple[str, list[object]]:
        """Wait for the end, KILL after `timeout`, close everything.

        Says how it ended ("", "exit status 1", "SIGSEGV") and which messages were never sent.
        """
        try:
            code = self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            code = self._popen.wait()
        with self._changed:
            self._closed = True
            left, self._outbox = list(self._outbox.values()), OrderedDict()
            self._changed.notify()
        self._connection.close()
        self._sender.join(1.0)
        return how_it_ended(code), left

    def _send_all(self) -> None:
        while True:
            with self._changed:
                while not self._outbox and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                _, message = self._outbox.popitem(last=False)
            try:
                data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
            except Exception:
                log.exception("a message to the %s child cannot be sent", self.kind)
                self.unsendable.append(message)
                continue
            try:
                self._connection.send_bytes(data)
            except (OSError, ValueError):  # it is gone; the thread that receives deals with that
                return


def how_it_ended(code: int) -> str:
    """ "" for 0, the signal's name for a death by signal (-11 or 139: "SIGSEGV"), else "exit status N"."""
    number = -code if code < 0 else code - 128 if 128 < code < 160 else 0
    if number:
        try:
            return signal.Signals(number).name
        except ValueError:
            pass
    return f"exit status {code}" if code else ""


def _handle(connection: Any) -> int:
    number = int(connection.fileno())
    if sys.platform == "win32":
        os.set_handle_inheritable(number, True)
    return number


def _inheriting(handle: int) -> dict[str, Any]:
    if sys.platform == "win32":
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        return {"startupinfo": startup, "close_fds": False, "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"pass_fds": (handle,), "start_new_session": True}  # a new session: Ctrl-C at the terminal is for the window
