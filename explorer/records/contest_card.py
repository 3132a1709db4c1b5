"""The card of a fair race: every constant that it rests on and what came out, as JSON, and as lines for people.

The JSON is made of the record alone, in one order, floats to the last bit: the same race gives the same bytes. What the
request was stands in it whole, so that the card can be run again.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from explorer import __version__
from explorer.i18n import N_, figures, listed, tr
from explorer.records.contest import Contender, Contest, Range
from explorer.records.errors import BadRequestError, Trouble

KIND, FORMAT = "explorer fair race", 1
COUNTING = "one gradient 1 (the value there free), a value alone 1, a Hessian 2, residuals with Jacobian 1"
SEARCH = ("two thirds of the trials by Roberts' low-discrepancy sequence over all of the ranges, the rest by the same sequence "
          "in a box around the best")  # fmt: skip
ENDS = {
    "at a minimum": N_("at a minimum"),
    "at the saddle": N_("at the saddle"),
    "at an inflexion point": N_("at an inflexion point"),
    "at a top": N_("at a top"),
    "standing still": N_("standing still, at no minimum"),
    "on its way": N_("on its way"),
    "left the plot": N_("left the plot"),
    "not finite": N_("no number any more"),
    "does not fit": N_("needs a sum of squares"),
}


def card(contest: Contest) -> dict[str, Any]:
    """The card as plain values, JSON's kinds only; what is infinite or no number is None."""
    request = contest.request
    return {
        "card": KIND,
        "format": FORMAT,
        "version": __version__,
        "request": request,
        "surface": {
            "name": contest.facts["surface"],
            "formula": contest.facts["formula"],
            "values": contest.facts["values"],
            "domain": contest.facts["domain"],
            "lowest": _plain(contest.floor),
            "lowest_is_a_minimum": contest.floor_known,
        },
        "start": contest.facts["start"],
        "loss_at_start": _plain(contest.first),
        "target": _plain(contest.target),
        "budget": request["budget"],
        "counting": COUNTING,
        "search": {"rule": SEARCH, "trials": request["trials"], "tuned": request["scope"], "objective": request["objective"]},
        "schedule": "constant",
        "clipping": None,
        "noise": request["noise"],
        "batch": request["batch"],
        "tuning": {"seeds": list(contest.tuning_seeds), "starts": [list(point) for point in contest.tuning_starts]},
        "reported": {"seeds": list(contest.seeds), "starts": [list(point) for point in contest.starts]},
        "ranking": [_row(one) for one in contest.ordered()],
        "curves": {
            "gradients": contest.grid.astype(int).tolist(),
            **{
                one.optimizer: {"median": _all(one.median), "low": _all(one.low), "high": _all(one.high)}
                for one in contest.contenders
            },
        },
    }


def _row(one: Contender) -> dict[str, Any]:
    middle, low, high = one.quartiles()
    return {
        "place": one.place,
        "optimizer": one.optimizer,
        "tied": list(one.tied),
        "rank": _plain(one.rank),
        "rank_interval": [_plain(one.rank_low), _plain(one.rank_high)],
        "median": _plain(middle),
        "quartiles": [_plain(low), _plain(high)],
        "reached": one.reached,
        "costs": _all(one.costs),
        "ends": one.ends,
        "hyper": one.hyper,
        "ranges": {name: _bounds(found) for name, found in one.ranges.items()},
        "fixed": list(one.fixed),
        "trials": one.trials,
        "tuning_cost": _plain(one.best),
    }


def _bounds(found: Range) -> dict[str, Any]:
    return {"low": found.low, "high": found.high, "log": found.log, "whole": found.whole}


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _all(values: Any) -> list[float | None]:
    return [_plain(value) for value in values.tolist()]


def card_text(contest: Contest) -> str:
    """The card as the text of a JSON file, each list of plain values on one line."""
    text = json.dumps(card(contest), indent=1, ensure_ascii=False, allow_nan=False)
    return re.sub(r"\[\s+([^][{}]*?)\s+\]", _one_line, text) + "\n"


def _one_line(found: re.Match[str]) -> str:
    return "[" + re.sub(r",\s+", ", ", found[1]) + "]"


def request_in(text: str) -> dict[str, Any]:
    """The request that a card's text holds, as plain values. Raises BadRequestError where it is no card of this kind."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("card") != KIND or not isinstance(found.get("request"), dict):
        raise BadRequestError(Trouble("contest.card", N_("This file is no card of a fair race."), {}, exit_code=2))
    if found.get("format") != FORMAT:
        text = N_("This card was written by another version of the program ({version}), in a form that this one does not know.")
        values = {"version": str(found.get("version", "?"))}
        raise BadRequestError(Trouble("contest.card-format", text, values, exit_code=2))
    request: dict[str, Any] = found["request"]
    return request


def differences(before: str, after: str) -> list[str]:
    """The parts in which two texts of cards differ; [] where they are the same."""
    if before == after:
        return []
    old, new = json.loads(before), json.loads(after)
    found = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return found or [tr("the way it is written")]


# -- for people ------------------------------------------------------------------------------------------------------------
def number(value: float, digits: int = 3) -> str:
    """A number for people: "∞" where there is none, a real minus sign, the language's decimal mark."""
    if math.isnan(value):
        return "–"
    return ("∞" if value > 0 else "−∞") if math.isinf(value) else figures(f"{value:.{digits}g}".replace("-", "−"))


