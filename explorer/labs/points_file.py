"""Job: a table of points as people keep it, from a spreadsheet: with a header, with decimal commas, with names of classes."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from explorer.i18n import N_
from explorer.jobs import Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.points import PointTable
from explorer.requests.points import MOST, PointsRequest

LARGEST_FILE = 1 << 20  # bytes; two thousand points take a twentieth of it
Row = tuple[int, list[str]]  # number of the line, from 1, and its cells


def read(request: PointsRequest, work: Work) -> Iterator[Step]:
    """Job of PointsRequest: a PointTable. Raises BadRequestError with the line that is wrong."""
    yield Result(table_of(text_of(request.path) if request.path else request.text, request.classes))


def text_of(path: str) -> str:
    """The text of a file, in whatever common encoding. Raises BadRequestError where there is none, or too much of it."""
    file = Path(path).expanduser()
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        values = {"path": path, "reason": error.strerror or type(error).__name__}
        raise refused("unreadable", N_("{path} cannot be read: {reason}."), values) from error
    if len(data) > LARGEST_FILE:
        raise refused("large", N_("{path} is larger than a table of points can be (1 MiB)."), {"path": path})
    if b"\0" in data:
        raise refused("binary", N_("{path} is no table: it is not text."), {"path": path})
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1250", errors="replace")  # only the header and the names of classes can differ


def table_of(text: str, classes: bool) -> PointTable:
    """The points of a table: columns x, y and, with `classes`, the class. A first line without numbers is a header.

    Classes may have any two names; the first to appear is class 0 then. Raises BadRequestError.
    """
    rows, comma = cells_of(text)
    if rows and all(number(cell, comma) is None for cell in rows[0][1][:2]):
        rows = rows[1:]  # the header
    wanted = 3 if classes else 2
    points = [numbers(row, wanted, comma) for row in rows]
    if len(points) < 2:
        raise refused("few", N_("A table needs two points at least; here are {count}."), {"count": len(points)})
    if len(points) > MOST:
        values = {"count": len(points), "most": MOST}
        raise refused("many", N_("The table has {count} points; a surface takes {most} at most."), values)
    left_out = max(len(cells) for _, cells in rows) - wanted
    if not classes:
        return PointTable(tuple(points), (), left_out)
    names = [cells[2].strip() for _, cells in rows]
    places, labels = classes_of(names)
    return PointTable(tuple((*point, float(places[name])) for point, name in zip(points, names, strict=True)), labels, left_out)


def cells_of(text: str) -> tuple[list[Row], bool]:
    """The cells of every line that holds something, and whether a comma is a decimal mark there."""
    lines = [(at, line) for at, line in enumerate(text.lstrip("\ufeff").splitlines(), 1) if line.strip()]
    lines = [(at, line) for at, line in lines if not line.lstrip().startswith("#")]
    with_it = {mark: sum(mark in line for _, line in lines) for mark in "\t;,"}
    mark = max(with_it, key=lambda one: with_it[one])  # of equals the first: in 0,5;2 the commas are decimal marks
    if not with_it[mark]:
        return [(at, line.split()) for at, line in lines], True
    try:
        return [(at, next(csv.reader([line], delimiter=mark, skipinitialspace=True))) for at, line in lines], mark != ","
    except csv.Error as error:
        raise refused("broken", N_("The table cannot be read: {reason}."), {"reason": str(error)}) from error


def number(cell: str, comma: bool) -> float | None:
    """A cell as a number, None where it is none. `comma`: 1,5 is one and a half."""
    text = cell.strip().replace("\N{MINUS SIGN}", "-")
    try:
        return float(text.replace(",", ".") if comma else text)
    except ValueError:
        return None


def numbers(row: Row, wanted: int, comma: bool) -> tuple[float, ...]:
    """x and y of a line. Raises BadRequestError."""
    at, cells = row
    if len(cells) < wanted:
        text = N_("Line {line}: x, y and the class of a point are needed.") if wanted == 3 else N_(
            "Line {line}: x and y of a point are needed."
        )  # fmt: skip
        raise refused("columns", text, {"line": at})
    found: list[float] = []
    for cell in cells[:2]:
        value = number(cell, comma)
        if value is None or not math.isfinite(value):
            raise refused("number", N_("Line {line}: '{cell}' is no number."), {"line": at, "cell": cell[:40]})
        found.append(value)
    return tuple(found)


def classes_of(names: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The place of each name of a class, and what 0 and 1 are called where they are no numbers. Raises BadRequestError."""
    distinct = list(dict.fromkeys(names))
    counted = {name: number(name, True) for name in distinct}
    if all(value in (0.0, 1.0) for value in counted.values()):
        return {name: int(value or 0.0) for name, value in counted.items()}, ()
    if len(distinct) != 2:
        values = {"count": len(distinct), "names": ", ".join(distinct[:4])}
        raise refused("classes", N_("The third column names {count} classes ({names}); there can be two."), values)
    return {name: place for place, name in enumerate(distinct)}, tuple(distinct)


def refused(code: str, text: str, values: Mapping[str, object]) -> BadRequestError:
    """A table that is none, with what is wrong and what one looks like."""
    hint = "" if code in ("unreadable", "large") else N_("A table has a line for each point, as in 0.5, -1.2 or 0.5, -1.2, 1.")
    return BadRequestError(Trouble(f"points.{code}", text, dict(values), hint, exit_code=3))
