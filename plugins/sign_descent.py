"""A worked example: one optimizer. Copy it to the folder `plugins` of your settings, change it, start the program again.

Sign descent steps by the same length along each axis, whatever the gradient's size (the idea behind Rprop and Lion).
Its step shrinks as 1 / √k. A row declares its hyper-parameters; the form, the command line and the legend follow.
"""

import math

from explorer.descent.ground import Surface
from explorer.descent.optimizers import Move, Numbers, Optimizer, Parameter
from explorer.i18n import N_
from explorer.tables import Tables

__version__ = "1.0"


def sign(number: float) -> float:
    """−1, 0 or 1."""
    return (number > 0) - (number < 0)


def make(hyper: Numbers, surface: Surface) -> Move:
    """A fresh method: called once for every race."""
    lr = hyper["lr"]

    def step(x: float, y: float, gx: float, gy: float, memory: list[float], k: int) -> tuple[float, float]:
        length = lr / math.sqrt(k)
        return x - length * sign(gx), y - length * sign(gy)

    return step


def register(tables: Tables) -> None:
    """Called once, when the program starts."""
    rate = Parameter("lr", N_("Learning rate"), N_("Length of the first step along each axis."), 0.1, 1e-4, 10.0, log=True)
    tables.optimizers.add(
        "sign_descent",
        Optimizer(
            name="sign_descent",
            title=N_("Sign descent"),
            formula="θ ← θ − μ sign(g) / √k",
            paper="Bernstein et al. 2018, signSGD",
            hyper=(rate,),
            make=make,
            about=N_("Equal steps along each axis: steepness does not matter, only the way down."),
        ),
    )
