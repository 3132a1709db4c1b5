"""The options that shape a surface: its parameters, its domain, a formula in place of a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from explorer.cli.flags import Rows, Shape
from explorer.i18n import tr

Command = TypeVar("Command", bound=Callable[..., Any])
SKIPPED = ("surface", "values", "formula", "domain", "points", "torch")  # fields that `request_flags` leaves to others


class Rectangle(click.ParamType[Any]):
    """`-3,3,-2,2` as four numbers."""

    name = "x0,x1,y0,y1"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Four numbers, or a usage error."""
        if isinstance(value, tuple):
            return value
        try:
            x0, x1, y0, y1 = (float(item) for item in str(value).split(","))
        except ValueError:
            self.fail(tr("'{value}' is not four numbers with commas, as in -3,3,-2,2.").format(value=value), param, ctx)
        return (x0, x1, y0, y1)


class PointsOrFile(Rows):
    """`0.5,1;2,-1` as rows of numbers, or a file with a table of them as its path."""

    name = "FILE|a,b;c,d;..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A Path where it is not numbers with commas; what is in the file is read with the surface."""
        if isinstance(value, (tuple, Path)):
            return value
        rows = super().convert(value, param, ctx)
        try:
            return tuple(tuple(float(cell) for cell in row) for row in rows)
        except ValueError:
            path = Path(str(value))
        if not path.exists() and ";" in str(value):
            self.fail(tr("'{value}' is neither points, as in 0.5,1;2,-1, nor a file.").format(value=value), param, ctx)
        return path


def surface_flags(command: Command) -> Command:
    """Adds `--set`, `--domain` and `--points`."""
    what = tr("What a surface from data is made of: a table in a file (.csv .tsv .txt), or (x, y) or (x, y, class) each.")
    command = click.option("--points", type=PointsOrFile(), default=(), help=what)(command)
    shown = click.option("--domain", type=Rectangle(), help=tr("The part that is shown: x from, to, y from, to."))
    text = tr("Value of a parameter of the surface, as in --set a=2.")
    return shown(click.option("--set", "assigned", type=Shape(), multiple=True, help=text)(command))


def shaped(values: dict[str, Any], surface: str | None, formula: str | None) -> dict[str, Any]:
    """`values` with the fields of a SurfaceRequest. Raises click.UsageError unless there is one of a name and a formula."""
    if (surface is None) == (formula is None):
        raise click.UsageError(tr("Name a SURFACE, or give a --formula."))
    given = {name: number for pairs in values.get("assigned", ()) for name, number in pairs.items()}
    chosen: dict[str, Any] = {"values": given}
    if formula is not None:
        _check(formula, given)
        chosen["formula"] = formula
    else:
        chosen["surface"] = surface
    if isinstance(values.get("points"), Path):
        chosen["points"] = _read(values["points"], surface)
    return {**values, **chosen}


def _read(path: Path, surface: str | None) -> tuple[tuple[float, ...], ...]:
    """The points in a file; with classes where the surface is made of such. Raises BadRequestError."""
    from explorer.descent.ground import surface_named
    from explorer.labs.points_file import table_of, text_of

    own = surface_named(surface).points if surface is not None else ()
    return table_of(text_of(str(path)), bool(own) and len(own[0]) == 3).points


def _check(formula: str, given: dict[str, float]) -> None:
    """A slider that the formula does not have is a slip here; the window leaves it alone while someone types."""
    from explorer.descent.formula_parse import parse
    from explorer.descent.formula_tokens import FormulaError

    try:
        known = parse(formula).parameters
    except FormulaError:
        if formula.strip():
            return  # the job says it
        raise
    for name in given:
        if name not in known:
            text = tr("The formula has no '{name}'; it has: {known}.")
            raise click.UsageError(text.format(name=name, known=" ".join(known) or "-"))
