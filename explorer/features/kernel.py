"""The kernel studio's job: one kernel over the current picture, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from explorer.engine.taps import layer_of
from explorer.i18n import N_
from explorer.jobs import Result
from explorer.picture import filtering, kernels
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.picture import Picture

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import Step, Work
    from explorer.requests.kernel import KernelRequest


def kernel(request: KernelRequest, work: Work) -> Iterator[Step]:
    """The job of KernelRequest. Result: Picture, as large as the frame; a network is loaded for the preset "filter" alone.

    Facts: `preset`, `rows`, `columns`, `numbers` (row by row, as applied), `low`, `high` (the answer's range, brightness being
    0..1), `source`, `frame_seq`; of a filter also `layer`, `channel`, `input_channel`, `filters`, `inputs`, `model`.
    """
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    facts: dict[str, Any] = {"preset": request.preset, "colours": request.colours, "display": request.display}
    if request.preset == "filter":
        network = work.engine.network(request, work.token)
        numbers, origin = slice_of(network, request.layer, request.channel, request.input_channel)
        facts |= origin
    elif request.preset == "numbers":
        numbers = np.asarray(request.numbers, np.float64).reshape(request.rows, request.columns)
    else:
        numbers = kernels.preset(
            request.preset, request.size | 1, request.sigma, request.wavelength, request.angle, request.phase
        )
    numbers = kernels.normalised(numbers, request.normalise)
    work.token.check()
    answer = filtering.responses(work.frame.rgb, numbers, request.colours == "grey")
    facts |= {
        "rows": numbers.shape[0],
        "columns": numbers.shape[1],
        "numbers": numbers.reshape(-1).tolist(),
        "low": float(answer.min()),
        "high": float(answer.max()),
        "source": work.frame.source,
        "frame_seq": work.frame.seq,
    }
    yield Result(Picture(filtering.shown(answer, request.display), facts))


def slice_of(network: Network, layer: str, channel: int, input_channel: int) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """The (h, w) numbers of one slice of a convolution's kernel, and facts about it. Raises BadRequestError."""
    name = layer or network.first_convolution or ""
    found = layer_of(network.module, name) if name else None
    weight = getattr(found, "weight", None)
    if not isinstance(found, nn.Conv2d) or not isinstance(weight, torch.Tensor):
        raise BadRequestError(
            Trouble(
                "surgery.no-kernel",
                N_("Layer {layer} is a {kind}: it has no kernel that could be replaced."),
                {"layer": name or "-", "kind": type(found).__name__},
                N_("Choose a convolution."),
                exit_code=2,
            )
        )
    for asked, there, text in (
        (channel, weight.shape[0], N_("Layer {layer} has no channel {channel}: it has {count}, counted from 0.")),
        (
            input_channel,
            weight.shape[1],
            N_("Layer {layer} has no input channel {channel}: its kernels see {count}, counted from 0."),
        ),
    ):
        if asked >= there:
            raise BadRequestError(
                Trouble("layer.channel", text, {"layer": name, "channel": asked, "count": there}, exit_code=2)
            )
    numbers = weight[channel, input_channel].detach().double().cpu().numpy()
    return numbers, {
        "layer": name,
        "channel": channel,
        "input_channel": input_channel,
        "filters": weight.shape[0],
        "inputs": weight.shape[1],
        "model": network.info.name,
    }
