"""What a unit stands for: the pictures it likes best, and a gallery of the maximised pictures of a whole layer."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

Measure = Literal["max", "mean"]
MOST_TOP = 32  # pictures kept for each channel


class BestRequest(NetworkRequest):
    """Rank the pictures of a folder by how strongly each channel of a layer answers. Result: BestPictures.

    One pass over the folder serves every channel, and is kept on disk: another channel is then answered at once.
    """

    job: ClassVar[str] = "explorer.features.best:best"
    title: ClassVar[str] = N_("Best pictures")
    folder: str = parameter(
        "", N_("Folder"), N_("The folder whose pictures are ranked. Empty: the bundled samples."), hidden=True
    )
    layer: str = parameter("", N_("Layer"), N_("The layer to look at. Empty: the first one."), choices="layer", hidden=True)
    channel: int | None = parameter(
        None,
        N_("Channel"),
        N_("The channel whose best pictures are cut out. Empty: the ranking of all channels, without pictures."),
        ge=0,
        le=65535,
        step=1,
        hidden=True,
    )
    top: int = parameter(9, N_("Pictures kept"), N_("How many of the best pictures to show."), ge=1, le=MOST_TOP, step=1)
    measure: Measure = parameter(
        "max", N_("Rank by"), N_("The strongest place of the channel's map, or the mean of the whole map.")
    )
    inside: bool = parameter(True, N_("Folders inside"), N_("Also take the pictures of folders inside the folder."), more=True)
    limit: int = parameter(
        2000, N_("At most"), N_("The most pictures read, in the order of their names."), ge=1, le=100_000, step=100, more=True
    )
    crop: int = parameter(
        128,
        N_("Side of a crop"),
        N_("Crops are at most this large; what the unit saw is shrunk to it, never enlarged."),
        ge=16,
        le=512,
        step=16,
        unit=N_("px"),
        more=True,
    )


class GalleryRequest(NetworkRequest):
    """Grow the picture that each channel of a layer answers to most. Result: Gallery, at once where the cache has it."""

    job: ClassVar[str] = "explorer.features.gallery:gallery"
    title: ClassVar[str] = N_("Gallery of the layer")
    layer: str = parameter("", N_("Layer"), N_("The layer to look at. Empty: the first one."), choices="layer", hidden=True)
    channels: tuple[int, ...] = parameter(
        (), N_("Channels"), N_("The channels to grow, counted from 0. Empty: all of the layer."), hidden=True, max_length=65536
    )
    size: int = parameter(
        96, N_("Size of a picture"), N_("Side of each maximised picture."), ge=32, le=512, step=16, unit=N_("px")
    )
    steps: int = parameter(64, N_("Steps"), N_("Gradient steps for each picture."), ge=1, le=2048, step=1)
    seed: int = parameter(0, N_("Seed"), N_("The same seed gives the same picture."), ge=0, le=2**31 - 1, step=1)
    cached_only: bool = parameter(
        False, N_("Only what is there"), N_("Show what the cache on disk has; compute nothing."), hidden=True
    )


class AtlasRequest(GalleryRequest):
    """Every unit of some layers as pages to browse; what is there, of the same recipe, is kept. Result: Atlas."""

    job: ClassVar[str] = "explorer.atlas.make:atlas"
    title: ClassVar[str] = N_("Atlas")
    layers: tuple[str, ...] = parameter(
        (), N_("Layers"), N_("The layers to show. Empty: one that is worth dreaming on."), max_length=1000
    )
    out: str = parameter("atlas", N_("Folder of the atlas"), N_("Where index.html goes."), min_length=1)
    size: int = parameter(
        128, N_("Size of a picture"), N_("Side of each maximised picture."), ge=32, le=512, step=16, unit=N_("px")
    )
    steps: int = parameter(128, N_("Steps"), N_("Gradient steps for each picture."), ge=1, le=2048, step=1)
    best: str = parameter("", N_("Folder"), N_("Also show what each unit likes best of the pictures in this folder."))
    top: int = parameter(6, N_("Pictures kept"), N_("How many of the best pictures to show."), ge=1, le=MOST_TOP, step=1)
    cluster: str = parameter(
        "", N_("Cluster"), N_("Address of a Dask scheduler whose workers share the work, as in tcp://10.0.0.1:8786.")
    )
