"""What reaches what in a running network: the input pixels that a unit depends on, the cells that depend on an input pixel.

Both are found by probing the network itself, whatever its graph: nothing is replaced, no kernel size is read, and the network's
own decisions (branches taken, indices chosen) stay those of the real picture.

* Backwards (`field_of`): the gradient of the unit is set to NaN and sent back through the recorded graph of the pass. NaN times
  any number is NaN, so the stain crosses a weight that happens to be zero, cannot cancel, and neither fades nor overflows; all
  that was 0 stays 0. Only steps that let nothing through while they are shut (ReLU at rest, the losers of a max pooling,
  rounding) would hide a dependence: those are opened for the stain by a hook on their node of the graph. Skips,
  concatenations, attention, tuples, loops need no rule of their own.
* Forwards (`cells_of`): a second copy of every number travels along, in which one input pixel is NaN; what becomes NaN saw it.
  Python code sees the clean numbers only, so that `if x.mean() > 0` goes its usual way.

What a comparison or an integer decides is not a dependence here: it has no slope. Weights that are not finite are taken as 0.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import torch
from torch import nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map
from torch.utils.weak import WeakTensorKeyDictionary

from explorer.engine.taps import cancellable, first_tensor, layer_of

if TYPE_CHECKING:
    from explorer.jobs import CancelToken

Gradients = tuple[torch.Tensor | None, ...]
NAN = float("nan")
# Steps of one number each whose gradient is cut where they are shut, by the first word of their node's name.
_ONE = ("Relu", "Threshold", "Hardtanh", "Hardswish", "Hardsigmoid", "Hardshrink", "Softshrink", "Clamp", "ClampMin")
_SIGN = (
    "ClampMax",
    "Abs",
    "Sign",
    "Sgn",
    "Round",
    "Floor",
    "Ceil",
    "Trunc",
    "Frac",
    "NanToNum",
    "LeakyRelu",
    "Elu",
    "Celu",
    "Prelu",
)
_PAIR = ("RreluWithNoise", "Maximum", "Minimum", "Fmax", "Fmin")  # of two numbers the loser gets no gradient
_GATES = frozenset((*_ONE, *_SIGN, *_PAIR))
_RANKED = frozenset(("Max", "Min", "Median", "Nanmedian", "Mode", "Kthvalue", "Sort", "Topk", "Cummax", "Cummin", "Aminmax"))
_SWALLOW_NAN = frozenset(("nan_to_num", "sign", "sgn", "fmax", "fmin"))


def finite(module: nn.Module) -> nn.Module:
    """`module` itself, or a copy in which every weight that is NaN or infinite is 0: such a weight would stain everything."""
    if all(bool(torch.isfinite(tensor).all()) for tensor in (*module.parameters(), *module.buffers())):
        return module
    if module not in _CLEANED:
        made = copy.deepcopy(module)
        with torch.no_grad():
            for tensor in (*made.parameters(), *made.buffers()):
                tensor.nan_to_num_(0.0, 0.0, 0.0)
        _CLEANED[module] = made
    return _CLEANED[module]


_CLEANED: WeakKeyDictionary[nn.Module, nn.Module] = WeakKeyDictionary()


def field_of(output: torch.Tensor, x_nchw: torch.Tensor, unit: Any) -> torch.Tensor | None:
    """(H, W) bool: the input pixels on which `output[unit]` depends. `output` was computed from `x_nchw` with gradients on.

    Exact also beside holes (dilation). None where no slope leads from the input to the output (constants, whole numbers). The
    graph is kept, so that it can be asked again.
    """
    if output.grad_fn is None or not output.is_floating_point():
        return None if output is not x_nchw else _itself(x_nchw, unit)
    stain = torch.zeros_like(output)
    stain[unit] = NAN
    with contextlib.ExitStack() as stack:
        for node in _nodes(output.grad_fn):
            opened = _opened(node)
            if opened is not None:
                stack.callback(node.register_hook(opened).remove)
        stack.enter_context(_exact())
        (reached,) = torch.autograd.grad(output, x_nchw, stain, retain_graph=True, allow_unused=True)
    return None if reached is None else reached[0].isnan().any(0)


def _itself(x_nchw: torch.Tensor, unit: Any) -> torch.Tensor:
    marked = torch.zeros_like(x_nchw, dtype=torch.bool)
    marked[unit] = True
    return marked[0].any(0)


@contextlib.contextmanager
def _exact() -> Iterator[None]:
    """Convolutions as plain sums: a fast transform would smear a NaN over its neighbours."""
    with cast(Any, torch.backends.cudnn.flags)(enabled=False):
        yield


def _nodes(root: Any) -> Iterator[Any]:
    """Every node of a graph of gradients, each once."""
    seen, waiting = {root}, [root]
    while waiting:
        node = waiting.pop()
        yield node
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)


def _opened(node: Any) -> Callable[[Gradients, Gradients], Gradients] | None:
    """What lets a stain pass a node that could hold it back; None for all that pass it anyway."""
    name = node.name().split("Backward")[0]
    if name in _GATES:
        return _gate
    if name.startswith("MaxPool") and name.endswith("WithIndices"):
        return lambda inputs, outputs: (_pooled(node, inputs[0], outputs[0]), *inputs[1:])
    if name.startswith("AdaptiveMaxPool"):
        return lambda inputs, outputs: (_adapted(inputs[0], outputs[0]), *inputs[1:])
    if name in _RANKED:
        return lambda inputs, outputs: (_ranked(node, inputs[0], outputs[0]), *inputs[1:])
    return None


def _gate(inputs: Gradients, outputs: Gradients) -> Gradients:
    stain = next(tensor for tensor in outputs if tensor is not None).isnan()
    return tuple(None if tensor is None else tensor.masked_fill(_shrunk(stain, tensor), NAN) for tensor in inputs)


def _shrunk(stain: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """The stain for a number that was spread over the others before the step: one stained place stains it."""
    if stain.shape == like.shape:
        return stain
    kept = [1] * (stain.ndim - like.ndim) + list(like.shape)
    over = [axis for axis, (small, large) in enumerate(zip(kept, stain.shape, strict=True)) if small == 1 and large != 1]
    return (stain.any(dim=over) if over else stain).reshape(like.shape)


def _pooled(node: Any, gradient: torch.Tensor | None, stain: torch.Tensor | None) -> torch.Tensor | None:
    """All cells of the windows of a max pooling, not only the winners."""
    if gradient is None or stain is None:
        return gradient
    window, stride, padding, dilation = (
        list(getattr(node, f"_saved_{name}")) for name in ("kernel_size", "stride", "padding", "dilation")
    )
    dims = len(window)
    marked = stain.isnan().to(torch.float32).reshape(-1, 1, *stain.shape[-dims:])
    grow = {1: functional.conv_transpose1d, 2: functional.conv_transpose2d, 3: functional.conv_transpose3d}[dims]
    ones = torch.ones(1, 1, *window, device=stain.device)
    spread = grow(marked, ones, stride=stride or window, dilation=dilation)
    for axis, (before, length) in enumerate(zip(padding, gradient.shape[-dims:], strict=True)):
        at = spread.ndim - dims + axis
        spread = spread.narrow(at, before, min(length, spread.shape[at] - before))
        rest = [0] * (2 * dims)
        rest[2 * (dims - 1 - axis) + 1] = length - spread.shape[at]
        spread = functional.pad(spread, rest)
    return gradient.masked_fill(spread.reshape(gradient.shape) > 0, NAN)


def _adapted(gradient: torch.Tensor | None, stain: torch.Tensor | None) -> torch.Tensor | None:
    """All cells of the windows of an adaptive max pooling; the average's are the same."""
    if gradient is None or stain is None:
        return gradient
    size = stain.shape[-2:] if gradient.ndim >= 3 else stain.shape[-1:]
    with torch.enable_grad():
        like = torch.zeros_like(gradient).requires_grad_(True)
        pooled = cast(Any, functional.adaptive_avg_pool2d)(like, list(size))
        (spread,) = torch.autograd.grad(pooled, like, stain.isnan().to(gradient.dtype))
    return gradient.masked_fill(spread > 0, NAN)


