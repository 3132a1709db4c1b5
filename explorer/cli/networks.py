"""`explorer models` and `explorer weights`: what networks there are, and their trained numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import shapes
from explorer.cli.ending import say
from explorer.cli.flags import build, json_option, request_flags
from explorer.cli.running import Bar, Runner, runner
from explorer.i18n import tr
from explorer.requests.network import CatalogueRequest, LoadRequest
from explorer.tables import UnknownNameError

if TYPE_CHECKING:
    from explorer.weights.rows import WeightsRow


@click.command(help=tr("List the networks, or describe one with all its layers: explorer models squeezenet1_1"))
@click.argument("names", nargs=-1, metavar="[MODEL]...")
@request_flags(LoadRequest, skip=("model",))
@json_option()
def models(names: tuple[str, ...], as_json: bool, **values: Any) -> int:
    """`explorer models [MODEL]...`: a line each; with a name, or with --json, all layers too."""
    with runner() as here:
        if not names:
            here.load_plugins()
        if not names and not as_json:
            for row in here.run(CatalogueRequest()):
                out.text(f"{row.name:<20} {row.title:<20} {tr(row.task):<10} {_state(row.state, row.bytes)}")
            return 0
        if not names:
            rows = here.run(CatalogueRequest())
            return here.each([row.name for row in rows], lambda name: _listed(here, name, rows, values))
        return here.each(names, lambda name: _described(here, name, as_json, values))


def _listed(here: Runner, name: str, rows: Any, values: dict[str, Any]) -> None:
    """One JSON line of the list. Nothing is fetched for it: a network whose weights are not here is described without them."""
    row = next(item for item in rows if item.name == name)
    given = values if row.state in {"cached", "bundled"} else {**values, "weights": "random"}
    info = here.run(build(LoadRequest, {**given, "model": name}))
    shape = shapes.network(info)
    if row.state not in {"cached", "bundled"}:
        shape["weights"] = row.state
    out.line({**shape, "state": row.state, "bytes": row.bytes, "licence": row.licence})


def _described(here: Runner, name: str, as_json: bool, values: dict[str, Any]) -> None:
    info = here.run(build(LoadRequest, {**values, "model": name}))
    if as_json:
        out.line(shapes.network(info))
        return
    out.text(f"{info.name}: {info.title}, {tr(info.task)}, {info.weights}, " + tr("{n:,} weights").format(n=info.parameters))
    width = max(len(tap.name) for tap in info.layers)
    for tap in info.layers:
        out.text(f"  {tap.name:<{width}}  {tap.kind:<18} {'x'.join(map(str, tap.shape))}")


def _state(state: str, size: int) -> str:
    words = {
        "cached": tr("fetched"),
        "bundled": tr("comes with the program"),
        "download": tr("to fetch, {size:.1f} MB").format(size=size / 1e6) if size else tr("to fetch"),
        "random": tr("random numbers only"),
    }
    return words.get(state, state)


@click.command(help=tr("List the trained weights; --fetch gets those that are missing (continues where it stopped)."))
@click.argument("names", nargs=-1, metavar="[MODEL]...")
@click.option("--fetch", is_flag=True, help=tr("Download what is not here yet, verified, into the cache folder."))
@click.option("--quiet", is_flag=True, help=tr("With --fetch: say nothing where nothing is missing."))
@json_option()
def weights(names: tuple[str, ...], fetch: bool, quiet: bool, as_json: bool) -> int:
    """`explorer weights [MODEL]... [--fetch]`."""
    from explorer.weights.rows import default_rows, row_for, rows
    from explorer.weights.store import cached

    chosen = [name for name in names if row_for(name) is not None]
    unknown = [name for name in names if row_for(name) is None]
    if unknown:
        raise UnknownNameError("weights row", unknown[0], tuple(rows()))
    wanted = [row_for(name) for name in chosen] or list(default_rows() if fetch else rows().values())
    table = {row.name: row for row in wanted if row is not None}
    missing = [row for row in table.values() if cached(row) is None]
    if fetch and missing:
        size = sum(row.download_size for row in missing) / 1e6
        say(tr("Fetching {n} trained networks, {size:.0f} MB.").format(n=len(missing), size=size))
    with runner() as here:
        return here.each(table, lambda name: _weights(here, table[name], fetch, quiet, as_json))


def _weights(here: Runner, row: WeightsRow, fetch: bool, quiet: bool, as_json: bool) -> None:
    from explorer.weights.store import cached

    path = cached(row)
    if path is None and fetch:
        from explorer.weights.fetch import fetch as get

        bar = Bar(row.name)
        try:
            path = get(row, here.token, lambda event: bar.show(event.done, event.total, event.text))
        finally:
            bar.done()
    elif quiet and fetch:
        return
    state = "bundled" if row.bundled else "cached" if path else "download"
    if as_json:
        where = str(path) if path else None
        size = row.download_size
        out.line({"name": row.name, "state": state, "bytes": size, "licence": row.licence, "path": where})
    else:
        out.text(f"{row.name:<26} {_state(state, row.download_size):<26} {row.licence}")
