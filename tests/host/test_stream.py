"""Network streams (row 4): seen within two seconds, tried again, never opened by anything but a person's own word."""

from __future__ import annotations

import time

import pytest
from fixtures_media import GOOD, MjpegServer

from explorer.host import capture
from explorer.host.messages import ChildLog, EngineState, FrameArrived, SourceState
from explorer.requests.source import SourceRequest
from explorer.session import Session


def stream(address, **fields):
    return SourceRequest(kind="stream", path=address, **fields)


def watch(desk, address):
    desk.host.allow_stream(address)
    return desk.host.open_source(stream(address))


def assert_counts_on(frames):
    seqs, places = [e.frame.seq for e in frames], [e.index for e in frames]
    assert seqs == sorted(set(seqs)) and places == sorted(set(places))


@pytest.mark.parametrize("mode", ["stalls", "closes", "half"])
def test_a_stream_that_stops_is_seen_and_tried_again(desk, mode):
    with MjpegServer(mode) as server:
        watch(desk, server.url)
        playing = desk.source("playing")
        assert playing.info.live and playing.info.name == server.url and playing.info.width == 64
        desk.until(lambda e: isinstance(e, FrameArrived) and e.index >= 10)
        lost = desk.source("no signal")
        last = max(e.index for e in desk.of(FrameArrived))
        assert lost.seconds < 5 * 2.0  # promised: two seconds
        assert lost.trouble is None or lost.trouble.english().startswith("The stream http://127.0.0.1:")
        again = desk.frame()
        assert server.connections == 2 and again.index > last  # the numbers go on; nothing old is shown
        assert_counts_on(desk.of(FrameArrived))
        retries = [e.trouble for e in desk.of(SourceState) if e.trouble is not None]
        assert [(t.code, t.values["attempt"]) for t in retries] == [("stream.retry", 1)]
        desk.host.close()


def test_a_silent_stream_is_tried_again_and_again_until_it_speaks(desk):
    with MjpegServer("mute") as server:
        watch(desk, server.url)
        began = time.monotonic()
        desk.until(lambda e: isinstance(e, SourceState) and e.trouble is not None and e.trouble.values["attempt"] == 1)
        assert time.monotonic() - began < 5 * 2.0  # promised: two seconds
        server.mode = "good"
        desk.source("playing")
        texts = [e.trouble.english() for e in desk.of(SourceState) if e.trouble is not None]
        assert texts == [f"The stream {server.url} does not answer; trying again (1)."]
        desk.host.close()


def test_the_waits_between_attempts():
    assert capture.RETRY_S == (1.0, 2.0, 5.0, 10.0)


def test_a_stream_that_nobody_typed_stays_asleep(desk):
    """A restored Session, undo, a recipe: all of them end in `open_source`, which does not know the address."""
    with MjpegServer("good") as server:
        restored = Session.model_validate_json(Session(picture=stream(server.url)).model_dump_json()).picture
        assert restored.kind == "stream"
        for ask in (desk.host.open_source, lambda request: desk.host.submit("source", request)):
            desk.host.open_source(SourceRequest(kind="camera", index=GOOD))
            desk.frame()
            desk.events.clear()
            generation = ask(restored)
            state = desk.source("closed")
            assert state.trouble.code == "stream.asleep" and state.generation == generation
            assert state.info.name == server.url and state.info.live
            desk.wait(0.3)
            assert not desk.of(FrameArrived)  # the camera before it is closed all the same
        assert server.connections == 0
        watch(desk, server.url)  # the button
        desk.frame()
        desk.host.close()


def test_an_address_that_is_none_fails_with_a_reason(desk):
    watch(desk, "file:///etc/passwd")
    state = desk.source("failed")
    assert state.trouble.code == "stream.address" and state.trouble.hint


def test_a_password_is_sent_to_the_server_and_written_nowhere(desk, capfd):
    with MjpegServer("guarded", frames=5) as server:
        address = server.url.replace("http://", "http://bob:geheim@") + "?token=tok3n"
        watch(desk, address)
        desk.frame()
        desk.source("no signal")
        desk.host.open_source(SourceRequest())
        desk.frame()
        assert b"GET /video.mjpg?token=tok3n" in server.heard and b"Authorization: Basic Ym9iOmdlaGVpbQ==" in server.heard
    said = repr([event for event in desk.events if isinstance(event, (SourceState, ChildLog, EngineState))])
    said += desk.host._logs["capture"].read_text() + "".join(capfd.readouterr())
    assert "geheim" not in said and "tok3n" not in said and server.url in said
