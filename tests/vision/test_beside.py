"""Two pictures of a follow at a time: what runs beside what, when the next is asked for, and what is thrown away."""

from __future__ import annotations

import threading
import time
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from explorer import jobs
from explorer.records.frame import Frame
from explorer.records.network import RunsOn
from explorer.vision import beside, look
from explorer.vision.beside import Beside

FORWARD_S, PREPARE_S = 0.06, 0.01


class Lane:
    """A runtime that lets one pass through at a time, as OpenVINO with one stream."""

    def __init__(self, other=None):
        self.runs_on = RunsOn()
        self.log, self.busy = (other.log, other.busy) if other else ([], threading.Lock())

    def __call__(self, nchw, token=None):
        with self.busy:
            self.log.append(("begin", time.perf_counter()))
            time.sleep(FORWARD_S)
            token.check()
            if float(nchw[0]) < 0:
                raise RuntimeError("planted")
            self.log.append(("end", time.perf_counter()))
            return [nchw.numpy()]

    def beside(self):
        return Lane(self)


class Alone(Lane):
    def beside(self):
        return None


class Network:
    nbytes = 10

    def __init__(self):
        self.recipe = SimpleNamespace(rule="stretch", order="rgb", mean=())
        self.module, self.edits = None, ()

    def prepare(self, frame):
        time.sleep(PREPARE_S)
        return SimpleNamespace(nchw=torch.tensor([float(frame.seq)]), geometry="g")


def frame(seq, side=4):
    return Frame(np.zeros((side, side, 3), np.uint8), seq=seq)


class Stand:
    """A follow's jobs one after the other; what they ask for comes at once, as from a fast film."""

    def __init__(self, runner):
        self.beside, self.network, self.runner = Beside(), Network(), runner
        self.asked = []

    def see(self, seq, seen=None, generation=1, token=None, picture=None, hungry=None):
        picture = picture or frame(seq)
        work = jobs.Work(None, picture, token or jobs.CancelToken())
        work.ahead = self.beside.turn(generation, seen, hungry or (lambda: self.asked.append((seq, time.perf_counter()))))
        return work.ahead.see(self.network, self.runner, picture, work)

    def begin(self, seq, generation=1, token=None, picture=None, hungry=None):
        hungry = hungry or partial(self.asked.append, (seq, 0.0))
        return self.beside.begin(generation, picture or frame(seq), token or jobs.CancelToken(), hungry)


@pytest.fixture
def stand():
    made = Stand(Lane())
    yield made
    made.beside.close()
    made.beside._pool.shutdown()  # its threads are gone before the next test counts threads


def test_passes_follow_each_other_without_a_gap(stand):
    """The next frame is asked for while the pass runs; prepared by its end, its pass begins when the other has ended."""
    coming = []

    def ask(seq):
        """The window's part: the next frame is there at once."""
        coming.append(stand.begin(seq + 1, hungry=partial(ask, seq + 1)))

    stand.see(0)
    for seq in range(1, 5):
        seen = coming.pop() if coming else None
        raw = stand.see(seq, seen, hungry=partial(ask, seq))
        assert float(raw.outputs[0][0]) == seq and len(coming) == 1
        time.sleep(0.005)  # reading it out
    coming.pop().raw.result(5)
    times = [at for _, at in stand.runner.log[2:]]
    gaps = [begin - end for end, begin in zip(times[1::2], times[2::2], strict=False)]
    assert min(gaps) < PREPARE_S, gaps  # 15 ms of preparing and reading out lie beside the passes


def test_the_next_frame_is_asked_for_once_and_late_in_the_pass(stand):
    for seq in range(3):
        stand.see(seq)
    assert [seq for seq, _ in stand.asked] == [0, 1, 2]
    begins, ends = ([at for what, at in stand.runner.log if what == one] for one in ("begin", "end"))
    left = [end - at for (_, at), end in zip(stand.asked[1:], ends[1:], strict=True)]
    assert all(0.0 < one < FORWARD_S for one in left), (left, begins)


def test_waiting_for_the_pass_before_counts_for_no_stage(stand):
    stand.see(0)
    first = stand.begin(1)
    second = stand.begin(2)
    stages = [dict(stand.see(seq, seen).watch.stages) for seq, seen in ((1, first), (2, second))]
    assert all(set(one) == {"prepare", "forward"} for one in stages)
    assert all(1000 * FORWARD_S * 0.9 < one["forward"] < 1000 * FORWARD_S * 1.6 for one in stages), stages


def test_another_follow_size_or_runner_begins_anew(stand):
    assert stand.begin(0) is None  # nobody knows how yet
    stand.see(0)
    assert stand.begin(1, generation=2) is None and stand.begin(1, picture=frame(1, 8)) is None
    old = stand.begin(1)
    stand.runner = Lane()
    raw = stand.see(1, old)  # the network was made anew meanwhile: what was begun is of the old one
    assert len(stand.runner.log) == 2 and float(raw.outputs[0][0]) == 1


def test_a_runner_for_one_thread_is_used_by_the_jobs_own(stand):
    stand.runner = Alone()
    threads = []
    stand.network.prepare = lambda picture: (threads.append(threading.get_ident()), Network.prepare(stand.network, picture))[1]
    assert float(stand.see(7).outputs[0][0]) == 7
    assert threads == [threading.get_ident()] and stand.begin(8) is None and stand.asked == []


def test_a_stop_is_heard_in_the_middle(stand):
    token = jobs.CancelToken()
    threading.Timer(0.02, token.cancel).start()
    began = time.perf_counter()
    with pytest.raises(jobs.Cancelled):
        stand.see(0, token=token)
    assert time.perf_counter() - began < 5 * 0.2
    assert float(stand.see(1).outputs[0][0]) == 1


def test_an_error_of_a_pass_is_the_jobs(stand):
    with pytest.raises(RuntimeError, match="planted"):
        stand.see(-1)
    seen = stand.begin(-2)
    with pytest.raises(RuntimeError, match="planted"):
        stand.see(-2, seen)
    assert float(stand.see(3).outputs[0][0]) == 3


def test_the_time_to_hand_over_is_bounded():
    way = beside.Way((1, Network(), Lane(), (4, 4, 3)), (Lane(),))
    for _ in range(9):
        way.asked()
        time.sleep(0.012)  # a camera: the frame was not there yet
        way.came()
    way._took.append((0.001, 0.1))
    seen = beside.Pass(way, frame(1), lambda: None)
    seen.began_at = 100.0
    assert way.ask_at(seen) == pytest.approx(100.0 + 0.1 - 0.002 - beside.HAND_OVER_S[1])


def test_stopwatch_takes_the_beginning_it_is_told():
    watch = look.Stopwatch()
    time.sleep(0.02)
    watch.lap("late", time.perf_counter())
    assert watch.stages[0][1] < 10
