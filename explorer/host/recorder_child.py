"""The recorder child: draws what was found into the frames and writes it to files that appear when they are complete."""

from __future__ import annotations

import time

from explorer.host.child import Link
from explorer.host.messages import RecordPhase, RecordState
from explorer.host.ring import Reader
from explorer.host.wire import Beat, Quit, Ready, RecordEnd, RecordParts, RecordThis, RecordTo, Taken
from explorer.picture.findings import Findings, check_ending
from explorer.picture.opencv import cv2
from explorer.records.errors import Trouble, trouble_of
from explorer.records.export import Place

BEAT_S = 0.25
TELL_S = 0.5


def main(link: Link) -> None:
    """Record until Quit."""
    cv2.setNumThreads(1)
    recorder = Recorder(link)
    link.send(Ready({"opencv": cv2.__version__}))
    next_beat = 0.0
    while True:
        message = link.receive(max(0.0, next_beat - time.monotonic()))
        if time.monotonic() >= next_beat:
            link.send(Beat("", 0.0))
            next_beat = time.monotonic() + BEAT_S
        if isinstance(message, Quit):
            recorder.end()
            return
        if message is not None:
            recorder.obey(message)


class Recorder:
    """One recording at a time, into one file or several. A film is as large as its first frame; others are fitted in."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._reader = Reader()
        self._order: RecordTo | None = None
        self._findings: Findings | None = None
        self._began = self._said_at = 0.0
        self._dropped = 0

    def obey(self, message: object) -> None:
        """One order of the window; a failure ends the recording with a reason."""
        try:
            if isinstance(message, RecordTo):
                self.end()
                self._order, self._dropped = message, 0
                for path in message.paths:
                    check_ending(path)
            elif isinstance(message, RecordThis):
                self._add(message)
            elif isinstance(message, RecordEnd):
                self.end()
        except Exception as error:
            self._abandon(error)

    def _add(self, order: RecordThis) -> None:
        slot = order.slot
        try:
            frame = self._reader.frame(slot.ring, slot.offset, slot.height, slot.width, slot.seq, slot.time, slot.source)
        finally:
            self._link.send(Taken(slot.lease))
        if self._order is None:
            return
        self._dropped = order.dropped
        clock = frame.time if self._order.own_time else order.shown_at
        if self._findings is None:
            self._findings = Findings(self._order.paths, look=self._order.look)
            self._began, self._said_at = clock, 0.0
        findings = self._findings
        at = Place(slot.index, frame.time, frame.source, (frame.width, frame.height))
        findings.write(frame.rgb, order.overlays, at, max(0.0, clock - self._began))
        if findings.frames == 1:
            self._link.send(RecordParts(findings.parts))
        if time.monotonic() - self._said_at >= TELL_S:
            self._said_at = time.monotonic()
            self._say("recording")

    def end(self) -> None:
        """Finish the files, if there are any."""
        findings, order = self._findings, self._order
        if order is None:
            return
        try:
            if findings is not None:
                findings.finish()
        except Exception as error:
            self._abandon(error)
            return
        self._say("done")
        self._findings = self._order = None

    def _abandon(self, error: Exception) -> None:
        findings, order = self._findings, self._order
        kept = findings.abandon(error) if findings is not None else ()
        if order is not None:
            self._say("failed", trouble_of(error), kept)
        self._findings = self._order = None

    def _say(self, state: RecordPhase, trouble: Trouble | None = None, kept: tuple[str, ...] = ()) -> None:
        findings, order = self._findings, self._order
        assert order is not None
        counts = (findings.frames, findings.objects) if findings is not None else (0, 0)
        self._link.send(
            RecordState(state, order.paths[0], counts[0], self._dropped, trouble, order.paths, counts[1], order.total, kept)
        )
