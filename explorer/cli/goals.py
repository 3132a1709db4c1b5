"""What a dream is told on the command line: goals, and the channel that answers most."""

from __future__ import annotations

import re
from typing import Any

import click
from pydantic import ValidationError

from explorer.i18n import N_, tr
from explorer.requests.goals import Goal

AUTO = "auto"
FORM = N_("[OBJECTIVE=][LAYER][:CHANNEL][@ROW,COLUMN][*WEIGHT]")
_GOAL = re.compile(
    r"(?:(?P<objective>[a-z_]+)=)?(?P<layer>[^:@*=]*)(?::(?P<channel>[^@*]*))?(?:@(?P<y>\d+),(?P<x>\d+))?(?:\*(?P<weight>[^*]+))?"
)


class Goals(click.ParamType[Any]):
    """One goal; a direction's channels are a list of numbers: direction=features.6:0.5,-1,2."""

    name = "goal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A Goal, or a usage error."""
        if isinstance(value, Goal):
            return value
        found = _GOAL.fullmatch(str(value).strip())
        try:
            if found is None:
                raise ValueError
            part = found.groupdict()
            goal: dict[str, Any] = {"objective": part["objective"] or "", "layer": part["layer"] or ""}
            if part["weight"]:
                goal["weight"] = float(part["weight"])
            if part["y"] is not None:
                goal |= {"y": int(part["y"]), "x": int(part["x"]), "objective": goal["objective"] or "neuron"}
            if part["channel"]:
                if goal["objective"] in ("direction", "cosine") or "," in part["channel"]:
                    goal["direction"] = tuple(float(number) for number in part["channel"].split(","))
                    goal["objective"] = goal["objective"] or "direction"
                else:
                    goal["channel"] = int(part["channel"])
            return Goal(**goal)
        except (ValueError, ValidationError):
            self.fail(tr("'{value}' is not a goal: {form}").format(value=value, form=tr(FORM)), param, ctx)


class Channel(click.ParamType[Any]):
    """A number from 0, or "auto": the channel that answers most to the picture."""

    name = "N|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """An int or "auto", or a usage error."""
        if value == AUTO or isinstance(value, int):
            return value
        try:
            return int(value)
        except ValueError:
            self.fail(tr("'{value}' is neither a number nor 'auto'.").format(value=value), param, ctx)


def words(goal: Goal) -> str:
    """A goal as it is written on the command line."""
    where = goal.layer
    if goal.direction:
        where += ":" + ",".join(f"{number:g}" for number in goal.direction)
    elif goal.channel is not None:
        where += f":{goal.channel}"
    if goal.y is not None and goal.x is not None:
        where += f"@{goal.y},{goal.x}"
    head = f"{goal.objective}=" if goal.objective else ""
    return head + where + (f"*{goal.weight:g}" if goal.weight != 1.0 else "")
