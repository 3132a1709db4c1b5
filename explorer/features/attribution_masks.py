"""Methods without a gradient: cover a part and see what the network still says."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F

from explorer.features.attribution_case import Case, Found
from explorer.features.attribution_gradients import Steps
from explorer.i18n import N_
from explorer.jobs import Progress
from explorer.records.attribution import Said


def occlusion(case: Case) -> Steps:
    """Cover a square and see by how much the number falls; every pixel gets the mean over the squares that covered it."""
    side = min(case.x.shape[2:])
    patch = min(case.request.patch or max(1, side // 6), side)
    stride = min(case.request.stride or max(1, patch // 2), patch)
    grey = case.baseline()
    places = math.prod(1 + math.ceil((size - patch) / stride) for size in case.x.shape[2:])

    def call() -> torch.Tensor:
        found: torch.Tensor = case.captum.Occlusion(case.model).attribute(
            case.x,
            sliding_window_shapes=(case.x.shape[1], patch, patch),
            strides=(case.x.shape[1], stride, stride),
            baselines=grey,
            perturbations_per_eval=case.batch,
        )
        return found

    with torch.no_grad():
        heat = yield from case.turns(call, 1 + -(-places // case.batch))
    facts = {"patch": patch, "stride": stride, "baseline": case.request.baseline, "places": places}
    return Found(heat[0].detach().mean(0), facts)  # captum gives the whole fall to each colour


def scorecam(case: Case) -> Steps:
    """Show the network only what one map covers, map by map: a map weighs as much as the number it keeps alive."""
    with torch.no_grad():
        maps, _ = case.maps_and_gradient()
    kept, notes = _strongest_maps(maps, case.request.maps)
    base = float(case.score(torch.zeros_like(case.x)))
    gains: list[torch.Tensor] = []
    for start in range(0, len(kept), case.batch):
        case.token.check()
        chosen = maps[0, kept[start : start + case.batch]][:, None]
        grown = F.interpolate(chosen, size=tuple(case.x.shape[2:]), mode="bilinear")
        low, high = grown.amin((2, 3), keepdim=True), grown.amax((2, 3), keepdim=True)
        covers = (grown - low) / (high - low).clamp_min(1e-12)
        gains.append(case.score(case.x * covers) - base)
        yield Progress(min(start + case.batch, len(kept)), len(kept))
    weight = torch.softmax(torch.cat(gains), 0)
    heat = (weight[:, None, None] * maps[0, kept]).sum(0).clamp_min(0.0)
    return Found(heat, {"maps": len(kept), "of": int(maps.shape[1])}, notes)


def ablationcam(case: Case) -> Steps:
    """Set one map to zero and see by how much the number falls, map by map: that fall is the map's weight."""
    with torch.no_grad():
        maps, _ = case.maps_and_gradient()
    kept, notes = _strongest_maps(maps, case.request.maps)
    full = case.score(case.x)
    falls: list[torch.Tensor] = []
    for start in range(0, len(kept), case.batch):
        case.token.check()
        falls.append(full - _without(case, kept[start : start + case.batch]))
        yield Progress(min(start + case.batch, len(kept)), len(kept))
    weight = torch.cat(falls) / full.abs().clamp_min(1e-12)
    heat = (weight[:, None, None] * maps[0, kept]).sum(0).clamp_min(0.0)
    return Found(heat, {"maps": len(kept), "of": int(maps.shape[1])}, notes)


def _without(case: Case, channels: torch.Tensor) -> torch.Tensor:
    """(N,) the number with each of `channels` of the CAM's layer silent, one picture of a batch a channel."""

    def silence(_module: torch.nn.Module, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
        cut = output.clone()
        cut[torch.arange(len(channels), device=cut.device), channels.to(cut.device)] = 0
        return cut

    handle = case.cam_module.register_forward_hook(silence)
    try:
        return case.score(case.x.expand(len(channels), -1, -1, -1))
    finally:
        handle.remove()


def _strongest_maps(maps: torch.Tensor, most: int) -> tuple[torch.Tensor, tuple[Said, ...]]:
    """Which maps are tried: those that say anything here, strongest first, at most `most`; and a note where some are not."""
    strength = maps[0].abs().amax((1, 2))
    alive = int((strength > 0).sum())
    count = max(1, min(alive, most))
    order = torch.argsort(strength, descending=True, stable=True)[:count]
    if count >= alive:
        return order, ()
    return order, (Said(N_("The {count} strongest of {alive} active maps were tried."), {"count": count, "alive": alive}),)
