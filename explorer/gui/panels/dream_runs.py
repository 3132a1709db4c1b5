"""The dreams of this window: the one that runs, those that wait, what became of the others, each with how it grew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from explorer.gui.desk import Desk
from explorer.gui.widgets.picture_view import rgb_of
from explorer.i18n import N_
from explorer.jobs import LAST, CancelledJob, Event, Failed, Preview, Result, Started
from explorer.records.frame import RGB, Frame
from explorer.records.picture import Picture
from explorer.requests.dream import DreamRequest

CHANNEL = "dream"
BUDGET = 160_000_000  # bytes of pictures kept over all runs
MANY = 4  # pictures too many: then the evolution is thinned evenly in one go
MOST_RUNS = 40  # finished ones beyond are forgotten, the oldest first
Phase = Literal["waiting", "running", "paused", "done", "stopped", "failed"]
UNDER_WAY: tuple[Phase, ...] = ("running", "paused")
STOPPED = N_("Stopped; this is the picture so far.")


class FilmPicture:
    """A finished picture of a zoom film, kept as the JPEG that it came as and unpacked when it is looked at."""

    def __init__(self, jpeg: bytes, facts: dict[str, Any]) -> None:
        self.jpeg = jpeg
        self.facts = facts

    @property
    def rgb(self) -> RGB:
        """(H, W, 3) uint8 RGB."""
        return rgb_of(QImage.fromData(self.jpeg))


Shot: TypeAlias = Picture | FilmPicture


def weight(shot: Shot) -> int:
    """Bytes it keeps."""
    return len(shot.jpeg) if isinstance(shot, FilmPicture) else shot.rgb.nbytes


class Evolution:
    """The pictures of one run in order. `thin` keeps the first, the last, and the others as evenly spread as it can."""

    def __init__(self, shots: Iterable[Shot] = ()) -> None:
        self.shots: list[Shot] = list(shots)
        self.nbytes = sum(weight(shot) for shot in self.shots)  # of all its pictures

    @classmethod
    def of_film(cls, record: Picture) -> Evolution:
        """A finished film instead of all that was seen on the way; its last picture is the record itself."""
        count = len(record.film)
        places = [{**record.facts, "frame": number + 1, "frames": count, "finished": True} for number in range(count)]
        shots = [FilmPicture(jpeg, place) for jpeg, place in zip(record.film, places, strict=True)]
        return cls([*shots[:-1], Picture(record.rgb, places[-1])])

    def __len__(self) -> int:
        return len(self.shots)

    @property
    def last(self) -> Shot | None:
        """The newest picture."""
        return self.shots[-1] if self.shots else None

    def add(self, picture: Picture) -> None:
        """The next picture. One that shows just what the last did takes its place: it knows more."""
        last = self.last
        if last is not None and last.rgb.shape == picture.rgb.shape and bool((last.rgb == picture.rgb).all()):
            self.shots[-1] = Picture(picture.rgb, {**_place(last), **picture.facts})
        else:
            self.shots.append(picture)
            self.nbytes += weight(picture)

    def thin(self, limit: int) -> None:
        """Drop pictures until they take at most `limit` bytes, or only the first and the last are left."""
        count = len(self.shots)
        if count > 2 and self.nbytes - limit > MANY * self.nbytes / count:  # at once, not one by one
            kept = max(2, int(count * limit / self.nbytes))
            self.shots = [self.shots[round(number * (count - 1) / (kept - 1))] for number in range(kept)]
            self.nbytes = sum(weight(shot) for shot in self.shots)
        while self.nbytes > limit and len(self.shots) > 2:
            gaps = [self._at(index + 1) - self._at(index - 1) for index in range(1, len(self.shots) - 1)]
            self.nbytes -= weight(self.shots.pop(1 + gaps.index(min(gaps))))

    def _at(self, index: int) -> float:
        return float(self.shots[index].facts.get("done", index))


def _place(shot: Shot) -> dict[str, Any]:
    return {name: shot.facts[name] for name in ("done", "total", "octave", "octaves", "frame", "frames") if name in shot.facts}


@dataclass(eq=False)
class Run:
    """One dream: what was asked (`request` as the form has it, `sent` with the surgery of then), on which `frame`, its state.

    `ending`: an English sentence about how it ended.
    """

    request: DreamRequest
    frame: Frame | None = None
    sent: DreamRequest | None = None
    phase: Phase = "waiting"
    done: int = 0
    total: int = 0
    ending: str = ""
    trouble: Failed | None = None
    evolution: Evolution = field(default_factory=Evolution)

    @property
    def picture(self) -> Shot | None:
        """The newest picture of it."""
        return self.evolution.last

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the newest picture."""
        return self.picture.facts if self.picture is not None else {}

    def recipe(self, shot: Shot | None = None) -> dict[str, Any]:
        """The facts of a picture with the request that made it, JSON-compatible: what a saved picture carries."""
        found = shot or self.picture
        request = self.sent or self.request
        source = {"picture": self.frame.source} if self.frame is not None else {}
        made = {"request": request.model_dump(mode="json"), "request_type": type(request).__name__}
        return {**(found.facts if found is not None else {}), **source, **made}


