"""Small networks of the optimizer playground, in numpy."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter
from explorer.requests.race import RaceRequest

Activation = Literal["tanh", "sigmoid", "relu", "linear"]


class InitialisationRequest(Request):
    """Activations by depth for six ways of choosing the first weights. Result: Initialisation."""

    job: ClassVar[str] = "explorer.descent.initialisation:initialisation"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Initialisation")
    activation: Activation = parameter("tanh", N_("Non-linearity"), N_("What every unit does with its sum."))
    depth: int = parameter(10, N_("Depth"), N_("How many layers follow each other."), ge=1, le=60, step=1)
    width: int = parameter(100, N_("Width"), N_("Units in every layer."), ge=2, le=400, step=1)
    samples: int = parameter(128, N_("Samples"), N_("How many random inputs go through."), ge=8, le=1000, step=8, more=True)
    constant: float = parameter(0.1, N_("Constant"), N_("Every weight of the constant way."), ge=-2.0, le=2.0, step=0.01)
    small: float = parameter(
        0.01, N_("Small"), N_("Standard deviation of the small random weights."), ge=1e-6, le=0.1, step=0.001, log=True
    )
    large: float = parameter(
        1.0, N_("Large"), N_("Standard deviation of the large random weights."), ge=0.1, le=10.0, step=0.1, log=True
    )
    steps: int = parameter(
        5, N_("Steps"), N_("Of gradient descent, after which equal units are counted again."), ge=0, le=100, step=1, more=True
    )
    seed: int = parameter(0, N_("Seed"), N_("Of the random inputs and weights."), ge=0, le=2**31 - 1, step=1, more=True)


class LinearRegionsRequest(Request):
    """The linear pieces of a random ReLU network with two inputs. Result: LinearRegions."""

    job: ClassVar[str] = "explorer.descent.linear_regions:linear_regions"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Linear pieces")
    width: int = parameter(8, N_("Width"), N_("Units in every hidden layer."), ge=1, le=32, step=1)
    depth: int = parameter(2, N_("Depth"), N_("How many hidden layers there are."), ge=1, le=4, step=1)
    extent: float = parameter(2.0, N_("Extent"), N_("How far the plane reaches to each side."), ge=0.01, le=100.0, step=0.1)
    resolution: int = parameter(256, N_("Resolution"), N_("Grid points along each side."), ge=16, le=1024, step=8, more=True)
    seed: int = parameter(0, N_("Seed"), N_("Of the random weights."), ge=0, le=2**31 - 1, step=1)


class FullSpaceRequest(RaceRequest):
    """A race in all weights of a small network, seen from the plane of its surface. Result: FullRace."""

    job: ClassVar[str] = "explorer.descent.fullspace:leave"
    title: ClassVar[str] = N_("Paths that leave the plane")
