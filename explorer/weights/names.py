"""From the names of a published file to the names of our networks, where the file has other names or none."""

from __future__ import annotations

from typing import Any

import numpy as np

from explorer.i18n import N_
from explorer.weights.onnx_reader import OnnxWeights
from explorer.weights.troubles import refusal

Array = np.ndarray[Any, np.dtype[Any]]
Tensors = dict[str, Array]
# Caffe's fire modules 2..9 are these places of torchvision's `features`.
FIRE = dict(zip(range(2, 10), (3, 4, 6, 7, 9, 10, 11, 12), strict=True))
# U2-Net's stages in the order in which they run; None is a dilated block (RSU-4F), which has height 4 too.
STAGES = (
    *(("stage1", 7), ("stage2", 6), ("stage3", 5), ("stage4", 4), ("stage5", 4), ("stage6", 4)),
    *(("stage5d", 4), ("stage4d", 4), ("stage3d", 5), ("stage2d", 6), ("stage1d", 7)),
)


def squeezenet(found: dict[str, list[Array]]) -> Tensors:
    """Caffe's names with [kernel HWIO, bias] -> torchvision's names with OIHW kernels."""
    tensors: Tensors = {}
    for name, arrays in found.items():
        if len(arrays) != 2 or arrays[0].ndim != 4:
            raise _unexpected(name)
        if name == "conv1":
            ours = "features.0"
        elif name == "conv10":
            ours = "classifier.1"
        else:
            fire, _, part = name.partition("/")
            place = FIRE.get(int(fire[4:])) if fire.startswith("fire") and fire[4:].isdigit() else None
            if place is None:
                raise _unexpected(name)
            ours = f"features.{place}.{'squeeze' if part == 'squeeze1x1' else part}"
        kernel, bias = arrays
        tensors[f"{ours}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
        tensors[f"{ours}.bias"] = bias
    return tensors


def u2net_blocks() -> tuple[str, ...]:
    """The convolution blocks of U2-Net in the order in which they run."""
    names = []
    for stage, height in STAGES:
        downs = ["in", *(str(level) for level in range(1, height + 1))]
        ups = [f"{level}d" for level in range(height - 1, 0, -1)]
        names += [f"{stage}.rebnconv{part}" for part in downs + ups]
    return tuple(names)


def u2net(found: OnnxWeights) -> Tensors:
    """Graph order -> the authors' names; batch norms that were folded away become the identity.

    side1..side6 and outconv keep their names in the file. An export that kept all names is returned as it is.
    """
    if any(name.startswith("stage1.") for name in found.tensors):
        return found.tensors
    tensors = {name: array for name, array in found.tensors.items() if name.startswith(("side", "outconv"))}
    folded = [pair for pair in found.convolutions if pair[0] not in tensors]
    blocks = u2net_blocks()
    if len(folded) != len(blocks):
        raise _unexpected(f"{len(folded)} / {len(blocks)}")
    for block, (weight, bias) in zip(blocks, folded, strict=True):
        if weight not in found.tensors or bias not in found.tensors:
            raise _unexpected(weight)
        kernel = found.tensors[weight]
        tensors[f"{block}.conv_s1.weight"], tensors[f"{block}.conv_s1.bias"] = kernel, found.tensors[bias]
        tensors |= {f"{block}.bn_s1.{name}": array for name, array in identity_norm(kernel.shape[0]).items()}
    return tensors


def identity_norm(channels: int, eps: float = 1e-5) -> Tensors:
    """A batch norm in eval mode that returns its input: mean 0, variance 1 - eps, so that variance + eps is 1."""
    return {
        "weight": np.ones(channels, np.float32),
        "bias": np.zeros(channels, np.float32),
        "running_mean": np.zeros(channels, np.float32),
        "running_var": np.full(channels, 1.0 - eps, np.float32),
    }


def _unexpected(name: str) -> Exception:
    return refusal(
        "other-network",
        N_("These are not the weights of this network ({name})."),
        N_("Choose the network that the file was made for."),
        name=name,
    )