class Runs(QObject):
    """`items` in the order of their work. One runs at a time; when it ends, however it ends, the next that waits begins."""

    changed = Signal()  # states, order, number
    grown = Signal(object)  # the Run that has a new picture
    ended = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.items: list[Run] = []
        self.now: Run | None = None

    # -- asking ------------------------------------------------------------------------------------------------------
    def add(self, request: DreamRequest, frame: Frame | None = None, shots: Iterable[Shot] = ()) -> Run:
        """Queue a run; it begins at once when nothing else runs. `shots`: the pictures that it continues."""
        run = Run(request, frame if request.start == "picture" else None, evolution=Evolution(shots))
        self.items.append(run)
        if self.now is None:
            self._begin(run)
        self._forget_old()
        self.changed.emit()
        return run

    def adopt(self, request: DreamRequest, picture: Picture) -> Run:
        """A finished dream that comes from a file."""
        run = Run(request, None, request, "done", evolution=Evolution([picture]))
        self.items.insert(len(self.items) - len(self.waiting()), run)
        self._forget_old()
        self.changed.emit()
        return run

    def hold(self, on: bool) -> None:
        """Pause the run, or let it go on exactly where it was."""
        if self.now is not None and self.now.phase in UNDER_WAY and self._desk.hold(CHANNEL, on):
            self.now.phase = "paused" if on else "running"
            self.changed.emit()

    def stop(self) -> None:
        """End the run; its picture stays."""
        self._desk.stop(CHANNEL)

    def remove(self, run: Run) -> None:
        """Take a run off the list; one under way is stopped first and stays until it has ended."""
        if run is self.now:
            self.stop()
        elif run in self.items:
            self.items.remove(run)
            self.changed.emit()

    def move(self, run: Run, by: int) -> bool:
        """Let a waiting run begin earlier (-1) or later (1)."""
        at = self.items.index(run) if run in self.items else -1
        other = at + by
        if run.phase != "waiting" or not 0 <= other < len(self.items) or self.items[other].phase != "waiting":
            return False
        self.items[at], self.items[other] = self.items[other], run
        self.changed.emit()
        return True

    def waiting(self) -> list[Run]:
        """Those that have not begun."""
        return [run for run in self.items if run.phase == "waiting"]

    # -- hearing -----------------------------------------------------------------------------------------------------
    def take(self, event: Event) -> None:
        """An event of the channel; of a dream that another panel asked for too."""
        run = self._whose(event)
        record = getattr(event, "record", None)
        if isinstance(record, Picture):
            run.evolution.add(record)
            if isinstance(event, LAST) and len(record.film) > 1:
                run.evolution = Evolution.of_film(record)
            self._thin()
        if isinstance(event, Started):
            job = self._desk.jobs.get(CHANNEL)
            run.phase = "paused" if job is not None and job.held is not None else "running"
        elif isinstance(event, Preview):
            run.done, run.total = event.done, event.total
        elif isinstance(event, Result):
            ending = str(record.facts.get("stopped", "")) if isinstance(record, Picture) else ""
            self._end(run, "done", ending)
        elif isinstance(event, CancelledJob):
            self._end(run, "stopped", STOPPED)
        elif isinstance(event, Failed):
            run.trouble = event
            self._end(run, "failed", "")
        if isinstance(record, Picture):
            self.grown.emit(run)
        if not isinstance(event, Preview):
            self.changed.emit()

    def _whose(self, event: Event) -> Run:
        job = self._desk.jobs.get(CHANNEL)
        asked = job.request if job is not None and isinstance(job.request, DreamRequest) else None
        foreign = isinstance(event, Started) and self.now is not None and asked is not None and asked is not self.now.request
        if foreign and self.now is not None:  # another panel asked for a dream: the newest wins
            self.now.phase, self.now.ending, self.now = "stopped", STOPPED, None
        if self.now is None:
            request = asked or self._desk.session.dream
            self.now = Run(request, self._desk.frame, self._operated(request), "running")
            self.items.insert(len(self.items) - len(self.waiting()), self.now)
        return self.now

    def _end(self, run: Run, phase: Phase, ending: str) -> None:
        run.phase, run.ending = phase, ending
        self.now = None
        if phase == "stopped" and run.picture is None:
            self.items.remove(run)  # stopped before there was anything to keep
        self.ended.emit(run)
        waiting = self.waiting()
        if waiting and self.now is None:
            self._begin(waiting[0])

    def _begin(self, run: Run) -> None:
        self.now, run.phase = run, "running"
        run.sent = self._operated(run.request)
        self._desk.submit(CHANNEL, run.request, run.frame)

    def _operated(self, request: DreamRequest) -> DreamRequest:
        sent = self._desk.operated(request)
        return sent if isinstance(sent, DreamRequest) else request

    # -- memory ------------------------------------------------------------------------------------------------------
    def _forget_old(self) -> None:
        finished = [run for run in self.items if run.phase in ("done", "stopped", "failed")]
        for run in finished[: max(0, len(self.items) - MOST_RUNS)]:
            self.items.remove(run)

    def _thin(self) -> None:
        """The oldest runs lose their middle first; every run keeps its first and last picture."""
        excess = sum(run.evolution.nbytes for run in self.items) - BUDGET
        for run in self.items:
            if excess <= 0:
                return
            before = run.evolution.nbytes
            run.evolution.thin(max(0, before - excess))
            excess -= before - run.evolution.nbytes
