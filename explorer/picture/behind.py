"""Writing findings in a thread of its own: drawing and coding a frame take as long as a network's pass, and beside it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from typing import Any

from explorer.picture.findings import Findings
from explorer.records.export import Place
from explorer.records.frame import RGB

AHEAD = 4  # frames that may wait: enough to even out, little memory, quickly done at the end
_Item = tuple[RGB, Sequence[object], Place, float | None]


class Behind:
    """Findings whose frames are written in order by a thread; who is more than AHEAD frames faster waits.

    What fails in the thread is raised by the next `write` or at the end. Use it as a context manager: after an exception
    inside, frames that wait are not drawn any more, but lines and tables have them.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._waiting: queue.Queue[_Item | None] = queue.Queue(AHEAD)
        self._failed: BaseException | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="films", daemon=True)
        self._thread.start()

    def write(self, rgb: RGB, records: Sequence[object], at: Place, seconds: float | None = None) -> None:
        """As Findings.write, later. The arrays must not be changed any more."""
        self._waiting.put((rgb, records, at, seconds))
        if self._failed is not None:
            raise self._failed

    def __enter__(self) -> Behind:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None:
            self._stopped.set()
        self._waiting.put(None)
        self._thread.join()
        failed = error or self._failed
        if failed is None:
            self._findings.finish()
            return
        self._findings.abandon(failed)
        if error is None:
            raise failed

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            if self._failed is not None:
                continue  # whoever writes hears of it with the next frame
            rgb, records, at, seconds = item
            try:
                self._findings.write(None if self._stopped.is_set() else rgb, records, at, seconds)
            except BaseException as failure:
                self._failed = failure
