"""The one sink for everything that a person must be told: own messages, unforeseen exceptions, Qt's warnings, jobs that failed.

Thread-safe; knows no widget. Equal notices (same key) are counted instead of repeated, and the log gets at most one
line a second of each.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from explorer.i18n import tr
from explorer.records.errors import Trouble

log = logging.getLogger("explorer.notices")

LEVELS = ("info", "good", "warn", "bad")
_LOG_LEVELS = {"info": logging.INFO, "good": logging.INFO, "warn": logging.WARNING, "bad": logging.ERROR}


@dataclass(frozen=True)
class Notice:
    """`text` is shown as it is (already translated); `detail` is the report that can be copied; `key` makes notices equal.

    `actions`: (button text, callback) pairs, called in the GUI thread. `stay`: shown until closed, else it fades.
    """

    text: str
    level: str = "info"
    detail: str = ""
    key: str = ""
    count: int = 1
    stay: bool = False
    actions: tuple[tuple[str, Callable[[], None]], ...] = field(default=(), compare=False)

    @property
    def same(self) -> str:
        """What makes two notices the same one."""
        return self.key or f"{self.level}:{self.text}"


class Sink:
    """Collects notices from any thread; `wake` is called at most once until `take`."""

    def __init__(self, limit: int = 50) -> None:
        self.wake: Callable[[], None] | None = None
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: dict[str, Notice] = {}
        self._counts: dict[str, int] = {}
        self._logged: dict[str, float] = {}
        self._awake = False

    def put(self, notice: Notice) -> None:
        """Enter a notice; one that is already known only grows its count."""
        with self._lock:
            count = self._counts.get(notice.same, 0) + notice.count
            if len(self._counts) > 500:
                self._counts.clear()
            self._counts[notice.same] = count
            if notice.same in self._waiting or len(self._waiting) < self._limit:
                self._waiting[notice.same] = replace(notice, count=count)
            now = time.monotonic()
            quiet = now - self._logged.get(notice.same, -10.0) < 1.0
            if not quiet:
                if len(self._logged) > 500:
                    self._logged.clear()
                self._logged[notice.same] = now
            call = self.wake if not self._awake else None
            self._awake = self._awake or call is not None
        if not quiet:
            times = f" (x{count})" if count > 1 else ""
            log.log(_LOG_LEVELS.get(notice.level, logging.INFO), "%s%s %s", notice.text, times, notice.detail)
        if call is not None:
            call()

    def take(self) -> list[Notice]:
        """What came since the last call, oldest first, each once."""
        with self._lock:
            found = list(self._waiting.values())
            self._waiting.clear()
            self._awake = False
        return found

    def forget(self, notice: Notice) -> None:
        """The person closed it: count from one again."""
        with self._lock:
            self._counts.pop(notice.same, None)


def trouble_text(trouble: Trouble) -> str:
    """The message and hint of a Trouble in the chosen language."""
    parts = []
    for template in (trouble.template, trouble.hint):
        if not template:
            continue
        try:
            parts.append(tr(template).format(**trouble.values))
        except (KeyError, IndexError, ValueError):  # a translation with other places must not hide the reason
            parts.append(template)
    return " ".join(parts)
