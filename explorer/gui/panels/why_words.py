"""What the Why panel says in words."""

from __future__ import annotations

from typing import Any

from explorer.gui.numerals import figure, fixed
from explorer.gui.panels.live_overlay import percent
from explorer.i18n import tr
from explorer.picture.heat import scale_end
from explorer.records.attribution import Attribution, AttributionSet, TrustCurve

MARGIN = 0.05  # of the highest confidence: blocks come in one random order, so smaller gains are chance, too


def question(found: AttributionSet | None) -> str:
    """ "Why “espresso”?"."""
    return tr("Why?") if found is None else tr("Why “{target}”?").format(target=found.target.text())


def answer_text(found: AttributionSet | None) -> str:
    """How sure the network is, and the number that is explained."""
    if found is None:
        return ""
    sure = "" if found.confidence is None else f"{percent(found.confidence)} · "
    return f"{sure}{tr(found.measure)}: {figure(found.score)}"


def tile_detail(item: Attribution) -> str:
    """Layer of a CAM, how long it took."""
    seconds = tr("{seconds} s").format(seconds=fixed(item.seconds, 2))
    return f"{item.layer} · {seconds}" if item.layer else seconds


def legend_ends(item: Attribution, short: bool = False) -> tuple[str, str]:
    """The numbers at both ends of the colours; `short`: without words."""
    end = figure(scale_end(item.heat), 2)
    if item.signed and short:
        return f"−{end}", f"+{end}"
    if item.signed:
        return tr("against −{end}").format(end=end), tr("for +{end}").format(end=end)
    return "0", end


def explanation(item: Attribution, facts: dict[str, str]) -> str:
    """What the method is, its formula, its paper; the layer and why; what should be known about this heat."""
    lines = [tr(item.title), tr(facts.get("about", "")), facts.get("formula", ""), facts.get("paper", "")]
    if item.why_layer is not None:
        lines.append(item.why_layer.text())
    lines += [note.text() for note in item.notes]
    if item.empty is not None:
        lines.append(item.empty.text())
    return "\n".join(line for line in lines if line)


def numbers_text(found: AttributionSet) -> str:
    """One line a method, tab-separated: where the heat is strongest, how strong."""
    head = "method\tlayer\tscore\thighest\tlowest\tcolumn\trow\tseconds\tremark"
    lines = []
    for item in found.items:
        place = int(item.heat.argmax())
        row, column = divmod(place, item.heat.shape[1])
        y, x = row * item.frame_hw[0] // item.heat.shape[0], column * item.frame_hw[1] // item.heat.shape[1]
        remark = item.empty.english() if item.empty else ""
        numbers: list[Any] = [item.method, item.layer, item.score, item.heat.max(), item.heat.min(), x, y, item.seconds, remark]
        lines.append("\t".join(str(number) for number in numbers))
    return "\n".join([head, *lines])


def verdict(curve: TrustCurve) -> str:
    """One sentence about a curve."""
    if curve.empty is not None:
        return tr("There is no heat to measure: {reason}").format(reason=curve.empty.text())
    areas = curve.areas
    gains = areas["random_deletion"] - areas["deletion"], areas["insertion"] - areas["random_insertion"]
    highest = max(
        float(values.max()) for values in (curve.random_deletion, curve.random_insertion, curve.deletion, curve.insertion)
    )
    better = sum(gain > MARGIN * highest for gain in gains)
    said = (
        tr("No better than chance here: do not trust this heat."),
        tr("Better than chance on one of two measures."),
        tr("Better than chance on both measures."),
    )
    return said[better]
