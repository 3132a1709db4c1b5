"""A request's surface on its grid. The last few that took long are kept: a rate that is dragged asks for the same one again."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import replace

from explorer.descent.ground import Surface, known
from explorer.records.descent import SurfaceSamples
from explorer.requests.race import SurfaceRequest, surface_part

SLOW_S = 0.004  # what takes longer is worth keeping
KEPT = 8

_kept: OrderedDict[tuple[int, str], SurfaceSamples] = OrderedDict()


def samples_of(request: SurfaceRequest, surface: Surface) -> SurfaceSamples:
    """`surface`, which is the one that `request` means, on the request's grid; `facts` say its "levels" too."""
    part = {name: value for name, value in surface_part(request).items() if name != "levels"}
    key = id(known()), repr(part)
    found = _kept.get(key)
    if found is None:
        begin = time.perf_counter()
        found = surface.samples(request.resolution)
        if time.perf_counter() - begin > SLOW_S:
            _kept[key] = found
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    else:
        _kept.move_to_end(key)
    return replace(found, facts={**found.facts, "levels": request.levels})
