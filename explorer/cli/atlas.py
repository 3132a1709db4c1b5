"""`explorer atlas`: every unit of some layers as a page to browse."""

from __future__ import annotations

from typing import Any

import click

from explorer.cli import output as out
from explorer.cli.flags import build, json_option, request_flags
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.units import AtlasRequest

MOST = 65536


class Channels(click.ParamType[Any]):
    """`0-15,20` as a tuple of numbers."""

    name = "0-15,20"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Numbers and ranges, each once, or a usage error."""
        if isinstance(value, tuple):
            return value
        found: dict[int, None] = {}
        for part in filter(None, (item.strip() for item in str(value).split(","))):
            first, dash, last = part.partition("-")
            if not first.isdecimal() or (dash and not last.isdecimal()):
                self.fail(tr("'{value}' is not a list of channels, as in 0-15,20.").format(value=value), param, ctx)
            low, high = int(first), int(last) if dash else int(first)
            if high < low or high >= MOST:
                self.fail(tr("'{value}' is not a list of channels, as in 0-15,20.").format(value=value), param, ctx)
            found.update(dict.fromkeys(range(low, high + 1)))
        return tuple(found)


@click.command(help=tr("Show every unit of some layers as a page, as in: explorer atlas squeezenet1_1 --layers features.3"))
@click.argument("model")
@request_flags(AtlasRequest, skip=("model", "layer", "channels", "cached_only", "layers"))
@click.option("--layers", required=True, metavar="L1,L2", help=tr("The layers to show, separated by commas."))
@click.option("--channels", type=Channels(), default=(), help=tr("Only these units, counted from 0. Without it: all."))
@json_option()
def atlas(layers: str, as_json: bool, **values: Any) -> int:
    """`explorer atlas MODEL`."""
    names = tuple(name.strip() for name in layers.split(",") if name.strip())
    if not names:
        raise click.UsageError(tr("--layers names at least one layer, as in --layers features.3,features.6."))
    request = build(AtlasRequest, {**values, "layers": names})
    with runner() as here:
        record = here.run(request)
    if as_json:
        told = [{"layer": name, "units": there, "of": of} for name, there, of in record.layers]
        out.line({"index": record.index, "layers": told, "grown": record.grown, "kept": record.kept})
        return 0
    for name, there, of in record.layers:
        out.text(tr("{layer}: {there} of {of} units").format(layer=name, there=there, of=of))
    out.text(
        tr("{grown} grown, {kept} kept. Open {index} in a browser.").format(
            grown=record.grown, kept=record.kept, index=record.index
        )
    )
    return 0
