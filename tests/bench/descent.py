"""Races and their pictures: computing twelve paths beside the torch.optim loop one would write, and a frame while playing."""

import itertools
import os
import pickle
import statistics
import time

import numpy as np

from explorer.descent.ground import known, surface_named
from explorer.descent.kept_paths import forget
from explorer.descent.race import trajectory
from explorer.jobs import result_of
from explorer.picture.plot import race_frames, race_picture
from explorer.picture.race_chart import contour
from explorer.records.descent import Race, Trajectory
from explorer.requests.race import SIX, RaceRequest, StepRequest

STEPS, TURNS = 500, 7


def middle(work, turns=TURNS, clock=time.perf_counter):
    """Median milliseconds of `work()`; the first call is not counted. `clock` time.thread_time: of this thread's own work."""
    work()
    taken = []
    for _ in range(turns):
        begin = clock()
        work()
        taken.append((clock() - begin) * 1e3)
    return statistics.median(taken)


TWELVE = (*SIX, "sgd", "adamw", "adadelta", "nadam", "radam", "lbfgs")
SECOND = ("newton", "bfgs", "lbfgs", "cg", "lm")


def twelve(surface, names=TWELVE):
    """Whole paths of twelve methods, a step as long as the surface suggests; nobody leaves the plot early."""
    for name in names:
        optimizer = known().optimizers[name]
        given = {"search": 0.0, "alpha": 0.1} if name == "lbfgs" and names is TWELVE else {}
        hyper = optimizer.numbers(surface, given)
        path = trajectory(surface, optimizer, hyper, surface.start, STEPS)
        assert path.steps == STEPS, (name, path.status)


def twelve_in_torch(surface):
    """The same as one would write it: torch.optim on a parameter of two numbers, the gradient by autograd."""
    import torch

    o, rates = torch.optim, surface.rates
    makers = {
        "gd": lambda p: o.SGD(p, lr=rates["gd"]),
        "momentum": lambda p: o.SGD(p, lr=rates["momentum"], momentum=0.9),
        "nesterov": lambda p: o.SGD(p, lr=rates["nesterov"], momentum=0.9, nesterov=True),
        "adagrad": lambda p: o.Adagrad(p, lr=rates["adagrad"]),
        "rmsprop": lambda p: o.RMSprop(p, lr=rates["rmsprop"], alpha=0.9),
        "adam": lambda p: o.Adam(p, lr=rates["adam"]),
        "sgd": lambda p: o.SGD(p, lr=rates["gd"]),
        "adamw": lambda p: o.AdamW(p, lr=rates["adam"]),
        "adadelta": lambda p: o.Adadelta(p, lr=1.0),
        "nadam": lambda p: o.NAdam(p, lr=rates["adam"]),
        "radam": lambda p: o.RAdam(p, lr=rates["gd"]),
        "lbfgs": lambda p: o.LBFGS(p, lr=0.1, max_iter=1, history_size=10, tolerance_grad=0.0, tolerance_change=0.0),
    }
    for name in TWELVE:
        point = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
        optimizer = makers[name]([point])

        def closure(point=point, optimizer=optimizer, name=name):
            optimizer.zero_grad()
            loss = surface.value(point[0], point[1])
            loss.backward()
            if name == "sgd":
                point.grad += torch.randn(2)
            return loss

        for _ in range(STEPS):
            if name == "lbfgs":
                optimizer.step(closure)
            else:
                closure()
                optimizer.step()


def long_race(surface):
    """Twelve spirals of 2,000 points, 5 pixels apart or so: what a frame costs at most."""
    runs = []
    for index in range(12):
        turn = np.linspace(0, 43, 2001)
        radius = 1.4 * (1 - turn / 64)
        points = np.stack([radius * np.cos(turn + index / 2), radius * np.sin(turn + index / 2)], axis=1)
        values = surface.array(points[:, 0], points[:, 1])
        runs.append(Trajectory(SIX[index % 6] if index < 6 else f"extra{index}", points, values, points, status_step=2000))
    return Race(surface.samples(200), tuple(runs), (1.4, 0.0), facts={"title": "Saddle"})


