"""What a film played fast costs: a frame that nobody takes is neither coloured nor sent, and the newest is never old."""

from __future__ import annotations

import time

import numpy as np
import pytest

from explorer.host import capture_ring
from explorer.host.capture import Player
from explorer.host.ring import Ring
from explorer.host.wire import FrameIn, FreeSlot, NeedRing, OpenIt, Pause, UseRing, Wanted
from explorer.picture.film import Decoded
from explorer.picture.video import VideoWriter
from explorer.requests.source import SourceRequest


class Window:
    """The other end of the wire: frees each slot at once. `wants`: says of each frame that it was taken."""

    def __init__(self, wants):
        self.wants, self.ring, self.orders, self.frames = wants, Ring(48 * 64 * 3), [], []

    def send(self, message):
        if isinstance(message, NeedRing):
            self.orders.append(UseRing(self.ring.name, self.ring.slots, self.ring.slot_bytes))
        elif isinstance(message, FrameIn):
            self.frames.append((message, round(float(self.ring.copy(message.slot, 48, 64).mean()))))
            self.orders.append(FreeSlot(message.ring, message.slot))
            self.orders += [Wanted()] if self.wants else []

    def wait(self, timeout):
        if not self.orders:
            time.sleep(timeout or 0.0)
        return self.orders.pop(0) if self.orders else None


@pytest.mark.parametrize("wants", [True, False])
def test_only_what_somebody_takes_is_coloured(tmp_path, monkeypatch, wants):
    path, coloured = tmp_path / "fast.mp4", []
    with VideoWriter(path, 50, (64, 48)) as writer:
        for number in range(100):
            writer.write(np.full((48, 64, 3), 2 * number, np.uint8))
    rgb = Decoded.rgb
    monkeypatch.setattr(Decoded, "rgb", lambda picture: coloured.append(picture.time) or rgb(picture))
    monkeypatch.setattr(capture_ring, "PASSED_ON_S", 0.05)  # many frames long, also on a busy machine
    window = Window(wants)
    player = Player(window)
    player.obey(OpenIt(1, SourceRequest(kind="video", path=str(path), speed=8, loop=False)))  # 400 frames a second
    began = time.monotonic()
    while player._shown is None or player._shown[1] < 90:
        player.step()
    player.obey(Pause(True))
    took, sent = time.monotonic() - began, [message for message, _ in window.frames]
    last = sent[-1].index
    assert [message.index for message in sent] == sorted({message.index for message in sent})
    assert all(abs(grey - 2 * message.index) <= 2 for message, grey in window.frames)  # each frame has its own pixels
    assert sum(1 + message.missed for message in sent) == last + 1  # what was left out is counted
    assert last == player._shown[1]  # a film that is held shows where it is
    assert len(coloured) == len(sent)
    if wants:
        assert len(sent) == last + 1
    else:
        assert 3 <= len(sent) <= took / 0.05 + 3 < last
    player.close()
    window.ring.close()
