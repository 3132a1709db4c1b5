"""The figures under the live picture: latency by stage over the last seconds, pictures in and shown, dropped."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict, deque

from explorer.gui.numerals import fixed
from explorer.host.messages import FrameArrived
from explorer.i18n import N_, tr
from explorer.records.network import RunsOn, Timing

STAGES = {
    "capture": N_("capture"),
    "prepare": N_("prepare"),
    "forward": N_("network"),
    "decode": N_("read out"),
    "draw": N_("draw"),
}
MEANINGS = {
    "capture": N_(
        "From the camera or file to the window, without what the network took: copying, and waiting for its turn. The newest "
        "picture is always next; none waits behind another."
    ),
    "prepare": N_("Bringing the picture to the size and the range of numbers that the network was trained with."),
    "forward": N_("One pass of the picture through all layers."),
    "decode": N_("From the network's raw numbers to boxes, masks or names; suppression of doubles is part of it."),
    "draw": N_("Painting the picture and all that is drawn over it; measured in the window."),
}
KEPT_S = 5.0


class Latencies:
    """What each stage took, for the pictures of the last seconds. All in milliseconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, dict[str, float]]] = deque()

    def add(self, now: float, timing: Timing, draw_ms: float, age_s: float | None) -> None:
        """A picture was shown at `now` (s); `age_s`: since it was read, None for one that stands still."""
        stages = {name: ms for name, ms in timing.stages if ms > 0}
        if age_s is not None:
            stages = {"capture": max(0.0, 1000 * age_s - timing.total), **stages}
        if draw_ms > 0:
            stages["draw"] = draw_ms
        self._samples.append((now, stages))
        while self._samples and now - self._samples[0][0] > KEPT_S:
            self._samples.popleft()

    def forget(self) -> None:
        """Another source or network: old figures say nothing about it."""
        self._samples.clear()

    def stages(self) -> list[tuple[str, float]]:
        """(stage, median) in the order of a picture's way; stages of plugins before the drawing."""
        taken: defaultdict[str, list[float]] = defaultdict(list)
        for _, stages in self._samples:
            for name, ms in stages.items():
                taken[name].append(ms)
        known = list(STAGES)
        order = sorted(taken, key=lambda name: known.index(name) if name in STAGES else len(known) - 1.5)
        return [(name, statistics.median(taken[name])) for name in order]

    def totals(self) -> tuple[float, float] | None:
        """Median and 95th percentile of the whole way; None before the first picture."""
        if not self._samples:
            return None
        sums = sorted([sum(stages.values()) for _, stages in self._samples])
        at = 0.95 * (len(sums) - 1)  # between two of them: in proportion
        low, high = sums[math.floor(at)], sums[math.ceil(at)]
        return statistics.median(sums), low + (high - low) * (at - math.floor(at))


def flow_text(arrival: FrameArrived | None, moving: bool) -> str:
    """ "30 in, 24 shown a second · 12 dropped"; "" for a picture that stands."""
    if arrival is None or not moving:
        return ""
    rate = tr("{fps:.0f} in, {shown:.0f} shown a second").format(fps=arrival.fps, shown=arrival.shown_fps)
    return rate + " · " + tr("{dropped} dropped").format(dropped=arrival.dropped)


def total_text(totals: tuple[float, float] | None, moving: bool) -> str:
    """ "41 ms, p95 55 ms"; of a picture that stands the one figure."""
    if totals is None:
        return ""
    middle = ms_text(totals[0])
    return tr("{middle}, p95 {high}").format(middle=middle, high=ms_text(totals[1])) if moving else middle


def stage_text(name: str, ms: float) -> str:
    """ "network 4.0 ms"."""
    return f"{tr(STAGES.get(name, name))} {ms_text(ms)}"


def ms_text(value: float) -> str:
    """ "4.0 ms", "41 ms"."""
    return tr("{number} ms").format(number=ms_figure(value))


def ms_figure(value: float) -> str:
    """Milliseconds with the figures that count."""
    return fixed(value, 1 if value < 9.95 else 0)


def runs_on_tip(runs_on: RunsOn) -> str:
    """How well the runtime agrees with the reference, in words."""
    threads = tr("{count} threads").format(count=runs_on.threads)
    agreement = runs_on.agreement or tr("the reference itself, exact")
    return f"{runs_on.short()}, {threads}\n{agreement}"