def painted(race):
    """Milliseconds of a frame of the contour view: while playing, while all trails change, and when they rest again.

    Of the thread's own time: other work on a shared machine is left out.
    """
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
    view.hint = False  # gone since the first click
    target = QImage(900, 700, QImage.Format.Format_RGB32)

    def frame(step, changed=False, rest=False):
        begin = time.thread_time()
        if changed:
            view.set_race(race)
        if rest:
            view._rest()
        view.step = float(step)
        view.render(target)
        return (time.thread_time() - begin) * 1e3

    frame(0, changed=True)  # which lets the view know its size
    frame(0, rest=True)
    playing = [frame(step) for step in range(20, 2000, 8)]
    changing = [frame(2000, changed=True) for _ in range(20)][2:]
    rest = []
    for _ in range(5):
        frame(2000, changed=True)
        rest.append(frame(2000, rest=True))
    return statistics.median(playing), statistics.median(changing), statistics.median(rest)


def anew(request):
    """The race without any path that was found before."""
    forget()
    return result_of(request)


def dragged(surface, names):
    """Milliseconds from a changed hyper-parameter of Adam to the picture: run again, sent, contour and chart drawn anew.

    In one process: what the queue between window and child costs is not in it.
    """
    from PySide6.QtGui import QImage

    from explorer.gui.widgets.contour_view import ContourView
    from explorer.gui.widgets.loss_chart import LossChart

    shown = []
    for view, size in ((ContourView(), (900, 700)), (LossChart(), (420, 300))):
        view.resize(*size)
        view.hint = False
        shown.append((view, QImage(*size, QImage.Format.Format_RGB32)))
    request = RaceRequest(surface=surface, optimizers=names, steps=STEPS)
    rates = itertools.count()

    def drag():
        begin = time.thread_time()
        race = result_of(request.model_copy(update={"hyper": {"adam": {"lr": 0.05 + 0.01 * next(rates)}}}))
        race = pickle.loads(pickle.dumps(race, 5))
        ran = time.thread_time()
        for view, target in shown:
            view.set_race(race)
            view.step = float(STEPS)
            view.render(target)
        return (ran - begin) * 1e3, (time.thread_time() - ran) * 1e3

    taken = [drag() for _ in range(12)][3:]
    return [statistics.median(one) for one in zip(*taken, strict=True)]


# Own formulas: an easy one, one with many functions, one with two hundred parts.
FORMULAS = {
    "Rosenbrock": "(1-x)^2 + 100(y-x^2)^2",
    "Ackley": "-20exp(-0.2sqrt(0.5(x^2+y^2))) - exp(0.5(cos(2pi x)+cos(2pi y))) + e + 20",
    "longest": "+".join(f"sin(x*y+{one})" for one in range(28)),
}


def formulas():
    """From the text to the pixels of a 256 x 256 picture, all of it (slopes, their text, landmarks) included; and a step of a
    path."""
    from explorer.descent import formula
    from explorer.descent.formula import formula_surface

    for name, text in FORMULAS.items():

        def whole(text=text):
            for kept in (formula._parsed, formula._slopes, formula._surface, formula.facts):
                kept.cache_clear()
            return contour(formula_surface(text).samples(256), 256, 256, dark=True)

        surface = formula_surface(text)
        yield {
            "what": f"formula to picture, 256 x 256: {name}",
            "ms": round(middle(whole, clock=time.thread_time), 1),
            "limit_ms": 50,
        }
        taken = middle(lambda surface=surface: [surface.gradient(0.3, 0.4) for _ in range(2000)])
        yield {"what": f"gradient of a formula in plain floats: {name}", "us": round(taken / 2, 2)}
    typed, written = formula_surface(FORMULAS["Rosenbrock"]), surface_named("rosenbrock")
    ratio = middle(lambda: twelve_of(typed, written)) / middle(lambda: twelve_of(written, written))
    yield {"what": "12 methods x 500 steps, a formula against the same surface written in Python", "ratio": round(ratio, 2)}


