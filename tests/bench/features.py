"""Mosaics and dreams: 512 maps to a sheet, and a gradient step beside the plain loop of the tutorials."""

import os
import statistics
import time

import numpy as np
import torch

from explorer.engine.engine import Engine
from explorer.features.activations import mosaic_of
from explorer.features.ascent import Aim
from explorer.features.colours import colours_of
from explorer.features.objectives import channel_mean
from explorer.features.terms import Term
from explorer.features.tiling import grid_for, lay_out, paint
from explorer.jobs import Work, result_of
from explorer.records.frame import Frame
from explorer.requests.dream import DreamRequest
from explorer.requests.look import ActivationsRequest

CHANNEL = 5
STEPS = (("squeezenet1_1", "features.7", 1.8), ("efficientnet_lite0", "blocks.9", 2.2))
SIZES = ((224, 12), (512, 4))


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


def tutorial_step(network, layer, picture):
    """What one writes first: the whole network, a hook, backward into everything that wants a gradient, gradient ascent.

    The step returns its gradient with respect to the normalised picture, which is always the same one.
    """
    module = network.spec.build().eval()
    module.load_state_dict(network.module.state_dict())
    got = []
    module.get_submodule(layer).register_forward_hook(lambda m, i, o: got.append(o))
    weight, bias = colours_of(network)
    normalised = torch.nn.functional.conv2d(picture, weight[:, :, None, None], bias).requires_grad_(True)
    moving = picture.clone()

    def step():
        got.clear()
        module.zero_grad()
        normalised.grad = None
        module(normalised)
        got[0][:, CHANNEL].mean().backward()
        with torch.no_grad():
            moving.add_(normalised.grad / (normalised.grad.std() + 1e-8))
        return normalised.grad

    return step


def mosaic_lines():
    """The stages between an activation and the pixels of the screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from explorer.gui.widgets.mosaic_view import mosaic_image

    app = QApplication.instance() or QApplication([])
    maps = torch.randn(512, 13, 13)
    painted, grid = paint(maps, False, True), grid_for(512, 13, 13)
    mosaic = mosaic_of(maps, "viridis", True)

    def loop():
        sheet = np.zeros((grid.height, grid.width), np.uint8)
        for index, tile in enumerate(maps.numpy()):
            top, left = grid.corner(index)
            low, high = tile.min(), tile.max()
            sheet[top : top + 13, left : left + 13] = (tile - low) / (high - low) * 255

    works = [
        lambda: paint(maps, False, True),
        lambda: lay_out(painted.indices, grid),
        lambda: mosaic_of(maps, "viridis", True),
        lambda: mosaic_image(mosaic),
        loop,
    ]
    indices, sheet, whole, image, slow = in_turn(works, 30)
    yield {"what": "512 x 13 x 13: palette indices", "ms": round(indices, 3)}
    yield {"what": "512 x 13 x 13: sheet", "ms": round(sheet, 3)}
    yield {"what": "512 x 13 x 13: activation to Mosaic to image", "ms": round(whole + image, 3), "limit_ms": 1.5}
    yield {"what": "the same sheet by a loop over tiles", "ms": round(slow, 2), "ratio": round(slow / (indices + sheet), 1)}
    app.processEvents()


def lines():
    """Mosaics first, then live activations, then dreams."""
    yield from mosaic_lines()
    engine = Engine()
    frame = Frame(np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8))
    for model, layer, wanted in STEPS:
        network = engine.network(DreamRequest(model=model))
        nchw = network.prepare(frame).nchw
        live = ActivationsRequest(model=model, layer=layer)

        def plain(module=network.module, nchw=nchw):
            with torch.inference_mode():
                module(nchw)

        whole, forward = in_turn([lambda live=live: result_of(live, Work(engine=engine, frame=frame)), plain], 8)
        yield {
            "what": f"activations of {model} {layer}, 640 x 480",
            "ms": round(whole, 1),
            "forward_alone_ms": round(forward, 1),
        }
        for size, turns in SIZES:
            aim = Aim(network, [Term(layer, channel_mean(CHANNEL))])
            picture = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
            plain = tutorial_step(network, layer, picture)
            ours, tutorial = in_turn([lambda aim=aim, picture=picture: aim.gradient(picture), plain], turns)
            back = torch.nn.functional.conv_transpose2d(plain(), colours_of(network)[0][:, :, None, None])
            same = torch.nn.functional.cosine_similarity(aim.gradient(picture)[1].flatten(), back.flatten(), dim=0)
            yield {
                "what": f"gradient step on pixels, {model} {layer}, {size} px",
                "ms": round(ours, 1),
                "tutorial_ms": round(tutorial, 1),
                "ratio": round(tutorial / ours, 2),
                "wanted_ratio": wanted,
                "cosine": round(float(same), 6),
            }
