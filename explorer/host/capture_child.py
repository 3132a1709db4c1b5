"""The capture child: all user media is decoded here. Main thread: the source. Pipe thread: messages, beats, blocked reads."""

from __future__ import annotations

import importlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from explorer.host.capture import Player
from explorer.host.child import Link
from explorer.host.wire import Beat, Ready
from explorer.picture.camera import FROZEN_S, Camera, Capture, live_camera
from explorer.picture.opencv import cv2
from explorer.requests.source import SourceRequest

BEAT_S = 0.25
SILENT_S = 1.5  # a read that takes longer is shown as "no signal"


class _Pipe:
    """Messages wait here for the main thread."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._inbox: queue.SimpleQueue[object] = queue.SimpleQueue()

    def send(self, message: object) -> None:
        """To the window."""
        self._link.send(message)

    def wait(self, timeout: float | None) -> object | None:
        """For the main thread."""
        try:
            return self._inbox.get(timeout is None or timeout > 0, timeout)
        except queue.Empty:
            return None

    def listen(self, player: Player) -> None:
        """The pipe thread."""
        next_beat = 0.0
        said = 0
        while True:
            message = self._link.receive(max(0.0, next_beat - time.monotonic()))
            if message is not None:
                self._inbox.put(message)
            now = time.monotonic()
            if now < next_beat:
                continue
            next_beat = now + BEAT_S
            since = player.reading_since
            blocked = 0.0 if since is None else now - since
            self._link.send(Beat("", 0.0))
            if blocked < SILENT_S:
                said = 0
            elif int(blocked) != said or not said:
                said = int(blocked)
                state = player.silent(blocked)
                if state is not None:
                    self._link.send(state)


def main(link: Link) -> None:
    """Play sources until Quit."""
    cv2.setNumThreads(1)
    options = link.config.options
    pipe = _Pipe(link)
    player = Player(pipe, camera_maker(options), float(options.get("frozen_s", FROZEN_S)))
    threading.Thread(target=pipe.listen, args=(player,), name="pipe", daemon=True).start()
    link.send(Ready({"opencv": cv2.__version__}))
    while not player.over:
        player.step()
    player.close()


def camera_maker(options: dict[str, Any]) -> Callable[[SourceRequest], Camera]:
    """What makes the camera of a request; its device is opened by `options["opener"]`, "module:function" (tests), if given."""
    name = options.get("opener")
    if not name:
        return live_camera
    module, _, function = str(name).partition(":")
    opener: Callable[[int], Capture] = getattr(importlib.import_module(module), function)
    return lambda request: live_camera(request, opener)
