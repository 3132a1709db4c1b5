"""The networks that exist, one row each. Built-ins enter by the plugin door: `tables.networks.add(name, NetworkSpec(...))`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import torch
from torch import nn

from explorer.tables import Table, Tables
from explorer.zoo import alexnet, efficientnet_lite0, lenet5, resnet, squeezenet1_1, u2netp, yolov3, yolov3_tiny
from explorer.zoo.reading import F32, Candidates

Task = Literal["classify", "detect", "segment"]
Resize = Literal["", "centre-crop", "letterbox", "stretch"]


@dataclass(frozen=True)
class NetworkSpec:
    """One architecture, without weights.

    `build()` makes the module with random numbers (see `build_seeded`). `channels` and `input_size` (pixels, square) describe
    the input (N, channels, S, S) float32; `multiple_of` is what both sides of another input size must be divisible by, 0 if
    the size is fixed. `classes_file` is a file of assets/classes, "" for none; `dream_layer` is a tap worth dreaming on.
    Output: "classify" gives logits (N, classes); "segment" gives maps (N, 1, S, S) in 0..1, the first is the answer;
    "detect" gives one raw map (N, anchors * (5 + classes), H, W) a scale, described by `module.heads`.
    A network that answers otherwise says how to read it: `read_boxes(outputs, confidence)` gives the candidates of a
    detector whose score is `confidence` or more, `read_mask(outputs)` the (h, w) map, 0..1, of a segmenter; `outputs` are
    all tensors that one picture gives, in order, as (1, ...) float32 arrays.
    `foreign_names` are (pattern, replacement) pairs for `re.sub` that turn the names of published files into ours.
    `labels`: the class names themselves where no file of assets/classes has them (a description that a person opened).
    `resize`: how a picture gets in where no row of the weights list says so, bytes divided by 255; "": detectors see all of
    it in its shape, segmenters stretched, classifiers its middle. `set_weights`: `build` sets every number, none is random.
    """

    name: str
    title: str
    task: Task
    paper: str
    build: Callable[[], nn.Module]
    input_size: int
    classes_file: str = ""
    dream_layer: str = ""
    channels: int = 3
    multiple_of: int = 0
    foreign_names: tuple[tuple[str, str], ...] = ()
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    read_boxes: Callable[[Sequence[F32], float], Candidates] | None = None
    read_mask: Callable[[Sequence[F32]], F32] | None = None
    resize: Resize = ""
    set_weights: bool = False


def build_seeded(spec: NetworkSpec, seed: int = 0) -> nn.Module:
    """`spec.build()` in eval mode with the random numbers of `seed`; the caller's random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return spec.build().eval()


def register(tables: Tables) -> None:
    """Enter the built-in networks."""
    for spec in BUILT_IN:
        tables.networks.add(spec.name, spec)


@cache
def networks() -> Table[NetworkSpec]:
    """The built-in networks by name, for whoever has no `Tables` at hand."""
    table: Table[NetworkSpec] = Table("network")
    for spec in BUILT_IN:
        table.add(spec.name, spec)
    return table


BUILT_IN: tuple[NetworkSpec, ...] = (
    NetworkSpec(
        name="squeezenet1_1",
        title="SqueezeNet 1.1",
        task="classify",
        paper="Iandola et al. 2016, SqueezeNet: AlexNet-level accuracy with 50x fewer parameters, arXiv:1602.07360",
        build=squeezenet1_1.SqueezeNet,
        input_size=227,
        classes_file="imagenet.txt",
        dream_layer="features.9",
        multiple_of=1,
    ),
    NetworkSpec(
        name="efficientnet_lite0",
        title="EfficientNet-Lite0",
        task="classify",
        paper="Tan and Le 2019, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, arXiv:1905.11946",
        build=efficientnet_lite0.EfficientNetLite0,
        input_size=224,
        classes_file="imagenet.txt",
        dream_layer="blocks.10",
        multiple_of=1,
        foreign_names=((r"(^|\.)_", r"\1"),),
    ),
    NetworkSpec(
        name="resnet18",
        title="ResNet-18",
        task="classify",
        paper="He et al. 2015, Deep Residual Learning for Image Recognition, arXiv:1512.03385",
        build=resnet.resnet18,
        input_size=224,
        classes_file="imagenet.txt",
        dream_layer="layer3",
        multiple_of=1,
    ),
    NetworkSpec(
        name="resnet50",
        title="ResNet-50",
        task="classify",
        paper="He et al. 2015, Deep Residual Learning for Image Recognition, arXiv:1512.03385",
        build=resnet.resnet50,
        input_size=224,
        classes_file="imagenet.txt",
        dream_layer="layer3",
        multiple_of=1,
    ),
    NetworkSpec(
        name="alexnet",
        title="AlexNet",
        task="classify",
        paper="Krizhevsky 2014, One weird trick for parallelizing convolutional neural networks, arXiv:1404.5997",
        build=alexnet.AlexNet,
        input_size=224,
        classes_file="imagenet.txt",
        dream_layer="features.8",
        multiple_of=1,
    ),
    NetworkSpec(
        name="yolov3_tiny",
        title="YOLOv3-tiny",
        task="detect",
        paper="Redmon and Farhadi 2018, YOLOv3: An Incremental Improvement, arXiv:1804.02767",
        build=yolov3_tiny.build,
        input_size=416,
        classes_file="coco.txt",
        dream_layer="layers.8",
        multiple_of=32,
    ),
    NetworkSpec(
        name="yolov3",
        title="YOLOv3",
        task="detect",
        paper="Redmon and Farhadi 2018, YOLOv3: An Incremental Improvement, arXiv:1804.02767",
        build=yolov3.build,
        input_size=416,
        classes_file="coco.txt",
        dream_layer="layers.36",
        multiple_of=32,
    ),
    NetworkSpec(
        name="u2netp",
        title="U2-Net-p",
        task="segment",
        paper="Qin et al. 2020, U2-Net: Going Deeper with Nested U-Structure for Salient Object Detection, arXiv:2005.09007",
        build=u2netp.U2NetP,
        input_size=320,
        dream_layer="stage3",
        multiple_of=1,
    ),
    NetworkSpec(
        name="lenet5",
        title="LeNet-5",
        task="classify",
        paper="LeCun et al. 1998, Gradient-Based Learning Applied to Document Recognition, Proceedings of the IEEE 86(11)",
        build=lenet5.LeNet5,
        input_size=32,
        classes_file="digits.txt",
        dream_layer="c3",
        channels=1,
    ),
)
NETWORKS = networks()
