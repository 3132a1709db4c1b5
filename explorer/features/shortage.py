"""Out of memory in a dream, forwards or backwards: said with the size or the tile that would fit."""

from __future__ import annotations

import torch

from explorer.engine.memory import free_bytes, is_out_of_memory, megabytes
from explorer.i18n import N_
from explorer.records.errors import ExplorerError, Trouble
from explorer.requests.dream import DreamRequest

LEAST = 32  # pixels, the smallest picture size


def is_shortage(error: BaseException) -> bool:
    """Whether memory ran out, in torch's own words or already explained by engine.memory."""
    if isinstance(error, ExplorerError):
        return error.trouble.code == "memory.forward"
    return is_out_of_memory(error)


def no_memory(request: DreamRequest, device: torch.device) -> ExplorerError:
    """The error for a person: half the size needs a quarter of the memory; tiles need that of one tile."""
    smaller = max(LEAST, request.size // 2 // 8 * 8)
    tile = max(64, min(256, smaller // 32 * 32) if not request.tile else request.tile // 64 * 32)
    free = megabytes(free_bytes(device))
    values = {"size": request.size, "smaller": smaller, "tile": tile, "free": free, "device": str(device)}
    hint = N_("Choose a picture size of {smaller} px, or close other programs.")
    if request.start == "picture":
        hint = N_("Choose a picture size of {smaller} px, or tiles of {tile} px.")
    elif request.batch > 1:
        hint = N_("Choose fewer pictures at once, or a picture size of {smaller} px.")
    return ExplorerError(
        Trouble(
            "memory.dream", N_("Not enough memory to dream at {size} px: {free} free on {device}."), values, hint, exit_code=5
        )
    )
