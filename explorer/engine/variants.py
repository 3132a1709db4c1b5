"""Many operations at once: one batch in which every sample has other channels of a layer muted."""

from __future__ import annotations

import contextlib
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from explorer.engine.memory import explained
from explorer.engine.surgery import channel_axis, with_first
from explorer.engine.taps import first_tensor, layer_of

CLOSE = 1e-3  # of the largest number: batches are summed in another order, no more
Muted = Sequence[Sequence[int]]


class Variants:
    """What `run` answers for one picture with channels of the layer `name` of `module` muted, exactly as so many plain passes.

    `x_nchw`: (1, C, H, W). `run`: one pass of `module`, (N, C, H, W) -> output tensors (N, ...). Three ways, of which the first
    that proves itself on this network is kept. "behind": what lies before the layer, and the layer, answer from memory, and the
    batch begins at the layer; "whole": the whole network sees a batch; "each": one pass a variant.
    """

    def __init__(
        self, module: nn.Module, run: Callable[[torch.Tensor], list[torch.Tensor]], x_nchw: torch.Tensor, name: str
    ) -> None:
        self._module, self._run_once, self._x = module, run, x_nchw
        self._layer = layer_of(module, name)
        self._memory: _Memory = []
        self.way = ""

    def proving(self, muted: Muted) -> Generator[None, None, None]:
        """Find the fastest way whose answers for the first and the last of `muted`, and for (), are those of plain passes.

        A generator so that the passes can be done one at a time. Raises what `run` raises.
        """
        probe = [(), muted[0], muted[-1]]
        single = []
        for channels in probe:
            single.append(self._pass("each", [channels]))
            yield
        wanted = [torch.cat(tensors) for tensors in zip(*single, strict=True)]
        for way in ("behind", "whole"):
            with contextlib.suppress(RuntimeError, ValueError, IndexError, TypeError):  # a graph that fixes its batch
                if way == "behind":
                    with torch.inference_mode():
                        self._memory = _remembered(self._module, self._layer, lambda: self._run_once(self._x))
                    yield
                got = self._pass(way, probe)
                if len(got) == len(wanted) and all(_same(one, other) for one, other in zip(got, wanted, strict=True)):
                    self.way = way
                    return
            yield
        self.way = "each"

    def outputs(self, muted: Muted) -> list[torch.Tensor]:
        """All output tensors, (len(muted), ...) each: variant k has the channels `muted[k]` at zero, () is the plain network.

        Raises what `run` raises, and ExplorerError when memory runs out.
        """
        return self._pass(self.way or "each", muted)

    def _pass(self, way: str, muted: Muted) -> list[torch.Tensor]:
        with explained(self._x.device), torch.inference_mode():
            if way == "each":
                single = [self._run([channels], self._x) for channels in muted]
                return [torch.cat(tensors) for tensors in zip(*single, strict=True)]
            if way == "behind":
                with _replaying(self._memory), _Widening(len(muted)):
                    return [_wide(tensor, len(muted)) for tensor in self._run(muted, self._x)]
            return self._run(muted, self._x.expand(len(muted), *self._x.shape[1:]))

    def _run(self, muted: Muted, x: torch.Tensor) -> list[torch.Tensor]:
        with _muting(self._layer, muted):
            return self._run_once(x)


_Memory = list[tuple[nn.Module, Any]]


def _remembered(module: nn.Module, last: nn.Module, run: Callable[[], object]) -> _Memory:
    """What layers returned in `run`, in order, up to `last`: only the outermost calls that were over when `last` was.

    Noted before anything that hangs on a layer has changed it.
    """
    frames: list[_Memory] = [[]]
    raw: dict[int, Any] = {}
    kept: _Memory = []

    def enter(_module: nn.Module, _inputs: Any) -> None:
        frames.append([])

    def note(layer: nn.Module, _inputs: Any, output: Any) -> None:
        raw[id(layer)] = output

    def leave(layer: nn.Module, _inputs: Any, _output: Any) -> None:
        frames.pop()
        frames[-1].append((layer, raw[id(layer)]))
        if layer is last and not kept:
            kept.extend(item for frame in frames for item in frame)

    with contextlib.ExitStack() as stack:
        for layer in module.modules():
            stack.callback(layer.register_forward_pre_hook(enter).remove)
            stack.callback(layer.register_forward_hook(note, prepend=True).remove)
            stack.callback(layer.register_forward_hook(leave).remove)
        run()
    return kept


@contextlib.contextmanager
def _replaying(memory: _Memory) -> Iterator[None]:
    """Inside the block the layers of `memory` return, call by call, what they returned then; later calls are computed."""
    queues: dict[nn.Module, deque[Any]] = defaultdict(deque)
    for layer, output in memory:
        queues[layer].append(output)

    def replay(queue: deque[Any], compute: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *inputs, **named: queue.popleft() if queue else compute(*inputs, **named)

    with contextlib.ExitStack() as stack:
        for layer, queue in queues.items():
            before = vars(layer).get("forward")
            vars(layer)["forward"] = replay(queue, layer.forward)
            undo = (vars(layer).pop, "forward") if before is None else (vars(layer).__setitem__, "forward", before)
            stack.callback(*undo)
        yield


@contextlib.contextmanager
def _muting(layer: nn.Module, muted: Muted) -> Iterator[None]:
    """Inside the block sample k of what `layer` puts out has the channels `muted[k]` at zero; one sample becomes so many."""

    def hook(_module: nn.Module, _inputs: Any, output: Any) -> Any:
        y = first_tensor(output)
        if y is None or y.ndim < 2:
            return output
        axis = channel_axis(y.ndim)
        silent = torch.zeros((len(muted), y.shape[axis]), dtype=torch.bool)
        for sample, channels in enumerate(muted):
            silent[sample, [channel for channel in channels if channel < y.shape[axis]]] = True
        shape = [len(muted), *[1] * (y.ndim - 1)]
        shape[axis] = y.shape[axis]
        return with_first(output, y.masked_fill(silent.to(y.device).view(shape), 0))

    handle = layer.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


class _Widening(TorchFunctionMode):
    """Lets one sample stand beside many in torch.cat and torch.stack too, as it does in sums."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        joins = func in (torch.cat, torch.concat, torch.stack) and args and isinstance(args[0], (tuple, list))
        if joins and any(tensor.shape[:1] == (self._count,) for tensor in args[0]):
            args = ([_wide(tensor, self._count) for tensor in args[0]], *args[1:])
        return func(*args, **(kwargs or {}))


def _wide(tensor: torch.Tensor, count: int) -> torch.Tensor:
    """One sample as `count` of them; what is `count` wide already as it is."""
    return tensor.expand(count, *tensor.shape[1:]) if tensor.ndim > 1 and tensor.shape[0] == 1 else tensor


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape:
        return False
    reach = float(other.abs().max()) if other.numel() else 0.0
    return bool(torch.allclose(one.float(), other.float(), rtol=CLOSE, atol=CLOSE * max(reach, 1e-30) / 10, equal_nan=True))
