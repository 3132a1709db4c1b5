"""The kinds of task: who arrives first, who leaves the plot, who stays at the saddle, which rate is still stable.

Each draws a race by chance and judges it by its run: None where the answer is not clear, for then it is no task.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explorer.descent import contest_runs as runs
from explorer.descent.ground import Point, Surface, eigenvalues, optimizer_named, surface_named
from explorer.descent.method import Optimizer
from explorer.descent.verdict import CONVERGED, LEFT, NOT_FINITE
from explorer.descent.walk import trajectory
from explorer.i18n import N_
from explorer.records.descent import Landmark, Race, Trajectory

STEPS, RUNNERS = 300, 3
CLEAR = 1.25  # the second must need at least so many times the winner's steps
BOWLS = ("quadratic", "quadratic", "rosenbrock", "himmelblau", "beale", "inflexion", "ravine", "plateau_cliff")
SADDLES = ("saddle", "monkey_saddle", "himmelblau", "beale")
METHODS = ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "bfgs", "cg")
Text = tuple[str, dict[str, Any]]
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Drawn:
    """A race that chance made: who runs with which numbers. `labels`: what each is called, a text each."""

    surface: Surface
    start: Point
    methods: tuple[Optimizer, ...]
    numbers: tuple[dict[str, float], ...]
    labels: tuple[Text, ...]

    def run(self) -> list[Trajectory]:
        """The paths."""
        pairs = zip(self.methods, self.numbers, strict=True)
        return [trajectory(self.surface, one, numbers, self.start, STEPS) for one, numbers in pairs]


@dataclass(frozen=True, eq=False)
class Judged:
    """A race whose answer is clear."""

    drawn: Drawn
    paths: list[Trajectory]
    question: Text
    options: tuple[Text, ...]
    answer: int
    reasons: tuple[Text, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of task."""

    name: str
    draw: Callable[[Rng], Drawn | None]
    judge: Callable[[Drawn], Judged | None]


def shown(made: Judged, resolution: int) -> Race:
    """What was run, each path under a name of its own."""
    drawn = made.drawn
    twins = len({one.name for one in drawn.methods}) < len(drawn.methods)
    names = [f"{one.name} {index + 1}" if twins else one.name for index, one in enumerate(drawn.methods)]
    paths = tuple(replace(path, optimizer=name) for path, name in zip(made.paths, names, strict=True))
    facts = {"title": drawn.surface.title, "titles": {name: one.title for name, one in zip(names, drawn.methods, strict=True)},
             "domain": list(drawn.surface.domain), "steps": STEPS, "labels": dict(zip(names, drawn.labels, strict=True)),
             "values": dict(drawn.surface.chosen), "methods": [one.name for one in drawn.methods]}  # fmt: skip
    return Race(drawn.surface.samples(resolution), paths, drawn.start, 0, facts)


# -- drawing ---------------------------------------------------------------------------------------------------------------
def _surface(rng: Rng, names: tuple[str, ...]) -> Surface:
    name = names[int(rng.integers(0, len(names)))]
    if name != "quadratic":
        return surface_named(name)
    condition, rotation = float((5, 10, 25, 50, 100)[int(rng.integers(0, 5))]), float((0, 15, 30, 45)[int(rng.integers(0, 4))])
    return surface_named(name).with_values({"condition": condition, "rotation": rotation})


def _start(rng: Rng, surface: Surface) -> Point:
    x0, x1, y0, y1 = surface.domain
    x, y = 0.1 + 0.8 * rng.random(2)
    return _short(x0 + x * (x1 - x0)), _short(y0 + y * (y1 - y0))


def _said(value: float, digits: int = 3) -> str:
    """A number for people."""
    return f"{value:.{digits}g}".replace("-", "−")


def _short(value: float, digits: int = 2) -> float:
    return float(f"{value:.{digits}g}")


def _some(rng: Rng, names: tuple[str, ...], count: int = RUNNERS) -> tuple[Optimizer, ...]:
    return tuple(optimizer_named(names[index]) for index in rng.permutation(len(names))[:count].tolist())


