"""How a path ended, in whole sentences: where it rests, why it broke off, what would help."""

from __future__ import annotations

import math

import numpy as np

from explorer.i18n import tr
from explorer.picture.race_chart import number, shown_steps
from explorer.records.descent import Race, Trajectory

CLOSE = 1e-2  # of the plot's diagonal: near enough to a landmark to speak of it
CRAWL = 1e-5  # of the diagonal in one step: nobody sees that move
LATELY = 20  # points that tell whether it goes to and fro


def sentence(race: Race, run: Trajectory) -> str:
    """What became of one method, translated."""
    step = run.number_at(run.status_step)
    if run.status == "does not fit":
        return tr("This method needs a sum of squares, and this surface is none.")
    if run.status == "not finite":
        return _broken(race, run).format(step=step)
    if run.status == "left the plot":
        return _left(race, run).format(step=step)
    if run.status == "converged":
        small = CRAWL * _diagonal(race)  # nobody sees that, and "near (9.6e−8, 0)" is hard to read
        x, y = (0.0 if abs(at) < small else at for at in run.points[-1].tolist())
        return tr("It arrived at the minimum near ({x}, {y}) at step {step} and stays there.").format(
            x=number(x), y=number(y), step=step
        )
    return _on_its_way(race, run)


def _broken(race: Race, run: Trajectory) -> str:
    if math.isnan(float(run.values[0])):
        return tr("The start lies in a hole: the function has no value there, so there is no first step.")
    rate = run.hyper.get("lr", 0.0)
    changed = [value for _, name, value in run.changes if name == "lr"]
    if not all(math.isfinite(one) for one in (rate, *changed)):
        return tr("The learning rate is no number, so there is no step {step}.")
    far = math.hypot(*(run.points[-1] - run.points[0]).tolist())
    reach = math.hypot(*run.gradients[-1].tolist()) * rate  # about as long as the step that broke off
    if not max(far, reach) <= _diagonal(race):
        return tr("The steps grew until step {step} could not be computed any more: the learning rate is much too large.")
    return tr("Step {step} led into a hole, where the function has no value; the path ends before it.")


def _left(race: Race, run: Trajectory) -> str:
    last = shown_steps(run)
    lately = run.values[max(0, last - 3) : last + 1]
    if float(lately[-1]) > float(run.values[0]) or (len(lately) > 1 and (np.diff(lately) > 0).all()):
        return tr("It diverged: every step overshot the one before, and at step {step} it was out of the plot. A smaller "
                  "learning rate helps.")  # fmt: skip
    return tr("It went downhill out of the plot at step {step}; the function goes on falling there.")


def _on_its_way(race: Race, run: Trajectory) -> str:
    slope = math.hypot(*run.gradients[-1].tolist())
    values = {"step": run.taken, "slope": number(slope)}
    diagonal, end = _diagonal(race), run.points[-1]
    lengths = np.hypot(*np.diff(run.points[-LATELY:], axis=0).T) if run.steps else np.zeros(1)
    for mark in race.surface.landmarks:
        if mark.kind != "minimum" and math.dist((mark.x, mark.y), end.tolist()) < CLOSE * diagonal:
            return tr("After {step} steps it stands near a {kind}: the gradient is only {slope} long, but that makes no "
                      "minimum.").format(**values, kind=tr(mark.kind))  # fmt: skip
    if float(lengths.max()) < CRAWL * diagonal:
        return tr("After {step} steps it hardly moves: a plateau, or too small a learning rate. The gradient is {slope} "
                  "long.").format(**values)  # fmt: skip
    net = float(np.hypot(*(run.points[-1] - run.points[-min(LATELY, len(run.points))])))
    if run.steps >= LATELY and net < 0.2 * float(lengths.sum()):
        return tr("After {step} steps it still goes to and fro; a smaller or falling learning rate lets it settle.").format(
            **values
        )
    return tr("After {step} steps it is still on its way; the gradient is {slope} long.").format(**values)


def _diagonal(race: Race) -> float:
    s = race.surface
    return float(math.hypot(s.x[-1] - s.x[0], s.y[-1] - s.y[0]))


def ensemble_sentence(race: Race, name: str) -> str:
    """What the snapshots of one method come to together; "" where it has none."""
    told = race.facts.get("ensembles", {}).get(name)
    if not told or told["count"] < 2:
        return ""
    return tr("{count} snapshots: their mean point ({x}, {y}) has the value {value}; their own values are {mean} on average, "
              "{best} at best.").format(
        count=round(told["count"]), x=number(told["x"]), y=number(told["y"]), value=number(told["value"]),
        mean=number(told["mean"]), best=number(told["best"]),
    )  # fmt: skip


def first_trouble(race: Race, step: float) -> Trajectory | None:
    """The first run that broke off or went away by `step`; None where all is well."""
    bad = ("not finite", "does not fit", "left the plot")
    return next((run for run in race.runs if run.status in bad and step >= min(run.status_step, shown_steps(run))), None)
