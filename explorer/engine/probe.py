"""Small real pictures on which the live runtimes are compared with the reference: noise would hide their faults."""

from __future__ import annotations

from functools import cache

import numpy as np

from explorer.assets import asset
from explorer.records.frame import RGB, Frame


@cache
def probe_frames(many: bool = False) -> tuple[Frame, ...]:
    """A cup of coffee, a cat, an astronaut; longest side 320 pixels (recipes/probe_pictures.py, all free of rights).

    `many`: also mirrored, and as parts of larger pictures at other places and sizes, for tasks that say where things are.
    """
    with np.load(asset("probe.npz"), allow_pickle=False) as pictures:
        plain = {name: np.array(pictures[name]) for name in sorted(pictures.files)}
    made = dict(plain)
    if many:
        cup = plain["coffee"]
        made |= {f"{name} mirrored": np.ascontiguousarray(rgb[:, ::-1]) for name, rgb in plain.items()}
        made["four cups"] = _beside([[cup, cup[:, ::-1]], [cup[:, ::-1], cup]])
        made["cup below"] = _beside([[plain["chelsea"]], [cup]])
        made["cup cut"] = np.ascontiguousarray(cup[20:, 40:])
    return tuple(Frame(rgb, source=name) for name, rgb in made.items())


def _beside(rows: list[list[RGB]]) -> RGB:
    """Pictures of one size as one picture."""
    return np.ascontiguousarray(np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0))