def _label(one: Optimizer, numbers: dict[str, float]) -> Text:
    """A method with its rate."""
    if "lr" not in numbers:
        return "{name}", {"name": one.title}
    return N_("{name}, μ = {rate}"), {"name": one.title, "rate": _said(numbers["lr"])}


def _drawn(surface: Surface, start: Point, methods: tuple[Optimizer, ...], factors: list[float]) -> Drawn:
    numbers = []
    for one, factor in zip(methods, factors, strict=True):
        own = one.numbers(surface, {}, factor)
        numbers.append({**own, "lr": _short(own["lr"])} if "lr" in own else own)
    labels = tuple(_label(one, own) for one, own in zip(methods, numbers, strict=True))
    return Drawn(surface, start, methods, tuple(numbers), labels)


def draw_first(rng: Rng) -> Drawn | None:
    """Three methods, their usual rates halved or doubled by chance."""
    surface = _surface(rng, BOWLS)
    return _drawn(surface, _start(rng, surface), _some(rng, METHODS), _factors(rng, (0.5, 1.0, 1.0, 2.0)))


def draw_diverges(rng: Rng) -> Drawn | None:
    """Three methods with far larger rates."""
    surface = _surface(rng, BOWLS)
    return _drawn(surface, _start(rng, surface), _some(rng, METHODS[:6]), _factors(rng, (1.0, 2.0, 3.0, 5.0, 10.0)))


def draw_saddle(rng: Rng) -> Drawn | None:
    """Three methods from just beside the line that leads into a saddle."""
    surface = _surface(rng, SADDLES)
    marks = [mark for mark in surface.landmarks if mark.kind == "saddle"]
    mark = marks[int(rng.integers(0, len(marks)))]
    xx, xy, yy = surface.hessian(mark.x, mark.y)
    angle = 0.5 * math.atan2(2.0 * xy, xx - yy)  # of the direction along which the surface rises
    away = (0.05 + 0.15 * rng.random()) * surface.diagonal * (1.0 if rng.random() < 0.5 else -1.0)
    beside = 10.0 ** -float(rng.integers(3, 10)) * (1.0 if rng.random() < 0.5 else -1.0)
    c, s = math.cos(angle), math.sin(angle)
    start = (mark.x + away * c - beside * s, mark.y + away * s + beside * c)
    names = (*METHODS[:6], "newton") if rng.random() < 0.5 else METHODS[:6]
    return _drawn(surface, start, _some(rng, names), _factors(rng, (0.5, 1.0, 2.0)))


def draw_rate(rng: Rng) -> Drawn | None:
    """One method with three rates around the largest that the bowl allows."""
    surface = _surface(rng, ("quadratic", "quadratic", "rosenbrock", "inflexion"))
    name = ("gd", "gd", "momentum")[int(rng.integers(0, 3))]
    one = optimizer_named(name)
    steep = max(abs(value) for value in eigenvalues(*surface.hessian(*_minimum(surface))))
    bound = 2.0 / steep * (2.0 * 1.9 / 2.0 if name == "momentum" else 1.0)
    rates = sorted(_short(bound * factor) for factor in _factors(rng, (0.1, 0.3, 0.6, 0.9, 1.1, 1.6, 3.0)))
    if len(set(rates)) < RUNNERS:
        return None
    x, y = _minimum(surface)
    right, up = (0.05 * surface.diagonal * (1.0 + rng.random()) for _ in range(2))
    start = (_short(x + right), _short(y + up))
    numbers = tuple({**one.numbers(surface, {}), "lr": rate} for rate in rates)
    labels: tuple[Text, ...] = tuple(("μ = {rate}", {"rate": _said(rate)}) for rate in rates)
    return Drawn(surface, start, (one,) * RUNNERS, numbers, labels)


def _factors(rng: Rng, choices: tuple[float, ...]) -> list[float]:
    return [choices[int(index)] for index in rng.integers(0, len(choices), size=RUNNERS)]


def _minimum(surface: Surface) -> Point:
    return next(((mark.x, mark.y) for mark in surface.landmarks if mark.kind == "minimum"), (0.0, 0.0))