def _ranked(node: Any, gradient: torch.Tensor | None, stain: torch.Tensor | None) -> torch.Tensor | None:
    """Whatever is chosen by its size among others depends on all of them."""
    if gradient is None or stain is None:
        return gradient
    dim = getattr(node, "_saved_dim", None)
    if dim is None or stain.ndim == 0:
        return gradient.masked_fill(stain.isnan().any(), NAN)
    axis = int(dim) if int(dim) < gradient.ndim else int(dim) - 2**64
    marked = stain.isnan()
    if marked.ndim < gradient.ndim:
        marked = marked.unsqueeze(axis)
    return gradient.masked_fill(marked.any(dim=axis, keepdim=True).expand_as(gradient), NAN)


class _Twin:
    """Runs every operation a second time on the stained copies of its numbers, where it has any. `mode()` is its `with`."""

    def __init__(self) -> None:
        self._copies: Any = cast(Any, WeakTensorKeyDictionary)()

    def mode(self) -> Any:
        """A torch dispatch mode: inside it every operation of the thread comes here."""

        def dispatch(_mode: Any, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return self._run(func, args, kwargs or {})

        return type("Twin", (TorchDispatchMode,), {"__torch_dispatch__": dispatch})()

    def stain(self, tensor: torch.Tensor, stained: torch.Tensor) -> None:
        """`stained` travels with `tensor` from now on."""
        self._copies[tensor] = stained

    def stained(self, tensor: torch.Tensor) -> torch.Tensor | None:
        """(...) bool, where `tensor` saw the stain; None where it saw nothing."""
        found = self._copies.get(tensor)
        return None if found is None else found.isnan()

    def _run(self, func: Any, args: Any, kwargs: Any) -> Any:
        writes = _written(func, args)
        twins = self._twins((args, kwargs))
        for tensor in writes if twins else ():
            if tensor not in self._copies:
                self._copies[tensor] = tensor.clone()
        marked = self._twins((args, kwargs))
        result = None
        if marked:
            over_args, over_kwargs = tree_map(self._twin_or_self, (args, kwargs))
            result = func(*over_args, **over_kwargs)
            if func.overloadpacket.__name__ in _SWALLOW_NAN:
                result = _kept(result, over_args)
        clean = func(*args, **kwargs)
        if marked and not writes:
            _pair(clean, result, self._enter)
        return clean

    def _twin_or_self(self, value: Any) -> Any:
        return self._copies.get(value, value) if isinstance(value, torch.Tensor) else value

    def _twins(self, tree: Any) -> bool:
        found = False

        def look(value: Any) -> Any:
            nonlocal found
            found = found or (isinstance(value, torch.Tensor) and value in self._copies)
            return value

        tree_map(look, tree)
        return found

    def _enter(self, clean: torch.Tensor, stained: torch.Tensor) -> None:
        if clean.is_floating_point() and clean.shape == stained.shape:
            self._copies[clean] = stained


def _written(func: Any, args: Any) -> list[torch.Tensor]:
    """The tensors that an operation changes in place."""
    schema = func._schema.arguments
    changed = [at for at, argument in enumerate(schema) if argument.alias_info is not None and argument.alias_info.is_write]
    return [args[at] for at in changed if at < len(args) and isinstance(args[at], torch.Tensor)]


def _kept(result: torch.Tensor, args: Any) -> torch.Tensor:
    """The stain, through the few operations that swallow NaN."""
    for arg in args:
        if isinstance(arg, torch.Tensor) and arg.is_floating_point():
            result = result.masked_fill(arg.isnan().expand_as(result), NAN)
    return result


def _pair(clean: Any, stained: Any, enter: Callable[[torch.Tensor, torch.Tensor], None]) -> None:
    if isinstance(clean, torch.Tensor) and isinstance(stained, torch.Tensor):
        if clean is not stained:
            enter(clean, stained)
    elif isinstance(clean, (tuple, list)):
        for one, other in zip(clean, stained, strict=True):
            _pair(one, other, enter)


def cells_of(
    module: nn.Module,
    x_nchw: torch.Tensor,
    pixel: tuple[int, int],
    names: tuple[str, ...],
    token: CancelToken | None = None,
) -> dict[str, torch.Tensor]:
    """One pass: for each layer of `names`, where its output saw the input pixel (row, column): bool, as the output's shape.

    Layers that do not run, or return no tensor, are left out; one that runs more than once says what its first run saw.
    """
    row, column = pixel
    seen: dict[str, torch.Tensor] = {}
    twin = _Twin()

    def noting(name: str) -> Callable[..., None]:
        def note(_module: nn.Module, _inputs: Any, output: Any) -> None:
            tensor = first_tensor(output)
            if tensor is not None and name not in seen:
                found = twin.stained(tensor)
                seen[name] = torch.zeros(tensor.shape, dtype=torch.bool) if found is None else found.cpu()

        return note

    named: dict[str, nn.Module] = dict(module.named_modules())  # once: a network may have thousands of layers
    with contextlib.ExitStack() as stack:
        for name in names:
            layer = named[name] if name in named else layer_of(module, name)
            stack.callback(layer.register_forward_hook(noting(name)).remove)
        stack.enter_context(cancellable(module, token))
        stack.enter_context(torch.no_grad())
        stack.enter_context(_exact())
        clean = x_nchw.clone()
        stained = clean.clone()
        stained[:, :, row, column] = NAN
        twin.stain(clean, stained)
        stack.enter_context(twin.mode())
        module(clean)
    return seen
