"""Darknet's network description: text -> checked layers with exact shapes and the exact size of the weights file.

No tensor here and nothing is allocated: a description from a stranger is judged before anything is built or read. Layer
numbers in messages are Darknet's own: the first section after [net] is layer 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

MAX_TEXT = 1 << 20
MAX_LAYERS = 1000
MAX_FILTERS = 1 << 16
MAX_SIDE = 4096
MAX_NUMBERS = 1 << 30
ACTIVATIONS = ("leaky", "linear", "relu", "logistic", "mish", "swish")


class CfgError(ValueError):
    """A description that cannot be built. `layer` is Darknet's layer number, -1 for the text or [net].

    `template` is an English message key, filled from `values`; `reason` is both together.
    """

    def __init__(self, layer: int, template: str, **values: object) -> None:
        self.layer, self.template = layer, template
        self.values = {key: str(value)[:60] for key, value in values.items()}
        self.reason = template.format(**self.values)
        super().__init__(f"layer {layer}: {self.reason}" if layer >= 0 else self.reason)


@dataclass(frozen=True)
class Section:
    """One [kind] with its key=value lines as text."""

    kind: str
    values: dict[str, str]
    layer: int

    def integer(self, key: str, default: int | None, low: int, high: int) -> int:
        """The whole number of `key` within low..high, else CfgError."""
        text = self.values.get(key)
        if text is None:
            if default is None:
                raise CfgError(self.layer, "[{kind}] has no '{key}'", kind=self.kind, key=key)
            return default
        try:
            number = int(text)
        except ValueError:
            raise CfgError(self.layer, "'{key}={text}' is not a whole number", key=key, text=text) from None
        if not low <= number <= high:
            raise CfgError(self.layer, "'{key}={number}' is outside {low}..{high}", key=key, number=number, low=low, high=high)
        return number

    def numbers(self, key: str, default: str | None = None) -> tuple[float, ...]:
        """The comma-separated finite numbers of `key`, else CfgError."""
        text = self.values.get(key, default)
        if text is None:
            raise CfgError(self.layer, "[{kind}] has no '{key}'", kind=self.kind, key=key)
        try:
            found = tuple(float(part) for part in text.split(",") if part.strip())
        except ValueError:
            raise CfgError(self.layer, "'{key}' is not a list of numbers", key=key) from None
        if not found or not all(math.isfinite(number) and abs(number) < 1e6 for number in found):
            raise CfgError(self.layer, "'{key}' is empty or holds a number that makes no sense", key=key)
        return found


@dataclass(frozen=True)
class Layer:
    """One layer. `shape`: (C, H, W) of its output. `sources`: layers it reads, -1 is the picture.

    `tensors`: (name, shape) of its numbers in the order of the weights file, e.g. ("bn.bias", (16,)).
    The rest is what its kind needs: `kernel`, `stride`, `padding`, `groups`, `activation`; for [yolo] `anchors` in pixels of
    the input, `classes`, `scale_xy`; for [route] `part` = (index, of) if it takes a share of the channels.
    """

    index: int
    kind: str
    shape: tuple[int, int, int]
    sources: tuple[int, ...]
    tensors: tuple[tuple[str, tuple[int, ...]], ...] = ()
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    groups: int = 1
    activation: str = "linear"
    anchors: tuple[tuple[float, float], ...] = ()
    classes: int = 0
    scale_xy: float = 1.0
    part: tuple[int, int] = (0, 1)

    @property
    def count(self) -> int:
        """Numbers of this layer in the weights file."""
        return sum(math.prod(shape) for _, shape in self.tensors)


@dataclass(frozen=True)
class Description:
    """A whole network. `channels`, `height`, `width`: the picture it wants; `layers` in Darknet's order."""

    channels: int
    height: int
    width: int
    layers: tuple[Layer, ...] = field(default=())

    @property
    def count(self) -> int:
        """Float32 numbers in the weights file after its header."""
        return sum(layer.count for layer in self.layers)

    @property
    def heads(self) -> tuple[Layer, ...]:
        """The [yolo] layers."""
        return tuple(layer for layer in self.layers if layer.kind == "yolo")


