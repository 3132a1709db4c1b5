"""The map of a network."""

from __future__ import annotations

from typing import ClassVar

from explorer.i18n import N_
from explorer.requests.base import parameter
from explorer.requests.network import NetworkRequest


class NetworkMapRequest(NetworkRequest):
    """All modules with output, weights, multiply-adds, receptive field and time, and who feeds whom. Result: NetworkMap.

    Previews: the map as it grows: first without times.
    """

    job: ClassVar[str] = "explorer.engine.network_map:network_map"
    title: ClassVar[str] = N_("Network map")
    passes: int = parameter(
        5,
        N_("Timed passes"),
        N_("How often the network runs to measure its times; the middle one counts. 0: no times."),
        ge=0,
        le=100,
        step=1,
    )
