"""Options made from a request model: one declaration gives the form, the flags and the validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from explorer.cli.operating import edits_of, surgery_options
from explorer.i18n import tr
from explorer.requests.base import ParameterInfo, Request, parameters

M = TypeVar("M", bound=Request)
Command = TypeVar("Command", bound=Callable[..., Any])


class Names(click.ParamType[Any]):
    """`a,b,c` as a tuple of texts."""

    name = "a,b,c"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Split at commas."""
        return value if isinstance(value, tuple) else tuple(item.strip() for item in str(value).split(",") if item.strip())


class Point(click.ParamType[Any]):
    """`x,y` as two numbers; negative numbers and exponents are fine."""

    name = "x,y"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Two finite numbers, or a usage error."""
        if isinstance(value, tuple):
            return value
        try:
            x, y = (float(item) for item in str(value).split(","))
        except ValueError:
            self.fail(tr("'{value}' is not two numbers with a comma, as in -1,0.001.").format(value=value), param, ctx)
        return (x, y)


class Settings(click.ParamType[Any]):
    """`adam.lr=0.1,adam.beta1=0.9` as {"adam": {"lr": 0.1, "beta1": 0.9}}."""

    name = "adam.lr=0.1,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A map of maps, or a usage error."""
        if isinstance(value, dict):
            return value
        found: dict[str, dict[str, float]] = {}
        for item in filter(None, str(value).split(",")):
            left, _, number = item.partition("=")
            owner, _, name = left.partition(".")
            try:
                found.setdefault(owner.strip(), {})[name.strip()] = float(number)
            except ValueError:
                self.fail(tr("'{value}' is not METHOD.NAME=NUMBER.").format(value=item), param, ctx)
        return found


class Shape(click.ParamType[Any]):
    """`period=50,growth=2` as {"period": 50, "growth": 2}."""

    name = "period=50,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Numbers by name, or a usage error."""
        if isinstance(value, dict):
            return value
        found: dict[str, float] = {}
        for item in filter(None, str(value).split(",")):
            name, _, number = item.partition("=")
            try:
                found[name.strip()] = float(number)
            except ValueError:
                self.fail(tr("'{value}' is not NAME=NUMBER.").format(value=item), param, ctx)
        return found


class Rows(click.ParamType[Any]):
    """`1,2;3,4` as ((1, 2), (3, 4)); what is no number stays text."""

    name = "a,b;c,d;..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Rows split at semicolons, cells at commas; the request checks them."""
        if isinstance(value, tuple):
            return value
        rows = (row.split(",") for row in str(value).split(";") if row.strip())
        return tuple(tuple(cell.strip() for cell in row) for row in rows)


def request_flags(model: type[Request], skip: tuple[str, ...] = ()) -> Callable[[Command], Command]:
    """A decorator that adds one option for every parameter of `model` that is not in `skip`."""

    def decorate(command: Command) -> Command:
        for info in reversed(parameters(model)):
            if info.name == "surgery" and info.name not in skip:
                command = surgery_options(command)
            elif info.name not in skip:
                command = _option(info)(command)
        return command

    return decorate


def _option(info: ParameterInfo) -> Callable[[Command], Command]:
    flag = "--" + info.name.replace("_", "-")
    text = tr(info.help)
    if info.unit:
        text += f" ({tr(info.unit)})"
    if info.kind == "bool":
        return click.option(f"{flag}/--no-{flag[2:]}" if info.default else flag, is_flag=True, default=info.default, help=text)
    kinds: dict[str, Any] = {
        "int": click.IntRange(_whole(info.low), _whole(info.high)),
        "float": click.FloatRange(info.low, info.high),
        "choice": click.Choice(info.options),
        "list": Names(),
        "point": Point(),
        "map": Settings(),
        "numbers": Shape(),
        "rows": Rows(),
    }
    shown = info.default not in (None, "", {}, ()) and info.kind not in {"list", "map", "numbers", "rows"}
    return click.option(flag, type=kinds.get(info.kind, click.STRING), default=info.default, show_default=shown, help=text)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def build(model: type[M], values: dict[str, Any]) -> M:
    """The request of these option values (others are ignored). Raises click.UsageError in words."""
    known = {name: value for name, value in values.items() if name in model.model_fields}
    if "surgery" in model.model_fields:
        known["surgery"] = edits_of(values)
    try:
        return model.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise click.UsageError(f"--{where.replace('_', '-')}: {first['msg']}") from None


def output_option(help_text: str, *, several: bool = False) -> Callable[[Command], Command]:
    """`-o FILE`; the ending decides what is written. `several`: may be given more than once, as `outputs`."""
    if several:
        return click.option("-o", "--output", "outputs", multiple=True, metavar="FILE", help=help_text)
    return click.option("-o", "--output", type=click.Path(dir_okay=True), default=None, metavar="FILE", help=help_text)


def json_option() -> Callable[[Command], Command]:
    """`--json`: results as JSON lines on standard output, and nothing else there."""
    return click.option("--json", "as_json", is_flag=True, help=tr("Write results as JSON, one object a line."))


def frames_option() -> Callable[[Command], Command]:
    """`--frames N`: how much of a video."""
    return click.option(
        "--frames", type=click.IntRange(1), default=None, help=tr("At most so many frames of a video (all of them by default).")
    )
