"""Which edits of a network matter for a unit: those before it. What is done to its own output is not what it looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from explorer.requests.base import changed
from explorer.requests.network import NetworkRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network

R = TypeVar("R", bound=NetworkRequest)


def upstream(request: R, network: Network, layer: str) -> R:
    """The request with the surgery that changes what reaches the units of `layer`, and their kernels.

    Muting a unit leaves its picture as it was: the gallery shows what it would say. Edits of layers that run later are left
    out, so that they do not ask for everything anew.
    """
    order = {name: index for index, name in enumerate(network.layer_names)}
    here = order.get(layer, len(order))
    kept = tuple(
        edit for edit in request.surgery if order.get(edit.layer, -1) < here or (edit.layer == layer and edit.kind == "kernel")
    )
    return request if kept == request.surgery else changed(request, surgery=kept)
