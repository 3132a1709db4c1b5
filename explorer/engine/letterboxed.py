"""Runners for films whose pictures stand between the bars of a letterbox: the very numbers of the network's own runner, sooner.

Made for one size of frame, kept on the shelf, and taken only where its answers to a first frame are those of the runner bit for
bit (letterbox_stages.py says how it is done).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer.engine import openvino_runtime, shelf
from explorer.engine.letterbox_stages import Bars, BetweenBars, Stage, stages
from explorer.engine.openvino_runtime import OpenVinoRunner
from explorer.engine.prepare import Prepared
from explorer.zoo.darknet import DarknetNetwork

if TYPE_CHECKING:
    from explorer.engine.live import Runner
    from explorer.engine.network import Network
    from explorer.records.frame import Frame

log = logging.getLogger(__name__)


class Letterboxed(OpenVinoRunner):
    """Takes what `prepare` makes of a frame of the size it was made for."""

    taken = np.uint8

    def __init__(self, compiled: Any, plain: OpenVinoRunner, network: Network, frame: Frame) -> None:
        super().__init__(compiled, plain.runs_on)
        self._recipe = network.recipe
        self._size = frame.rgb.shape
        self._geometry = network.recipe.geometry(frame.height, frame.width)

    def prepare(self, frame: Frame) -> Prepared:
        """The frame as it stands between its bars: (1, h, w, 3) bytes. Raises ValueError if it has another size."""
        if frame.rgb.shape != self._size:
            raise ValueError(f"made for frames of {self._size}, not {frame.rgb.shape}")
        return Prepared(self._recipe.between_bars(frame.rgb), self._geometry)


def lanes(
    network: Network, runner: Runner, frame: Frame, at_once: int | None = None, *, make: bool = True
) -> list[Letterboxed]:
    """As `runner.lanes()`, for frames of this one's size; [] where there is nothing to gain, or the numbers would differ.

    `at_once`: how many passes share the threads (None: each has one), for one lane more: its picture is ready when one ends.
    `make`: whether they are made, which takes a second or so, if they are not on the shelf.
    """
    threads = runner.runs_on.threads
    plan = _plan(network, frame)
    if not plan or type(runner) is not OpenVinoRunner:
        return []
    precision, kind = runner.runs_on.precision, f"OpenVINO {frame.width} x {frame.height} letterboxed"
    entry = shelf.Entry(network, kind, precision, threads, BetweenBars)
    known, blob = entry.verdict, entry.blob()
    if (known is not None and not known[0]) or (blob is None and not make):
        return []
    try:
        if blob is None:
            compiled = _compiled(network, plan, frame, precision, threads)
            same = _same(Letterboxed(compiled, runner, network, frame), runner, network, frame)
            blob = openvino_runtime.export(compiled)
            entry.keep((same, "", {}), blob if same else None)
            if not same:
                return []
        compiled = openvino_runtime.restore(blob, precision, threads, at_once or threads)
    except (RuntimeError, MemoryError) as error:
        log.info("no model of its own for films of %s: %s", network.info.name, error)
        return []
    several = threads + (threads > 1) if at_once is None else at_once + 1
    return [Letterboxed(compiled, runner, network, frame) for _ in range(several)]


def _lines(network: Network, frame: Frame) -> tuple[int, tuple[int, int]]:
    """(2, rows) or (3, columns) that the frame covers."""
    geometry = network.recipe.geometry(frame.height, frame.width)
    if geometry.top:
        return 2, (int(geometry.top), int(geometry.top) + round(frame.height * geometry.scale_y))
    return 3, (int(geometry.left), int(geometry.left) + round(frame.width * geometry.scale_x))


def _plan(network: Network, frame: Frame) -> tuple[Stage, ...]:
    recipe, module = network.recipe, network.module
    fits = recipe.rule == "letterbox" and recipe.order == "rgb" and not any(recipe.mean)
    if not fits or not isinstance(module, DarknetNetwork) or network.edits:
        return ()
    return stages(module, _lines(network, frame)[1], recipe.size)


def _compiled(network: Network, plan: Sequence[Stage], frame: Frame, precision: str, threads: int) -> Any:
    """An openvino.CompiledModel. What stands for the bars is computed by the runtime itself, so that it is rounded alike."""
    module, recipe = network.module, network.recipe
    assert isinstance(module, DarknetNetwork)
    empty = recipe.border.repeat(1, 1, recipe.size, recipe.size)
    bars = openvino_runtime.convert(Bars(module, plan), empty)
    request = openvino_runtime.compile_model(bars, precision, threads).create_infer_request()
    request.infer([empty.numpy()])
    maps = [torch.from_numpy(np.array(tensor.data)) for tensor in request.output_tensors]
    between = BetweenBars(module, recipe, plan, maps, _lines(network, frame)[0])
    model = openvino_runtime.convert(between, recipe.between_bars(frame.rgb))
    return openvino_runtime.compile_model(model, precision, threads)


def _same(one: Letterboxed, other: OpenVinoRunner, network: Network, frame: Frame) -> bool:
    answers = zip(one(one.prepare(frame).nchw), other(network.prepare(frame).nchw), strict=True)
    return all(np.array_equal(a, b) for a, b in answers)
