"""A plane of inputs through a picture: its two directions, and any of its points as an input of the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from explorer.engine.memory import explained
from explorer.engine.taps import cancellable, first_tensor
from explorer.i18n import tr

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken
    from explorer.requests.regions import RegionsRequest

SHOWN = 112  # pixels of a side of the pictures that the record carries


class Plane:
    """Points x + right * one + down * two; `one`, `two` (1, C, S, S) in the network's units, one level each, at right angles.

    A level is one step of brightness (0..255) in the root mean square over all pixels and channels of the network's input.
    `scores`: what the network says of the picture itself, (K,) float32, or None where it gives no class scores. `notes`: why
    other directions were taken than those asked for. `names`: the two directions for people.
    """

    def __init__(self, network: Network, x: torch.Tensor, request: RegionsRequest, token: CancelToken | None = None) -> None:
        self.network = network
        self.x = x
        self.notes: list[str] = []
        low, high = zip(*network.bounds, strict=True)
        self._low = torch.tensor(low, device=x.device).view(1, -1, 1, 1)
        self._level = ((torch.tensor(high, device=x.device).view(1, -1, 1, 1) - self._low) / 255).abs()
        self.scores = self._class_scores(token)
        generator = torch.Generator().manual_seed(request.seed)
        chance = [torch.randn(x.shape, generator=generator).to(x.device) for _ in range(2)]
        one, two = self._wished(request, token)
        self.names = (one[0], two[0])
        first = self._unit(one[1] if one[1] is not None else chance[0])
        if first is None:
            self.notes.append(tr("No gradient leads to another class: the directions are random."))
            self.names = (tr("random"), tr("random"))
            first, second = self._unit(chance[0]), None
        else:
            second = None if two[1] is None else self._unit(two[1], first)
        if second is None and two[1] is not None and one[1] is not None:
            self.names = (self.names[0], tr("random"))
        second = second if second is not None else self._unit(chance[1], first)
        assert first is not None and second is not None  # random numbers are no zeros
        self.one, self.two = first * self._level, second * self._level

    def points(self, places: Sequence[tuple[float, float]], exact: bool = False) -> torch.Tensor:
        """(N, C, S, S): the inputs at (right, down) levels, in float64 if `exact`."""
        dtype = torch.float64 if exact else torch.float32
        at = torch.tensor(places, dtype=dtype, device=self.x.device)
        x, one, two = (tensor.to(dtype) for tensor in (self.x, self.one, self.two))
        made = x + at[:, 0].view(-1, 1, 1, 1) * one + at[:, 1].view(-1, 1, 1, 1) * two
        return made.contiguous(memory_format=torch.channels_last)

    def shown(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Picture and directions as (h, w, 3) float32 RGB in levels, at most SHOWN pixels a side."""
        tensors = ((self.x - self._low) / self._level, self.one / self._level, self.two / self._level)
        return self._rgb(tensors[0]), self._rgb(tensors[1]), self._rgb(tensors[2])

    def _rgb(self, nchw: torch.Tensor) -> npt.NDArray[np.float32]:
        order = self.network.recipe.order
        rgb = nchw.expand(-1, 3, -1, -1) if order == "grey" else nchw.flip(1) if order == "bgr" else nchw
        if max(rgb.shape[2:]) > SHOWN:
            rgb = functional.interpolate(rgb, size=(SHOWN, SHOWN), mode="area")
        return np.ascontiguousarray(rgb[0].permute(1, 2, 0).cpu().numpy())

    def _class_scores(self, token: CancelToken | None) -> torch.Tensor | None:
        output = first_tensor(self.network.forward(self.x, token))
        if (
            output is None
            or output.ndim != 2
            or len(output) != 1
            or output.shape[1] < 2
            or self.network.info.task != "classify"
        ):
            return None
        return output[0].float() if bool(torch.isfinite(output).all()) else None

    def _wished(
        self, request: RegionsRequest, token: CancelToken | None
    ) -> tuple[tuple[str, torch.Tensor | None], tuple[str, torch.Tensor | None]]:
        chance: tuple[str, torch.Tensor | None] = (tr("random"), None)
        if request.directions == "random":
            return chance, chance
        if self.scores is None:
            self.notes.append(tr("This network gives no class scores for the picture: the directions are random."))
            return chance, chance
        best = int(self.scores.argmax())
        others = [int(index) for index in self.scores.argsort(descending=True)[1:]]
        if 0 <= request.target < len(self.scores) and request.target != best:
            others = [request.target, *(index for index in others if index != request.target)]
        elif request.target >= len(self.scores):
            self.notes.append(tr("There is no class {index}: the second best is taken.").format(index=request.target))
        one = (self._label(others[0]), self._gradient(others[0], best, token))
        if request.directions == "gradient" or len(others) < 2:
            return one, chance
        return one, (self._label(others[1]), self._gradient(others[1], best, token))

    def _label(self, index: int) -> str:
        return tr("to {label}").format(label=label_of(self.network, index))

    def _gradient(self, target: int, best: int, token: CancelToken | None) -> torch.Tensor:
        """Of the difference of two logits, by levels of brightness: the fastest way from one class to the other."""
        network = self.network
        with explained(network.device), cancellable(network.module, token), torch.enable_grad():
            x = self.x.clone().requires_grad_()
            output = first_tensor(network.module(x))
            assert output is not None  # there were scores
            if not output.requires_grad:
                return torch.zeros_like(self.x)
            (gradient,) = torch.autograd.grad(output[0, target] - output[0, best], x, allow_unused=True)
        return torch.zeros_like(self.x) if gradient is None else gradient.detach() * self._level

    @staticmethod
    def _unit(direction: torch.Tensor, other: torch.Tensor | None = None) -> torch.Tensor | None:
        """`direction` at right angles to `other`, root mean square 1; None where nothing is left of it."""
        made = direction.double()
        size = made.square().mean().sqrt()
        if not bool(torch.isfinite(size)) or float(size) == 0:
            return None
        made = made / size
        if other is not None:
            along = other.double()
            made = made - along * (made * along).mean() / along.square().mean()
        left = made.square().mean().sqrt()
        return None if float(left) < 1e-4 else (made / left).to(direction.dtype)


def label_of(network: Network, index: int) -> str:
    """The name of a class, or its number."""
    classes = network.info.classes
    return classes[index] if index < len(classes) else str(index)
