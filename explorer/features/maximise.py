"""Many channels of a layer maximised in batches: galleries and atlases."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from explorer.features.ascent import Aim, NoGradientError
from explorer.features.canvas import derived
from explorer.features.growing import NotFiniteError, canvas_of, grow
from explorer.features.layers import check_output
from explorer.features.objectives import Objective, channel_mean, check_channel
from explorer.features.sizes import to_rgb
from explorer.features.terms import Term
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken


@dataclass(frozen=True)
class Growing:
    """A batch of channels on its way.

    `channels`: (B,) which. `pictures`: (B, 3, H, W) float32 in 0..1. `values`: (B,) float32 mean activation of each channel:
    as the network saw it at the newest step, or, when `done` equals `total`, measured by a plain pass on the uint8 picture.
    `silent`: (B,) bool, channels that nothing in the picture moves. `done` of `total` steps of this batch are over.
    """

    channels: npt.NDArray[np.int64]
    pictures: torch.Tensor
    values: npt.NDArray[np.float32]
    silent: npt.NDArray[np.bool_]
    done: int
    total: int


def maximise(
    network: Network,
    layer: str,
    channels: Sequence[int],
    *,
    size: int,
    steps: int,
    seed: int = 0,
    settings: DreamRequest | None = None,
    token: CancelToken | None = None,
    per_batch: int = 8,
) -> Iterator[Growing]:
    """Grow a picture of `size` pixels for every channel; one Growing a step, the last of a batch is final.

    Channel c has the seed `canvas.derived(seed, c)`: its picture does not depend on its neighbours, and
    DreamRequest(layer=layer, channel=c, seed=derived(seed, c), size=size, steps=steps) grows the same one. A CPU takes one
    channel after the other, which is as fast and gives the same bytes whoever the neighbours are; a GPU takes `per_batch` at
    once, the same up to float rounding. `settings` gives all other numbers (its layer, channel, goals, start, seed, size and
    steps are not looked at). Raises BadRequestError for a channel that is not there, Cancelled, ExplorerError (memory).
    """
    wanted = [int(channel) for channel in channels]
    chosen = changed(settings or DreamRequest(), size=size, steps=steps, goals=(), mix="sum", start="noise")
    aim = Aim(network, [Term(layer, each_its_own(wanted[:1]))], token)
    output = aim.settle(np.full((size, size, 3), 128, np.uint8))[layer]
    check_output(output, layer)
    for channel in wanted:
        check_channel(output, channel, layer)
    at_once = 1 if network.device.type == "cpu" else max(1, per_batch)
    for first in range(0, len(wanted), at_once):
        batch = wanted[first : first + at_once]
        yield from _batch(aim, layer, batch, chosen, [derived(seed, channel) for channel in batch], token)


def _batch(
    aim: Aim, layer: str, batch: list[int], settings: DreamRequest, seeds: list[int], token: CancelToken | None
) -> Iterator[Growing]:
    aim.terms = (Term(layer, each_its_own(batch)),)
    canvas = canvas_of(settings, seeds, aim.network.device)
    start = pictures = canvas.rgb().detach()
    numbers, total = np.array(batch, np.int64), settings.steps
    unknown = np.zeros(len(batch), np.bool_)
    with contextlib.suppress(NotFiniteError, NoGradientError):  # the pictures so far, measured below, say how far it went
        for growth in grow(aim, canvas, settings, seeds, token):
            pictures = growth.pictures
            if growth.done < total:
                yield Growing(numbers, pictures, _floats(growth.values), unknown, growth.done, total)
    values = np.zeros(len(batch), np.float32)
    for index, channel in enumerate(batch):
        aim.terms = (Term(layer, channel_mean(channel)),)
        values[index] = aim.measure(to_rgb(pictures[index]))
    silent: npt.NDArray[np.bool_] = (pictures == start).flatten(1).all(1).cpu().numpy()
    yield Growing(numbers, pictures, values, silent, total, total)


def each_its_own(channels: Sequence[int]) -> Objective:
    """Picture k of the batch is for channel `channels[k]`: the mean of that channel's map."""

    def value(y: torch.Tensor) -> torch.Tensor:
        return torch.stack([channel_mean(channel)(y[index : index + 1])[0] for index, channel in enumerate(channels)])

    return value


def _floats(values: torch.Tensor) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = values.detach().to("cpu", torch.float32).numpy()
    return found
