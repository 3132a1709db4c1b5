"""Somebody else's loop as a generator: it runs in a thread of its own, but only ever while the job waits for it.

A library that loops for seconds (captum's occlusion) leaves no place for a `yield`. Here it gets a function `pause` to call
between its steps: the job goes on, shows progress, lets other jobs have their turn, and hands control back. The two never run
at the same time, so torch is used by one thread at a time as everywhere else.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator
from typing import Generic, TypeVar, cast

from explorer.jobs import Cancelled

T = TypeVar("T")
TURN_S = 0.02  # shorter steps share a turn


class _Loop(Generic[T]):
    def __init__(self, call: Callable[[Callable[[], None]], T]) -> None:
        self._call = call
        self._go, self._back = queue.SimpleQueue[None](), queue.SimpleQueue[None]()
        self._since = 0.0
        self.closing = False
        self.done = False
        self.value: T | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="in-turns", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def advance(self) -> None:
        """Let the loop run until it pauses or ends."""
        self._since = time.perf_counter()
        self._go.put(None)
        self._back.get()

    def end(self) -> None:
        """Throw the loop out of its next pause and wait for its thread."""
        if not self.done:
            self.closing = True
            self._go.put(None)
        self._thread.join()

    def _pause(self) -> None:
        if time.perf_counter() - self._since < TURN_S:
            return
        self._back.put(None)
        self._go.get()
        if self.closing:
            raise Cancelled

    def _run(self) -> None:
        self._go.get()
        try:
            if not self.closing:
                self.value = self._call(self._pause)
        except BaseException as error:  # raised again in the job
            self.error = error
        finally:
            self.done = True
            self._back.put(None)


def in_turns(call: Callable[[Callable[[], None]], T]) -> Generator[None, None, T]:
    """Run `call(pause)` piece by piece: yields at each pause, returns its value, raises what it raises.

    Closing the generator (or an error thrown into it) makes the next `pause` raise Cancelled inside `call`.
    """
    loop = _Loop(call)
    loop.start()
    try:
        loop.advance()
        while not loop.done:
            yield
            loop.advance()
    finally:
        loop.end()
    if loop.error is not None:
        error, loop.error = loop.error, None
        raise error
    return cast(T, loop.value)
