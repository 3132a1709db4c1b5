"""Any class of torch.optim as a method of the playground: entered by name, as in `SGD(lr=0.1, momentum=0.9)`.

The class itself makes every step, on a tensor of two float64 numbers; the surface's exact gradient is what it finds in
`.grad`. So a person can see what PyTorch's own code does, beside the methods that are written out here.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib
import inspect
import math
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.optim import Optimizer as TorchOptimizer

from explorer.descent.ground import Point, Surface
from explorer.descent.method import Numbers, Optimizer, Plan, rate
from explorer.descent.oracle import Oracle
from explorer.i18n import N_, tr
from explorer.jobs import CancelToken, Progress, Step
from explorer.records.errors import BadRequestError, Trouble

PREFIX = "torch."
LATER = "torch._dynamo"  # torch.optim's first step imports it, and with it sympy: a second in which no Stop could be heard
LIKE = {  # whose learning rate on a surface suits them, where none is given
    "SGD": "gd", "ASGD": "gd", "Adagrad": "adagrad", "Adadelta": "adadelta", "RMSprop": "rmsprop", "Adam": "adam",
    "AdamW": "adam", "Adamax": "adam", "NAdam": "adam", "RAdam": "adam",
}  # fmt: skip
Options = dict[str, Any]


def names() -> tuple[str, ...]:
    """The classes of torch.optim of the installed torch, in alphabetical order."""
    found = (getattr(torch.optim, name) for name in dir(torch.optim))
    kinds = {kind.__name__ for kind in found if inspect.isclass(kind) and issubclass(kind, TorchOptimizer)}
    return tuple(sorted(kinds - {"Optimizer"}))


def parsed(text: str) -> tuple[str, Options]:
    """(class, options) of "SGD", "torch.optim.SGD(lr=0.1)" and the like. Nothing is run: options are plain values.

    Raises BadRequestError saying what is wrong, with the names that exist.
    """
    example = N_("{entry} is not a class of torch.optim with its options, as in SGD(lr=0.1).")
    wrong = _refusal("torch.entry", example, entry=text)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        call = tree if isinstance(tree, ast.Call) else None
        path = ast.unparse(call.func if call is not None else tree)
        if call is not None and (call.args or any(one.arg is None for one in call.keywords)):
            raise wrong
        options = {str(one.arg): ast.literal_eval(one.value) for one in (call.keywords if call is not None else ())}
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise wrong from None
    name = path.removeprefix("torch.optim.").removeprefix("torch.")
    if name not in names():
        near = difflib.get_close_matches(name, names(), 3, 0.5) or names()
        raise _refusal("torch.class", N_("torch.optim has no class {name}. Near: {near}."), name=name, near=", ".join(near))
    return name, options


def made_of(text: str, weights: Sequence[torch.Tensor]) -> tuple[TorchOptimizer, str]:
    """(the optimizer of `weights` that was entered, its name with its options as they were understood).

    Raises BadRequestError for what cannot be parsed and for options the class does not take, in torch's own words.
    """
    name, options = parsed(text)
    kind = getattr(torch.optim, name)
    known = [one for one in inspect.signature(kind).parameters if one != "params"]
    for option in options:
        if option not in known:
            unknown = N_("torch.optim.{name} has no option {option}; it has: {known}.")
            raise _refusal("torch.option", unknown, name=name, option=option, known=", ".join(known))
    with refused(name):
        made = kind(list(weights), **options)
    said = f"({', '.join(f'{key}={value!r}' for key, value in options.items())})" if options else ""
    return made, PREFIX + name + said


def method_of(text: str) -> Optimizer:
    """A fresh row for one path: it holds the torch optimizer that makes its steps. Raises BadRequestError as `made_of`."""
    name, options = parsed(text)
    place = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
    place.grad = torch.zeros(2, dtype=torch.float64)
    made, entered = made_of(text, [place])
    default = float(made.param_groups[0].get("lr", math.nan))

    def plan(hyper: Numbers, _surface: Surface) -> Plan:
        for group in made.param_groups:
            if "lr" in hyper:
                group["lr"] = hyper["lr"]

        def step(x: float, y: float, oracle: Oracle, _memory: list[float], _k: int) -> Point:
            return _step(name, made, place, (x, y), oracle)

        return step

    return Optimizer(
        entered, f"torch.optim.{name}", f"torch.optim.{name}.step()", "PyTorch",
        () if math.isnan(default) else (rate(default),), None, plan=plan, like="" if "lr" in options else LIKE.get(name, ""),
    )  # fmt: skip


@contextlib.contextmanager
def refused(name: str) -> Iterator[None]:
    """What torch.optim says inside the block becomes a BadRequestError in its words."""
    try:
        yield
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        raise _refusal("torch.refused", N_("torch.optim.{name}: {said}"), name=name, said=str(error)) from None


def loading_torch_optim(token: CancelToken) -> Iterator[Step]:
    """Import what torch.optim's first step would, while Stop is heard."""
    loading = threading.Thread(target=importlib.import_module, args=(LATER,), daemon=True)
    loading.start()
    while loading.is_alive():
        token.check()
        yield Progress(0, 1, tr("loading torch.optim"))
        loading.join(0.02)


def _step(name: str, made: TorchOptimizer, place: torch.nn.Parameter, at: Point, oracle: Oracle) -> Point:
    """One call of `step`; the closure may be called more than once (LBFGS) and is counted as often."""
    gradient = place.grad
    assert gradient is not None

    def closure() -> float:
        x, y = place.tolist()
        gradient[0], gradient[1] = oracle.gradient(x, y)
        return oracle.value(x, y)

    with torch.no_grad():
        place[0], place[1] = at
        with refused(name):
            made.step(closure)
    x, y = place.tolist()
    return float(x), float(y)


def _refusal(code: str, text: str, **values: object) -> BadRequestError:
    return BadRequestError(Trouble(code, text, values, exit_code=2))
