"""One method from very many starts at once: where each path ends and since when, judged as a single path is (verdict.py).

Starts are taken in chunks that a core's cache holds, steps in blocks. Within a block nothing but the steps themselves is
worked out; at its end the smallest and largest coordinates say who has left, and who has stayed at a minimum all the time.
Who has left, or can be shown to stay, takes no further steps.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from explorer.descent.array_moves import MAKERS, ArrayMove, Draws, Values
from explorer.descent.captured import captured
from explorer.descent.field_arrays import has_holes, is_slow, slopes_of
from explorer.descent.ground import Surface
from explorer.descent.method import Optimizer
from explorer.descent.optimizers import BUILT_IN
from explorer.descent.sweep_places import Lattice
from explorer.descent.sweep_rules import Turning, spoil_of
from explorer.descent.verdict import CLOSE
from explorer.descent.walk import PLAIN, Rules
from explorer.jobs import CancelToken
from explorer.records.basins import LEFT, NOT_FINITE, NOT_YET
from explorer.records.descent import F64

CHUNK, FEW = 4096, 256  # starts at once; on a slow surface
BLOCK = 16  # steps between two looks at who has left or arrived
PAUSE_S = 0.01  # after so long the caller hears of it
SETTLED = 1e-9  # of the diagonal: who has stayed so near to a minimum that attracts it does not leave it any more
I64 = npt.NDArray[np.int64]
B1 = npt.NDArray[np.bool_]


@dataclass
class Fates:
    """What became of n starts. `status`: NOT_YET (still inside after all steps), LEFT or NOT_FINITE; `since`: the step from
    which that holds; `ends`: (2, n) last finite points; `still`: whether the last step was no longer than CLOSE allows.

    `held`: (2, n) the minimum that a path has stayed at since `since`, NaN where it has not; `taken`: steps in all.
    """

    status: npt.NDArray[np.int8]
    since: I64
    ends: F64
    still: B1
    held: F64
    taken: int = 0

    @classmethod
    def of(cls, count: int) -> Fates:
        """For `count` starts, nothing known yet."""
        return cls(
            np.full(count, NOT_YET, np.int8), np.zeros(count, np.int64), np.full((2, count), np.nan), np.zeros(count, np.bool_),
            np.full((2, count), np.nan),
        )  # fmt: skip


def has_arrays(optimizer: Optimizer, surface: Surface, rules: Rules = PLAIN) -> bool:
    """Whether this method can walk from many starts at once on this surface."""
    batches = optimizer.name == "sgd" or rules.batch
    if batches and surface.terms is not None:  # batches of terms are drawn for one path at a time
        return False
    if rules.noise and optimizer.make is None and optimizer.name != "sgd":  # how often it asks depends on its path
        return False
    return optimizer.name in MAKERS and any(optimizer is one for one in BUILT_IN)


def sweep(
    surface: Surface, optimizer: Optimizer, hyper: Values, starts: F64, steps: int, token: CancelToken | None = None,
    rules: Rules = PLAIN, targets: F64 | None = None,
) -> Generator[int, None, Fates]:  # fmt: skip
    """Walk from `starts` (2, n); yields the steps taken since the last yield, all paths together. Raises Cancelled.

    `hyper`: numbers, or arrays (n,) with one for every start. `rules`: as a race has them. `targets` (2, n): the places whose
    neighbourhood counts, in place of the surface's own minima.
    """
    count = starts.shape[1]
    fates = Fates.of(count)
    setting = _Setting(surface, optimizer, steps, token, rules)
    size = FEW if is_slow(surface) else CHUNK
    for first in range(0, count, size):
        part = slice(first, min(first + size, count))
        own = {name: one[part] if isinstance(one, np.ndarray) else one for name, one in hyper.items()}
        chunk = _Chunk(setting, own, starts[:, part], fates, np.arange(part.start, part.stop))
        if targets is not None:
            chunk.aims = targets[:, part].copy()
        yield from chunk.run()
        fates.taken += chunk.taken
    return fates


@dataclass
class _Setting:
    """What all chunks have in common."""

    surface: Surface
    optimizer: Optimizer
    steps: int
    token: CancelToken | None
    rules: Rules
    holes: bool = field(init=False)
    lattice: Lattice = field(init=False)

    def __post_init__(self) -> None:
        self.holes = has_holes(self.surface)
        marks = [(mark.x, mark.y) for mark in self.surface.landmarks if mark.kind == "minimum"]
        self.lattice = Lattice(np.array(marks, dtype=np.float64).reshape(-1, 2).T, self.surface.domain, self.close)
        x0, x1, y0, y1 = self.surface.domain
        self.low, self.high = np.array([[x0], [y0]]), np.array([[x1], [y1]])
        self.far_low, self.far_high = 2 * self.low - self.high, 2 * self.high - self.low
        self.slopes = slopes_of(self.surface)
        self.spoil = spoil_of(self.optimizer, self.rules)
        self.draws = Draws((self.rules.seed, 1))  # those that SGD asks for itself
        self.theory = self.rules.steady and self.spoil is None  # what holds near a minimum is only known of plain steps

    def make(self, hyper: Values) -> ArrayMove:
        """The method's step with these numbers."""
        return MAKERS[self.optimizer.name](hyper, self.surface, self.draws)

    @property
    def close(self) -> float:
        return CLOSE * self.surface.diagonal


