"""What the methods found for the newest picture: a curve of trust needs no second computation of the heat it measures."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from explorer.requests.attribution import AttributeRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.features.attribution_case import Found
    from explorer.features.attribution_methods import AttributionMethod
    from explorer.jobs import Work

SHELF = "attribution"  # in Engine.memo, which is emptied when a network leaves


def kept_for(request: AttributeRequest, work: Work, network: Network) -> dict[str, Found]:
    """What methods found for this very request and picture; a dict to enter more into. Only the newest is kept.

    Its keys are those of `name_in`: what a method found does not depend on which other methods were asked for, and only a CAM
    on the layer.
    """
    memo: dict[str, Any] | None = getattr(work.engine, "memo", None)
    if memo is None or work.frame is None:
        return {}
    frame = work.frame
    asked = request.model_dump(include=set(AttributeRequest.model_fields) - {"methods", "layer"})
    stamp = zlib.crc32(frame.rgb.data)
    key = (frame.source, frame.seq, frame.rgb.shape, stamp, id(network), repr(sorted(asked.items())))
    if memo.get(SHELF, (None,))[0] != key:
        memo[SHELF] = (key, {})
    found: dict[str, Found] = memo[SHELF][1]
    return found


def name_in(row: AttributionMethod, layer: str) -> str:
    """Under which key what a method found is kept."""
    return f"{row.name}@{layer}" if row.maps else row.name
