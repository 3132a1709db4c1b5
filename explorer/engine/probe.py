"""Three small real pictures on which the live runtimes are compared with the reference: noise would hide their faults."""

from __future__ import annotations

from functools import cache

import numpy as np

from explorer.assets import asset
from explorer.records.frame import Frame


@cache
def probe_frames() -> tuple[Frame, ...]:
    """A cup of coffee, a cat, an astronaut; longest side 320 pixels (recipes/probe_pictures.py, all free of rights)."""
    with np.load(asset("probe.npz"), allow_pickle=False) as pictures:
        return tuple(Frame(np.array(pictures[name]), source=name) for name in sorted(pictures.files))
