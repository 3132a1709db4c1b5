"""Curves of a race: a number for each point of a path, straight from the record, and the axis that shows them. numpy only."""

from __future__ import annotations

import math

import numpy as np

from explorer.i18n import N_
from explorer.picture.race_chart import LossAxis, loss_axis, shown_steps
from explorer.records.descent import F64, Race, Trajectory

QUANTITIES = {
    "loss": N_("Loss"),
    "slope": N_("Gradient norm"),
    "rate": N_("Learning rate"),
    "distance": N_("Distance"),
    "length": N_("Step length"),
}
SMALL = 1e-12  # what a logarithmic axis shows of a zero


def series(race: Race, run: Trajectory, quantity: str) -> F64:
    """(K + 1,) float64, a number for each point; NaN where there is none (a rate that a method does not have).

    "length" is the way from the point before; where a path was thinned out, the way between two kept points for each step.
    """
    if quantity == "loss":
        return run.values
    if quantity == "slope":
        return np.asarray(np.hypot(run.gradients[:, 0], run.gradients[:, 1]))
    if quantity == "rate":
        return run.rates
    if quantity == "distance":
        minima = [(mark.x, mark.y) for mark in race.surface.landmarks if mark.kind == "minimum"]
        if not minima:
            return np.full(len(run.points), np.nan)
        away = run.points[:, None, :] - np.array(minima)[None]
        return np.asarray(np.hypot(away[..., 0], away[..., 1]).min(axis=1))
    ways = np.hypot(*np.diff(run.points, axis=0).T) if run.steps else np.zeros(0)
    if len(run.numbers):
        ways = ways / np.maximum(np.diff(run.numbers), 1)
    return np.concatenate([[np.nan], ways])


def places(run: Trajectory, against: str) -> F64:
    """(K + 1,) float64, where each point stands across: after how many steps, or how many gradients."""
    own = run.evaluations if against == "gradients" else run.numbers
    return own.astype(np.float64) if len(own) else np.arange(len(run.points), dtype=np.float64)


def axis_of(race: Race, quantity: str, logarithmic: bool) -> LossAxis:
    """The axis that shows `quantity` of every run; a loss without a known minimum has a linear one in any case."""
    if quantity == "loss" and logarithmic:
        return loss_axis(race)
    shown = [series(race, run, quantity)[: shown_steps(run) + 1] for run in race.runs]
    values = np.concatenate(shown) if shown else np.zeros(1)
    values = values[np.isfinite(values)]
    if not len(values):
        return LossAxis(False, 0.0, 0.0, 1.0)
    if logarithmic:
        above = np.maximum(values[values > 0.0], SMALL) if (values > 0.0).any() else np.ones(1)
        top = math.ceil(math.log10(float(above.max())) - 1e-9)
        bottom = max(math.floor(math.log10(float(above.min())) + 1e-9), top - 14)
        return LossAxis(True, 0.0, float(bottom), float(max(top, bottom + 1)))
    low, high = float(values.min()), float(values.max())
    if quantity == "loss":  # who climbs out of the plot would press everybody else flat
        first = [float(run.values[0]) for run in race.runs if math.isfinite(float(run.values[0]))]
        high = min(high, max(first)) if first else high
    else:
        low = min(low, 0.0)
    if not high > low:
        low, high = low - 0.5 * (abs(low) or 1.0), low + 0.5 * (abs(low) or 1.0)
    return LossAxis(False, 0.0, low, high + 0.05 * (high - low))


def axis_label(quantity: str, axis: LossAxis) -> str:
    """English message key of what stands upwards."""
    if quantity == "loss":
        return N_("height above the minimum") if axis.logarithmic else N_("value")
    return N_("distance to the nearest minimum") if quantity == "distance" else QUANTITIES[quantity]
