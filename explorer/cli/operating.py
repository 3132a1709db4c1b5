"""Surgery on the command line: the options of every command that runs a network, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from explorer.i18n import tr
from explorer.requests.surgery import MOST_EDITS, Edit, SurgeryFile

Command = TypeVar("Command", bound=Callable[..., Any])
MOST_BYTES = 1 << 24


class Cut(click.ParamType[Edit]):
    """One edit as text: LAYER:1,2 for mute, keep and swap, LAYER:3*0.5 for rescale, LAYER:FILTER[:INPUT]=NUMBERS for kernel."""

    def __init__(self, kind: str, form: str) -> None:
        self.kind, self.name = kind, form

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Edit:
        """The edit, or a usage error that shows the form."""
        if isinstance(value, Edit):
            return value
        try:
            fields = kernel_fields(str(value)) if self.kind == "kernel" else channel_fields(str(value))
            return Edit.model_validate({"kind": self.kind, **fields})
        except (ValueError, KeyError) as error:  # pydantic's ValidationError is a ValueError
            said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else ""
            text = tr("'{value}' is not {form}.").format(value=value, form=self.name)
            self.fail(f"{text} {said}".strip(), param, ctx)


def channel_fields(text: str) -> dict[str, Any]:
    """`features.3:1,2*0.5` -> layer, channels, factor. Ranges are fine: 0-7,12. Raises ValueError."""
    place, _, factor = text.partition("*")
    layer, _, listed = place.rpartition(":")
    channels: list[int] = []
    for item in listed.split(","):
        first, dash, last = item.strip().partition("-")
        low, high = int(first), int(last if dash else first)
        if high - low > 65535:
            raise ValueError("too many channels")
        channels += range(low, high + 1)
    return {"layer": layer, "channels": tuple(channels), **({"factor": float(factor)} if factor else {})}


def kernel_fields(text: str) -> dict[str, Any]:
    """`features.0:5:1=1,0,-1/2,0,-2/1,0,-1`, or a known kernel: `=sobel_x`, `=gaussian@5`. Without INPUT: every slice."""
    from explorer.picture.kernels import preset

    place, _, written = text.partition("=")
    parts = place.split(":")
    numbers = [int(part) for part in parts[1:]]
    if not 1 <= len(numbers) <= 2:
        raise ValueError("LAYER:FILTER or LAYER:FILTER:INPUT")
    name, _, size = written.strip().partition("@")
    if name.isidentifier():
        rows = preset(name, int(size or 3)).tolist()
    else:
        rows = [[float(number) for number in row.split(",")] for row in written.split("/")]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("rows of one length")
    return {
        "layer": parts[0],
        "channels": (numbers[0],),
        "input_channel": numbers[1] if len(numbers) == 2 else None,
        "rows": len(rows),
        "columns": len(rows[0]),
        "numbers": tuple(number for row in rows for number in row),
    }


CUTS: tuple[tuple[str, Cut], ...] = (
    ("mute", Cut("mute", "LAYER:1,2")),
    ("keep", Cut("keep", "LAYER:1,2")),
    ("rescale", Cut("scale", "LAYER:3*0.5")),
    ("swap", Cut("swap", "LAYER:1,2")),
    ("replace_kernel", Cut("kernel", "LAYER:FILTER[:INPUT]=1,0,-1/2,0,-2/1,0,-1")),
)


def surgery_options(command: Command) -> Command:
    """Adds --surgery FILE and the repeatable edits to a command."""
    helps = {
        "mute": tr("Set output channels of a layer to zero; may be given several times, as all of these."),
        "keep": tr("Set all other output channels of a layer to zero."),
        "rescale": tr("Multiply output channels of a layer."),
        "swap": tr("Exchange two output channels of a layer."),
        "replace_kernel": tr(
            "Replace a kernel: its numbers, or a known one, as in =sobel_x or =gaussian@5. Without INPUT: all slices."
        ),
    }
    for name, kind in reversed(CUTS):
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, type=kind, multiple=True, metavar=kind.name, help=helps[name])(command)
    text = tr("Operate on the network as this file says (.json, saved by the Surgery panel); the edits below come after it.")
    return click.option("--surgery", type=click.Path(), default=None, metavar="FILE", help=text)(command)


def edits_of(values: Mapping[str, Any]) -> tuple[Edit, ...]:
    """The surgery of a command's options: the file (or a recipe's edits), then mute, keep, rescale, swap, replace-kernel."""
    start = values.get("surgery") or ()
    edits = list(read_surgery(start) if isinstance(start, str) else (Edit.model_validate(edit) for edit in start))
    for name, _ in CUTS:
        edits += [edit for edit in values.get(name) or () if isinstance(edit, Edit)]
    if len(edits) > MOST_EDITS:
        raise click.UsageError(
            tr("These are {count} edits; at most {most} are possible.").format(count=len(edits), most=MOST_EDITS)
        )
    return tuple(edits)


def read_surgery(path: str) -> tuple[Edit, ...]:
    """The edits in a file. Raises click.UsageError in words."""
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            raise OSError(tr("too large"))
        return SurgeryFile.model_validate_json(Path(path).read_bytes()).surgery
    except OSError as error:
        raise click.UsageError(f"--surgery: {path}: {error.strerror or error}") from None
    except ValueError as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        where = ".".join(str(part) for part in first["loc"])
        text = tr("{path} is no surgery file.").format(path=path)
        raise click.UsageError(f"--surgery: {text} {where} {first['msg']}") from None