def sections(text: str) -> list[Section]:
    """Split a cfg text into its sections. Raises CfgError."""
    if len(text) > MAX_TEXT:
        raise CfgError(-1, "the description is longer than {limit} characters", limit=MAX_TEXT)
    found: list[Section] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split("#", 1)[0].split(";", 1)[0].strip()
        if not line:
            continue
        if line.startswith("["):
            if not line.endswith("]"):
                raise CfgError(len(found) - 1, "line {number}: '[' without ']'", number=number)
            found.append(Section(line[1:-1].strip().lower(), {}, len(found) - 1))
            if len(found) > MAX_LAYERS + 1:
                raise CfgError(-1, "more than {limit} layers", limit=MAX_LAYERS)
            continue
        key, equals, value = line.partition("=")
        if not found or not equals:
            raise CfgError(len(found) - 2 if found else -1, "line {number} is neither [section] nor key=value", number=number)
        found[-1].values[key.strip().lower()] = value.strip()
    if not found or found[0].kind not in ("net", "network"):
        raise CfgError(-1, "the description does not begin with [net]")
    return found


def parse(text: str) -> Description:
    """Check a cfg text and compute every shape. Raises CfgError with the layer number; reads and allocates nothing."""
    first, *rest = sections(text)
    channels = first.integer("channels", 3, 1, 4)
    height, width = first.integer("height", 416, 1, MAX_SIDE), first.integer("width", 416, 1, MAX_SIDE)
    layers: list[Layer] = []
    total = 0
    for section in rest:
        reader = READERS.get(section.kind)
        if reader is None:
            raise CfgError(section.layer, "layers of kind [{kind}] are not supported", kind=section.kind)
        shapes = [(channels, height, width), *(layer.shape for layer in layers)]
        layer = reader(section, shapes)
        if min(layer.shape) < 1:
            raise CfgError(section.layer, "nothing is left of the picture here")
        total += layer.count
        if total > MAX_NUMBERS or math.prod(layer.shape) > MAX_NUMBERS:
            raise CfgError(section.layer, "more than {limit} numbers", limit=MAX_NUMBERS)
        layers.append(layer)
    if not layers:
        raise CfgError(-1, "the description has no layers")
    return Description(channels, height, width, tuple(layers))


Shapes = list[tuple[int, int, int]]


def _reference(section: Section, number: float) -> int:
    """An absolute layer number from a relative or absolute one; only earlier layers can be read."""
    index = int(number)
    absolute = section.layer + index if index < 0 else index
    if index != number or not 0 <= absolute < section.layer:
        raise CfgError(section.layer, "reads layer {number}, which is not an earlier layer", number=f"{number:g}")
    return absolute


