"""Races and their pictures: computing twelve paths beside the torch.optim loop one would write, and a frame while playing."""

import os
import statistics
import time

import numpy as np

from explorer.descent.ground import known, surface_named
from explorer.descent.race import trajectory
from explorer.jobs import result_of
from explorer.picture.plot import race_frames, race_picture
from explorer.picture.race_chart import contour
from explorer.records.descent import Race, Trajectory
from explorer.requests.race import SIX, RaceRequest

STEPS, TURNS = 500, 7


def middle(work, turns=TURNS):
    """Median milliseconds of `work()`; the first call is not counted."""
    work()
    taken = []
    for _ in range(turns):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(taken)


def twelve(surface):
    """Twelve whole paths: the six methods at two learning rates."""
    for name in SIX:
        optimizer = known().optimizers[name]
        for factor in (1.0, 0.5):
            trajectory(surface, optimizer, optimizer.numbers(surface, {}, factor), surface.start, STEPS)


def twelve_in_torch(surface):
    """The same as one would write it: torch.optim on a parameter of two numbers, the gradient by autograd."""
    import torch

    makers = {
        "gd": lambda p, lr: torch.optim.SGD(p, lr=lr),
        "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
        "nesterov": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
        "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr=lr),
        "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr, alpha=0.9),
        "adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
    }
    for name, make in makers.items():
        for factor in (1.0, 0.5):
            point = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
            optimizer = make([point], surface.rates[name] * factor)
            for _ in range(STEPS):
                optimizer.zero_grad()
                surface.value(point[0], point[1]).backward()
                optimizer.step()


def long_race(surface):
    """Twelve spirals of 2,000 points, 5 pixels apart or so: what a frame costs at most."""
    runs = []
    for index in range(12):
        turn = np.linspace(0, 60, 2001)
        radius = 1.4 * (1 - turn / 90)
        points = np.stack([radius * np.cos(turn + index / 2), radius * np.sin(turn + index / 2)], axis=1)
        values = surface.array(points[:, 0], points[:, 1])
        runs.append(Trajectory(SIX[index % 6] if index < 6 else f"extra{index}", points, values, points, status_step=2000))
    return Race(surface.samples(200), tuple(runs), (1.4, 0.0), facts={"title": "Saddle"})


def painted(race):
    """Milliseconds of a frame of the contour view while playing, and when all trails are drawn anew."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    from explorer.gui import theme
    from explorer.gui.widgets.contour_view import ContourView

    app = QApplication.instance() or QApplication([])
    app.setStyle("Fusion")
    theme.apply(app, "dark")
    view = ContourView()
    view.resize(900, 700)
    view.set_race(race)
    target = QImage(900, 700, QImage.Format.Format_RGB32)
    view.step = 0.0
    view.render(target)
    playing = []
    for step in range(20, 2000, 8):
        view.step = float(step)
        begin = time.perf_counter()
        view.render(target)
        playing.append((time.perf_counter() - begin) * 1e3)

    def anew():
        view.layer.forget()
        view.render(target)

    return statistics.median(playing), middle(anew)


def lines():
    """Computing, painting, files."""
    rosenbrock, saddle = surface_named("rosenbrock"), surface_named("saddle")
    ours = middle(lambda: twelve(rosenbrock))
    theirs = middle(lambda: twelve_in_torch(rosenbrock), 3)
    yield {"what": f"12 methods x {STEPS} steps", "ms": round(ours, 2), "limit_ms": 50}
    yield {
        "what": f"12 methods x {STEPS} steps with torch.optim",
        "ms": round(theirs, 1),
        "ratio_to_ours": round(theirs / ours, 1),
    }
    adam = known().optimizers["adam"]
    hyper = adam.numbers(rosenbrock, {})
    one = middle(lambda: trajectory(rosenbrock, adam, hyper, rosenbrock.start, STEPS))
    yield {"what": f"one method, {STEPS} steps (dragging a hyper-parameter)", "ms": round(one, 2)}
    samples = saddle.samples(200)
    yield {"what": "contour picture 900 x 700", "ms": round(middle(lambda: contour(samples, 900, 700, dark=True)), 1)}
    race = long_race(saddle)
    playing, anew = painted(race)
    yield {"what": "frame of 12 trails x 2,000 points while playing, 900 x 700", "ms": round(playing, 2)}
    yield {"what": "frame when all 12 trails changed", "ms": round(anew, 2)}
    race = result_of(RaceRequest(surface="saddle"))
    yield {"what": "race picture for a file, 960 x 600", "ms": round(middle(lambda: race_picture(race)), 1)}
    film = middle(lambda: sum(1 for _ in race_frames(race, 60)), 3) / 60
    yield {"what": "one frame of a film, 960 x 600", "ms": round(film, 2)}
