"""Looking into a running network: taps, runs that stop early, runs that can be cancelled. All hooks live in a `with`.

`with taps(module, ["features.3"]) as got: module(x)` leaves one Tensor in got["features.3"];
`run_until(module, x, "features.3")` gives the same and computes nothing behind that layer.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explorer.engine.taps_kept import Kept, KeptForward, Leaving
from explorer.engine.taps_kept import first_tensor as first_tensor  # for everybody
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble

if TYPE_CHECKING:
    from explorer.jobs import CancelToken


MANY = 20  # layers: from here on one list of all is quicker than asking for each, and hooks become dear
WATCHFUL = (nn.TransformerEncoderLayer, torch.jit.ScriptModule)  # look at the hooks of their parts, or run without Python


class StopForward(Exception):
    """Raised by a hook to end a forward pass behind a layer; never leaves this module."""


def layer_of(module: nn.Module, name: str) -> nn.Module:
    """The layer called `name`. Raises BadRequestError naming some that exist."""
    with contextlib.suppress(AttributeError):  # not by a list of all: networks have thousands of layers
        return module.get_submodule(name)
    some = ", ".join([found for found, _ in itertools.islice(module.named_modules(), 1, 9)])
    raise BadRequestError(
        Trouble(
            "layer.unknown",
            N_("The network has no layer called {layer}."),
            {"layer": name, "some": some},
            N_("It has, among others: {some}."),
            exit_code=2,
        )
    )


@contextlib.contextmanager
def taps(
    module: nn.Module, names: Sequence[str], *, detach: bool = True, shown: Sequence[str] = ()
) -> Iterator[MutableMapping[str, torch.Tensor]]:
    """Collect the outputs of the layers `names` while the block runs the network.

    Yields a mapping that fills during the forward pass: name -> Tensor (N, ...), detached unless `detach` is False. A layer
    that runs more than once leaves its last output; one that returns no tensor leaves nothing. No hook remains afterwards,
    whether the block ends, raises, or is cancelled. The tensors are the network's own: where it writes into one in place, so
    it is here.

    Where MANY are asked for, their `forward` is wrapped for as long instead: a hook on every layer of EfficientNet-Lite0 is a
    twelfth of its whole pass. What a normalisation or rectifier put out is then worked out when it is read (taps_kept.py),
    except for the layers that are `shown`: whoever knows what will be read says so, and reading is free.
    """
    got: dict[str, torch.Tensor] = {}
    kept = Kept()
    listed = _listed(module) if len(names) > MANY else {}
    wrapping = bool(listed) and not any(issubclass(kind, WATCHFUL) for kind in set(map(type, listed.values())))
    leaving = Leaving(module, listed, names, shown) if wrapping and detach and "forward" not in vars(module) else None
    handles = []
    wrapped: list[dict[str, Any]] = []  # the attributes of each layer whose `forward` is ours
    try:
        for name in dict.fromkeys(names):
            layer = listed.get(name) or layer_of(module, name)
            own = vars(layer)
            if not wrapping or layer._forward_hooks or "forward" in own:  # surgery's hook makes what a tap shows
                handles.append(layer.register_forward_hook(_keeper(name, kept if wrapping else got, detach)))
                continue
            forward = KeptForward(layer, name, kept, detach) if leaving is None else leaving.forward_of(layer, name, kept)
            own["forward"] = forward  # setattr of nn.Module is slow
            wrapped.append(own)
        if leaving is not None:
            own = vars(module)
            wrapped.append(own)
            own["forward"] = leaving.whole(module.forward)
        yield kept if wrapping else got
    finally:
        for own in wrapped:
            own.pop("forward", None)
        for handle in handles:
            handle.remove()


def _keeper(name: str, got: MutableMapping[str, torch.Tensor], detach: bool) -> Callable[..., None]:
    def keep(_module: nn.Module | None, _inputs: Any, output: Any) -> None:
        tensor = first_tensor(output)
        if tensor is not None:
            got[name] = tensor.detach() if detach and tensor.requires_grad else tensor

    return keep


def _listed(module: nn.Module) -> dict[str, nn.Module]:
    """As dict(module.named_modules()), in a third of its time; a layer that stands in several places has a name for each."""
    listed = {"": module}
    seen: set[nn.Module] = set()
    todo = [("", module)]
    while todo:
        prefix, layer = todo.pop()
        if layer in seen:
            continue
        seen.add(layer)
        for name, child in layer._modules.items():
            if child is not None:
                listed[prefix + name] = child
                if child._modules:
                    todo.append((f"{prefix}{name}.", child))
    return listed


@contextlib.contextmanager
def inputs_of(module: nn.Module, name: str) -> Iterator[list[tuple[tuple[Any, ...], dict[str, Any]]]]:
    """Collect what the layer `name` is called with while the block runs the network: (arguments, named arguments) of each run.

    Their tensors are not copied: read them before the network runs again. No hook remains afterwards, as with `taps`.
    """
    got: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def keep(_module: nn.Module, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        got.append((arguments, named))

    handle = layer_of(module, name).register_forward_pre_hook(keep, with_kwargs=True)
    try:
        yield got
    finally:
        handle.remove()


@contextlib.contextmanager
def cancellable(module: nn.Module, token: CancelToken | None) -> Iterator[None]:
    """Ask `token` before each layer: a forward pass inside the block raises jobs.Cancelled once it is cancelled."""
    if token is None:
        yield
        return

    def ask(_module: nn.Module, _inputs: Any) -> None:
        token.check()

    with contextlib.ExitStack() as stack:
        for layer in module.modules():
            stack.callback(layer.register_forward_pre_hook(ask).remove)
        yield


def run_until(
    module: nn.Module, x_nchw: torch.Tensor, name: str, token: CancelToken | None = None, *, detach: bool = False
) -> torch.Tensor:
    """Run `module` only as far as the layer `name` and return that layer's output.

    Gradients flow back to `x_nchw` where grad mode is on, unless `detach`. Raises BadRequestError if the layer is unknown or
    the pass never reaches it, jobs.Cancelled if the token says so.
    """
    return run_through(module, x_nchw, (name,), token, detach=detach)[name]


def run_through(
    module: nn.Module, x_nchw: torch.Tensor, names: Sequence[str], token: CancelToken | None = None, *, detach: bool = False
) -> dict[str, torch.Tensor]:
    """As `run_until`, for several layers in one pass that ends behind the last of them: name -> first output of the layer."""
    got: dict[str, torch.Tensor] = {}

    def keeper(name: str) -> Callable[..., None]:
        def keep(_module: nn.Module, _inputs: Any, output: Any) -> None:
            tensor = first_tensor(output)
            if tensor is not None:
                got.setdefault(name, tensor.detach() if detach else tensor)
            if tensor is None or len(got) == len(wanted):
                raise StopForward

        return keep

    wanted = dict.fromkeys(names)
    with contextlib.ExitStack() as stack:
        for name in wanted:
            stack.callback(layer_of(module, name).register_forward_hook(keeper(name)).remove)
        with cancellable(module, token), contextlib.suppress(StopForward):
            module(x_nchw)
    missing = next((name for name in wanted if name not in got), None)
    if missing is not None:
        raise BadRequestError(
            Trouble("layer.silent", N_("The layer {layer} gives no numbers for this picture."), {"layer": missing}, exit_code=2)
        )
    return got


def hook_count(module: nn.Module) -> int:
    """How many hooks and wrapped `forward` hang on a network; 0 when nobody looks."""
    return sum(
        len(layer._forward_hooks) + len(layer._forward_pre_hooks) + len(layer._backward_hooks) + ("forward" in vars(layer))
        for layer in module.modules()
    )
