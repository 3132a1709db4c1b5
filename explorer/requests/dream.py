"""Maximising what a unit responds to: from noise (feature visualisation) or from a picture (Deep Dream)."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

Start = Literal["noise", "picture"]


class DreamRequest(NetworkRequest):
    """Gradient ascent on the picture.

    Result: Picture with facts `before`, `after` (mean activation), `seed`, `steps`, `layer`, `channel`.
    """

    job: ClassVar[str] = "explorer.features.dream:dream"
    title: ClassVar[str] = N_("Dream")
    layer: str = parameter("", N_("Layer"), N_("Whose response is to grow. Empty: a layer in the middle."), choices="layer")
    channel: int | None = parameter(
        None,
        N_("Channel"),
        N_("One channel of the layer, or the whole layer (its mean square) when empty."),
        ge=0,
        le=65535,
        step=1,
    )
    objective: str = parameter(
        "",
        N_("Objective"),
        N_("What is to grow. Empty: the channel's mean, or the layer's mean square when no channel is chosen."),
        choices="objective",
        more=True,
    )
    start: Start = parameter("noise", N_("Start from"), N_("Noise shows what a unit looks for; a picture dreams."))
    steps: int = parameter(
        128, N_("Steps"), N_("Gradient steps, per octave when dreaming on a picture."), ge=1, le=4096, step=1
    )
    step_size: float = parameter(
        0.05,
        N_("Step size"),
        N_("How far one step moves, in units of the picture's contrast."),
        ge=0.001,
        le=1.0,
        step=0.001,
        log=True,
    )
    size: int = parameter(224, N_("Picture size"), N_("Longest side of the result."), ge=32, le=2048, step=8, unit=N_("px"))
    octaves: int = parameter(
        4, N_("Octaves"), N_("From how many sizes a picture is dreamt, small to large."), ge=1, le=10, step=1
    )
    octave_scale: float = parameter(
        1.4, N_("Octave scale"), N_("Size ratio of neighbouring octaves."), ge=1.05, le=2.0, step=0.05, more=True
    )
    jitter: int = parameter(
        8,
        N_("Jitter"),
        N_("Random shift before each step, against high-frequency noise."),
        ge=0,
        le=64,
        step=1,
        unit=N_("px"),
        more=True,
    )
    smooth: float = parameter(
        0.1,
        N_("Smoothness"),
        N_("Weight of the total-variation penalty when starting from noise."),
        ge=0.0,
        le=10.0,
        step=0.01,
        more=True,
    )
    seed: int = parameter(0, N_("Seed"), N_("The same seed gives the same picture."), ge=0, le=2**31 - 1, step=1)
