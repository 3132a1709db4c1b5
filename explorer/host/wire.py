"""What goes through the pipes between the window and its children. Pickled; both ends are this very installation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from explorer.host.messages import SourceState
from explorer.jobs import Event
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.requests.base import Request
from explorer.requests.live import LiveLook
from explorer.requests.source import SourceRequest

LOST = 75  # exit status of a child whose device cannot be used any more in that process (a sticky CUDA error)


@dataclass(frozen=True)
class SlotRef:
    """A frame in shared memory, at `offset` in the ring `ring`; `index`: its place in its source, from 0.

    The receiver copies it at once and answers Taken(lease).
    """

    ring: str
    offset: int
    height: int
    width: int
    seq: int
    time: float
    source: str
    lease: int
    index: int = 0


# ---- to a worker (engine, calc)
@dataclass(frozen=True, eq=False)
class RunJob:
    """Run `request`; newest wins per channel. At most one of `frame` and `slot` is given.

    `follows`: one of a row of pictures. It does not replace the job of its own generation, but comes after it.
    """

    channel: str
    generation: int
    request: Request
    frame: Frame | None = None
    slot: SlotRef | None = None
    follows: bool = False


@dataclass(frozen=True)
class CancelJob:
    """Stop the job if it runs, forget it if it waits; answered by its last event."""

    channel: str
    generation: int


@dataclass(frozen=True)
class HoldJob:
    """Give the job no turn until it is let go, stopped or replaced; what it computed stays as it is."""

    channel: str
    generation: int
    on: bool


@dataclass(frozen=True)
class UseLanguage:
    """The language of notices composed in the child."""

    name: str


@dataclass(frozen=True)
class Quit:
    """End in good order, now."""


# ---- from any child
@dataclass(frozen=True)
class Ready:
    """The child can work. `facts`: JSON-compatible."""

    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Beat:
    """Sign of life four times a second. `job` is running ("" none); `age`: seconds since its thread last showed up."""

    job: str
    age: float


@dataclass(frozen=True)
class LogLine:
    """A log record."""

    level: int
    logger: str
    text: str


@dataclass(frozen=True, eq=False)
class JobEvent:
    """An event of a job."""

    channel: str
    generation: int
    event: Event


@dataclass(frozen=True)
class Hungry:
    """The pass of frame `seq`, of a follow, is about to end: the newest frame may be sent, to be prepared meanwhile."""

    channel: str
    generation: int
    seq: int


@dataclass(frozen=True)
class Taken:
    """The frame lent under `lease` was copied."""

    lease: int


# ---- to the capture child
@dataclass(frozen=True)
class OpenIt:
    """Open a source; frames and states carry `generation`."""

    generation: int
    request: SourceRequest


@dataclass(frozen=True)
class CloseIt:
    """Close the source; answered by Closed."""

    generation: int


@dataclass(frozen=True)
class Pause:
    """Hold or continue."""

    paused: bool


@dataclass(frozen=True)
class Seek:
    """Go to a frame: `index`, or `by` frames on from the present one (which also pauses)."""

    index: int | None = None
    by: int = 0


@dataclass(frozen=True)
class UseRing:
    """Answer to NeedRing: where to write, or why not."""

    name: str = ""
    slots: int = 0
    slot_bytes: int = 0
    trouble: Trouble | None = None


@dataclass(frozen=True)
class FreeSlot:
    """Nobody reads this slot any more."""

    ring: str
    slot: int


@dataclass(frozen=True)
class Wanted:
    """The newest frame was taken by somebody: send the next one as soon as it is due."""


# ---- from the capture child
@dataclass(frozen=True)
class NeedRing:
    """Frames of `nbytes` are coming; answered by UseRing."""

    nbytes: int


@dataclass(frozen=True)
class FrameIn:
    """A frame was written into a slot. `read_at`: time.monotonic() of its arrival; `missed`: frames before it that were
    not sent."""

    generation: int
    ring: str
    slot: int
    height: int
    width: int
    time: float
    read_at: float
    source: str
    index: int = 0
    missed: int = 0


@dataclass(frozen=True)
class SourceIs:
    """The source changed its state."""

    state: SourceState


@dataclass(frozen=True)
class Closed:
    """The source of this generation is closed and its device released."""

    generation: int


# ---- to a peek child; it answers with messages.PeekSeen
@dataclass(frozen=True)
class PeekIt:
    """Try this camera or stream, asked for as peek `id`. A device that is still being let go is waited for `patience_s`."""

    id: int
    request: SourceRequest
    patience_s: float = 0.0


# ---- to the recorder child
@dataclass(frozen=True)
class RecordTo:
    """Begin a recording into several files. `own_time`: films run as their source does, not as it was shown."""

    paths: tuple[str, ...]
    look: LiveLook = field(default_factory=LiveLook)
    own_time: bool = False
    total: int = 0


@dataclass(frozen=True, eq=False)
class RecordThis:
    """One frame, the records to draw on it (Detections, Mask, TopK), and when it was shown (time.monotonic())."""

    slot: SlotRef
    shown_at: float
    overlays: tuple[Any, ...] = ()
    dropped: int = 0


@dataclass(frozen=True)
class RecordEnd:
    """Finish the recording."""


# ---- from the recorder child
@dataclass(frozen=True)
class RecordParts:
    """(part file, final name) of what can be saved if this child dies."""

    parts: tuple[tuple[str, str], ...]
