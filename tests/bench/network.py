"""What looking costs: a tap on every layer, beside the plain forward pass and the copy of the one map that is shown.

The three take turns, as work does in use. Beside plain passes that follow each other at once, which find their weights in the
cache, looking costs some hundredths more: what is left of it is memory, each map written where no earlier one lay. The first
pass with taps, in which a network is watched (engine/taps_kept.py), is not among them.
"""

import statistics
import time

import numpy as np
import torch

from explorer.engine.engine import Engine
from explorer.engine.network_map import map_of
from explorer.engine.taps import taps
from explorer.records.frame import Frame
from explorer.requests.network import NetworkRequest

NETWORKS = (("squeezenet1_1", None), ("efficientnet_lite0", None), ("resnet18", "random"))
TURNS = 50


def in_turn(works, turns):
    """Median milliseconds of each of several works, taken in rotation; the first round is not counted."""
    taken = [[] for _ in works]
    for turn in range(turns + 1):
        for work, kept in zip(works, taken, strict=True):
            begin = time.perf_counter()
            work()
            if turn:
                kept.append((time.perf_counter() - begin) * 1e3)
    return [statistics.median(kept) for kept in taken]


def lines():
    """One line a network."""
    engine = Engine()
    frame = Frame(np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8))
    for model, weights in NETWORKS:
        network = engine.network(NetworkRequest(model=model, weights=weights))
        nchw = network.prepare(frame).nchw
        names = network.layer_names
        with taps(network.module, names) as got, torch.inference_mode():
            network.module(nchw)
        # The largest map is the dearest copy; the last layer that puts out one as large is worked out again for it.
        shown = max(reversed(list(got)), key=lambda name: got[name].numel())
        fresh = got[shown].clone()
        got.clear()  # as in use: a pass begins with no maps of an earlier one held

        def plain(module=network.module, nchw=nchw):
            with torch.inference_mode():
                module(nchw)

        def tapped(module=network.module, nchw=nchw, names=names, shown=shown):
            with taps(module, names, shown=(shown,)) as got, torch.inference_mode():
                module(nchw)
                got[shown].cpu().numpy().copy()

        def copied(fresh=fresh):
            fresh.cpu().numpy().copy()

        forward, looking, copy = in_turn([plain, tapped, copied], TURNS)
        yield {
            "what": f"taps of all {len(names)} layers of {model}, the largest map ({shown}) copied",
            "ms": round(looking, 2),
            "forward_ms": round(forward, 2),
            "copy_ms": round(copy, 2),
            "ratio": round((looking - copy) / forward, 3),
            "limit_ratio": 1.2,
        }
        begin = time.perf_counter()
        map_of(network)
        yield {"what": f"map of {model}, without times", "ms": round((time.perf_counter() - begin) * 1e3, 1)}
