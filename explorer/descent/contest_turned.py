"""Job: the fair race on a bowl that is turned step by step, and what the figures say about methods that scale each axis.

Everything else is turned along: the starts lie at the same places of the valley, the seeds are the same. Each method is tuned
anew at each angle, so that none is held to numbers that were right for another one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from explorer.descent.contest import LOOK, SHOW, Maker
from explorer.descent.contest_rank import median_ratio
from explorer.descent.ground import optimizer_named, surface_named
from explorer.descent.method import SQUARES, Optimizer
from explorer.i18n import N_
from explorer.jobs import Preview, Progress, Result, Step, Work
from explorer.records.contest import Turned, TurnedRun
from explorer.requests.contest import ContestRequest, TurnedRequest

SURFACE, FAR = "quadratic", 45.0
SIDE = 6.0  # half the side of the plot: so wide that nobody is sent home at one angle for what is allowed at another
SAME = 1.1  # a factor that is not worth a word
Sentence = tuple[str, dict[str, Any]]


def turned(request: TurnedRequest, work: Work) -> Iterator[Step]:
    """Job of TurnedRequest: Turned, and the same with the angles done so far as previews."""
    entered = [optimizer_named(name) for name in request.optimizers]
    angles = np.linspace(0.0, FAR, request.angles)
    costs = np.full((len(entered), request.angles, request.seeds), np.nan)
    hypers: list[list[dict[str, float]]] = [[] for _ in entered]
    done, looked, shown, facts = 0, 0.0, time.perf_counter(), {}
    for index, angle in enumerate(angles.tolist()):
        maker = maker_of(request, angle)
        facts = {"target": maker.course.target, "first": maker.course.first, "surface": SURFACE, "title": maker.surface.title}
        total = maker.total * request.angles
        for text in maker.work(work.token):
            done += 1
            now = time.perf_counter()
            if now - looked >= LOOK:
                looked = now
                if now - shown >= SHOW:
                    shown = now
                    yield Preview(_record(request, angles, entered, costs, hypers, index, facts), done, total)
                else:
                    yield Progress(done, total, text)
        costs[:, index, :] = maker.costs.T
        for place, found in enumerate(hypers):
            found.append(maker.hyper(place))
    yield Result(_record(request, angles, entered, costs, hypers, request.angles, facts))


def maker_of(request: TurnedRequest, angle: float) -> Maker:
    """The race at one angle."""
    whole = (-SIDE, SIDE, -SIDE, SIDE)
    surface = replace(surface_named(SURFACE).with_values({"condition": request.condition, "rotation": angle}), domain=whole)
    flat = surface_named(SURFACE).with_values({"condition": request.condition})
    entered = [optimizer_named(name) for name in request.optimizers]
    asked = ContestRequest(
        surface=SURFACE, values={"condition": request.condition, "rotation": angle}, domain=whole,
        optimizers=request.optimizers,
        start=flat.start, budget=request.budget, trials=request.trials, scope=request.scope, seeds=request.seeds,
        tuning_seeds=request.tuning_seeds, noise=request.noise, spread=request.spread, seed=request.seed,
    )  # fmt: skip
    return Maker(asked, surface, entered, angle)


def scales_axes(optimizer: Optimizer) -> bool:
    """Whether a method divides each axis by a memory of its own squared gradients, or takes only its sign."""
    return SQUARES in optimizer.memory or optimizer.name == "lion"


def _record(
    request: TurnedRequest, angles: Any, entered: list[Optimizer], costs: Any, hypers: list[list[dict[str, float]]], done: int,
    facts: dict[str, Any],
) -> Turned:  # fmt: skip
    runs = []
    for index, one in enumerate(entered):
        ratio = median_ratio(costs[index, -1], costs[index, 0], request.seed) if done == len(angles) else (math.nan,) * 3
        runs.append(TurnedRun(one.name, one.title, costs[index].copy(), tuple(hypers[index]), *ratio))
    axes = {one.name: scales_axes(one) for one in entered}
    said = tuple(sentences(runs, axes, request)) if done == len(angles) else ()
    return Turned(request.model_dump(mode="json"), angles, tuple(runs), done, said, {**facts, "axes": axes})


def sentences(runs: list[TurnedRun], axes: dict[str, bool], request: TurnedRequest) -> Iterator[Sentence]:
    """What the figures say; nothing is said that they do not."""
    scaling = [run for run in runs if axes[run.optimizer]]
    others = [run for run in runs if not axes[run.optimizer]]
    yield from _advantage(scaling, others)
    for run in runs:
        yield _of(run, request.budget)
    worse = [run for run in scaling if changed(run) > 0]
    steady = [run for run in others if changed(run) == 0]
    if scaling and others and len(worse) == len(scaling) and len(steady) == len(others):
        yield LECTURE_HOLDS, {}
    elif scaling and worse:
        yield LECTURE_PARTLY, {"count": str(len(worse)), "all": str(len(scaling))}
    elif scaling:
        yield LECTURE_NOT, {}
    if scaling:
        yield WHY_SCALES, {}
    if others and len(steady) == len(others):
        yield WHY_OTHERS, {}


LECTURE_HOLDS = N_("So it is as the lecture says: scaling each axis helps where the eigenvectors of the Hessian lie along the "
                   "axes, and turning them takes it away.")  # fmt: skip
LECTURE_PARTLY = N_("{count} of the {all} methods that scale each axis lose by the turn: the lecture's claim, measured here.")
LECTURE_NOT = N_("Here no method that scales each axis loses by the turn: the lecture's claim does not show in these numbers.")
WHY_SCALES = N_("A scale for each axis can make a valley round that lies along an axis. In one that lies across, both axes see "
                "the same mixture of steep and flat, their scales become alike, and nothing is made round.")  # fmt: skip
WHY_OTHERS = N_("The other methods do not look at the axes: turn the surface and the start, and their path turns along.")
MORE = N_("{name}: {before} gradients at 0°, {after} at 45°: {ratio} times as many ({low} to {high}).")
FEWER = N_("{name}: {before} gradients at 0°, {after} at 45°: only {ratio} times as many ({low} to {high}).")
EQUAL = N_("{name}: {before} gradients at 0°, {after} at 45°: the turn changes nothing that could be measured.")
LOST = N_("{name}: {before} gradients at 0°; at 45° most runs are not there within {budget}.")
NEVER = N_("{name}: most runs are not there within {budget} gradients, not even at 0°.")


def changed(run: TurnedRun) -> int:
    """1: it needs more gradients at the last angle, -1: fewer, 0: about as many, or nobody knows."""
    before, after = (float(np.median(run.costs[index])) for index in (0, -1))
    if math.isfinite(before) and not math.isfinite(after):
        return 1
    if run.ratio_low > 1.0 and run.ratio > SAME:
        return 1
    return -1 if run.ratio_high < 1.0 and run.ratio < 1.0 / SAME else 0


def _of(run: TurnedRun, budget: int) -> Sentence:
    before, after = (float(np.median(run.costs[index])) for index in (0, -1))
    values = {"name": run.title, "before": f"{before:.4g}", "after": f"{after:.4g}", "budget": str(budget),
              "ratio": _number(run.ratio), "low": _number(run.ratio_low), "high": _number(run.ratio_high)}  # fmt: skip
    if not math.isfinite(before):
        return NEVER, values
    if not math.isfinite(after):
        return LOST, values
    return {1: MORE, -1: FEWER, 0: EQUAL}[changed(run)], values


AHEAD_BOTH = N_("At 0° {scaling} is {before} times as fast as {other}, at 45° {after} times.")
AHEAD_LOST = N_("At 0° {scaling} is {before} times as fast as {other}; at 45° {other} is {after} times as fast.")
BEHIND = N_("{other} is faster than {scaling} at 0° already: {before} times; at 45° {after} times.")
BEHIND_WON = N_("At 0° {other} is {before} times as fast as {scaling}; at 45° {scaling} is {after} times as fast.")


def _advantage(scaling: list[TurnedRun], others: list[TurnedRun]) -> Iterator[Sentence]:
    """The best method of each kind at 0°, and what becomes of their difference."""

    def at(run: TurnedRun, index: int) -> float:
        return float(np.median(run.costs[index]))

    if not (scaling and others):
        return
    best, other = min(scaling, key=lambda run: at(run, 0)), min(others, key=lambda run: at(run, 0))
    before, after = (at(other, index) / max(at(best, index), 1.0) for index in (0, -1))
    if not (math.isfinite(before) and math.isfinite(after) and before > 0.0 and after > 0.0):
        return
    text = (AHEAD_BOTH if after >= 1.0 else AHEAD_LOST) if before >= 1.0 else (BEHIND_WON if after >= 1.0 else BEHIND)
    first, last = (max(one, 1.0 / one) for one in (before, after))
    yield text, {"scaling": best.title, "other": other.title, "before": _number(first), "after": _number(last)}


def _number(value: float) -> str:
    """Three digits at most."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    return f"{value:.0f}" if value >= 100.0 or value == round(value) else f"{value:.3g}"
