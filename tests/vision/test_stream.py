"""Decoding ahead: nothing lost, nothing out of order, errors and early ends included."""

import threading
import time

import numpy as np
import pytest
import skimage.data

from explorer.engine.engine import Engine
from explorer.jobs import Cancelled, CancelToken, Work, result_of
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import Frame
from explorer.requests.network import ClassifyRequest, DetectRequest
from explorer.vision import stream
from explorer.vision.stream import DEPTH, ahead, watch

STAGES = ["prepare", "forward", "decode"]


def frames(count, delay=0.0, fail_at=None, log=None):
    try:
        for seq in range(count):
            if seq == fail_at:
                raise MediaError(Trouble("media.damaged", "file damaged"))
            time.sleep(delay)
            if log is not None:
                log.append((seq, threading.get_ident()))
            yield Frame(np.full((2, 2, 3), seq % 256, np.uint8), seq=seq)
    finally:
        if log is not None:
            log.append(("closed", threading.get_ident()))


def reading():
    return [thread for thread in threading.enumerate() if thread.name == "decode ahead"]


def test_all_frames_in_order():
    assert [frame.seq for frame in ahead(frames(500))] == list(range(500))
    assert not reading()


def test_never_far_ahead():
    log = []
    for frame in ahead(frames(50, log=log)):
        time.sleep(0.002)
        assert len([entry for entry in log if entry[0] != "closed"]) <= frame.seq + DEPTH + 3


def test_reads_on_while_somebody_works():
    log, ahead_of = [], []
    for frame in ahead(frames(20, delay=0.005, log=log)):
        before = len(log)
        until = time.monotonic() + 5
        while len(log) == before and frame.seq < 15 and time.monotonic() < until:
            time.sleep(0.001)  # work that ends only when the next frame was read meanwhile
            if len(log) >= frame.seq + DEPTH + 2:
                break
        ahead_of.append(len(log) - frame.seq - 1)
    assert min(ahead_of[:15]) >= 1


def test_error_comes_after_the_frames_before_it():
    seen = []
    with pytest.raises(MediaError):
        for frame in ahead(frames(10, fail_at=6)):
            seen.append(frame.seq)
    assert seen == list(range(6)) and not reading()


def test_leaving_early_closes_the_source_in_its_own_thread():
    log = []
    for frame in ahead(frames(1000, log=log)):
        if frame.seq == 3:
            break
    for _ in range(100):
        if log[-1][0] == "closed":
            break
        time.sleep(0.01)
    assert log[-1][0] == "closed" and len({entry[1] for entry in log}) == 1
    assert log[0][1] != threading.get_ident() and not reading()


def test_watch_runs_a_job_on_each_and_can_be_cancelled():
    token = CancelToken()
    work = Work(Engine(), token=token)
    request = ClassifyRequest(model="lenet5", weights="random", exact=True)
    seen = []
    with pytest.raises(Cancelled):
        for frame, record in watch(request, frames(100), work):
            assert record.frame_seq == frame.seq
            seen.append(frame.seq)
            if frame.seq == 5:
                token.cancel()
    assert seen == list(range(6)) and not reading()


def street(count):
    """Small pictures with something in them, moving to the right."""
    coffee = skimage.data.coffee()[::2, ::2]
    return [Frame(np.ascontiguousarray(np.roll(coffee, 4 * seq, axis=1)), seq=seq, time=seq / 25) for seq in range(count)]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_film_says_what_its_frames_say_one_by_one(threads):
    engine = Engine(threads)
    for request in (DetectRequest(track=True, confidence=0.2), ClassifyRequest(model="squeezenet1_1")):
        film = street(7)
        seen = list(watch(request, iter(film), Work(engine)))
        assert [frame for frame, _ in seen] == film
        engine.memo.clear()  # also the objects that were followed
        for frame, record in seen:
            alone = result_of(request, Work(engine, frame))
            assert record.frame_seq == frame.seq and [name for name, _ in record.timing.stages] == STAGES
            if isinstance(request, DetectRequest):
                assert len(alone) and np.array_equal(record.xyxy, alone.xyxy) and np.array_equal(record.score, alone.score)
                assert np.array_equal(record.track, alone.track) and np.array_equal(record.class_index, alone.class_index)
            else:
                assert record.top == alone.top
        assert "foreseen" not in engine.memo
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("look ahead")]


def test_two_threads_look_at_two_frames_at_once_with_a_second_model():
    engine, request = Engine(2), DetectRequest()
    result_of(request, Work(engine, street(1)[0]))
    runner = engine.network(request).runners[request.precision, request.exact]
    lanes = runner.lanes()
    assert len(lanes) == 3 and {lane.runs_on for lane in lanes} == {runner.runs_on} and runner not in lanes
    picture = engine.network(request).blank().fill_(0.4)
    expected = [array.copy() for array in runner(picture)]
    for lane in lanes:
        assert all(np.array_equal(one, other) for one, other in zip(expected, lane(picture), strict=True))


def test_what_was_seen_before_a_broken_frame_is_answered_before_its_error():
    request, seen = ClassifyRequest(model="lenet5", weights="random"), []
    with pytest.raises(MediaError):
        for frame, _ in watch(request, frames(10, fail_at=6), Work(Engine())):
            seen.append(frame.seq)
    assert seen == list(range(6)) and not reading()


def test_frames_that_change_their_size_say_what_they_say_one_by_one(monkeypatch):
    monkeypatch.setattr(stream, "LONG", 2)
    engine, request = Engine(2), DetectRequest(confidence=0.2)
    coffee = skimage.data.coffee()
    film = [
        Frame(np.ascontiguousarray(coffee[top:, left:]), seq=seq)
        for seq, (top, left) in enumerate([(60, 0), (60, 0), (60, 0), (60, 0), (0, 180), (40, 0), (60, 0)])
    ]
    seen = list(watch(request, iter(film), Work(engine)))
    assert [frame for frame, _ in seen] == film
    for frame, record in seen:
        engine.memo.clear()
        alone = result_of(request, Work(engine, frame))
        assert len(alone) and record.frame_hw == alone.frame_hw
        assert np.array_equal(record.xyxy, alone.xyxy) and np.array_equal(record.score, alone.score)
