"""One picture, one network, one number: what a method of attribution works with, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import torch
import torch.nn.functional as F
from torch import nn

from explorer.engine.taps import layer_of
from explorer.features.attribution_target import Scored, Target
from explorer.features.in_turns import in_turns
from explorer.features.silent_captum import silent_captum
from explorer.jobs import Progress
from explorer.records.attribution import Said

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken
    from explorer.requests.attribution import AttributeRequest

T = TypeVar("T")
BATCH_PIXELS = 8 * 227 * 227  # so many at once: a pass stays short enough to be stopped and to let others have their turn
MOST_AT_ONCE = 16


@dataclass(frozen=True)
class Found:
    """What a method found. `heat`: (h, w) over the network's input, of any size and device.

    `empty`: why there is nothing to draw, where the method knows itself. `seconds`: how long it took, turns of others included.
    """

    heat: torch.Tensor
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[Said, ...] = ()
    empty: Said | None = None
    seconds: float = 0.0


Run = Callable[["Case"], Generator[Progress, None, Found]]


@dataclass
class Case:
    """`x`: (1, C, S, S) the prepared picture; `model`: (N, C, S, S) -> (N,) the number that is explained.

    `module`: the network itself (`layer_of(case.module, case.layer)` gives maps). `layer`: whose maps a CAM uses, "" where the
    network has none. `batch`: pictures a pass may hold.
    """

    network: Network
    module: nn.Module
    x: torch.Tensor
    target: Target
    request: AttributeRequest
    token: CancelToken
    layer: str = ""
    model: Scored = field(init=False)
    batch: int = field(init=False)

    def __post_init__(self) -> None:
        self.model = Scored(self.module, self.target, self.token)
        self.batch = max(1, min(MOST_AT_ONCE, BATCH_PIXELS // max(1, self.x.shape[2] * self.x.shape[3])))

    @property
    def cam_module(self) -> nn.Module:
        """The layer of the CAMs."""
        return layer_of(self.module, self.layer)

    @property
    def captum(self) -> Any:
        """The module captum.attr."""
        return silent_captum()

    def leaf(self, x: torch.Tensor | None = None) -> torch.Tensor:
        """A copy of the picture (or of `x`) whose gradient can be asked for; captum warns about others."""
        return (self.x if x is None else x).detach().clone().requires_grad_(True)

    def generator(self) -> torch.Generator:
        """Random numbers of the request's seed, the same on every device."""
        return torch.Generator().manual_seed(self.request.seed)

    def score(self, x: torch.Tensor) -> torch.Tensor:
        """(N,) the number for each picture, without gradients."""
        with torch.no_grad():
            value: torch.Tensor = self.model(x)
            return value.float()

    def confidence(self, x: torch.Tensor) -> torch.Tensor:
        """(N,) the number as the network would say it (0..1; a unit's activation as it is), without gradients."""
        read = self.target.confidence or self.target.score
        with torch.no_grad():
            return read(self.model.raw(x)).float()

    def gradient(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """(N,) numbers and their gradients (N, C, S, S); None where no way leads back to the picture."""
        with torch.enable_grad():
            leaf = self.leaf(x)
            value = self.model(leaf)
            if not value.requires_grad:
                return value.detach(), None
            (gradient,) = torch.autograd.grad(value.sum(), leaf, allow_unused=True)
        return value.detach(), gradient

    def maps_and_gradient(self) -> tuple[torch.Tensor, torch.Tensor]:
        """(1, K, h, w) the maps of the CAM's layer and the gradient of the number with respect to them."""
        kept: list[torch.Tensor] = []

        def keep(_module: nn.Module, _inputs: Any, output: Any) -> Any:
            kept.append(output.requires_grad_(True) if output.is_leaf else output)
            return output

        handle = self.cam_module.register_forward_hook(keep)
        try:
            with torch.enable_grad():
                value = self.model(self.leaf())
                gradient = None
                if value.requires_grad:
                    (gradient,) = torch.autograd.grad(value.sum(), kept[-1], allow_unused=True)
        finally:
            handle.remove()
        maps = kept[-1].detach().float()
        return maps, torch.zeros_like(maps) if gradient is None else gradient.float()

    def baseline(self) -> torch.Tensor:
        """(1, C, S, S): the picture that counts as nothing."""
        kind = self.request.baseline
        if kind == "blur":
            return blurred(self.x)
        if kind == "mean":
            return self.x.mean((2, 3), keepdim=True).expand_as(self.x).clone()
        bounds = torch.tensor(self.network.bounds, device=self.x.device, dtype=self.x.dtype)
        level = bounds.amin(1) if kind == "black" else bounds.mean(1)
        return level[None, :, None, None].expand_as(self.x).clone()

    def turns(self, call: Callable[[], T], passes: int) -> Generator[Progress, None, T]:
        """Run captum's own loop of about `passes` forward passes, with progress and turns for other jobs."""
        done = 0

        def looped(pause: Callable[[], None]) -> T:
            def count() -> None:
                nonlocal done
                pause()
                self.token.check()
                done += 1

            self.model.paused = count
            try:
                return call()
            finally:
                self.model.paused = None

        steps = in_turns(looped)
        try:
            while True:
                next(steps)
                yield Progress(min(done, passes), passes)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            steps.close()


def nothing() -> Iterator[Progress]:
    """No progress to tell: `yield from nothing()` makes a generator of a method that takes one pass."""
    return iter(())


def blurred(x: torch.Tensor, share: float = 0.05) -> torch.Tensor:
    """(N, C, H, W) blurred by a Gaussian whose standard deviation is `share` of the longer side."""
    sigma = max(1.0, share * max(x.shape[2:]))
    for axis, size in ((2, x.shape[2]), (3, x.shape[3])):
        reach = min(int(3 * sigma), size - 1)
        if reach < 1:
            continue
        at = torch.arange(-reach, reach + 1, device=x.device, dtype=x.dtype)
        kernel = torch.exp(-(at**2) / (2 * sigma**2))
        kernel = (kernel / kernel.sum()).repeat(x.shape[1], 1)
        shape = (x.shape[1], 1, -1, 1) if axis == 2 else (x.shape[1], 1, 1, -1)
        pad = (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0)
        x = F.conv2d(F.pad(x, pad, mode="reflect"), kernel.reshape(shape), groups=x.shape[1])
    return x