class _Chunk:
    """The paths that are still under way, one column each."""

    def __init__(self, setting: _Setting, hyper: Values, starts: F64, fates: Fates, numbers: I64) -> None:
        self.setting, self.hyper, self.fates, self.numbers = setting, hyper, fates, numbers
        count = len(numbers)
        self.memory = np.zeros((len(setting.optimizer.memory), 2, count))
        self.held = np.full((2, count), np.nan)  # the place stayed at, as of the last block's end
        self.since = np.zeros(count, np.int64)
        self.aims: F64 | None = None
        inside = ((starts >= setting.low) & (starts <= setting.high)).all(axis=0)
        self.out = np.where(inside, -1, 0)  # step from which the path is outside the plot, -1 inside
        self._room = np.empty((BLOCK + 4) * 2 * count)
        self._arrange(starts)
        self.turning = None if setting.rules.steady else Turning(setting.rules, setting.steps)
        self.move: ArrayMove = setting.make(hyper)
        self.taken = 0

    def _arrange(self, points: F64) -> None:
        """Views of the one buffer for as many columns as there are now; the points stand first in the history."""
        count = points.shape[1]
        points = points.copy()  # they may be a view of the buffer
        whole = self._room[: (BLOCK + 4) * 2 * count].reshape(BLOCK + 4, 2, count)
        self.history, self.slope, self.scratch = whole[: BLOCK + 1], whole[BLOCK + 1], whole[BLOCK + 2 :]
        self.history[0] = points

    def run(self) -> Generator[int, None, None]:
        """All steps, or as long as anybody is under way."""
        setting, spoil = self.setting, self.setting.spoil
        if setting.holes:
            z = setting.surface.array(self.history[0, 0], self.history[0, 1])
            self._close(np.flatnonzero(np.isnan(z)), NOT_FINITE, np.zeros(len(z), np.int64), self.history[0])
        told, heard = time.perf_counter(), 0
        for first in range(1, setting.steps + 1, BLOCK):
            count = min(BLOCK, setting.steps + 1 - first)
            many = len(self.numbers)
            if not many:
                break
            for at in range(count):
                if setting.token is not None:
                    setting.token.check()
                if self.turning is not None:
                    self._turn(first + at)
                with np.errstate(all="ignore"):
                    setting.slopes(self.history[at], self.slope)
                    if spoil is not None:
                        spoil(self.slope, first + at)
                    self.move(self.history[at], self.slope, self.memory, first + at, self.history[at + 1], self.scratch)
                heard += many
                if time.perf_counter() - told > PAUSE_S:
                    self.taken += heard
                    yield heard
                    told, heard = time.perf_counter(), 0
            with np.errstate(invalid="ignore"):
                if first + count > setting.steps:
                    way = self.history[count] - self.history[count - 1]
                    self.fates.still[self.numbers] = np.hypot(way[0], way[1]) <= setting.close
                last = self._look(first, count)
            self._arrange(last)
        self.taken += heard
        yield heard
        self._end()

    def _turn(self, k: int) -> None:
        """Make the step anew where its numbers are others than at the last one."""
        assert self.turning is not None
        now = self.turning.at(k, self.hyper)
        if now is not None:
            self.move = self.setting.make(now)

    # -- after a block -----------------------------------------------------------------------------------------------
    def _look(self, first: int, count: int) -> F64:
        """Who has left, who has arrived; the points (2, n) of those who go on. `first`: number of the block's first step."""
        setting, path = self.setting, self.history[: count + 1]
        low, high = path[1:].min(axis=0), path[1:].max(axis=0)
        astray = np.flatnonzero(~((low >= setting.low) & (high <= setting.high)).all(axis=0))  # was outside at some time
        lost = self._holes(path, first) if setting.holes else np.zeros(0, np.int64)
        leavers = lost
        if len(astray):
            gone = ~((low[:, astray] >= setting.far_low) & (high[:, astray] <= setting.far_high)).all(axis=0)
            leavers = np.setdiff1d(astray[gone], lost)
            lengths = np.full(len(self.numbers), count, np.int64)
            if len(leavers):
                lengths[leavers] = self._exits(path, leavers)
            self._follow_outside(path, lengths, astray, first)
            if len(leavers):
                self._leave(path, leavers, lengths, first)
        else:
            self.out[:] = -1
        settled = self._follow_places(path, low, high, first)
        done = np.union1d(np.union1d(leavers, lost), settled)
        last: F64 = path[count]
        if len(done):
            keep = np.setdiff1d(np.arange(len(self.numbers)), done)
            last = last[:, keep]
            self._compact(keep)
        return last

    def _exits(self, path: F64, which: I64) -> I64:
        """Index in the block of the first point that is too far away or no number; one behind the last where none is."""
        setting = self.setting
        there = path[1:][:, :, which]
        bad = ~((there >= setting.far_low) & (there <= setting.far_high)).all(axis=1)
        return np.where(bad.any(axis=0), bad.argmax(axis=0) + 1, len(path))

    def _holes(self, path: F64, first: int) -> I64:
        """Close the paths that met a point without a value before they were too far away."""
        z = self.setting.surface.array(path[1:, 0], path[1:, 1])
        bad = np.isnan(z)
        which: I64 = np.flatnonzero(bad.any(axis=0))
        if not len(which):
            return which
        at = bad[:, which].argmax(axis=0) + 1
        exits = self._exits(path, which)
        which, at = which[at <= exits], at[at <= exits]
        self.fates.status[self.numbers[which]] = NOT_FINITE
        self.fates.since[self.numbers[which]] = first - 1 + at
        self.fates.ends[:, self.numbers[which]] = path[at - 1, :, which].T
        return which

    def _leave(self, path: F64, which: I64, lengths: I64, first: int) -> None:
        """A whole plot away is gone; no number is no number."""
        at = lengths[which]
        there = path[at, :, which].T
        finite = np.isfinite(there).all(axis=0)
        numbers = self.numbers[which]
        self.fates.status[numbers] = np.where(finite, LEFT, NOT_FINITE)
        self.fates.since[numbers] = np.where(finite, self.out[which], first - 1 + at)
        self.fates.ends[:, numbers] = np.where(finite, there, path[at - 1, :, which].T)

    def _follow_outside(self, path: F64, lengths: I64, astray: I64, first: int) -> None:
        """Since when a path is outside the plot, of those that are outside at the end of the block."""
        setting = self.setting
        before = self.out[astray]
        self.out[:] = -1
        end = path[lengths[astray], :, astray].T
        outside = ~((end >= setting.low) & (end <= setting.high)).all(axis=0)
        which, before = astray[outside], before[outside]
        there = path[1:][:, :, which]
        inside = ((there >= setting.low) & (there <= setting.high)).all(axis=1)
        inside &= np.arange(1, len(path))[:, None] <= lengths[which]
        last = _last_true(inside)
        self.out[which] = np.where(last >= 0, first + 1 + last, np.where(before >= 0, before, first))

    def _follow_places(self, path: F64, low: F64, high: F64, first: int) -> I64:
        """Since when a path stays at a minimum; the columns of those that will stay there for good."""
        setting, close = self.setting, self.setting.close
        width = np.maximum(high - self.held, self.held - low)
        away = np.sqrt(width[0] * width[0] + width[1] * width[1])
        stays = away <= close * (1.0 - 1e-9)  # False where nothing is held
        which = np.flatnonzero(~stays)
        if len(which):
            end = path[-1][:, which]
            found = setting.lattice.nearest(end) if self.aims is None else self.aims[:, which]
            near = np.hypot(end[0] - found[0], end[1] - found[1]) <= close
            self.held[:, which[~near]] = np.nan
            which, found = which[near], found[:, near]
        if len(which):
            there = path[:, :, which]
            off = ~(np.hypot(there[:, 0] - found[0], there[:, 1] - found[1]) <= close)
            last = _last_true(off)
            same = (self.held[:, which] == found).all(axis=0)
            fresh = np.where(same, self.since[which], first - 1)
            self.since[which] = np.where(last >= 0, first + last, fresh)
            self.held[:, which] = found
        if self.aims is not None:
            return np.zeros(0, np.int64)
        return self._settled(away)

    def _settled(self, away: F64) -> I64:
        """Those so near to a minimum that attracts this method, velocity and all, that they cannot leave it: they leave us."""
        setting = self.setting
        which = np.flatnonzero(away <= SETTLED * setting.surface.diagonal) if setting.theory else np.zeros(0, np.int64)
        if not len(which):
            return which
        own = {name: one[which] if isinstance(one, np.ndarray) else one for name, one in self.hyper.items()}
        which = which[captured(setting.surface, setting.optimizer.name, own, self.held[:, which])]
        numbers = self.numbers[which]
        self.fates.ends[:, numbers] = self.held[:, which]
        self._say_held(which)
        self.fates.still[numbers] = True
        return which

    # -- leaving -----------------------------------------------------------------------------------------------------
    def _compact(self, keep: I64) -> None:
        self.memory = np.ascontiguousarray(self.memory[:, :, keep])
        self.held, self.since, self.out = self.held[:, keep], self.since[keep], self.out[keep]
        self.numbers = self.numbers[keep]
        if self.aims is not None:
            self.aims = self.aims[:, keep]
        if any(isinstance(one, np.ndarray) for one in self.hyper.values()):
            self.hyper = {name: one[keep] if isinstance(one, np.ndarray) else one for name, one in self.hyper.items()}
            self.move = self.setting.make(self.hyper if self.turning is None else self.turning.present(self.hyper))

    def _close(self, which: I64, status: int, since: I64, points: F64) -> None:
        if len(which):
            numbers = self.numbers[which]
            self.fates.status[numbers] = status
            self.fates.since[numbers] = since[which]
            self.fates.ends[:, numbers] = points[:, which]
            keep = np.setdiff1d(np.arange(len(self.numbers)), which)
            rest = points[:, keep]
            self._compact(keep)
            self._arrange(rest)

    def _say_held(self, which: I64) -> None:
        numbers = self.numbers[which]
        self.fates.held[:, numbers] = self.held[:, which]
        self.fates.since[numbers] = np.where(np.isnan(self.held[0, which]), self.setting.steps, self.since[which])

    def _end(self) -> None:
        """All steps are taken: those who are still under way stand where they stand."""
        every, points = np.arange(len(self.numbers)), self.history[0]
        outside = self.out >= 0
        self._say_held(every)
        self.fates.ends[:, self.numbers] = points
        self.fates.status[self.numbers[outside]] = LEFT
        self.fates.since[self.numbers[outside]] = self.out[outside]


def _last_true(flags: B1) -> I64:
    """(K, n) -> (n,): index of the last True in each column, -1 where there is none."""
    back = flags[::-1].argmax(axis=0)
    found: I64 = np.where(flags.any(axis=0), len(flags) - 1 - back, -1)
    return found
