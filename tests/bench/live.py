"""The Live panel in the real window with its real children: frames a second beside the command line, and how old pictures are.

1. A 720p film is played four times as fast as it was taken, 120 pictures a second, hardly less than two cores can follow: it
   is a ceiling for the window alone, the command takes as many as it can. Counted are the answers of the
   network, of which the window takes and paints as many as the screen shows pictures. Beside it `explorer detect FILM -o
   OUT.mp4` to the drawn pixels (bench film), with as many threads for the network as the window gives it: all cores but one.
   Promise: the window processes at least 85 % of the command's frames.
2. A camera, simulated, gives 30 pictures of 1280 x 720 a second. Counted is from the moment that a picture was read to the
   moment that the window has painted it with its answer. Promise: 95 of 100 within one pass of the network and 50 ms.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

TURNS = 3
WARM_S, COUNTED_S = 3.0, 5.0
SHARE, SLACK_MS = 0.85, 50.0
SPEED = 4.0  # 120 frames a second
FPS = 30.0


def lines() -> Iterator[dict[str, Any]]:
    """Film, then camera."""
    from detect import make_clip
    from film import FRAMES
    from window import display

    from explorer.engine.device import threads_beside_window

    threads = threads_beside_window()
    with tempfile.TemporaryDirectory() as folder, display() as environment:
        film = Path(folder) / "clip.mp4"
        make_clip(film, FRAMES)
        environment["PYTHONPATH"] = str(Path(__file__).parent)
        alone = {**environment, "OMP_NUM_THREADS": str(threads)}
        told(alone, "command", film)  # compiled networks are on the shelf from here on
        pairs = [(told(environment, "window", film), told(alone, "command", film)) for _ in range(TURNS)]
        shown = statistics.median(one["fps"] for one, _ in pairs)
        command = statistics.median(other["fps"] for _, other in pairs)
        each = sorted(one["fps"] / other["fps"] for one, other in pairs)
        busy = [round(statistics.median(pair[who]["core_ms"] for pair in pairs), 2) for who in (0, 1)]
        what = "explorer detect, 720p film, to drawn pixels"
        yield {"what": what, "fps": round(command, 1), "core_ms": busy[1], "threads": threads}
        painted = round(statistics.median(one["painted_fps"] for one, _ in pairs), 1)
        figures = {"fps": round(shown, 1), "painted_fps": painted, "core_ms": busy[0]}
        yield {"what": "the window on the same film", **figures, **pairs[0][0]["runs"]}
        share = {"share": round(shown / command, 3), "share_least": round(each[0], 3), "share_most": round(each[-1], 3)}
        yield {"what": "the window over the command line", **share, "limit_least": SHARE, "met": shown / command >= SHARE}
        ages = told(environment, "camera", film)
        limit = ages["forward_ms"] + SLACK_MS
        yield {
            "what": "a camera's picture, from read to painted",
            **ages,
            "limit_ms": round(limit, 1),
            "met": ages["p95_ms"] <= limit,
        }


def told(environment: dict[str, str], what: str, film: Path) -> dict[str, Any]:
    """What a process of its own has measured; in a session of its own, as the children of the window are: Linux shares the
    cores by sessions, so that what else runs in this terminal would slow down one side alone."""
    order = [sys.executable, "-c", "import live, sys; live.measure(*sys.argv[1:])", what, str(film)]
    done = subprocess.run(order, env=environment, capture_output=True, text=True, timeout=120, start_new_session=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(what: str, film: str) -> None:
    """In that process."""
    if what == "command":
        from film import command

        fps, core_ms = command(Path(film), "bf16")()
        said: dict[str, Any] = {"fps": fps, "core_ms": core_ms}
    else:
        said = window(film if what == "window" else "")
    print(json.dumps(said), flush=True)


def window(film: str) -> dict[str, Any]:
    """Open the window on the film, or on the camera where there is none; watch it for a while."""
    from PySide6.QtCore import QEvent, QObject, QTimer, Signal

    from explorer.gui.app import Wishes, application, build
    from explorer.host.host import Host
    from explorer.host.process import ChildSpec
    from explorer.jobs import Event, Result
    from explorer.requests.source import SourceRequest

    capture = ChildSpec("explorer.host.capture_child:main", {"opener": "live:camera"})
    app = application()
    assert app is not None
    program, clean = build(app, Wishes(size=(1280, 800)), lambda wake: Host(wake, {} if film else {"capture": capture}))
    records: list[Any] = []
    ages: list[float] = []
    at = {"first": 0.0, "read": 0.0, "busy": 0.0, "done": 0.0}

    class Painted(QObject):
        """Looks at the clock when a picture that is new has been painted. `enough`, from any thread, ends the window."""

        enough = Signal()

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and at["read"]:
                QTimer.singleShot(0, self.done)
            return False

        def done(self) -> None:
            if at["read"]:
                ages.append(time.monotonic() - at["read"])
                at["read"] = 0.0

    def answered(event: object) -> None:
        """Called by the thread that hears the engine: the window takes an answer as often as the screen shows a picture."""
        if not isinstance(event, Result):
            return
        now = time.monotonic()
        at["first"] = at["first"] or now
        if now - at["first"] < WARM_S:
            ages.clear()
        elif now - at["first"] < WARM_S + COUNTED_S:
            at["busy"] = at["busy"] or busy_s()
            records.append(event.record)
        elif not at["done"]:
            at["done"] = busy_s()
            painted.enough.emit()

    def arrived(frame: object) -> None:
        assert program.desk is not None and program.desk.arrival is not None
        at["read"] = time.monotonic() - program.desk.arrival.age

    painted = Painted()
    painted.enough.connect(program.quit)

    def begin() -> None:
        assert program.desk is not None
        desk = program.desk
        program.window.go_to("live")
        program.window.panels["live"].view.installEventFilter(painted)
        source = SourceRequest(kind="video", path=film, speed=SPEED) if film else SourceRequest(kind="camera", index=0)
        desk.open_source(source)
        answer = desk.host._post.answer

        def heard(channel: str, generation: int, event: Event, *, newest_only: bool = False) -> None:
            answer(channel, generation, event, newest_only=newest_only)
            if channel == "live":
                answered(event)

        desk.host._post.answer = heard
        desk.frame_arrived.connect(arrived)

    program.furnished.connect(begin)
    program.open()
    QTimer.singleShot(60_000, program.quit)
    app.exec()
    clean()
    assert len(records) > 20, f"{len(records)} answers"
    forward = [dict(record.timing.stages).get("forward", 0.0) for record in records]
    within = sorted(1000 * age for age in ages)
    return {
        "fps": len(records) / COUNTED_S,
        "core_ms": 1000 * (at["done"] - at["busy"]) / len(records),
        "painted_fps": len(ages) / COUNTED_S,
        "runs": {"runs_on": records[-1].runs_on.short(), "threads": records[-1].runs_on.threads},
        "forward_ms": round(statistics.median(forward), 2),
        "p50_ms": round(within[len(within) // 2], 1),
        "p95_ms": round(within[int(0.95 * len(within))], 1),
    }


def busy_s() -> float:
    """Processor time of this process and its children so far."""
    here = psutil.Process()
    return sum(sum(process.cpu_times()[:2]) for process in (here, *here.children()))


class camera:
    """A window that wanders over a picture, 30 times a second, as a driver of a webcam gives it."""

    def __init__(self, index: int) -> None:
        import cv2
        import skimage.data

        self._large = cv2.cvtColor(cv2.resize(skimage.data.coffee(), (1500, 1000)), cv2.COLOR_RGB2BGR)
        self._since, self._number = time.monotonic(), 0

    def isOpened(self) -> bool:
        """It is."""
        return True

    def get(self, prop: int) -> float:
        """The rate, whatever is asked: the rest is read from the pictures."""
        return FPS

    def set(self, prop: int, value: float) -> bool:
        """Nothing can be changed."""
        return False

    def release(self) -> None:
        """Nothing is held."""

    def read(self) -> tuple[bool, Any]:
        """The next picture, in time."""
        self._number += 1
        time.sleep(max(0.0, self._since + self._number / FPS - time.monotonic()))
        top, left = (self._number * 3) % 280, (self._number * 2) % 220
        return True, self._large[top : top + 720, left : left + 1280].copy()
