"""Basins of attraction: 65,536 starts of 300 steps beside the bare numpy loop that one would write for them."""

import statistics
import time

import numpy as np

from explorer.descent import sweep
from explorer.descent.ground import known, surface_named
from explorer.descent.sweep_ends import Ends, ends_of
from explorer.jobs import Preview, Result, Work, run
from explorer.records.basins import centres
from explorer.requests.basins import BasinsRequest, StabilityRequest

GRID, STEPS, TURNS = 256, 300, 5


def bare_adam(surface, lr, x, y, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam on whole arrays, in place where it can be, nothing but the steps: no ends, no stopping, no progress."""
    x, y = x.copy(), y.copy()
    point, slope = np.stack([x, y]), np.empty((2, len(x)))
    mean, squares, part, root = (np.zeros_like(point) for _ in range(4))
    for k in range(1, STEPS + 1):
        slope[0], slope[1] = surface.gradients(point[0], point[1])
        mean *= beta1
        np.multiply(slope, 1 - beta1, out=part)
        mean += part
        squares *= beta2
        np.multiply(slope, slope, out=part)
        part *= 1 - beta2
        squares += part
        np.sqrt(squares, out=root)
        root /= np.sqrt(1 - beta2**k)
        root += eps
        np.multiply(mean, lr / (1 - beta1**k), out=part)
        part /= root
        point -= part
    return point


def plain_adam(surface, lr, x, y, beta1=0.9, beta2=0.999, eps=1e-8):
    """The same as one writes it first: new arrays for every term."""
    mx = my = sx = sy = np.zeros_like(x)
    for k in range(1, STEPS + 1):
        gx, gy = surface.gradients(x, y)
        mx, my = beta1 * mx + (1 - beta1) * gx, beta1 * my + (1 - beta1) * gy
        sx, sy = beta2 * sx + (1 - beta2) * gx * gx, beta2 * sy + (1 - beta2) * gy * gy
        size, root = lr / (1 - beta1**k), np.sqrt(1 - beta2**k)
        x, y = x - size * mx / (np.sqrt(sx) / root + eps), y - size * my / (np.sqrt(sy) / root + eps)
    return x, y


def ours(surface, name, starts, steps=STEPS):
    """Where every start ends and since when."""
    optimizer = known().optimizers[name]
    walk = ends_of(surface, optimizer, optimizer.numbers(surface, {}), starts, steps, Ends(surface))
    while True:
        try:
            next(walk)
        except StopIteration as end:
            return end.value


def seconds(work):
    """Processor seconds of one call: others may be busy on the machine."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def lines():
    """Ratios, each from turns in rotation; and what a drag in the window waits for."""
    for name in ("himmelblau", "rosenbrock", "rastrigin"):
        surface = surface_named(name)
        x0, x1, y0, y1 = surface.domain
        grid = np.meshgrid(centres(x0, x1, GRID), centres(y0, y1, GRID))
        x, y = grid[0].ravel(), grid[1].ravel()
        starts, lr = np.stack([x, y]), surface.rates["adam"]
        works = (
            lambda surface=surface, starts=starts: ours(surface, "adam", starts),
            lambda surface=surface, lr=lr, x=x, y=y: bare_adam(surface, lr, x, y),
            lambda surface=surface, lr=lr, x=x, y=y: plain_adam(surface, lr, x, y),
        )
        with np.errstate(all="ignore"):
            turns = [[seconds(work) for work in works] for _ in range(TURNS)]
        mine, in_place, plain = (statistics.median(column) for column in zip(*turns, strict=True))
        ratio = statistics.median(turn[0] / min(turn[1:]) for turn in turns)
        yield {
            "what": f"{GRID} x {GRID} basin map, {STEPS} Adam steps, {name}: to the faster of two bare numpy loops",
            "ms": round(mine * 1e3), "bare_in_place_ms": round(in_place * 1e3), "bare_ms": round(plain * 1e3),
            "ratio": round(ratio, 2), "limit_ratio": 1.5, "within": ratio < 1.5,
        }  # fmt: skip
        alone = statistics.median(seconds(lambda surface=surface, starts=starts: ours(surface, "gd", starts)) for _ in range(3))
        yield {
            "what": f"the same by gradient descent (who stays at a minimum for good leaves early), {name}",
            "ms": round(alone * 1e3),
        }
    for request in (BasinsRequest(surface="himmelblau", optimizers=("gd", "adam")), StabilityRequest(surface="quadratic")):
        first, whole = [], []
        for _ in range(3):
            begin = time.process_time()
            for event in run(request, Work()):
                if isinstance(event, Preview) and len(first) == len(whole):
                    first.append(time.process_time() - begin)
                if isinstance(event, Result):
                    whole.append(time.process_time() - begin)
        name = type(request).__name__
        yield {"what": f"{name}: the first picture (32 x 32)", "ms": round(1e3 * statistics.median(first), 1)}
        yield {"what": f"{name}: all of it, coarse to fine", "ms": round(1e3 * statistics.median(whole))}


if __name__ == "__main__":
    print(sweep.CHUNK)
    for line in lines():
        print(line)