# -- judging ---------------------------------------------------------------------------------------------------------------
NOBODY: Text = (N_("None of them"), {})
ARRIVED = N_("{label}: at a minimum for good from step {step}.")
AWAY = N_("{label}: left the plot at step {step}.")
BROKEN = N_("{label}: no number any more at step {step}.")
UNDER_WAY = N_("{label}: not at a minimum after {steps} steps, but at a height of {value}.")
AT_SADDLE = N_("{label}: still at the saddle after {steps} steps.")


def _place(drawn: Drawn) -> dict[str, Any]:
    return {"surface": drawn.surface.title, "x": _said(drawn.start[0], 6), "y": _said(drawn.start[1], 6), "steps": str(STEPS)}


def _course(drawn: Drawn, paths: list[Trajectory]) -> list[Text]:
    """How each path ended."""
    said: list[Text] = []
    for label, path in zip(drawn.labels, paths, strict=True):
        values: dict[str, Any] = {"label": label, "step": str(path.number_at(path.status_step)), "steps": str(path.taken),
                                  "value": _said(path.values[-1])}  # fmt: skip
        text = {CONVERGED: ARRIVED, LEFT: AWAY, NOT_FINITE: BROKEN}.get(path.status, UNDER_WAY)
        said.append((AT_SADDLE if text == UNDER_WAY and _end(drawn, path) == runs.SADDLE else text, values))
    return said


def _end(drawn: Drawn, path: Trajectory) -> str:
    """As the fair race judges it."""
    level = float(path.values[0])
    course = runs.Course(drawn.surface, STEPS, 0.0, 0, level, False, level, level)
    halted = path.status if path.status in (LEFT, NOT_FINITE) else ""
    return runs.end_of(course, runs.Run(path.numbers, path.values, path.points, halted))


def _gone(path: Trajectory) -> bool:
    return path.status in (LEFT, NOT_FINITE)


def judge_first(drawn: Drawn) -> Judged | None:
    """Clear where the winner has a lead, or nobody arrives."""
    paths = drawn.run()
    times = [path.number_at(path.status_step) if path.status == CONVERGED else math.inf for path in paths]
    order = sorted(times)
    nobody = order[0] == math.inf
    if order[0] < 3 or not (nobody or order[1] >= CLEAR * order[0]):
        return None
    winner = RUNNERS if nobody else times.index(order[0])
    question: Text = (N_("{surface}, start ({x}, {y}). Who is at a minimum first, and stays there? Steps are counted, {steps} "
                         "at most."), _place(drawn))  # fmt: skip
    reasons = (*_course(drawn, paths), *([] if nobody else _slow(drawn, paths, winner)))
    return Judged(drawn, paths, question, (*drawn.labels, NOBODY), winner, reasons)


def _slow(drawn: Drawn, paths: list[Trajectory], winner: int) -> list[Text]:
    """What the Hessian at the place of arrival says about the others."""
    x, y = (float(value) for value in paths[winner].points[-1])
    low, high = eigenvalues(*drawn.surface.hessian(x, y))
    if not 0.0 < low <= high:
        return []
    text = N_("At this minimum the surface is {ratio} times as steep in one direction as in the other (curvatures {high} and "
              "{low}).")  # fmt: skip
    said: list[Text] = [(text, {"ratio": _said(high / low), "high": _said(high), "low": _said(low)})]
    for one, numbers, label in zip(drawn.methods, drawn.numbers, drawn.labels, strict=True):
        if one.name == "gd":
            values = {"label": label, "share": _said(100.0 * abs(1.0 - numbers["lr"] * low))}
            said.append((N_("{label}: along the flat direction {share} % of the way is left after each step near it."), values))
    return said


