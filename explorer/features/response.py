"""The job of ChannelsRequest: which channels of a layer answer most to what is in a picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from explorer.engine.memory import explained
from explorer.engine.surgery import channel_axis
from explorer.engine.taps import run_until
from explorer.features.layers import check_output, default_layer
from explorer.i18n import N_
from explorer.jobs import Progress, Result, Step, Work
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.response import Responses
from explorer.requests.dream import ChannelsRequest


def channels(request: ChannelsRequest, work: Work) -> Iterator[Step]:
    """Two passes: the picture as the network takes it, and one colour, the picture's mean.

    A channel that always fires says nothing about this picture; what counts is how much more it fires than for the flat one.
    """
    network = work.engine.network(request, work.token)
    layer = default_layer(network, request.layer, network.spec.dream_layer)
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    nchw = network.prepare(work.frame).nchw
    means = []
    for done, shown in enumerate((nchw, nchw.mean((2, 3), keepdim=True).expand_as(nchw).contiguous())):
        with explained(network.device), torch.no_grad():
            y = run_until(network.module, shown, layer, work.token, detach=True).float()
        check_output(y, layer)
        means.append(y.movedim(channel_axis(y.ndim), 1).flatten(2).mean(2)[0] if y.ndim > 2 else y[0])
        yield Progress(done + 1, 2, "passes")
    rise = torch.nan_to_num(means[0] - means[1], nan=-torch.inf).cpu().numpy()
    order = np.argsort(-rise, kind="stable")[: request.top]
    values = means[0].cpu().numpy()
    facts = {"layer": layer, "of": len(rise), "model": network.info.name, "weights": network.info.weights}
    yield Result(Responses(layer, order.astype(np.int64), rise[order], values[order], facts))
