"""A plane of weights around those of a network: filter-normalised random directions, and the loss at any place of it.

Li, Xu, Taylor, Studer, Goldstein 2018, "Visualizing the Loss Landscape of Neural Nets", arXiv:1712.09913, section 4: each
filter of a direction is as long as that filter of the network, biases and normalisation are left as they are.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from explorer.engine.memory import explained
from explorer.engine.taps import cancellable, first_tensor
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken
    from explorer.records.frame import Frame
    from explorer.requests.landscape import LandscapeRequest

SHIFT = 0.1  # of a side: how far a view may be moved
ENTROPY = N_("cross-entropy (nats)")
OWN = N_("squared distance from the network's own answer")


class WeightPlane:
    """`module`: a copy of the network whose weights may be changed; `origin`: the network's own, never touched.

    `loss_name`, `target`, `label`: what is measured (see records/landscape.py). `inputs`: (views, C, S, S).
    Raises BadRequestError for a class that the network does not have, ExplorerError when memory runs out.
    """

    def __init__(self, network: Network, frame: Frame, request: LandscapeRequest, token: CancelToken | None = None) -> None:
        self.network, self._token = network, token
        generator = torch.Generator().manual_seed(request.seed)
        self.inputs = views(network.prepare(frame).nchw, request.views, generator)
        with explained(network.device):
            self.module = copy.deepcopy(network.module)
            self.origin: list[torch.Tensor] = [one for one in network.module.parameters() if one.dim() >= 2]
            self.moved: list[torch.Tensor] = [one for one in self.module.parameters() if one.dim() >= 2]
            self.directions = [direction(self.origin, request.directions, generator) for _ in range(2)]
        self.weights = sum(one.numel() for one in self.origin)
        self.lengths = (length(self.directions[0]), length(self.directions[1]), length(self.origin))
        self._own: torch.Tensor | None = None
        self.loss_name, self.target, self.label = self._wanted(request)

    def _wanted(self, request: LandscapeRequest) -> tuple[str, int, str]:
        scores = self._answer(self.inputs)
        if self.network.spec.task != "classify" or scores.dim() != 2 or scores.shape[1] < 2:
            self._own = scores
            return OWN, -1, ""
        if request.target >= scores.shape[1]:
            values = {"target": request.target, "count": scores.shape[1]}
            text = N_("There is no class {target}: the network has {count}, counted from 0.")
            raise BadRequestError(Trouble("class.unknown", text, values, exit_code=2))
        target = request.target if request.target >= 0 else int(scores[0].argmax())
        classes = self.network.info.classes
        return ENTROPY, target, classes[target] if target < len(classes) else str(target)

    def _answer(self, inputs: torch.Tensor) -> torch.Tensor:
        with explained(self.network.device), torch.no_grad(), cancellable(self.module, self._token):
            output = first_tensor(self.module(inputs))
        if output is None:
            raise BadRequestError(
                Trouble("landscape.answer", N_("This network's answer is no tensor: there is no loss of it."))
            )
        return output

    @torch.no_grad()
    def go_to(self, x: float, y: float) -> None:
        """Give the copy the weights of the plane's (x, y)."""
        torch._foreach_copy_(self.moved, self.origin)
        torch._foreach_add_(self.moved, self.directions[0], alpha=x)
        torch._foreach_add_(self.moved, self.directions[1], alpha=y)

    def loss_at(self, x: float, y: float) -> float:
        """The loss at a place of the plane; NaN or infinite where numbers overflow."""
        self.go_to(x, y)
        return float(self.loss_of(self._answer(self.inputs), slice(None)))

    def loss_of(self, output: torch.Tensor, which: slice) -> torch.Tensor:
        """The mean loss of the answers (n, ...) to the views `which`."""
        if self._own is not None:
            return (output - self._own[which]).square().mean()
        wanted = torch.full((len(output),), self.target, device=output.device)
        return functional.cross_entropy(output.float(), wanted)


def views(nchw: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    """(count, C, S, S): the picture itself, then every other one mirrored, all shifted a little, edges repeated."""
    side = nchw.shape[-1]
    most = max(1, round(SHIFT * side))
    padded = functional.pad(nchw, (most, most, most, most), mode="replicate")
    found = [nchw]
    for number in range(1, count):
        down, right = torch.randint(0, 2 * most + 1, (2,), generator=generator).tolist()
        view = padded[..., down : down + side, right : right + side]
        found.append(view.flip(-1) if number % 2 else view)
    return torch.cat(found).contiguous()


def direction(weights: Sequence[torch.Tensor], kind: str, generator: torch.Generator) -> list[torch.Tensor]:
    """Random numbers of the weights' shapes: every filter, or ("random") all together, as long as the weights are."""
    found = [torch.randn(one.shape, generator=generator).to(one.device) for one in weights]
    if kind == "random":
        scale = length(weights) / length(found)
        return [one * scale for one in found]
    for made, one in zip(found, weights, strict=True):
        axes = tuple(range(1, one.dim()))
        own = one.detach().square().sum(axes, keepdim=True).sqrt()
        made.mul_(own / made.square().sum(axes, keepdim=True).sqrt())
    return found


def length(tensors: Sequence[torch.Tensor]) -> float:
    """The Euclidean length of all numbers together, summed in float64."""
    return math.sqrt(sum(float(one.detach().double().square().sum()) for one in tensors))


def inner(one: Sequence[torch.Tensor], two: Sequence[torch.Tensor]) -> float:
    """The inner product of two lists of tensors of the same shapes, summed in float64."""
    return float(sum(float((a.detach().double() * b.detach().double()).sum()) for a, b in zip(one, two, strict=True)))
