"""Maximising what a unit responds to: from noise (feature visualisation) or from a picture (Deep Dream)."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.goals import MOST_GOALS, Goal
from explorer.requests.network import NetworkRequest

Start = Literal["noise", "picture"]
Canvas = Literal["fourier", "pixels"]
Mix = Literal["sum", "interpolate"]


class DreamRequest(NetworkRequest):
    """Gradient ascent on the picture.

    The whole description of a dream: with the same picture, seed and machine it makes the same bytes. Result: Picture; its
    facts and those of its previews are listed at features.dream.dream.
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
    goals: tuple[Goal, ...] = parameter(
        (),
        N_("Goals"),
        N_("Several goals at once, each with its weight. Empty: layer, channel and objective above are the one goal."),
        hidden=True,
        max_length=MOST_GOALS,
    )
    mix: Mix = parameter(
        "sum",
        N_("Mix"),
        N_("Sum: all goals in one picture. Interpolate: a row of pictures from the first of two goals to the second."),
        hidden=True,
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
        0.05,
        N_("Smoothness"),
        N_("Weight of the total-variation penalty when starting from noise."),
        ge=0.0,
        le=10.0,
        step=0.01,
        more=True,
    )
    l2: float = parameter(
        0.0,
        N_("Towards grey"),
        N_("Weight of the squared distance from middle grey (L2), when starting from noise."),
        ge=0.0,
        le=10.0,
        step=0.01,
        more=True,
        group=N_("Regularisers"),
    )
    blur: float = parameter(
        0.0,
        N_("Blur"),
        N_("A slight Gaussian blur every fourth step: its standard deviation."),
        ge=0.0,
        le=5.0,
        step=0.1,
        unit=N_("px"),
        more=True,
        group=N_("Regularisers"),
    )
    pad: int = parameter(
        12,
        N_("Padding"),
        N_("Border of middle grey around the picture before the other transforms; at most an eighth of the picture."),
        ge=0,
        le=64,
        step=1,
        unit=N_("px"),
        more=True,
        group=N_("Transforms"),
    )
    rotate: float = parameter(
        5.0,
        N_("Rotation"),
        N_("Random turn before each step, up to this angle, when starting from noise."),
        ge=0.0,
        le=45.0,
        step=0.5,
        unit=N_("°"),
        more=True,
        group=N_("Transforms"),
    )
    zoom_range: float = parameter(
        5.0,
        N_("Scaling"),
        N_("Random scaling before each step, up to this share, when starting from noise."),
        ge=0.0,
        le=50.0,
        step=0.5,
        unit=N_("%"),
        more=True,
        group=N_("Transforms"),
    )
    canvas: Canvas = parameter(
        "fourier",
        N_("Learnt as"),
        N_("A Fourier spectrum makes every frequency as easy to move as in photographs; pixels make noise."),
        more=True,
        group=N_("Picture"),
    )
    decorrelate: bool = parameter(
        True,
        N_("Decorrelated colours"),
        N_("Learn in colours that are independent in photographs, not in red, green and blue."),
        more=True,
        group=N_("Picture"),
    )
    batch: int = parameter(
        1,
        N_("Pictures"),
        N_("How many pictures at once, from different noise; diversity pushes them apart."),
        ge=1,
        le=16,
        step=1,
        more=True,
        group=N_("Picture"),
    )
    diversity: float = parameter(
        0.0,
        N_("Diversity"),
        N_("How strongly several pictures are pushed to be different in the layer's styles (Gram matrices)."),
        ge=0.0,
        le=100.0,
        step=0.1,
        more=True,
        group=N_("Picture"),
    )
    keep_colours: bool = parameter(
        False,
        N_("Keep colours"),
        N_("Take only brightness from the dream; the colours stay those of the picture."),
        more=True,
        group=N_("Dream on a picture"),
    )
    mask: str = parameter(
        "",
        N_("Mask"),
        N_("A grey picture file, stretched over the picture: dream where it is white, keep the picture where it is black."),
        more=True,
        group=N_("Dream on a picture"),
        hidden=True,
    )
    tile: int = parameter(
        0,
        N_("Tile"),
        N_("Large pictures are seen in tiles of this side (64 or more), each by itself, to save memory. 0: whole pictures."),
        ge=0,
        le=1024,
        step=32,
        unit=N_("px"),
        more=True,
        group=N_("Dream on a picture"),
    )
    frames: int = parameter(
        1,
        N_("Film pictures"),
        N_("More than one makes a film that flies into the dream; each later picture takes a fourth of the steps."),
        ge=1,
        le=600,
        step=1,
        more=True,
        group=N_("Zoom film"),
    )
    zoom: float = parameter(
        1.05,
        N_("Zoom a picture"),
        N_("How much each picture of the film enlarges the one before."),
        ge=1.0,
        le=1.5,
        step=0.01,
        unit=N_("x"),
        more=True,
        group=N_("Zoom film"),
    )
    turn: float = parameter(
        0.0,
        N_("Turn a picture"),
        N_("How far each picture of the film is turned."),
        ge=-10.0,
        le=10.0,
        step=0.1,
        unit=N_("°"),
        more=True,
        group=N_("Zoom film"),
    )
    seed: int = parameter(0, N_("Seed"), N_("The same seed gives the same picture."), ge=0, le=2**31 - 1, step=1)


class ChannelsRequest(NetworkRequest):
    """Which channels answer to the picture: the ones worth dreaming of. Result: Responses, the strongest first."""

    job: ClassVar[str] = "explorer.features.response:channels"
    title: ClassVar[str] = N_("Channels for this picture")
    needs_frame: ClassVar[bool] = True
    layer: str = parameter(
        "", N_("Layer"), N_("Whose channels to compare. Empty: the layer worth dreaming on."), choices="layer"
    )
    top: int = parameter(8, N_("Channels shown"), N_("How many of the channels that answer most."), ge=1, le=65535, step=1)
