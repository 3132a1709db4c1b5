"""What is known of a network without holding it: the layer tree, the weights row, where it runs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TapInfo:
    """One place where a network can be looked into.

    `name`: the module's dotted name, torchvision's where it has the network. `kind`: the module class ("Conv2d", "ReLU").
    `shape`: the output for one picture at the network's own input size, without batch: (C, H, W) or (N,).
    `weights`: learnable numbers of this module alone; `kernel`: (out, in, h, w) if it is a convolution.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    weights: int = 0
    kernel: tuple[int, ...] | None = None


@dataclass(frozen=True)
class NetworkInfo:
    """A loaded network. `weights` says which ("imagenet-1k", a file's name, "random (seed 0)").

    `dream_layer`: a layer worth looking into, "" where nobody named one.
    """

    name: str
    title: str
    task: str
    weights: str
    input_size: int
    layers: tuple[TapInfo, ...]
    classes: tuple[str, ...] = ()
    parameters: int = 0
    paper: str = ""
    notes: tuple[str, ...] = ()
    dream_layer: str = ""

    @property
    def feature_layer(self) -> str:
        """The layer whose channels are worth operating on; "" for a network without layers.

        Of a classifier the last one with maps that are not yet the classes; else `dream_layer` (of a container its last), or
        one in the middle.
        """
        if self.task == "classify":
            for layer in reversed(self.layers):
                several = len(layer.shape) == 3 and layer.shape[1] * layer.shape[2] > 1
                if several and layer.shape[0] != len(self.classes) and layer.kind not in ("Dropout", "Dropout2d", "Identity"):
                    return layer.name
        names = [layer.name for layer in self.layers]
        named = [name for name in names if self.dream_layer and f"{name}.".startswith(f"{self.dream_layer}.")]
        return named[-1] if named else "".join(names[len(names) // 2 :][:1])

    def neighbour(self, name: str, by: int) -> str:
        """The layer `by` places after `name`, in the order they run; "" where there is none."""
        names = [layer.name for layer in self.layers]
        at = names.index(name) + by if name in names else -1
        return names[at] if 0 <= at < len(names) else ""


@dataclass(frozen=True)
class CatalogueRow:
    """A network that could be loaded. `state`: "cached", "bundled", "download" (with `bytes` to fetch) or "random"."""

    name: str
    title: str
    task: str
    paper: str
    input_size: int
    state: str
    bytes: int = 0
    licence: str = ""


@dataclass(frozen=True)
class RunsOn:
    """Where and how a result was computed; named in every result and in the status bar.

    `agreement` is the measured agreement with torch float32 on this machine as one sentence, or "" for exact. `edits`: how
    many edits the network had been operated on with.
    """

    device: str = "cpu"
    runtime: str = "torch"
    precision: str = "float32"
    threads: int = 1
    agreement: str = ""
    edits: int = 0

    def short(self) -> str:
        """For the status bar: "cpu · OpenVINO · bf16"."""
        return f"{self.device} · {self.runtime} · {self.precision}"


@dataclass(frozen=True)
class Timing:
    """Milliseconds per stage of one frame, in order: prepare, forward, decode, ..."""

    stages: tuple[tuple[str, float], ...] = field(default=())

    @property
    def total(self) -> float:
        """Sum of all stages in milliseconds."""
        return sum(ms for _, ms in self.stages)
