"""`explorer init`: what the first weights do to a deep network."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.output import rounded
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.neural import InitialisationRequest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explorer.records.neural import Initialisation, Initialised

COLUMNS = ("scheme", "layer", "mean", "spread", "gradient", "silent", "different", "different_after")


@click.command(help=tr("Follow activations through a deep network for six ways of choosing its weights, as in: explorer init"))
@request_flags(InitialisationRequest)
@output_option(tr("Table (.csv) or numbers (.npz)."))
@json_option()
def init(output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer init`."""
    request = build(InitialisationRequest, values)
    ending = saving.ending(output, saving.TABLE, saving.ARRAYS)
    with runner() as here:
        record: Initialisation = here.run(request)
    if output and ending in saving.TABLE:
        saving.table(output, COLUMNS, [(one.name, *row) for one in record.schemes for row in _rows(one)])
    elif output:
        fields = ("weights", "mean", "spread", "slopes", "silent", "different", "different_after", "counts")
        saving.arrays(output, **{f"{one.name}_{name}": getattr(one, name) for one in record.schemes for name in fields})
    if as_json:
        out.line(shape(record))
        return 0
    for one in record.schemes:
        last = len(one.spread) - 1
        text = tr("spread {first:.3g} in layer 1, {last:.3g} in layer {layer}; {count} different units")
        numbers = {"first": one.spread[1], "last": one.spread[last], "layer": last, "count": int(one.different_after[last])}
        out.text(f"{tr(one.title):<22}  {text.format(**numbers)}")
    return 0


def _rows(one: Initialised) -> list[tuple[int, float, float, float, float, int, int]]:
    columns = (one.mean, one.spread, one.slopes, one.silent, one.different, one.different_after)
    return list(zip(range(len(one.mean)), *(column.tolist() for column in columns), strict=True))


def shape(record: Initialisation) -> dict[str, Any]:
    """{"activation", "depth", "width", "seed", "schemes": [{"name", "mean", "spread", "gradient", ...}]}; null: no number."""
    schemes = [
        {
            "name": one.name,
            "weights": _numbers(one.weights),
            "mean": _numbers(one.mean),
            "spread": _numbers(one.spread),
            "gradient": _numbers(one.slopes),
            "silent": _numbers(one.silent),
            "different": one.different.tolist(),
            "different_after": one.different_after.tolist(),
        }
        for one in record.schemes
    ]
    facts = {"activation": record.activation, "depth": record.depth, "width": record.width, "seed": record.seed}
    return {**facts, "schemes": schemes}


def _numbers(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [rounded(value) if math.isfinite(value) else None for value in values.tolist()]
