"""Dreams in words: before and after, how it was made, what a goal is called, in what two requests differ."""

from __future__ import annotations

from typing import Any

from explorer.gui.notices import trouble_text
from explorer.gui.numerals import figure, localised
from explorer.gui.panels.dream_runs import Run
from explorer.gui.widgets.option_titles import OPTION_TITLES
from explorer.i18n import N_, tr
from explorer.requests.base import parameters
from explorer.requests.dream import DreamRequest
from explorer.requests.goals import Goal

PHASES = {
    "waiting": N_("waiting"),
    "running": N_("running"),
    "paused": N_("paused"),
    "done": N_("done"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
}
FIRST = ("model", "layer", "channel", "start", "steps", "size")  # what is worth saying where it is the same
SAID_ELSEWHERE = frozenset({"model", "weights", "device", "precision", "exact", "surgery", "goals"})


def change_text(facts: dict[str, Any]) -> str:
    """Before and after in numbers: "0.021 → 3.4 (160 ×)"; while it runs the value as the network saw it last."""
    if "before" not in facts:
        return ""
    before = short(facts["before"])
    if "after" not in facts:
        return f"{before} → {short(facts['now'])} …" if "now" in facts else before
    text = f"{before} → {short(facts['after'])}"
    gain = facts.get("gain")
    return text if gain is None else text + f"  ({short(gain)} ×)"


def short(value: float) -> str:
    """Three significant digits, thousands set apart, no exponent between 0.0001 and a thousand million."""
    if not 1e-4 <= abs(value) < 1e9:
        return figure(value, 3)
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}".replace(",", "\u202f") if abs(rounded) >= 1000 else localised(f"{rounded:g}")


def measure_name(facts: dict[str, Any]) -> str:
    """What the numbers count, as in "mean activation of the channel:"."""
    return f"{tr(str(facts['measure']))}:" if facts.get("measure") and "before" in facts else ""


def measure_text(facts: dict[str, Any]) -> str:
    """What these numbers are."""
    if "measure" not in facts:
        return ""
    lines = [tr(str(facts["measure"])), tr("Measured on the start and on the picture you see, by a plain pass of the network.")]
    if "after" in facts and facts.get("gain") is None:
        lines.append(tr("No ratio is given: the start's value is not positive."))
    return "\n".join(lines)


def made_text(facts: dict[str, Any]) -> str:
    """Seed, steps, octave, picture of the film."""
    if "seed" not in facts:
        return ""
    parts = [tr("seed {seed}").format(seed=facts["seed"])]
    if facts.get("frames", 1) > 1:
        parts.append(tr("picture {frame} of {frames}").format(frame=facts.get("frame", "?"), frames=facts["frames"]))
    if "done" in facts and "after" not in facts:
        parts.append(tr("step {done} of {total}").format(done=facts["done"], total=facts.get("total", "?")))
        if facts.get("octaves", 1) > 1:
            parts.append(tr("octave {octave} of {octaves}").format(octave=facts.get("octave", 1), octaves=facts["octaves"]))
    else:
        parts.append(tr("{steps} steps").format(steps=facts.get("steps", "?")))
    return " · ".join(parts)


def ending_text(run: Run) -> str:
    """How it ended."""
    if run.trouble is not None:
        trouble = run.trouble.trouble
        said = trouble.code.startswith("engine.") or run.picture is None  # the host's own words promise it already
        return trouble_text(trouble) + ("" if said else " " + tr("The picture so far is kept."))
    return tr(run.ending)


def title_of(run: Run) -> str:
    """What it is a dream of: "features.7 · channel 11", or its goals."""
    facts, request = run.facts, run.request
    if request.goals:
        names = " + ".join(goal_name(goal, request) for goal in request.goals[:3])
        return names if len(request.goals) <= 3 else names + " + …"
    layer, channel = facts.get("layer", request.layer), facts.get("channel", request.channel)
    whole = tr("{layer} · channel {channel}") if channel is not None else tr("{layer} · whole layer")
    return whole.format(layer=layer, channel=channel) if layer else tr("Dream")


def goal_name(goal: Goal, request: DreamRequest | None = None, classes: tuple[str, ...] = ()) -> str:
    """A goal in few words: "2 × features.7:11", "class tabby"."""
    layer = goal.layer or (request.layer if request is not None else "")
    channel = goal.channel if goal.channel is not None or request is None else request.channel
    if goal.objective == "class":
        name = classes[goal.channel] if goal.channel is not None and goal.channel < len(classes) else goal.channel
        what = tr("class {name}").format(name=name)
    elif channel is None or goal.objective in ("layer", "direction", "cosine"):
        what = layer or tr("layer")
    else:
        what = f"{layer}:{channel}" if layer else tr("channel {channel}").format(channel=channel)
    if goal.objective == "neuron" and goal.y is not None and goal.x is not None:
        what += f" ({goal.y}, {goal.x})"
    return what if goal.weight == 1.0 else f"{localised(f'{goal.weight:g}')} × {what}"


def card_title(run: Run) -> str:
    """The first line of a card, short: "features.7:11"."""
    facts, request = run.facts, run.request
    if request.goals:
        return title_of(run)
    layer, channel = str(facts.get("layer", request.layer)), facts.get("channel", request.channel)
    return goal_name(Goal(layer=layer, channel=channel)) if layer else tr("Dream")


def card_text(run: Run) -> str:
    """The second line of a card: the numbers of a finished dream, the state of another."""
    facts = run.facts
    if run.phase in ("done", "stopped") and "after" in facts:
        return _numbers(facts)
    if run.phase == "running" and run.total:
        return f"{run.done} / {run.total}"
    return tr(PHASES[run.phase])


def _numbers(facts: dict[str, Any]) -> str:
    return f"{short(facts['before'])} → {short(facts['after'])}" if "after" in facts else ""


def differences(runs: list[Run]) -> tuple[list[list[tuple[str, str]]], list[tuple[str, str]]]:
    """(for each run the (label, value) pairs in which they differ, the pairs that all share), values as people write them."""
    rows = [_values(run) for run in runs]
    names = [name for name in rows[0] if all(name in row for row in rows)] if rows else []
    apart = [name for name in names if len({row[name][1] for row in rows}) > 1]
    shared = [rows[0][name] for name in names if name not in apart and name in FIRST]
    return [[row[name] for name in apart] for row in rows], shared


def _values(run: Run) -> dict[str, tuple[str, str]]:
    request, facts = run.sent or run.request, run.facts
    found: dict[str, tuple[str, str]] = {"model": (tr("Network"), request.model)}
    goals = " + ".join(goal_name(goal, request) for goal in request.goals)
    if goals:
        found["goals"] = (tr("Goals"), goals)
    if request.surgery:
        found["surgery"] = (tr("Surgery"), str(len(request.surgery)))
    for info in parameters(DreamRequest):
        if info.name in SAID_ELSEWHERE or info.name == "mix":
            continue
        value = facts.get(info.name, getattr(request, info.name)) if info.name in ("layer", "channel") else None
        value = getattr(request, info.name) if value is None else value
        found[info.name] = (tr(info.label), _shown(value, tr(info.unit)))
    if request.start == "picture" and run.frame is not None:
        found["source"] = (tr("Picture"), run.frame.source)
    found["result"] = (tr("Result"), _numbers(facts) or "–")
    return found


def _shown(value: Any, unit: str) -> str:
    if value is None or value == "":
        return tr("automatic")
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    text = localised(f"{value:g}") if isinstance(value, float) else tr(OPTION_TITLES.get(str(value), str(value)))
    return f"{text} {unit}".strip()
