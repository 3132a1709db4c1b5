"""What taps of very many layers keep: the output of a normalisation or a rectifier is worked out again when somebody asks.

Looking at every layer costs memory more than anything else: EfficientNet-Lite0 puts out 79 MB of maps, and two thirds of them
are what a batch normalisation or a ReLU made of the map just kept. From such a layer `Kept` keeps its input (which is there
anyway) and what it did to it: a copy of the numbers of a normalisation, for weights may change before somebody asks.

That is only right while nothing writes into these maps in place (`nn.ReLU(inplace=True)`, `x += y`). So the first pass of a
network is watched, operation by operation, and keeps everything; the layers whose maps nobody wrote into, and whose output
came out again the same, bit for bit, are remembered, until the network's layers, modes or hooks are others. What is worked
out again can be wrong in one case: a network that writes in place for some pictures and did not for the first one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

LONGEST = 4  # layers worked out one after the other until a kept map is reached


Settings = Callable[[Any], tuple[Any, ...] | None]


def _normal(layer: Any) -> tuple[Any, ...] | None:
    """None for a normalisation that looks at its batch. Its four rows of numbers are copied apart, see `Leaving.copy`."""
    return None if layer.training else (layer.eps,)


def _normalise(x: Tensor, numbers: Tensor, at: int, eps: float) -> Tensor:
    mean, var, weight, bias = numbers[at : at + 4 * x.shape[1]].view(4, -1)
    return F.batch_norm(x, mean, var, weight, bias, eps=eps)


def _rectifier(*names: str) -> Settings:
    """Reads the settings of a layer in the order in which its function takes them; None for one that works in place."""
    return lambda layer: None if layer.inplace else tuple([getattr(layer, name) for name in names])


# Kind -> what must be known of a layer to do it again (None: it cannot be), and the doing; a rectifier can do it in place.
# Exact kinds: a subclass may do more. Nothing with exp inside: its last bit depends on how many threads share the work.
RECIPES: dict[type[nn.Module], tuple[Settings, Callable[..., Tensor]]] = {
    nn.BatchNorm1d: (_normal, _normalise),
    nn.BatchNorm2d: (_normal, _normalise),
    nn.BatchNorm3d: (_normal, _normalise),
    nn.ReLU: (_rectifier(), F.relu),
    nn.ReLU6: (_rectifier("min_val", "max_val"), F.hardtanh),
    nn.Hardtanh: (_rectifier("min_val", "max_val"), F.hardtanh),
    nn.LeakyReLU: (_rectifier("negative_slope"), F.leaky_relu),
}


class Again:
    """An output that was not kept: what the layer was given, itself perhaps not kept, and what it did to it."""

    __slots__ = ("_do", "_known", "_made", "_source", "depth")

    def __init__(self, source: Tensor | Again, do: Callable[..., Tensor], known: tuple[Any, ...]) -> None:
        self._source: Tensor | Again | None = source
        self._do = do
        self._known = known
        self._made: Tensor | None = None
        self.depth: int = source.depth + 1 if isinstance(source, Again) else 1

    def tensor(self) -> Tensor:
        """The output; worked out once."""
        if self._made is None:
            self._made = self._work_out()
            self._source, self._known = None, ()
        return self._made

    def _work_out(self) -> Tensor:
        source, fresh = self._source, False
        assert source is not None
        if isinstance(source, Again):
            fresh = source._made is None  # nobody else has it: what comes next may be written over it
            source = source._work_out() if source._made is None else source._made
        with torch.inference_mode(source.is_inference()), torch.no_grad():
            if fresh and self._do is not _normalise:
                return self._do(source, *self._known, inplace=True)
            return self._do(source, *self._known)


def first_tensor(output: Any) -> torch.Tensor | None:
    """The first tensor of what a layer returned: itself, or the first in a tuple, list or mapping; None without one."""
    if isinstance(output, torch.Tensor):
        return output
    items: Sequence[Any] = ()
    if isinstance(output, Mapping):
        items = tuple(output.values())
    elif isinstance(output, (tuple, list)):
        items = output
    for item in items:
        found = first_tensor(item)
        if found is not None:
            return found
    return None


class Kept(MutableMapping[str, Tensor]):
    """Layer -> its output, as a dict would hold them; reading one may work it out. Change no map of the network before that."""

    def __init__(self) -> None:
        self.outputs: dict[str, Tensor | Again] = {}
        self.latest: list[Any] = [None, None]  # the output of the layer that ran last, and what stands for it in `outputs`

    def __getitem__(self, name: str) -> Tensor:
        output = self.outputs[name]
        return output.tensor() if isinstance(output, Again) else output

    def __setitem__(self, name: str, output: Tensor) -> None:
        self.outputs[name] = output

    def __delitem__(self, name: str) -> None:
        del self.outputs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)

    def __contains__(self, name: object) -> bool:
        return name in self.outputs

    def clear(self) -> None:
        """Let go of everything, working nothing out."""
        self.outputs.clear()
        self.latest[:] = None, None


class KeptForward:
    """The `forward` of a layer, its output kept: a fraction of what a hook costs to hang up and to be called.

    An object with slots, no function with cells: a dozen cells for each of 150 layers and each pass keep Python's collector
    of garbage busier than the layers keep the processor.
    """

    __slots__ = ("detach", "forward", "kept", "name")

    def __init__(self, layer: nn.Module, name: str, kept: Kept, detach: bool) -> None:
        self.forward = layer.forward
        self.name = name
        self.kept = kept
        self.detach = detach

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """Run the layer."""
        return self.keep(self.forward(*inputs, **named))

    def keep(self, output: Any) -> Any:
        """Note what the layer put out, or what stands for it; and hand it on."""
        outputs, latest = self.kept.outputs, self.kept.latest
        if output.__class__ is not Tensor or output.requires_grad:
            tensor = first_tensor(output)
            if tensor is not None:
                outputs[self.name] = tensor.detach() if self.detach and tensor.requires_grad else tensor
        elif output is latest[0]:
            outputs[self.name] = latest[1]
        else:
            outputs[self.name] = latest[0] = latest[1] = output
        return output


class LeftForward(KeptForward):
    """The same, but where the layer was given what was kept last, its output is left to be worked out again."""

    __slots__ = ("_do", "_leaving", "_settings", "at", "layer")

    def __init__(self, layer: nn.Module, name: str, kept: Kept, leaving: Leaving) -> None:
        super().__init__(layer, name, kept, True)
        self.layer = layer
        self.at: int | None = None  # where the numbers of a normalisation begin in `leaving.numbers`
        self._leaving = leaving
        self._settings, self._do = RECIPES[layer.__class__]

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """Run the layer."""
        latest, safe = self.kept.latest, self._leaving.safe
        given, source = latest
        output = self.forward(*inputs, **named)
        known = None
        if len(inputs) == 1 and inputs[0] is given and not named and output.__class__ is Tensor and not output.requires_grad:
            known = self._settings(self.layer)
            if known is not None and self._do is _normalise:
                known = None if self.at is None else (self._leaving.numbers, self.at, *known)
        if known is None or (safe is not None and self.name not in safe) or getattr(source, "depth", 0) >= LONGEST:
            self.keep(output)
        elif safe is None:
            self.keep(output)
            self._leaving.note(self.name, given, output, Again(given, self._do, known))
        else:
            latest[0] = output
            self.kept.outputs[self.name] = latest[1] = Again(source, self._do, known)
        return output


class Leaving:
    """Which layers of a network may be left out of what is kept: `safe`, None until the network was watched in one pass.

    One for each block of taps; what it finds is remembered as long as the network lives and stays as it is.
    """

    def __init__(
        self, module: nn.Module, listed: Mapping[str, nn.Module], names: Sequence[str], shown: Sequence[str] = ()
    ) -> None:
        self._module = module
        self._state = _state(listed, names)
        state, safe = _KNOWN.get(module, (None, None))
        self.safe = safe if state == self._state else None
        self._shown = frozenset(shown)
        self.numbers: Tensor | None = None  # of all normalisations, copied when a pass begins
        self._normal: list[LeftForward] = []
        self._runs: list[tuple[str, Tensor, Tensor, Again, int]] = []
        self._watch: Any = None

    def forward_of(self, layer: nn.Module, name: str, kept: Kept) -> KeptForward:
        """What is called in place of `layer.forward`."""
        if layer.__class__ not in RECIPES or (self.safe is not None and (name not in self.safe or name in self._shown)):
            return KeptForward(layer, name, kept, True)
        made = LeftForward(layer, name, kept, self)
        if RECIPES[layer.__class__][1] is _normalise:
            self._normal.append(made)
        return made

    def note(self, name: str, given: Tensor, output: Tensor, again: Again) -> None:
        """A run of a layer on trial."""
        if self._watch is not None:
            self._runs.append((name, given, output, again, self._watch.clock))

    def whole(self, forward: Callable[..., Any]) -> Callable[..., Any]:
        """`forward` of the whole network, in which alone anything is left out; watched when it runs first."""

        def run(*inputs: Any, **named: Any) -> Any:
            self._copy()
            if self.safe is not None or self._watch is not None:
                return forward(*inputs, **named)
            self._watch = _watch()
            try:
                with self._watch:
                    output = forward(*inputs, **named)
                self.safe = self._same()
                _KNOWN[self._module] = (self._state, self.safe)
            finally:
                self._watch = None
                self._runs.clear()
            return output

        return run

    def _copy(self) -> None:
        """Copy the numbers of the normalisations, all at once: 49 times four small copies would be 5 % of a pass."""
        parts: list[Tensor] = []
        at = 0
        for one in self._normal:
            buffers, learnt = one.layer._buffers, one.layer._parameters
            mean, var, weight, bias = buffers["running_mean"], buffers["running_var"], learnt["weight"], learnt["bias"]
            one.at = None
            if mean is None or var is None or weight is None or bias is None:
                continue
            if not parts or (mean.dtype is parts[0].dtype and mean.device == parts[0].device):
                one.at = at
                parts += (mean, var, weight, bias)
                at += 4 * len(mean)
        with torch.no_grad():
            self.numbers = torch.cat(parts) if parts else None

    def _same(self) -> frozenset[str]:
        """The layers whose every run comes out again as it was."""
        found = {name for name, *_ in self._runs}
        for name, given, output, again, clock in self._runs:
            untouched = self._watch.untouched(given, clock) and self._watch.untouched(output, clock)
            if not untouched or not _equal(again, output):
                found.discard(name)
        return frozenset(found)


_KNOWN: WeakKeyDictionary[nn.Module, tuple[Any, frozenset[str] | None]] = WeakKeyDictionary()


def _state(listed: Mapping[str, nn.Module], names: Sequence[str]) -> Any:
    """What must stay as it is for a finding to hold: the layers, their modes, what hangs on them."""
    return tuple(names), [
        (id(layer), layer.training, vars(layer).get("inplace"), len(layer._forward_hooks), len(layer._forward_pre_hooks))
        for layer in listed.values()
    ]


def _equal(again: Again, output: Tensor) -> bool:
    with contextlib.suppress(RuntimeError, MemoryError):  # no room: it is kept
        made = again.tensor()
        same = (made.dtype, made.stride(), made.is_inference()) == (output.dtype, output.stride(), output.is_inference())
        return same and torch.equal(made, output)
    return False


def _watch() -> Any:
    """A mode of torch that notes which memory was made by the operations of a pass, and when it was last written into.

    `clock`: operations so far. `untouched(tensor, clock)`: made inside the pass, not written into since then.
    """
    made: set[int] = set()
    written: dict[int, int] = {}

    def memory(values: Any) -> set[int]:
        tensors = (one for one in tree_leaves(values) if isinstance(one, Tensor) and one.layout is torch.strided)
        return {tensor.untyped_storage().data_ptr() for tensor in tensors}

    def hear(mode: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        mode.clock += 1
        given = memory((args, kwargs))
        fresh = memory(out) - given
        made.update(fresh)
        for place in fresh:
            written.pop(place, None)  # of an earlier map that lay there
        for at, argument in enumerate(func._schema.arguments if func._schema.is_mutable else ()):
            if argument.alias_info is not None and argument.alias_info.is_write:
                value = args[at] if at < len(args) else kwargs.get(argument.name)
                written.update(dict.fromkeys(memory(value), mode.clock))
        return out

    def untouched(_mode: Any, tensor: Tensor, clock: int) -> bool:
        return all(place in made and written.get(place, 0) <= clock for place in memory(tensor))

    kind: Any = type("Watch", (TorchDispatchMode,), {"__torch_dispatch__": hear, "untouched": untouched, "clock": 0})
    return kind()  # torch's class has no types
