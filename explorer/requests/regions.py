"""The plane of inputs through a picture."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest

Directions = Literal["gradient", "classes", "random"]


class RegionsRequest(NetworkRequest):
    """Where around a picture the network's answer, and its linear piece, stay the same. Result, and previews: Regions."""

    job: ClassVar[str] = "explorer.features.regions:regions"
    title: ClassVar[str] = N_("Regions")
    needs_frame: ClassVar[bool] = True
    directions: Directions = parameter(
        "gradient",
        N_("Directions"),
        N_(
            "Across and down of the plane. gradient: the fastest way to the second best class, and a random one; "
            "classes: the fastest ways to two other classes; random: two random ones."
        ),
    )
    target: int = parameter(
        -1,
        N_("Towards class"),
        N_("The class that the first direction leads to, by its number; -1 is the second best of the picture."),
        ge=-1,
        le=99_999,
        step=1,
    )
    extent: float = parameter(
        2.0,
        N_("Extent"),
        N_("How far the plane reaches to each side: root mean square change of the pixels' brightness, of 255."),
        ge=1e-7,
        le=255.0,
        step=0.01,
        unit=N_("levels"),
        log=True,
    )
    size: int = parameter(
        33, N_("Points a side"), N_("How finely the plane is looked at; every point is one pass."), ge=5, le=257, step=4
    )
    layer: str = parameter(
        "",
        N_("Patterns of layer"),
        N_("Whose units make the pattern: on where its output is above zero. Empty: all switches of the network."),
        choices="layer",
    )
    seed: int = parameter(0, N_("Seed"), N_("The random directions' seed."), ge=0, le=2**31 - 1, step=1, more=True)
