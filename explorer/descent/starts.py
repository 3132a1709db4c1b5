"""Job: every method from many starts, by the same walk as a race."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from explorer.descent.ground import Point, Surface, optimizer_named, surface_of
from explorer.descent.race import rules_of
from explorer.descent.verdict import CLOSE
from explorer.descent.walk import trajectory
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.descent import F64, Trajectory
from explorer.records.starts import FATES, MINIMUM, RUNNING, STUCK, Swarm
from explorer.requests.starts import StartsRequest

SHOWN = 100  # points of each path that are kept to be drawn
SPREAD = 0.25  # standard deviation of a cloud, as a share of its reach


def starts(request: StartsRequest, work: Work) -> Iterator[Step]:
    """Job of StartsRequest: Swarm. One Progress a start."""
    surface = surface_of(request)
    entered = [optimizer_named(name) for name in request.optimizers]
    hyper = [one.numbers(surface, request.hyper.get(one.name, {}), request.rate) for one in entered]
    rules = [rules_of(request, one) for one in entered]
    places = cast(request, surface)
    shape = (len(entered), len(places))
    ends, fates, targets = np.zeros((*shape, 2)), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    steps, paths = np.zeros(shape, np.int64), np.zeros((*shape, SHOWN, 2), np.float32)
    for at, place in enumerate(places):
        for row, one in enumerate(entered):
            run = trajectory(surface, one, hyper[row], place, request.steps, work.token, rules[row])
            ends[row, at] = run.points[-1]
            fates[row, at], targets[row, at] = fate(surface, run)
            steps[row, at] = run.number_at(run.status_step)
            paths[row, at] = thin(run)
        yield Progress(at + 1, len(places), "starts")
    facts = {"title": surface.title, "titles": {one.name: one.title for one in entered}, "spread": request.starts}
    yield Result(
        Swarm(surface.name, request.optimizers, surface.landmarks, np.array(places), ends, fates, targets, steps, paths,
              request.seed, facts)
    )  # fmt: skip


def cast(request: StartsRequest, surface: Surface) -> list[Point]:
    """The starts, all inside the plot; the same for the same request."""
    x0, x1, y0, y1 = surface.domain
    width, height = x1 - x0, y1 - y0
    cx, cy = request.start or surface.start
    if request.starts == "grid":
        side = max(2, round(math.sqrt(request.count)))
        shares = (np.arange(side) / (side - 1) - 0.5) * request.reach
        mx, my = 0.5 * (x0 + x1), 0.5 * (y0 + y1)
        return [(float(mx + a * width), float(my + b * height)) for b in shares for a in shares]
    if request.starts == "line":
        turn = math.radians(request.angle)
        dx, dy = width * math.cos(turn), height * math.sin(turn)
        low, high = -0.5 * request.reach, 0.5 * request.reach
        for at, way, lowest, highest in ((cx, dx, x0, x1), (cy, dy, y0, y1)):  # the piece of the line that lies in the plot
            if abs(way) > 1e-12:
                ends = sorted(((lowest - at) / way, (highest - at) / way))
                low, high = max(low, ends[0]), min(high, ends[1])
        shares = np.linspace(low, max(low, high), request.count)
        points = [(cx + a * dx, cy + a * dy) for a in shares.tolist()]
    else:
        noise = np.random.default_rng(request.seed).standard_normal((request.count, 2)) * SPREAD * request.reach
        points = [(cx + a * width, cy + b * height) for a, b in noise.tolist()]
    return [(min(max(x, x0), x1), min(max(y, y0), y1)) for x, y in points]


def fate(surface: Surface, run: Trajectory) -> tuple[int, int]:
    """(place in FATES, landmark or -1) of a whole path."""
    close = CLOSE * surface.diagonal
    end = (float(run.points[-1, 0]), float(run.points[-1, 1]))
    away = [math.dist(end, (mark.x, mark.y)) for mark in surface.landmarks]
    nearest = min(range(len(away)), key=away.__getitem__, default=-1)
    there = nearest if nearest >= 0 and away[nearest] <= close else -1
    if run.status == "converged":
        return MINIMUM, there
    if run.status != "running":
        return FATES.index(run.status), -1
    still = len(run.points) < 2 or math.dist(run.points[-1], run.points[-2]) <= close
    if there >= 0 and still and surface.landmarks[there].kind != "minimum":
        return STUCK, there
    return RUNNING, -1


def thin(run: Trajectory) -> F64:
    """(SHOWN, 2) points of the path, evenly in steps."""
    chosen = np.minimum(np.arange(SHOWN) if run.steps < SHOWN else np.linspace(0, run.steps, SHOWN), run.steps)
    return run.points[np.rint(chosen).astype(np.int64)]
