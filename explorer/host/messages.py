"""What `Host.drain()` hands to the window. Plain frozen records: no Qt, no torch, no cv2."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from explorer.jobs import Event
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.source import PeekReport, SourceInfo

ChildKind = Literal["engine", "calc", "capture", "recorder"]
SourcePhase = Literal["opening", "playing", "paused", "ended", "no signal", "frozen", "failed", "closed"]
EnginePhase = Literal["starting", "ready", "slow", "restarting", "dead", "closed"]
PeekPhase = Literal["opening", "seen", "failed", "ended"]
RecordPhase = Literal["recording", "done", "failed"]


@dataclass(frozen=True)
class Answer:
    """An event of the job running for `channel`. Only of the newest `generation` of the channel; stale ones never arrive.

    Of several Progress or Preview events since the last drain only the newest arrives. Exactly one of Result, Failed,
    CancelledJob ends each `submit`; a `follow` gives a Result per frame looked at (newest wins), Failed for a frame that
    failed, and Progress while a network is fetched; the third failure in a row ends it. After a death of the child what was
    running ends with Failed, code "engine.died": keep what was previewed.
    """

    channel: str
    generation: int
    event: Event


@dataclass(frozen=True, eq=False)
class FrameArrived:
    """The picture to show now; a copy that belongs to the receiver.

    While a follow answers, it is the frame of the newest result: the Answer with that `frame_seq` is in the same drain,
    before this. (A result for the frame that is already shown, after a slider moved, comes without a frame.) Otherwise it is
    the newest frame of the source. `frame.seq` rises strictly over all sources of the process.
    `dropped`: frames of this source that were never shown, so far. `fps`: frames coming in, `shown_fps`: frames shown, per
    second over the last two seconds. `arrived`: all frames of this source so far, shown or not. `age`: seconds since the
    frame was read. `index`: place in a video or folder, from 0.
    """

    frame: Frame
    dropped: int = 0
    fps: float = 0.0
    shown_fps: float = 0.0
    age: float = 0.0
    index: int = 0
    arrived: int = 0


@dataclass(frozen=True)
class SourceState:
    """The picture source changed its state.

    `state`: "opening"; "playing"; "paused"; "ended" (a still is shown, or a video came to its end; `trouble` says if the file
    was damaged on the way); "no signal" (a camera or stream gives nothing; it is retried after 1, 2, 5, 10, 10, ... s;
    `seconds` since the last frame); "frozen" (the same picture for 10 s); "failed" (`trouble` says why; nothing runs any
    more); "closed".
    A stream that nobody asked for by hand is "closed" with trouble "stream.asleep": offer a button that opens it.
    `trouble` in other states is a notice ("source changed to 640 x 480"). `generation` is that of `open_source`.
    """

    state: SourcePhase
    trouble: Trouble | None = None
    info: SourceInfo = field(default_factory=SourceInfo)
    generation: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class PeekSeen:
    """What `Host.peek` number `id` found out so far; only the newest since the last drain arrives.

    `state`: "opening"; "seen" (a few times a second: `picture` is small, at most 160 x 90, and `report` grows); "failed"
    (`trouble` says why: absent, busy, gives nothing, does not answer); "ended" (asked for, replaced, taken over by
    `open_source`, or after its longest time). After "failed" and "ended" nothing more comes. `live`: the picture is that
    of the source that is open now, which is this very camera.
    """

    id: int
    state: PeekPhase
    picture: Frame | None = None
    report: PeekReport | None = None
    trouble: Trouble | None = None
    live: bool = False


@dataclass(frozen=True)
class EngineState:
    """A child process changed its state. `child` says which; "engine" is the one of the status bar.

    `kind`: "starting"; "ready" (`facts`: device, devices, threads, torch, seconds; said again with `plugins`, a list of the
    fields of plugins.PluginRow as dicts, when calc and engine have loaded them, and again when "slow" is over); "slow" (no
    sign of life from `job` for 5 s and more: offer Wait and Stop; repeated each second with `seconds`); "restarting" (it
    died or was ended: `detail` says how, translate it; `restarts` counts since the window opened); "dead" (three deaths
    within a minute; `log` is the end of its log; `Host.restart(child)` tries again); "closed".
    """

    kind: EnginePhase
    detail: str = ""
    restarts: int = 0
    child: ChildKind = "engine"
    job: str = ""
    seconds: float = 0.0
    log: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChildLog:
    """One log record of a child, in English. `level` as in `logging`; `text` includes a traceback if there is one."""

    child: ChildKind
    level: int
    logger: str
    text: str


@dataclass(frozen=True)
class RecordState:
    """A recording began, goes on, ended or failed; exactly one "done" or "failed" ends it.

    "recording" comes with the first frame and then about twice a second. `path`: the first of its files, `paths`: all.
    `frames` written, `dropped` because the recorder was slower than the camera, `objects` written so far, `total`: frames of a
    file that is recorded as a whole, 0 if unknown. `kept`: after a failure, files that are there nevertheless, with all frames
    up to then.
    """

    state: RecordPhase
    path: str
    frames: int = 0
    dropped: int = 0
    trouble: Trouble | None = None
    paths: tuple[str, ...] = ()
    objects: int = 0
    total: int = 0
    kept: tuple[str, ...] = ()


HostEvent: TypeAlias = Answer | FrameArrived | SourceState | PeekSeen | EngineState | ChildLog | RecordState
