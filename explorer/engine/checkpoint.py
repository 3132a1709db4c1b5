"""What a checkpoint holds once read: the table of tensors inside the usual wrappings, and which tensors are acceptable."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from explorer.i18n import N_
from explorer.weights.readers import Note
from explorer.weights.troubles import refusal

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params")
AVERAGES = ("state_dict_ema", "model_ema", "ema_state_dict", "ema", "params_ema")
MAX_DEPTH = 6
TAKEN = N_("taken from '{key}'")
AVERAGED = N_("taken from '{key}'; the file also holds averaged weights ('{other}')")


def judge_tensor(name: str, tensor: Tensor) -> None:
    """Raise ModelFileError unless it is a plain dense tensor whose numbers all lie in its own storage."""
    dense = (
        type(tensor) in (Tensor, nn.Parameter)
        and tensor.layout == torch.strided
        and not (tensor.is_quantized or tensor.is_nested or tensor.is_complex())
        and tensor.device.type == "cpu"
    )
    if not dense or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise refusal(
            "tensor-kind",
            N_("Refused: unsupported tensor kind in '{name}'."),
            N_("Save plain dense tensors: tensor.to_dense(), or as .safetensors."),
            name=name,
        )


def state_dict_of(loaded: Any, notes: list[Note], depth: int = 0) -> dict[str, Tensor]:
    """The table of tensors inside the usual wrappings; what else the file held is noted."""
    if isinstance(loaded, dict) and depth < MAX_DEPTH:
        tensors = {name: value for name, value in loaded.items() if isinstance(name, str) and isinstance(value, Tensor)}
        if tensors and len(tensors) * 2 >= len(loaded):
            return tensors
        averages = [key for key in AVERAGES if isinstance(loaded.get(key), dict)]
        for key in (*WRAPPERS, *AVERAGES):
            if isinstance(loaded.get(key), dict):
                if averages and key not in averages:
                    notes.append((AVERAGED, {"key": key, "other": averages[0]}))
                else:
                    notes.append((TAKEN, {"key": key}))
                return state_dict_of(loaded[key], notes, depth + 1)
        if "param_groups" in loaded or "optimizer" in loaded:
            raise refusal(
                "optimizer",
                N_("This is the state of an optimizer, not of a network."),
                N_("Choose the file that holds the network's own state dict."),
            )
    raise refusal("no-tensors", N_("There are no weights in the file."), N_("Choose the file with the state dict."))
