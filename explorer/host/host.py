"""The one door to the child processes. The window holds one Host and calls it from the GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from explorer.host.messages import ChildKind, HostEvent
from explorer.records.frame import RGB, Frame
from explorer.requests.base import Request
from explorer.requests.source import SourceRequest


class Host:
    """Starts the children when they are first needed, sends them requests, and collects what they say.

    `wake` is called from another thread whenever there is something to drain: at most once until `drain` was called. In a
    window it emits a queued signal to a slot that calls `drain()` and deals the events out. No method blocks, none raises
    for what a child does; faults arrive as events. A channel is any string; one job runs per channel.

        host = Host(wake)                       # nothing is started yet
        host.start("engine")                    # optional: warm it up behind the first paint
        generation = host.submit("dream", DreamRequest(...), frame)
        for event in host.drain(): ...          # Answer, FrameArrived, SourceState, EngineState, ChildLog, RecordState
        host.stop("dream")                      # a CancelledJob with the picture so far arrives within 200 ms
        host.open_source(SourceRequest(kind="camera"))
        host.follow("detect", DetectRequest())  # a Result for every newest frame, never queued; None ends it
        host.close()                            # everything gone within 3 s
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        raise NotImplementedError

    def start(self, kind: ChildKind) -> None:
        """Start a child now rather than at the first request."""
        raise NotImplementedError

    def restart(self, kind: ChildKind) -> None:
        """End a child, whatever it does, and start it again: "Stop" on a hanging engine, "try again" on a dead one."""
        raise NotImplementedError

    def submit(self, channel: str, request: Request, frame: Frame | None = None) -> int:
        """Run `request` in its child (`request.place`) and return its generation. The channel's older job is cancelled."""
        raise NotImplementedError

    def stop(self, channel: str) -> None:
        """Cancel the channel's job or follow. CancelledJob arrives within 200 ms; a deaf child is ended after 3 s."""
        raise NotImplementedError

    def follow(self, channel: str, request: Request | None) -> int:
        """Run `request` on the newest frame, again and again as frames come. Results carry `frame_seq`. None ends it."""
        raise NotImplementedError

    def open_source(self, request: SourceRequest) -> int:
        """Show another picture source; the old one is closed. Returns the generation that its SourceStates carry."""
        raise NotImplementedError

    def pause_source(self, paused: bool) -> None:
        """Hold or continue a video or camera; the last frame stays."""
        raise NotImplementedError

    def seek_source(self, index: int) -> None:
        """Show frame `index` of a video, or picture `index` of a folder."""
        raise NotImplementedError

    def step_source(self, by: int) -> None:
        """Pause and go `by` frames (negative: back)."""
        raise NotImplementedError

    def close_source(self) -> None:
        """Close the picture source and release the camera."""
        raise NotImplementedError

    def record(self, path: Path | str | None, fps: float = 25.0) -> None:
        """Begin to record to an MP4 file, or with None finish it. Give the pictures with `record_frame`."""
        raise NotImplementedError

    def record_frame(self, rgb: RGB) -> None:
        """One picture as drawn, (H, W, 3) uint8 RGB. Never waits: what the encoder cannot take is dropped and counted."""
        raise NotImplementedError

    def drain(self) -> list[HostEvent]:
        """Everything since the last drain, in order, without waiting."""
        raise NotImplementedError

    def use_language(self, language: str) -> None:
        """The language of notices that children compose ("en", "hu")."""
        raise NotImplementedError

    def close(self, budget_s: float = 3.0) -> None:
        """Cancel everything, end all children (asked, TERM, KILL, in parallel), remove shared memory. May be called twice."""
        raise NotImplementedError