def cost_text(one: Contender, objective: str) -> str:
    """The costs of one method in few words: the median and the quartiles."""
    middle, low, high = one.quartiles()
    if math.isnan(middle):
        return ""
    if objective == "loss":
        return tr("{middle} ({low} to {high})").format(middle=number(middle), low=number(low), high=number(high))
    if not one.reached:
        return tr("never there")
    return tr("{middle} gradients ({low} to {high})").format(middle=number(middle, 4), low=number(low, 4), high=number(high, 4))


def hyper_text(one: Contender) -> str:
    """The tuned numbers, then those that were given."""
    found = [f"{name} = {number(value, 4)}" for name, value in one.hyper.items() if name in one.ranges]
    rest = [f"{name} = {number(value, 4)}" for name, value in one.hyper.items() if name not in one.ranges]
    return ", ".join(found) + ("" if not rest else ("; " if found else "") + tr("fixed: {rest}").format(rest=", ".join(rest)))


def ends_text(one: Contender) -> str:
    """How many seeds ended where, the most first."""
    ordered = sorted(one.ends.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count} {tr(ENDS.get(end, end))}" for end, count in ordered)


def place_text(one: Contender) -> str:
    """ "1." or "2. =" for a tie."""
    return f"{one.place}." if not one.tied else f"{one.place}. ="


def constants(contest: Contest) -> Iterator[tuple[str, str]]:
    """(what, value) of everything that the race rests on, translated."""
    request, facts = contest.request, contest.facts
    values = ", ".join(f"{name} = {number(value, 6)}" for name, value in facts["values"].items())
    x, y = facts["start"]
    yield tr("Surface"), tr(str(facts["title"])) + (f" ({values})" if values else "")
    yield tr("Formula"), figures(str(facts["formula"]))
    yield (
        tr("Start"),
        f"({listed((number(x, 6), number(y, 6)))}), "
        + tr("each seed within {share} % of the plot around it").format(share=number(100 * request["spread"])),
    )
    yield tr("Budget"), tr("{budget} gradients a run").format(budget=request["budget"])
    yield tr("Counted"), tr("a gradient or a value 1, a Hessian 2")
    yield tr("What counts"), _objective(contest)
    yield tr("Search"), _search(contest)
    batch = tr("batches of {size}").format(size=request["batch"]) if request["batch"] else tr("no batches")
    yield tr("Noise"), tr("σ = {noise} on each component, {batch}").format(noise=number(request["noise"]), batch=batch)
    yield tr("Schedule"), tr("constant rate, no clipping")
    yield (
        tr("Seeds"),
        tr("{count} reported, {tuning} others for tuning, all from seed {seed}").format(
            count=len(contest.seeds), tuning=len(contest.tuning_seeds), seed=request["seed"]
        ),
    )
    yield tr("Version"), f"explorer {__version__}"


def _objective(contest: Contest) -> str:
    if contest.request["objective"] == "loss":
        return tr("the loss at the end of the budget (median of its last tenth)")
    text = tr("gradients until the loss is at {target} and stays below ten times that height")
    if not contest.floor_known:
        text = tr("gradients until the loss is at {target}, on the plot")
    return text.format(target=number(contest.target, 4))


def _search(contest: Contest) -> str:
    request = contest.request
    if not request["trials"]:
        return tr("none: everybody with the numbers that suit this surface")
    what = tr("all numbers") if request["scope"] == "all" else tr("the rate alone")
    text = tr("{trials} trials for each method, {what}, the same sequence over the declared ranges")
    return text.format(trials=request["trials"], what=what)


def method_lines(contest: Contest, one: Contender) -> Iterator[str]:
    """What the card says about one method: its rank, its numbers, where they were searched, where its runs ended."""
    text = tr("mean rank {rank} ({low} to {high})")
    yield text.format(rank=number(one.rank), low=number(one.rank_low), high=number(one.rank_high))
    if one.tied:
        titles = {other.optimizer: tr(other.title) for other in contest.contenders}
        yield tr("no clear difference from {names}").format(names=", ".join(titles[name] for name in one.tied))
    yield hyper_text(one)
    if one.ranges:
        ranges = (f"{name} {number(r.low, 4)} … {number(r.high, 4)}{' log' if r.log else ''}" for name, r in one.ranges.items())
        yield tr("searched: {ranges}").format(ranges=", ".join(ranges))
    yield tr("ends: {ends}").format(ends=ends_text(one))


def lines(contest: Contest) -> Iterator[str]:
    """The whole card as lines of text."""
    for what, value in constants(contest):
        yield f"{what}: {value}"
    yield ""
    for one in contest.ordered():
        yield f"{place_text(one)} {tr(one.title)}: {cost_text(one, contest.request['objective'])}"
        for line in method_lines(contest, one):
            yield f"   {line}"