def judge_diverges(drawn: Drawn) -> Judged | None:
    """Clear where exactly one leaves."""
    paths = drawn.run()
    gone = [index for index, path in enumerate(paths) if _gone(path)]
    if len(gone) > 1:
        return None
    question: Text = (N_("{surface}, start ({x}, {y}). Who leaves the plot or ends in no number at all? {steps} steps."),
                      _place(drawn))  # fmt: skip
    reasons = [*_course(drawn, paths), *_steep(drawn, drawn.start, N_("at the start"))]
    answer = gone[0] if gone else RUNNERS
    lengths = np.hypot(*np.diff(paths[answer].points, axis=0).T) if gone else np.zeros(0)
    if len(lengths) > 1 and lengths[-1] > lengths[0] > 0.0:
        text = N_("{label}: its steps grew from {first} to {last}.")
        values = {"label": drawn.labels[answer], "first": _said(lengths[0]), "last": _said(lengths[-1])}
        reasons.append((text, values))
    return Judged(drawn, paths, question, (*drawn.labels, NOBODY), answer, tuple(reasons))


def _steep(drawn: Drawn, at: Point, where: str) -> list[Text]:
    """The bound of plain descent, and who keeps it."""
    high = eigenvalues(*drawn.surface.hessian(*at))[1]
    if not high > 0.0:
        return []
    text = N_("The largest curvature {where} is {high}: plain gradient descent needs a rate below 2 / {high} = {bound}.")
    return [(text, {"where": where, "high": _said(high), "bound": _said(2.0 / high)})]


def judge_saddle(drawn: Drawn) -> Judged | None:
    """Clear where exactly one stays."""
    paths = drawn.run()
    ends = [_end(drawn, path) for path in paths]
    stuck = [index for index, end in enumerate(ends) if end == runs.SADDLE]
    if len(stuck) > 1:
        return None
    answer = stuck[0] if stuck else RUNNERS
    saddle = _nearest(drawn.surface, drawn.start)
    low, high = eigenvalues(*drawn.surface.hessian(saddle.x, saddle.y))
    place = {**_place(drawn), "px": _said(saddle.x), "py": _said(saddle.y)}
    asked = N_("{surface}, start ({x}, {y}), beside the line that leads into the saddle at ({px}, {py}). Who is still there "
               "after {steps} steps?")  # fmt: skip
    why: list[Text] = []
    if low < 0.0 < high:
        text = N_("At the saddle the surface rises in one direction (curvature {high}) and falls in the other ({low}); the "
                  "gradient is nothing there, although it is no minimum.")  # fmt: skip
        why.append((text, {"high": _said(high), "low": _said(low)}))
    if stuck and drawn.methods[answer].name == "newton":
        why.append((N_("Newton jumps to where the local quadratic model is flat, and that is the saddle."), {}))
    options = (*drawn.labels, NOBODY)
    return Judged(drawn, paths, (asked, place), options, answer, (*_course(drawn, paths), *why))


def _nearest(surface: Surface, at: Point) -> Landmark:
    marks = [mark for mark in surface.landmarks if mark.kind == "saddle"]
    return min(marks, key=lambda mark: math.dist(at, (mark.x, mark.y)))


def judge_rate(drawn: Drawn) -> Judged | None:
    """Clear where the paths that come to rest and those that leave are told apart by the rate alone."""
    paths = drawn.run()
    if any(path.status not in (CONVERGED, LEFT, NOT_FINITE) for path in paths):
        return None
    good = [path.status == CONVERGED for path in paths]
    stable = sum(good)
    if good != [True] * stable + [False] * (len(good) - stable):
        return None
    asked = N_("{surface}, start ({x}, {y}), {name}. Which is the largest of these learning rates that still comes to rest at "
               "a minimum within {steps} steps?")  # fmt: skip
    question: Text = asked, {**_place(drawn), "name": drawn.methods[0].title}
    reasons = [*_course(drawn, paths), *_steep(drawn, _minimum(drawn.surface), N_("at the minimum"))]
    if drawn.methods[0].name == "momentum":
        text = N_("Momentum of {beta} allows a rate (1 + {beta}) times as large.")
        reasons.append((text, {"beta": _said(drawn.numbers[0]["momentum"])}))
    return Judged(drawn, paths, question, (*drawn.labels, NOBODY), stable - 1 if stable else RUNNERS, tuple(reasons))


KINDS = (
    Kind("first", draw_first, judge_first),
    Kind("diverges", draw_diverges, judge_diverges),
    Kind("saddle", draw_saddle, judge_saddle),
    Kind("rate", draw_rate, judge_rate),
)
