"""Pictures that grow out of noise, one or many at once: the loop of feature visualisation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch

from explorer.features.adam import Adam
from explorer.features.ascent import Aim, silent
from explorer.features.canvas import Canvas, FourierCanvas, PixelCanvas, roughness_gradient
from explorer.features.transforms import GREY, Shaker
from explorer.requests.dream import DreamRequest

if TYPE_CHECKING:
    from explorer.jobs import CancelToken

HALVINGS = 6  # how often a step that leaves the finite numbers is halved before the growing ends
ROUGHNESS = 4.0  # so that smoothness 0.1 is just visible beside a gradient of unit strength
BLUR_EVERY = 4  # steps


class NotFiniteError(ArithmeticError):
    """The numbers went beyond all bounds, however short the step."""


@dataclass
class Growth:
    """After a step: `pictures` (B, 3, H, W) in 0..1, always finite; `values` (B,) as the network saw them before the step."""

    pictures: torch.Tensor
    values: torch.Tensor
    done: int


def canvas_of(settings: DreamRequest, seeds: Sequence[int], device: torch.device, shared: bool = False) -> Canvas:
    """The empty canvases that a request asks for, faint noise of each seed."""
    kind = FourierCanvas if settings.canvas == "fourier" else PixelCanvas
    return kind(settings.size, settings.size, seeds, settings.decorrelate, shared, device)


def grow(
    aim: Aim, canvas: Canvas, settings: DreamRequest, seeds: Sequence[int], token: CancelToken | None = None
) -> Iterator[Growth]:
    """One Growth a step. Raises NotFiniteError, NoGradientError and whatever a pass raises; the last Growth then stays good."""
    pad = 0 if any(term.placed for term in aim.terms) else settings.pad  # a border would move the place
    shaker = Shaker(pad, settings.jitter, settings.rotate, settings.zoom_range / 100.0, seeds)
    optimizers = [Adam(parameter, settings.step_size) for parameter in canvas.parameters]
    picture = canvas.rgb()
    done = failures = 0
    while done < settings.steps:
        if token is not None:
            token.check()
        values, gradient = aim.gradient(picture, partial(shaker, draw=shaker.draw()))
        moved = ~silent(gradient)[:, None, None, None]  # what nothing moves stays what it was
        upwards = unit(gradient) - restoring(picture.detach(), settings) * moved
        slopes = torch.autograd.grad(picture, canvas.parameters, -upwards, retain_graph=True)
        good = torch.isfinite(slopes[0].flatten(1).sum(1))  # one number that is not finite makes the sum so
        if bool(good.any()):
            kept = [parameter.detach().clone() for parameter in canvas.parameters]
            for optimizer, slope in zip(optimizers, slopes, strict=True):
                optimizer.step(slope if bool(good.all()) else torch.nan_to_num(slope, 0.0, 0.0, 0.0))
            if settings.blur and done % BLUR_EVERY == BLUR_EVERY - 1:
                canvas.blur(settings.blur)
            fresh = canvas.rgb()
            if bool(torch.isfinite(fresh.detach().sum())):
                picture, done, failures = fresh, done + 1, 0
                yield Growth(picture.detach(), values, done)
                continue
            for parameter, before in zip(canvas.parameters, kept, strict=True):
                parameter.data.copy_(before)
        failures += 1
        if failures > HALVINGS:
            raise NotFiniteError
        optimizers = [Adam(one.parameter, one.rate / 2) for one in optimizers]


def restoring(picture: torch.Tensor, settings: DreamRequest) -> torch.Tensor:
    """(B, 3, H, W), beside a gradient of root mean square one: what the regularisers pull back."""
    pull = torch.zeros_like(picture)
    if settings.smooth:
        pull += settings.smooth * ROUGHNESS * roughness_gradient(picture)
    if settings.l2:
        pull += settings.l2 * (picture - GREY)
    return pull


def unit(gradient: torch.Tensor) -> torch.Tensor:
    """Each picture's gradient at root mean square one: smoothness and step size mean the same for every layer."""
    strength = gradient.square().flatten(1).mean(1).sqrt().clamp_min(1e-30)
    return gradient / strength[:, None, None, None]
