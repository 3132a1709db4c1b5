"""Which layer is meant, and maps of whatever it puts out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from explorer.engine.taps import first_tensor
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble

if TYPE_CHECKING:
    from explorer.engine.network import Network


def default_layer(network: Network, wanted: str, fallback: str = "") -> str:
    """`wanted`, else `fallback`, else the network's first layer. Raises BadRequestError for a network without layers."""
    name = wanted or fallback or next(iter(network.layer_names), "")
    if not name:
        raise BadRequestError(
            Trouble("layer.none", N_("{network} has no layers to look into."), {"network": network.info.title})
        )
    return name


def maps_of(output: Any, layer: str) -> torch.Tensor:
    """(count, h, w) float32 maps of the first picture of a batch.

    (B, C, H, W) gives C maps; (B, N) gives N maps of one number; (B, T, N) gives one T x N map; complex and larger shapes
    are refused with BadRequestError, as are outputs without a tensor or without numbers.
    """
    tensor = first_tensor(output)
    shape = tuple(tensor.shape) if tensor is not None else ()
    if tensor is None or not 2 <= tensor.ndim <= 4 or tensor.numel() == 0 or tensor.is_complex():
        raise BadRequestError(
            Trouble(
                "layer.no-maps",
                N_("What layer {layer} puts out cannot be drawn as maps (shape {shape})."),
                {"layer": layer, "shape": "x".join(map(str, shape)) or "-"},
                N_("Choose a layer with a picture-like or list-like output."),
            )
        )
    first = tensor.detach()[0].to(torch.float32)
    if first.ndim == 1:
        return first.reshape(-1, 1, 1)
    return first.unsqueeze(0) if first.ndim == 2 else first


def check_output(tensor: torch.Tensor, layer: str) -> None:
    """Raise BadRequestError where a layer's output is nothing that can be made to grow: no list of real numbers a picture."""
    if tensor.ndim < 2 or tensor.numel() == 0 or not tensor.is_floating_point():
        raise BadRequestError(
            Trouble(
                "layer.no-numbers",
                N_("What layer {layer} puts out cannot be made to grow (shape {shape}, {kind})."),
                {
                    "layer": layer,
                    "shape": "x".join(map(str, tensor.shape)) or "-",
                    "kind": str(tensor.dtype).removeprefix("torch."),
                },
                N_("Choose a layer with a picture-like or list-like output."),
            )
        )
