"""Paths of a request's methods. The last ones are kept: while a number of one method is dragged, the others go as before."""

from __future__ import annotations

from collections import OrderedDict

from explorer.descent.ground import Point, Surface, known
from explorer.descent.method import Numbers, Optimizer
from explorer.descent.walk import Rules, trajectory
from explorer.jobs import CancelToken
from explorer.records.descent import Trajectory
from explorer.requests.race import RaceRequest, surface_part

MOST_POINTS = 4000  # a longer path is not kept: some 100 bytes a point and more
KEPT = 64

_kept: OrderedDict[tuple[object, ...], Trajectory] = OrderedDict()
_known: object = None


def path(
    request: RaceRequest, surface: Surface, optimizer: Optimizer, hyper: Numbers, start: Point, token: CancelToken, rules: Rules
) -> Trajectory:
    """`trajectory` of one method of `request`, of which `surface` and `rules` are: as found before, where all is the same."""
    global _known
    if known() is not _known:  # a plugin brought other methods or surfaces, perhaps by the same names
        forget()
        _known = known()
    part = {name: value for name, value in surface_part(request).items() if name != "levels"}
    told = {**vars(rules), "schedule": request.schedule}
    key = repr(part), optimizer.name, repr(sorted(hyper.items())), start, request.steps, repr(told)
    found = _kept.get(key)
    if found is None:
        found = trajectory(surface, optimizer, hyper, start, request.steps, token, rules)
        if len(found.points) <= MOST_POINTS:
            _kept[key] = found
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    else:
        _kept.move_to_end(key)
    return found


def forget() -> None:
    """Let go of all paths."""
    _kept.clear()
