"""The recorder child: draws what was found into the frames and writes them to an MP4 file that appears when it is complete."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from explorer.host.child import Link
from explorer.host.messages import RecordState
from explorer.host.ring import Reader
from explorer.host.wire import Beat, Quit, Ready, RecordEnd, RecordThis, RecordTo, Taken
from explorer.picture.opencv import cv2
from explorer.picture.overlay import draw_records
from explorer.picture.video import VideoWriter
from explorer.records.errors import Trouble, trouble_of
from explorer.records.frame import RGB

BEAT_S = 0.25
NOMINAL_FPS = 30.0


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
    """One file at a time. Frames are as large as the first one; others are fitted in with dark bars."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._reader = Reader()
        self._path = ""
        self._writer: VideoWriter | None = None
        self._began = 0.0
        self._dropped = 0

    def obey(self, message: object) -> None:
        """One order of the window; a failure ends the recording with a reason."""
        try:
            if isinstance(message, RecordTo):
                self.end()
                self._path, self._dropped = message.path, 0
            elif isinstance(message, RecordThis):
                self._add(message)
            elif isinstance(message, RecordEnd):
                self.end()
        except Exception as error:
            self._say("failed", trouble_of(error))
            self._abandon(error)

    def _add(self, order: RecordThis) -> None:
        slot = order.slot
        try:
            frame = self._reader.frame(slot.ring, slot.offset, slot.height, slot.width, slot.seq, slot.time, slot.source)
        finally:
            self._link.send(Taken(slot.lease))
        if not self._path:
            return
        self._dropped = order.dropped
        rgb = draw_records(frame.rgb, order.overlays)
        if self._writer is None:
            self._writer = VideoWriter(self._path, NOMINAL_FPS, (frame.width, frame.height)).__enter__()
            self._began = order.shown_at
            self._say("recording")
        self._writer.write(fitted(rgb, self._writer.size), order.shown_at - self._began)

    def end(self) -> None:
        """Finish the file, if there is one."""
        writer, path = self._writer, self._path
        self._writer, self._path = None, ""
        if writer is not None:
            writer.__exit__(None, None, None)
            self._link.send(RecordState("done", path, writer.frames, self._dropped))
        elif path:
            self._link.send(RecordState("done", path, 0, self._dropped))

    def _abandon(self, error: Exception) -> None:
        writer, self._writer, self._path = self._writer, None, ""
        if writer is not None:
            writer.__exit__(type(error), error, error.__traceback__)

    def _say(self, state: Any, trouble: Trouble | None = None) -> None:
        frames = self._writer.frames if self._writer is not None else 0
        self._link.send(RecordState(state, self._path, frames, self._dropped, trouble))


def fitted(rgb: RGB, size: tuple[int, int]) -> RGB:
    """`rgb` scaled to fit `size` (width, height), centred on black."""
    width, height = size
    if rgb.shape[:2] == (height, width):
        return rgb
    scale = min(width / rgb.shape[1], height / rgb.shape[0])
    small = cv2.resize(
        rgb, (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))), interpolation=cv2.INTER_AREA
    )
    whole = np.zeros((height, width, 3), np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    whole[top : top + small.shape[0], left : left + small.shape[1]] = small
    return whole
