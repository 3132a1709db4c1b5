"""The window's letter box: the newest of what changes fast, all of what must not be lost, one wake-up at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from explorer.host.messages import Answer, ChildLog, HostEvent
from explorer.jobs import LAST, Event, Preview, Progress

LOG_LINES = 1000


class Post:
    """Put from any thread, take in the window's. `wake` is called at most once between two `take`."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._letters: OrderedDict[object, HostEvent] = OrderedDict()
        self._numbers = 0
        self._logs = 0
        self._woken = False

    def put(self, event: HostEvent, key: object = None) -> None:
        """Add an event; one with the same `key` (not None) that was not taken yet is replaced and moves to the end."""
        with self._lock:
            self._numbers += 1
            place = self._numbers if key is None else key
            if isinstance(event, ChildLog):
                self._make_room()
            self._letters.pop(place, None)
            self._letters[place] = event
        self.poke()

    def answer(self, channel: str, generation: int, event: Event, *, newest_only: bool = False) -> None:
        """Add a job's event. Progress and Preview replace their elders; with `newest_only` so does a last event (a follow)."""
        kind = type(event).__name__
        replace = isinstance(event, (Progress, Preview)) or (newest_only and isinstance(event, LAST))
        self.put(Answer(channel, generation, event), (channel, kind) if replace else None)

    def forget(self, channel: str) -> None:
        """Drop all answers of a channel: a newer request was made, and stale answers never arrive."""
        with self._lock:
            for key in [key for key, event in self._letters.items() if isinstance(event, Answer) and event.channel == channel]:
                del self._letters[key]

    def poke(self) -> None:
        """Wake the window unless that is already under way."""
        with self._lock:
            woken, self._woken = self._woken, True
        if not woken:
            self._wake()

    def take(self) -> list[HostEvent]:
        """Everything put since the last time; the next put wakes again."""
        with self._lock:
            self._woken = False
            letters, self._letters = list(self._letters.values()), OrderedDict()
            self._logs = 0
        return letters

    def _make_room(self) -> None:
        self._logs += 1
        if self._logs > LOG_LINES:
            oldest = next(key for key, event in self._letters.items() if isinstance(event, ChildLog))
            del self._letters[oldest]
            self._logs -= 1