def twelve_of(surface, like):
    """`twelve` on `surface` with the rates of `like`."""
    for name in SIX:
        optimizer = known().optimizers[name]
        for factor in (1.0, 0.5):
            trajectory(surface, optimizer, optimizer.numbers(like, {}, factor), like.start, STEPS)


def lines():
    """Computing, painting, files."""
    yield from formulas()
    rosenbrock, saddle = surface_named("rosenbrock"), surface_named("saddle")
    ours = middle(lambda: twelve(rosenbrock))
    theirs = middle(lambda: twelve_in_torch(rosenbrock), 3)
    yield {"what": f"12 methods x {STEPS} steps", "ms": round(ours, 2), "limit_ms": 50, "within": ours < 50}
    yield {
        "what": f"12 methods x {STEPS} steps with torch.optim",
        "ms": round(theirs, 1),
        "ratio_to_ours": round(theirs / ours, 1),
        "limit_ratio": 50,
        "within": theirs > 50 * ours,
    }
    request = RaceRequest(surface="rosenbrock", optimizers=TWELVE, steps=STEPS)
    yield {"what": "that race as a request, surface included", "ms": round(middle(lambda: anew(request)), 2)}
    scheduled = request.model_copy(update={"schedule": "onecycle"})
    yield {"what": "that race by a schedule (one cycle)", "ms": round(middle(lambda: anew(scheduled)), 2)}
    second = RaceRequest(surface="rosenbrock", optimizers=SECOND, steps=STEPS)
    yield {"what": f"{len(SECOND)} second-order methods x {STEPS} steps", "ms": round(middle(lambda: anew(second), 3), 1)}
    adam_step = StepRequest(surface="rosenbrock", optimizer="adam", step=STEPS, steps=STEPS)
    yield {"what": f"step {STEPS} of Adam in words", "ms": round(middle(lambda: result_of(adam_step)), 2)}
    adam = known().optimizers["adam"]
    hyper = adam.numbers(rosenbrock, {})
    one = middle(lambda: trajectory(rosenbrock, adam, hyper, rosenbrock.start, STEPS))
    yield {"what": f"one method, {STEPS} steps (dragging a hyper-parameter)", "ms": round(one, 2)}
    samples = saddle.samples(200)
    yield {"what": "contour picture 900 x 700", "ms": round(middle(lambda: contour(samples, 900, 700, dark=True)), 1)}
    race = long_race(saddle)
    playing, changing, rest = painted(race)
    frame = "frame of 12 trails x 2,000 points, 900 x 700"
    yield {"what": f"{frame}, playing", "ms": round(playing, 2), "limit_ms": 2, "within": playing < 2}
    yield {"what": f"{frame}, all changed (a draft)", "ms": round(changing, 2), "limit_ms": 6, "within": changing < 6}
    yield {"what": f"{frame}, at rest after that", "ms": round(rest, 2)}
    for names, surface in ((SIX, "saddle"), (SIX, "rosenbrock"), (TWELVE, "rosenbrock")):
        ran, drawn = dragged(surface, names)
        yield {
            "what": f"a hyper-parameter dragged: {len(names)} methods x {STEPS} steps again and repainted, {surface}",
            "ms": round(ran + drawn, 1),
            "ms_run": round(ran, 1),
            "ms_drawn": round(drawn, 1),
            "limit_ms": 16.7,
            "within": ran + drawn < 16.7,
        }
    race = result_of(RaceRequest(surface="saddle"))
    yield {"what": "race picture for a file, 960 x 600", "ms": round(middle(lambda: race_picture(race)), 1)}
    film = middle(lambda: sum(1 for _ in race_frames(race, 60)), 3) / 60
    yield {"what": "one frame of a film, 960 x 600", "ms": round(film, 2)}
