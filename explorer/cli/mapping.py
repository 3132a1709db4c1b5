"""`explorer map`: a network's modules with what each costs and sees, and who feeds whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.records.network_map import COLUMNS
from explorer.requests.network_map import NetworkMapRequest

if TYPE_CHECKING:
    from explorer.records.network_map import MapRow, NetworkMap


@click.command("map", help=tr("Map a network, as in: explorer map resnet18 --weights random -o map.csv"))
@click.argument("model")
@request_flags(NetworkMapRequest, skip=("model",))
@output_option(tr("Table of all modules (.csv)."))
@json_option()
def map_(output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer map MODEL`."""
    request = build(NetworkMapRequest, values)
    saving.ending(output, saving.TABLE)
    with runner() as here:
        record: NetworkMap = here.run(request)
    if output:
        saving.table(output, COLUMNS, record.table())
    if as_json:
        out.line(shape(record))
    else:
        _tell(record)
    return 0


def shape(record: NetworkMap) -> dict[str, Any]:
    """{"name", "weights", "macs", "ms", "layers": [{...COLUMNS}], "nodes": [...], "edges": [[source, target]]}."""
    return {
        "name": record.name,
        "title": record.title,
        "input_size": record.input_size,
        "weights": record.weights,
        "macs": record.macs,
        "ms": out.rounded(record.total_ms),
        "passes": record.passes,
        "runs_on": record.runs_on.short(),
        "threads": record.runs_on.threads,
        "layers": [
            {column: (None if value == "" else value) for column, value in zip(COLUMNS, line, strict=True)}
            for line in record.table()
        ],
        "nodes": [{"module": node.module, "op": node.op, "inside": node.inside, "run": node.run} for node in record.nodes],
        "edges": [list(edge) for edge in record.edges],
        "answers": list(record.answers),
        "notes": list(record.notes),
    }


def _tell(record: NetworkMap) -> None:
    lines = [[tr("Layer"), tr("Kind"), tr("Output"), tr("Weights"), tr("Multiply-adds"), tr("Field"), tr("Time")]]
    lines += [_line(record, row) for row in record.rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    for line in lines:
        left, right = line[:3], line[3:]
        cells = [text.ljust(width) for text, width in zip(left, widths, strict=False)]
        cells += [text.rjust(width) for text, width in zip(right, widths[3:], strict=True)]
        out.text("  ".join(cells).rstrip())
    said = tr("{title}: {weights:,} weights, {macs:.3f} G multiply-adds for a picture of {size} x {size}").format(
        title=record.title, weights=record.weights, macs=record.macs / 1e9, size=record.input_size
    )
    if record.total_ms:
        said += ", " + tr("{ms:.1f} ms ({where}, {threads} threads)").format(
            ms=record.total_ms, where=record.runs_on.short(), threads=record.runs_on.threads
        )
    out.text(said)
    for note in record.notes:
        out.text(note)


def _line(record: NetworkMap, row: MapRow) -> list[str]:
    share = record.share(row)
    return [
        "  " * row.depth + row.name.rpartition(".")[2],
        row.kind,
        "x".join(map(str, row.shape)),
        f"{row.weights:,}" if row.weights else "",
        f"{row.macs:,}" if row.macs else "",
        field_text(row),
        "" if share is None else f"{share:.1%}",
    ]


def field_text(row: MapRow) -> str:
    """ "11x11", "<= 30x30" or "all"; "" where it is not known."""
    if row.field is None:
        return ""
    if row.whole:
        return tr("all")
    return ("<= " if row.at_most else "") + "x".join(f"{side:g}" for side in row.field)
