"""Requests and their parameters, declared once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

Place = Literal["engine", "calc", "capture", "recorder"]


class Request(BaseModel):
    """Base of all requests: frozen, hashable, JSON in and out, unknown fields refused.

    `job`: "module:function" that runs it. `place`: the child process that iterates it for the window.
    `needs_frame`: the job reads `work.frame`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    job: ClassVar[str] = ""
    place: ClassVar[Place] = "engine"
    needs_frame: ClassVar[bool] = False
    title: ClassVar[str] = ""


M = TypeVar("M", bound=Request)


def changed(request: M, **fields: Any) -> M:
    """A validated copy with some fields replaced (pydantic's own model_copy does not validate)."""
    return type(request).model_validate({**request.model_dump(), **fields})


def parameter(
    default: Any,
    label: str,
    help: str,  # noqa: A002 - the field's own word
    *,
    ge: float | None = None,
    le: float | None = None,
    step: float | None = None,
    unit: str = "",
    log: bool = False,
    more: bool = False,
    group: str = "",
    choices: str = "",
    hidden: bool = False,
    min_length: int | None = None,
    max_length: int | None = None,
) -> Any:
    """A field of a request.

    `label`, `help`, `group` and `unit` are English message keys (mark with N_). `ge`/`le` is the range, `step` the step of
    sliders and spin boxes, `log` a logarithmic slider, `more` puts it under "More", `choices` names where the choices come
    from at run time ("network", "layer", "surface", "optimizer", "colour_map"), `hidden` keeps it out of forms.
    """
    extra: dict[str, Any] = {
        "step": step,
        "unit": unit,
        "log": log,
        "more": more,
        "group": group,
        "choices": choices,
        "hidden": hidden,
    }
    limits: dict[str, Any] = {"ge": ge, "le": le, "min_length": min_length, "max_length": max_length}
    kept = {name: value for name, value in limits.items() if value is not None}
    make = cast(Callable[..., Any], Field)
    if callable(default):
        return make(default_factory=default, title=label, description=help, json_schema_extra=extra, **kept)
    return make(default=default, title=label, description=help, json_schema_extra=extra, **kept)


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter as a form or a command line needs it.

    `kind`: "bool", "int", "float", "text", "choice" (one of `options`), "list", "rows" (a list of tuples), "point" (x, y),
    "numbers" (name -> number) or "map" (name -> name -> number).
    """

    name: str
    kind: str
    label: str
    help: str
    default: Any
    low: float | None
    high: float | None
    step: float | None
    unit: str
    log: bool
    more: bool
    group: str
    options: tuple[str, ...]
    choices: str
    hidden: bool
    optional: bool


def parameters(model: type[Request]) -> tuple[ParameterInfo, ...]:
    """All parameters of a request, in the order of declaration."""
    return tuple(_describe(name, info) for name, info in model.model_fields.items())


def _describe(name: str, info: FieldInfo) -> ParameterInfo:
    extra = cast(dict[str, Any], info.json_schema_extra or {})
    low, high = _limits(info.metadata)
    kind, options, optional = _kind(info.annotation)
    default = info.get_default(call_default_factory=True, validated_data={})
    return ParameterInfo(
        name=name,
        kind=kind,
        label=info.title or name,
        help=info.description or "",
        default=None if default is PydanticUndefined else default,
        low=low,
        high=high,
        step=extra.get("step"),
        unit=str(extra.get("unit", "")),
        log=bool(extra.get("log", False)),
        more=bool(extra.get("more", False)),
        group=str(extra.get("group", "")),
        options=options,
        choices=str(extra.get("choices", "")),
        hidden=bool(extra.get("hidden", False)),
        optional=optional,
    )


def _limits(metadata: Sequence[Any]) -> tuple[float | None, float | None]:
    low = next((item.ge for item in metadata if getattr(item, "ge", None) is not None), None)
    high = next((item.le for item in metadata if getattr(item, "le", None) is not None), None)
    return low, high


def _kind(annotation: Any) -> tuple[str, tuple[str, ...], bool]:
    arguments = get_args(annotation)
    if type(None) in arguments:
        inner = next(item for item in arguments if item is not type(None))
        kind, options, _ = _kind(inner)
        return kind, options, True
    origin = get_origin(annotation)
    if origin is Literal:
        return "choice", tuple(str(item) for item in arguments), False
    if origin is tuple:
        if Ellipsis not in arguments:
            return "point", (), False
        return ("rows" if get_origin(arguments[0]) is tuple else "list"), (), False
    if origin is dict:
        return ("numbers" if arguments[1] is float else "map"), (), False
    names = {bool: "bool", int: "int", float: "float", str: "text"}
    return names.get(annotation, "text"), (), False
