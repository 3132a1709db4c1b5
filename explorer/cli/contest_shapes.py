"""Fair races, turned valleys and tasks as JSON objects, as lines of text, and the turned valley as files."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli import output as out
from explorer.cli import saving
from explorer.i18n import tr

if TYPE_CHECKING:  # none of these when only the help is asked for: they bring numpy
    import numpy as np
    import numpy.typing as npt

    from explorer.records.contest import Contest, Task, Turned


def tell(record: Contest, as_json: bool) -> None:
    """The card on standard output: a JSON object, or lines."""
    from explorer.records.contest_card import card, lines

    if as_json:
        out.line(card(record))
        return
    for line in lines(record):
        out.text(line)


def task(record: Task) -> dict[str, Any]:
    """{"task", "seed", "kind", "question", "options", "answer" (its index), "reasons", "values", "race": {...}}."""
    from explorer.cli.shapes import race
    from explorer.records.contest import spoken

    return {
        "task": record.number,
        "seed": record.seed,
        "kind": record.kind,
        "question": spoken(record.question),
        "options": [spoken(one) for one in record.options],
        "answer": record.answer,
        "reasons": [spoken(one) for one in record.reasons],
        "values": record.race.facts["values"],
        "race": race(record.race),
    }


def tell_task(record: Task, as_json: bool) -> None:
    """The question, what may be answered, the answer and its reasons."""
    from explorer.records.contest import spoken

    if as_json:
        out.line(task(record))
        return
    out.text(spoken(record.question))
    for index, one in enumerate(record.options):
        out.text(f"  {'ABCDEFGH'[index]}  {spoken(one)}")
    out.text(tr("Answer: {answer}").format(answer=spoken(record.options[record.answer])))
    for one in record.reasons:
        out.text(f"  {spoken(one)}")


def turned(record: Turned) -> dict[str, Any]:
    """{"request", "surface", "target", "angles", "runs": [{"optimizer", "median", "low", "high", "costs", "hypers", "ratio",
    "ratio_interval"}], "sentences"}; null: not within the budget, or no number."""
    from explorer.records.contest import spoken

    runs = []
    for run in record.runs:
        low, middle, high = run.curve()
        runs.append(
            {
                "optimizer": run.optimizer,
                "scales_each_axis": record.facts["axes"][run.optimizer],
                "median": _numbers(middle),
                "low": _numbers(low),
                "high": _numbers(high),
                "costs": [_numbers(row) for row in run.costs],
                "hypers": list(run.hypers),
                "ratio": _number(run.ratio),
                "ratio_interval": [_number(run.ratio_low), _number(run.ratio_high)],
            }
        )
    return {
        "request": record.request,
        "surface": record.facts["surface"],
        "target": record.facts["target"],
        "angles": record.angles.tolist(),
        "runs": runs,
        "sentences": [spoken(one) for one in record.sentences],
    }


def tell_turned(record: Turned, as_json: bool) -> None:
    """The medians at each angle and what they say."""
    from explorer.records.contest import spoken

    if as_json:
        out.line(turned(record))
        return
    out.text(" " * 24 + "".join(f"{angle:>8.3g}°" for angle in record.angles))
    for run in record.runs:
        out.text(f"{tr(run.title):<24}" + "".join(f"{value:>9.4g}" for value in run.curve()[1]))
    for sentence in record.sentences:
        out.text(spoken(sentence))


def save_turned(record: Turned, target: str) -> None:
    """Write the lesson as what the ending says."""
    from explorer.records.contest import spoken

    ending = Path(target).suffix.lower()
    if ending in saving.TABLE:
        rows = [
            (run.optimizer, float(angle), *(float(part[index]) for part in run.curve()))
            for run in record.runs
            for index, angle in enumerate(record.angles)
        ]
        saving.table(target, ("optimizer", "angle", "low", "median", "high"), rows)
    elif ending in saving.PICTURE:
        from explorer.picture.contest_plot import turned_picture

        saving.picture(target, turned_picture(record), turned(record))
    else:
        from explorer.atomic import write_text

        text = "\n".join(spoken(one) for one in record.sentences)
        write_text(target, (text if ending == ".txt" else json.dumps(turned(record), indent=1, ensure_ascii=False)) + "\n")


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _numbers(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [_number(value) for value in values.tolist()]
