"""Gradient ascent on a picture: what one channel looks for (from noise), or Deep Dream (from a picture, over octaves)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from explorer.features.adam import Adam
from explorer.features.ascent import Aim, NoGradientError
from explorer.features.canvas import (
    FourierCanvas,
    even_bands,
    octave_sizes,
    resized,
    roughness_gradient,
    to_rgb,
    to_tensor,
    wobble,
)
from explorer.features.layers import default_layer
from explorer.features.objectives import check_channel, chosen
from explorer.i18n import N_
from explorer.jobs import Cancelled, Preview, Result, Step, Work
from explorer.records.errors import BadRequestError, ExplorerError, Trouble
from explorer.records.picture import Picture
from explorer.requests.dream import DreamRequest

PREVIEW_S = 0.12  # at most about eight previews a second: seen as motion, and a few percent of the work
SLOW_S = 0.35  # steps longer than this leave no time for a last measurement within the 200 ms that Stop may take
HALVINGS = 6  # how often a step that leaves the finite numbers is halved before the dream stops
SETTLING = 10  # steps after which those of an octave are half as long
SHORTEST = 48  # pixels; a smaller octave teaches nothing
ROUGHNESS = 4.0  # so that smoothness 0.1 is just visible beside a gradient of unit strength


@dataclass
class State:
    """The dream so far. `picture`: (1, 3, H, W) float 0..1, always finite."""

    picture: torch.Tensor
    facts: dict[str, Any]
    done: int = 0
    total: int = 1
    now: float = 0.0
    shown_at: float = 0.0
    step_seconds: float = 0.0
    stopped: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def due(self) -> bool:
        """Whether it is time for a preview."""
        return time.perf_counter() - self.shown_at >= PREVIEW_S

    def preview(self, **facts: Any) -> Preview:
        """The picture so far as an event."""
        self.shown_at = time.perf_counter()
        told = {**self.facts, **self.extra, "now": self.now, "done": self.done, "total": self.total, **facts}
        return Preview(Picture(to_rgb(self.picture), told), self.done, self.total)


def dream(request: DreamRequest, work: Work) -> Iterator[Step]:
    """The job of DreamRequest. Previews and result: Picture, the last preview before a stop is the newest finite picture.

    Facts: `before`, `after` (the objective of the start and of the result, each measured by a plain pass on the uint8
    picture), `measure` (what that number is), `gain` (after / before where before is positive, else None), `seed`, `steps`,
    `layer`, `channel`, `start`, `size`, `model`, `weights`, `stopped` (why it ended early, or ""). Previews have `now`, the
    value at the newest step as the network saw it, and no `after`.
    """
    network = work.engine.network(request, work.token)
    middle = network.layer_names[len(network.layer_names) // 2 :][:1]
    layer = default_layer(network, request.layer, network.spec.dream_layer or "".join(middle))
    spec = chosen(request.objective, request.channel)
    aim = Aim(network, layer, spec.make(request.channel or 0), work.token)
    canvas: FourierCanvas | None = None
    if request.start == "noise":
        canvas = FourierCanvas(request.size, request.size, request.seed, device=network.device)
        first = canvas.rgb().detach()
    else:
        first = _start_of(request, work, network.device)
    start = to_rgb(first)
    check_channel(aim.settle(start), request.channel, layer)
    before = aim.measure(start)
    facts = {
        "before": before,
        "measure": spec.measure,
        "objective": spec.name,
        "seed": request.seed,
        "steps": request.steps,
        "layer": layer,
        "channel": request.channel,
        "start": request.start,
        "size": request.size,
        "model": network.info.name,
        "weights": network.info.weights,
    }
    state = State(first, facts, now=before)
    yield state.preview()
    try:
        yield from _from_noise(request, work, aim, canvas, state) if canvas else _from_picture(request, work, aim, state)
    except Cancelled:
        yield state.preview(**({} if state.step_seconds > SLOW_S else _measured(aim, state)))
        raise
    except NoGradientError:
        if state.done == 0:
            raise
        state.stopped = N_("No gradient comes back any more: the channel is saturated or silent.")
    yield Result(Picture(to_rgb(state.picture), {**facts, **_measured(aim, state), "stopped": state.stopped}))


def _measured(aim: Aim, state: State) -> dict[str, Any]:
    before = state.facts["before"]
    # Asked to stop: the token would end this pass too, and the number belongs to the picture that is kept.
    after = aim.without_token().measure(to_rgb(state.picture))
    return {"after": after, "gain": after / before if before > 0 else None}


def _start_of(request: DreamRequest, work: Work, device: torch.device) -> torch.Tensor:
    if work.frame is None:
        raise BadRequestError(
            Trouble(
                "picture.missing",
                N_("There is no picture to look at."),
                {},
                N_("Choose one in the Picture strip, or start from noise."),
            )
        )
    height, width = work.frame.height, work.frame.width
    size = octave_sizes(height, width, request.size, 1, 2.0, 1)[-1]
    return resized(to_tensor(work.frame.rgb, device), *size)


def _from_noise(request: DreamRequest, work: Work, aim: Aim, canvas: FourierCanvas, state: State) -> Iterator[Step]:
    generator = torch.Generator().manual_seed(request.seed)
    adam = Adam(canvas.spectrum, request.step_size)
    state.total = request.steps
    kept = canvas.spectrum.detach().clone()
    halvings = 0
    while state.done < request.steps:
        started = time.perf_counter()
        work.token.check()
        picture = canvas.rgb()
        draw = (torch.rand(4, generator=generator) * 2 - 1).tolist()
        value, gradient = aim.gradient(picture, partial(wobble, jitter=request.jitter, draw=draw))
        upwards = _unit(gradient) - request.smooth * ROUGHNESS * roughness_gradient(picture.detach())
        (slope,) = torch.autograd.grad(picture, canvas.spectrum, -upwards)
        good = bool(torch.isfinite(slope).all())
        if good:
            kept.copy_(canvas.spectrum.detach())
            adam.step(slope)
            with torch.no_grad():
                shown = canvas.rgb()
            good = bool(torch.isfinite(shown).all())
        if not good:
            halvings += 1
            if _give_up(halvings, state, aim.layer):
                return
            with torch.no_grad():
                canvas.spectrum.copy_(kept)
            adam = Adam(canvas.spectrum, request.step_size / 2**halvings)
            continue
        state.picture = shown
        state.done, state.now = state.done + 1, value
        state.step_seconds = time.perf_counter() - started
        if state.due():
            yield state.preview()


def _from_picture(request: DreamRequest, work: Work, aim: Aim, state: State) -> Iterator[Step]:
    generator = torch.Generator().manual_seed(request.seed)
    original = state.picture
    height, width = original.shape[2:]
    sizes = octave_sizes(height, width, max(height, width), request.octaves, request.octave_scale, SHORTEST)
    state.total = request.steps * len(sizes)
    contrast = float(original.std(correction=0).clamp_min(0.05))
    step_size = request.step_size * contrast
    detail = torch.zeros_like(resized(original, *sizes[0]))
    halvings = 0
    for number, size in enumerate(sizes):
        ground = resized(original, *size)
        picture = (ground + resized(detail, *size)).clamp_(0.0, 1.0)
        state.extra = {"octave": number + 1, "octaves": len(sizes)}
        taken = 0
        while taken < request.steps:
            started = time.perf_counter()
            work.token.check()
            shift = _shift(request.jitter, size, generator)
            value, gradient = aim.gradient(torch.roll(picture, shift, (2, 3)))
            upwards = torch.roll(even_bands(gradient), (-shift[0], -shift[1]), (2, 3))
            if not bool(torch.isfinite(upwards).all()):
                halvings += 1
                if _give_up(halvings, state, aim.layer):
                    return
                step_size /= 2
                continue
            # Each octave settles: many steps refine what few have drawn, instead of drowning the picture.
            picture = (picture + step_size / (1 + taken / SETTLING) * upwards).clamp_(0.0, 1.0)
            taken += 1
            state.done, state.now = state.done + 1, value
            state.step_seconds = time.perf_counter() - started
            state.picture = picture
            if state.due():
                yield state.preview()
        detail = picture - ground


def _give_up(halvings: int, state: State, layer: str) -> bool:
    """Whether numbers went beyond all bounds too often; with nothing done yet that is an error."""
    if halvings <= HALVINGS:
        return False
    if state.done == 0:
        raise ExplorerError(
            Trouble(
                "dream.not-finite",
                N_("Layer {layer} does not give finite numbers (NaN or infinity), so nothing can be made to grow."),
                {"layer": layer},
                N_("The weights may be damaged. Look at the layer's activations, or load the network again."),
            )
        )
    state.stopped = N_("The numbers left the finite range; the last good picture is kept.")
    return True


def _unit(gradient: torch.Tensor) -> torch.Tensor:
    """The gradient at root mean square one, so that smoothness and step size mean the same for every layer."""
    return gradient / gradient.square().mean().sqrt().clamp_min(1e-30)


def _shift(jitter: int, size: tuple[int, int], generator: torch.Generator) -> tuple[int, int]:
    """A random shift of up to `jitter` pixels and at most a quarter of the picture."""
    reach = [min(jitter, side // 4) for side in size]
    drawn = [int(torch.randint(-r, r + 1, (1,), generator=generator)) for r in reach]
    return drawn[0], drawn[1]
