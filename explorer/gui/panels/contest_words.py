"""What the pages of the fair race say and draw, made from its records."""

from __future__ import annotations

import math

import numpy as np

from explorer.gui.widgets.band_chart import Bar, Line, Plot
from explorer.i18n import N_, tr
from explorer.picture.contest_chart import contest_axis, cost_axis, shown_gradients
from explorer.picture.race_chart import ticks
from explorer.records.contest import Contender, Contest, Turned
from explorer.records.contest_card import cost_text, ends_text, hyper_text, number, place_text

FAIR_COLUMNS = (N_("Place"), N_("Result"), N_("Mean rank"), N_("Numbers"), N_("Ends"))
TURNED_COLUMNS = (N_("at 0°"), N_("at 45°"), N_("Times"))


def fair_plot(contest: Contest) -> Plot:
    """The search while it goes on, then the loss against gradients."""
    drawn = [one for one in contest.contenders if len(one.median)]
    if not drawn:
        caption = tr("Tuning: the best set of numbers so far")
        return Plot(bars=tuple(_bar(contest, one) for one in contest.contenders), caption=caption)
    axis, last = contest_axis(contest), shown_gradients(contest)
    grid = contest.grid[contest.grid <= last]

    def share(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        placed = axis.place(values[: len(grid)])
        return np.asarray((placed - axis.low) / (axis.high - axis.low), dtype=np.float64)

    lines = tuple(Line(one.optimizer, grid / last, share(one.low), share(one.median), share(one.high)) for one in drawn)
    up = tuple(((units - axis.low) / (axis.high - axis.low), text) for units, text in axis.marks())
    words = tr("height above the minimum") if axis.logarithmic else tr("value")
    goal = float(share(np.array([contest.target]))[0])
    across = tuple((value / last, number(value, 6)) for value in ticks(0.0, last, 8))
    return Plot(lines, across, up, f"{words} / " + tr("gradients"), (goal, tr("target")))


def _bar(contest: Contest, one: Contender) -> Bar:
    budget, trials = int(contest.request["budget"]), int(contest.request["trials"])
    share = 1.0
    if math.isnan(one.best):
        said = "–"
    elif contest.request["objective"] == "loss":
        said = tr("height {value}").format(value=number(10.0**one.best)) if one.best < 300 else tr("left the plot")
        share = one.trials / max(1, trials)
    elif one.best > budget:
        said, share = tr("not there yet"), 1.0
    else:
        said, share = tr("{count} gradients").format(count=f"{one.best:.0f}"), math.log1p(one.best) / math.log1p(budget)
    text = tr("{best} · trial {done} of {all}").format(best=said, done=one.trials, all=trials)
    return Bar(one.optimizer, tr(one.title), share, text)


def fair_rows(contest: Contest) -> dict[str, tuple[str, ...]]:
    """The cells of FAIR_COLUMNS."""
    found: dict[str, tuple[str, ...]] = {}
    for one in contest.contenders:
        result = cost_text(one, contest.request["objective"])
        rank = "" if math.isnan(one.rank) else f"{number(one.rank)} ({number(one.rank_low)}–{number(one.rank_high)})"
        found[one.optimizer] = (place_text(one) if one.place else "", result, rank, hyper_text(one), ends_text(one))
    return found


def fair_summary(contest: Contest) -> str:
    """Who won, or how far it is."""
    if contest.stage == "tuning":
        return tr("Everybody is tuned by the same search; the seeds that count come afterwards.")
    if contest.stage == "runs":
        done = min((len(one.costs) for one in contest.contenders), default=0)
        return tr("Seed {done} of {all}").format(done=done, all=len(contest.seeds))
    first = [one for one in contest.ordered() if one.place == 1]
    if not any(one.reached for one in contest.contenders):
        return tr("Nobody gets there within {budget} gradients.").format(budget=contest.request["budget"])
    if len(first) == 1:
        one = first[0]
        said = cost_text(one, contest.request["objective"])
        return tr("{name} is clearly first: {cost}.").format(name=tr(one.title), cost=said)
    return tr("No clear winner: {names} cannot be told apart.").format(names=", ".join(tr(one.title) for one in first))


def fair_place(contest: Contest, name: str, share: float) -> str:
    """The loss of one method at a share of the chart's width."""
    one = next((one for one in contest.contenders if one.optimizer == name), None)
    if one is None or not len(one.median):
        return ""
    wanted = share * shown_gradients(contest)
    at = int(np.argmin(np.abs(contest.grid - wanted)))
    text = tr("{name}, {count} gradients: {middle} ({low} to {high})")
    return text.format(
        name=tr(one.title), count=int(contest.grid[at]), middle=number(float(one.median[at])), low=number(float(one.low[at])),
        high=number(float(one.high[at])),
    )  # fmt: skip


def turned_plot(turned: Turned) -> Plot:
    """Gradients to the target against the angle."""
    axis, far = cost_axis(turned), float(turned.angles[-1])
    lines = []
    for run in turned.runs:
        low, middle, high = (axis.place(part) for part in run.curve())
        lines.append(Line(run.optimizer, turned.angles / far, low, middle, high, dots=True))
    across = tuple((angle / far, f"{number(angle)}°") for angle in ticks(0.0, far, 9))
    return Plot(tuple(lines), across, (*axis.marks(), (1.0, "∞")), tr("gradients to the target / angle"))


def turned_rows(turned: Turned) -> dict[str, tuple[str, ...]]:
    """The cells of TURNED_COLUMNS."""
    found: dict[str, tuple[str, ...]] = {}
    for run in turned.runs:
        middle = run.curve()[1]
        times = "" if math.isnan(run.ratio) else f"× {number(run.ratio)}"
        ends = tuple("" if math.isnan(value) else number(value, 4) for value in (float(middle[0]), float(middle[-1])))
        found[run.optimizer] = (*ends, times)
    return found


def turned_place(turned: Turned, name: str, share: float) -> str:
    """What one method needs at the angle nearest to a share of the chart's width."""
    run = next((run for run in turned.runs if run.optimizer == name), None)
    if run is None:
        return ""
    at = int(np.argmin(np.abs(turned.angles - share * turned.angles[-1])))
    low, middle, high = (float(part[at]) for part in run.curve())
    if math.isnan(middle):
        return ""
    text = tr("{name} at {angle}°: {middle} gradients ({low} to {high})")
    return text.format(
        name=tr(run.title),
        angle=number(float(turned.angles[at])),
        middle=number(middle, 4),
        low=number(low, 4),
        high=number(high, 4),
    )