def _convolutional(section: Section, shapes: Shapes) -> Layer:
    inputs, height, width = shapes[-1]
    filters = section.integer("filters", 1, 1, MAX_FILTERS)
    size = section.integer("size", 1, 1, 31)
    stride = section.integer("stride", 1, 1, 32)
    groups = section.integer("groups", 1, 1, MAX_FILTERS)
    padding = size // 2 if section.integer("pad", 0, 0, 1) else section.integer("padding", 0, 0, 31)
    activation = section.values.get("activation", "logistic")
    if activation not in ACTIVATIONS:
        raise CfgError(section.layer, "activation '{name}' is not supported", name=activation)
    if section.integer("dilation", 1, 1, 32) != 1:
        raise CfgError(section.layer, "dilated convolutions are not supported")
    if inputs % groups or filters % groups:
        raise CfgError(section.layer, "{groups} groups do not divide the channels", groups=groups)
    kernel = ("conv.weight", (filters, inputs // groups, size, size))
    if section.integer("batch_normalize", 0, 0, 1):
        names = ("bn.bias", "bn.weight", "bn.running_mean", "bn.running_var")
        tensors: tuple[tuple[str, tuple[int, ...]], ...] = (*((name, (filters,)) for name in names), kernel)
    else:
        tensors = (("conv.bias", (filters,)), kernel)
    shape = (filters, (height + 2 * padding - size) // stride + 1, (width + 2 * padding - size) // stride + 1)
    return Layer(
        section.layer,
        "convolutional",
        shape,
        (section.layer - 1,),
        tensors,
        kernel=size,
        stride=stride,
        padding=padding,
        groups=groups,
        activation=activation,
    )


def _maxpool(section: Section, shapes: Shapes) -> Layer:
    channels, height, width = shapes[-1]
    stride = section.integer("stride", 1, 1, 32)
    size = section.integer("size", stride, 1, 31)
    padding = section.integer("padding", size - 1, 0, size - 1)
    shape = (channels, (height + padding - size) // stride + 1, (width + padding - size) // stride + 1)
    return Layer(section.layer, "maxpool", shape, (section.layer - 1,), kernel=size, stride=stride, padding=padding)


def _upsample(section: Section, shapes: Shapes) -> Layer:
    channels, height, width = shapes[-1]
    stride = section.integer("stride", 2, 1, 8)
    return Layer(section.layer, "upsample", (channels, height * stride, width * stride), (section.layer - 1,), stride=stride)


def _route(section: Section, shapes: Shapes) -> Layer:
    sources = tuple(_reference(section, number) for number in section.numbers("layers"))
    groups = section.integer("groups", 1, 1, MAX_FILTERS)
    part = (section.integer("group_id", 0, 0, groups - 1), groups)
    found = [shapes[source + 1] for source in sources]
    if len({shape[1:] for shape in found}) != 1:
        raise CfgError(section.layer, "joins maps of different size")
    if any(shape[0] % groups for shape in found):
        raise CfgError(section.layer, "{groups} groups do not divide the channels", groups=groups)
    channels = sum(shape[0] // groups for shape in found)
    return Layer(section.layer, "route", (channels, *found[0][1:]), sources, part=part)


def _shortcut(section: Section, shapes: Shapes) -> Layer:
    (number, *more) = section.numbers("from")
    source = _reference(section, number)
    activation = section.values.get("activation", "linear")
    if more or activation not in ACTIVATIONS:
        raise CfgError(section.layer, "this kind of [shortcut] is not supported")
    if shapes[source + 1] != shapes[-1]:
        raise CfgError(
            section.layer, "adds maps of different shape: {one} and {other}", one=shapes[source + 1], other=shapes[-1]
        )
    return Layer(section.layer, "shortcut", shapes[-1], (section.layer - 1, source), activation=activation)


def _yolo(section: Section, shapes: Shapes) -> Layer:
    classes = section.integer("classes", 20, 1, 10_000)
    flat = section.numbers("anchors")
    every = list(zip(flat[::2], flat[1::2], strict=False))
    chosen = section.numbers("mask", ",".join(str(index) for index in range(len(every))))
    if len(flat) % 2 or any(side <= 0 for side in flat):
        raise CfgError(section.layer, "anchors are not pairs of sizes")
    if any(index != int(index) or not 0 <= index < len(every) for index in chosen):
        raise CfgError(section.layer, "mask names an anchor that is not there")
    if section.integer("new_coords", 0, 0, 1):
        raise CfgError(section.layer, "heads with new_coords are not supported")
    channels = len(chosen) * (5 + classes)
    if shapes[-1][0] != channels:
        raise CfgError(
            section.layer, "needs {channels} channels before it, there are {there}", channels=channels, there=shapes[-1][0]
        )
    (scale_xy,) = section.numbers("scale_x_y", "1")[:1]
    anchors = tuple(every[int(index)] for index in chosen)
    return Layer(section.layer, "yolo", shapes[-1], (section.layer - 1,), anchors=anchors, classes=classes, scale_xy=scale_xy)


def _same(section: Section, shapes: Shapes) -> Layer:
    return Layer(section.layer, section.kind, shapes[-1], (section.layer - 1,))


READERS = {
    "convolutional": _convolutional,
    "conv": _convolutional,
    "maxpool": _maxpool,
    "upsample": _upsample,
    "route": _route,
    "shortcut": _shortcut,
    "dropout": _same,
    "yolo": _yolo,
}
