"""The one door to the child processes. The window holds one Host and calls it from the GUI thread only."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from explorer import i18n
from explorer.assets import state_dir
from explorer.host.board import RELOAD, Board
from explorer.host.feed import Feed, Held
from explorer.host.kinds import children, log_file, sweep_logs
from explorer.host.messages import ChildKind, ChildLog, EngineState, HostEvent
from explorer.host.peek import Peek, Peeking
from explorer.host.post import Post
from explorer.host.process import ChildSpec
from explorer.host.recording import Recording
from explorer.host.ring import Ring
from explorer.host.river import River
from explorer.host.rounds import Rounds
from explorer.host.supervisor import Supervisor
from explorer.host.troubles import child_died, child_is_dead
from explorer.host.wire import Hungry, JobEvent, NeedRing, RunJob, Taken, UseLanguage, UseRing
from explorer.i18n import N_
from explorer.jobs import LAST, CancelledJob, Result
from explorer.records.errors import MediaError
from explorer.records.frame import Frame
from explorer.requests.base import Request
from explorer.requests.live import LiveLook
from explorer.requests.source import SourceRequest

PREVIEW_AFTER_S = 2.0  # a follow that has not answered for so long no longer chooses the frame that is shown


class Host:
    """Starts the children when they are first needed, sends them requests, and collects what they say.

    `wake` is called from another thread whenever there is something to drain: at most once until `drain` was called. In a
    window it emits a queued signal to a slot that calls `drain()` and deals the events out. No method blocks, none raises
    for what a child does; faults arrive as events. A channel is any string; one job runs per channel.

        host = Host(wake)                       # nothing is started yet
        host.start("engine")                    # optional: warm it up behind the first paint
        generation = host.submit("dream", DreamRequest(...), frame)
        for event in host.drain(): ...          # Answer, FrameArrived, SourceState, PeekSeen, EngineState, ...
        host.hold("dream", True)                # it rests; hold("dream", False): it goes on exactly where it was
        host.stop("dream")                      # a CancelledJob with the picture so far arrives within 200 ms
        host.open_source(SourceRequest(kind="camera"))
        host.follow("detect", DetectRequest())  # a Result for every newest frame, never queued; None ends it
        host.close()                            # everything gone within 3 s

    `specs` replaces what runs in a child (tests).
    """

    def __init__(self, wake: Callable[[], None], specs: Mapping[ChildKind, ChildSpec] | None = None) -> None:
        self._lock = threading.RLock()
        self._closed = False
        self._post = Post(wake)
        self._board = Board(self._post, self._send)
        self._feed = Feed(lambda ring, slot: self._river.free(ring, slot), lambda: self._river.want())
        self._rounds = Rounds(self._feed, self._board, self._send_job, self._show)
        sweep_logs(state_dir())
        self._logs = {kind: log_file(state_dir(), kind, os.getpid()) for kind in children()}
        self._children = {
            kind: Supervisor(kind, spec, self._logs[kind], self, self._undelivered)
            for kind, spec in {**children(), **(specs or {})}.items()
        }
        self._river = River(self._feed, self._post, self._children["capture"])
        capture = {**children(), **(specs or {})}["capture"]
        self._peeking = Peeking(self._post, self._feed, capture, self._logs["capture"], self._peek_over)
        self._recording = Recording(self._feed, self._post, self._children["recorder"], self._river)

    def start(self, kind: ChildKind) -> None:
        """Start a child now rather than at the first request."""
        self._children[kind].ensure()

    def restart(self, kind: ChildKind) -> None:
        """End a child, whatever it does, and start it again: "Stop" on a hanging engine, "try again" on a dead one."""
        child = self._children[kind]
        if child.running:
            child.end(N_("stopped on request"))
        else:
            child.revive()

    def submit(self, channel: str, request: Request, frame: Frame | None = None) -> int:
        """Run `request` in its child (`request.place`) and return its generation. The channel's older job is cancelled.

        A request that needs a frame and gets none takes the newest of the source.
        """
        if isinstance(request, SourceRequest):
            return self.open_source(request)
        kind: ChildKind = request.place
        with self._lock:
            if self._closed:
                return 0
            task = self._board.begin(channel, request, kind, time.monotonic())
            if self._children[kind].dead:
                self._board.fail(task, child_is_dead(kind))
                return task.generation
            held = self._feed.visible if frame is not None else self._feed.newest if request.needs_frame else None
            if held is not None and (frame is None or frame.seq == held.seq):
                message = RunJob(channel, task.generation, request, slot=self._feed.lend(held, kind))
            else:
                message = RunJob(channel, task.generation, request, frame=frame)
            self._children[kind].ensure()
            self._send_job(kind, channel, message)
            return task.generation

    def stop(self, channel: str) -> None:
        """Cancel the channel's job or follow. CancelledJob arrives within 200 ms; a deaf child is ended after 3 s."""
        with self._lock:
            self._board.stop(channel, time.monotonic())

    def hold(self, channel: str, on: bool) -> bool:
        """Pause the channel's job, or let it go on exactly where it was; whether there is a job to hold.

        A held job gets no turn in its child, so it computes nothing and blocks nobody. Stop, a newer submit and the child's
        death end it as any other job.
        """
        with self._lock:
            return not self._closed and self._board.hold(channel, on)

    def follow(self, channel: str, request: Request | None) -> int:
        """Run `request` on the newest frame, again and again as frames come. Results carry `frame_seq`. None ends it.

        A still picture or a paused video is looked at once per request. Other jobs of the child go first.
        """
        with self._lock:
            if request is None or self._closed:
                self._board.stop(channel, time.monotonic())
                return 0
            task = self._board.begin(channel, request, request.place, time.monotonic(), follows=True)
            child = self._children[request.place]
            if child.dead:
                self._board.fail(task, child_is_dead(request.place))
            else:
                child.ensure()
                self._look(request.place)
            return task.generation

    def open_source(self, request: SourceRequest) -> int:
        """Show another picture source; the old one is closed. Returns the generation that its SourceStates carry.

        A stream is opened only if `allow_stream` was called for its address before. A peek at this device ends first.
        """
        with self._lock:
            self._recording.interrupt()
            self._rounds.leave()
            return 0 if self._closed else self._river.open(request, self._peeking.yield_to(request))

    def allow_stream(self, address: str) -> None:
        """A person asked for this network address by hand: `open_source` and `peek` may now open it, till the end."""
        with self._lock:
            self._river.permit(address)

    def peek(self, request: SourceRequest) -> int:
        """Try a camera (or a stream that is allowed) without opening it; PeekSeen events with this number tell what is seen.

        A newer peek ends the older one. It ends by `end_peek`, by `open_source` of the same device, by `close`, and by itself
        after some minutes. Is the camera the source that is open, its frames are shown.
        """
        with self._lock:
            return 0 if self._closed else self._peeking.begin(request, self._river)

    def end_peek(self) -> None:
        """Nobody looks at the preview any more: the device is let go."""
        with self._lock:
            self._peeking.end()

    def pause_source(self, paused: bool) -> None:
        """Hold or continue a video or camera; the last frame stays."""
        with self._lock:
            self._recording.interrupt()
            self._river.pause(paused)

    def seek_source(self, index: int) -> None:
        """Show frame `index` of a video, or picture `index` of a folder."""
        with self._lock:
            self._recording.interrupt()
            self._rounds.leave()
            self._river.seek(index=max(0, index))

    def step_source(self, by: int) -> None:
        """Pause and go `by` frames (negative: back)."""
        with self._lock:
            self._recording.interrupt()
            self._rounds.leave()
            self._river.seek(by=by)

    def close_source(self) -> None:
        """Close the picture source and release the camera."""
        with self._lock:
            self._recording.interrupt()
            self._river.close()

    def record(
        self, targets: Path | str | Sequence[Path | str] | None, look: LiveLook | None = None, *, whole: bool = False
    ) -> None:
        """Record what is shown, with the results of its frames, into files by their endings (records/export.py); None ends it.

        `look`: how films are drawn. `whole`: the open video file instead, from its beginning (or in point) to its end, every
        frame, however long it takes; touching the player ends that.
        """
        with self._lock:
            if targets is None:
                self._recording.end()
            elif not self._closed:
                several = [targets] if isinstance(targets, (str, Path)) else targets
                self._recording.begin(tuple(str(path) for path in several), look or LiveLook(), whole=whole)

    def drain(self) -> list[HostEvent]:
        """Everything since the last drain, in order, without waiting. At most one FrameArrived, at the end."""
        with self._lock:
            events = self._post.take()
            arrived = None if self._closed else self._feed.take()
        return events if arrived is None else [*events, arrived]

    def use_language(self, language: str) -> None:
        """The language of notices that children compose ("en", "hu")."""
        i18n.use_language(language)
        for child in self._children.values():
            if child.running:
                child.send(UseLanguage(language))

    def close(self, budget_s: float = 3.0) -> None:
        """Cancel everything, end all children (asked, TERM, KILL, in parallel), remove shared memory. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        until = time.monotonic() + budget_s
        for child in self._children.values():
            child.begin_close(budget_s)
        with self._lock:
            self._peeking.end()
        gone = [child.join(until) for child in self._children.values()]
        gone.append(self._peeking.join(until))
        with self._lock:
            self._feed.close()
        if all(gone):
            for path in self._logs.values():
                path.unlink(missing_ok=True)

    # ---- from the children's threads (supervisor.Listener)

    def child_up(self, kind: ChildKind) -> None:
        """Repeat the last network load, the source and the follows."""
        with self._lock:
            if kind == "capture":
                self._river.again()
            if kind == "engine" and self._board.loaded is not None:
                task = self._board.begin(RELOAD, self._board.loaded, kind, time.monotonic())
                self._send(kind, RunJob(RELOAD, task.generation, task.request))
            self._look(kind)

    def child_said(self, kind: ChildKind, message: object) -> None:
        """Sort a message."""
        if isinstance(message, NeedRing):
            self._children[kind].send(self._ring_for(message.nbytes))
            return
        with self._lock:
            if self._closed:
                return
            if isinstance(message, JobEvent):
                self._heard(kind, message)
            elif isinstance(message, Hungry):
                self._rounds.hungry(kind, message)
            elif isinstance(message, Taken):
                self._feed.returned(message.lease)
                if kind == "recorder":
                    self._recording.taken()
            elif kind == "recorder":
                self._recording.heard(message)
            elif (held := self._river.heard(message)) is not None:
                self._frame(held)

    def child_down(self, kind: ChildKind, how: str, *, asked: bool, final: bool) -> None:
        """Answer for everything it cannot answer any more."""
        with self._lock:
            if self._closed:
                return
            self._feed.returned_by(kind)
            self._rounds.lost(kind)
            self._board.lost(kind, child_died(kind, how), final=final)
            if kind == "capture":
                self._river.lost(how, asked=asked, final=final)
            elif kind == "recorder":
                self._recording.lost()

    def child_tick(self, kind: ChildKind, now: float) -> None:
        """Deadlines."""
        with self._lock:
            if self._board.tick(kind, now):
                self._children[kind].end(N_("did not stop"))
            if kind == "capture" and self._river.late(now):
                self._children[kind].end(N_("did not stop"))
            if kind == "capture":
                self._recording.tick(now, looking=bool(self._rounds))
            self._look(kind)

    def child_news(self, event: EngineState | ChildLog) -> None:
        """On to the window."""
        key = (event.child, "slow") if isinstance(event, EngineState) and event.kind == "slow" else None
        self._post.put(event, key)

    def _ring_for(self, nbytes: int) -> UseRing:
        with self._lock:
            found = self._feed.ring_for(nbytes)
        if found is not None:
            return found
        try:
            ring = Ring(nbytes)  # not under the lock: a large one takes a while
        except MediaError as error:
            return UseRing(trouble=error.trouble)
        with self._lock:
            if self._closed:
                ring.close()
                return UseRing(trouble=child_is_dead("capture"))
            return self._feed.adopt(ring)

    def _peek_over(self, _: Peek) -> None:
        """A camera that was tried is free again: open it, if that was waited for."""
        with self._lock:
            if not self._closed:
                self._peeking.gone()
                self._river.go_on()

    # ---- inside, under the lock

    def _send(self, kind: ChildKind, message: object) -> None:
        self._children[kind].send(message)

    def _send_job(self, kind: ChildKind, channel: str, message: RunJob) -> None:
        self._children[kind].send(message, ("job", channel))

    def _undelivered(self, message: object) -> None:
        with self._lock:
            if isinstance(message, RunJob):
                if message.slot is not None:
                    self._feed.returned(message.slot.lease)
                self._heard(message.request.place, JobEvent(message.channel, message.generation, CancelledJob()))

    def _heard(self, kind: ChildKind, message: JobEvent) -> None:
        held = self._rounds.frame_of(kind, message.generation)
        self._board.heard(message)
        if held is not None and isinstance(message.event, LAST):
            self._rounds.answered(kind, message.generation)
            if isinstance(message.event, Result):
                self._recording.result(message.channel, held.seq, message.event.record)
        self._look(kind)

    def _frame(self, held: Held) -> None:
        now = time.monotonic()
        self._peeking.glimpse(held, now)
        for kind in {task.place for task in self._board.follows()}:
            self._look(kind)
        answered = [task.answered_at for task in self._board.follows() if task.answered_at is not None]
        waits = self._recording.whole and bool(self._board.follows())
        if not waits and not any(now - at < PREVIEW_AFTER_S for at in answered):
            self._show(held)

    def _show(self, held: Held) -> None:
        if self._feed.show(held):
            self._recording.frame(held)
            self._post.poke()

    def _look(self, kind: ChildKind) -> None:
        self._rounds.look(kind, self._children[kind].ready)
