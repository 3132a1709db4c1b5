"""A toy network and sheets of tiles as the engine would send them, for tests of the filters panel. No torch."""

import numpy as np

from explorer.gui.desk import NETWORK_CHANNEL
from explorer.gui.panels.filters import KERNELS, MAPS
from explorer.host.messages import Answer, FrameArrived
from explorer.jobs import Result
from explorer.picture.grid import sheet_of
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo, TapInfo
from explorer.records.picture import Grid, Mosaic
from explorer.records.statistics import Statistics, histogram_of

LAYERS = (
    TapInfo("conv1", "Conv2d", (6, 8, 8), 168, (6, 3, 3, 3)),
    TapInfo("relu1", "ReLU", (6, 8, 8)),
    TapInfo("conv2", "Conv2d", (4, 8, 8), 220, (4, 6, 3, 3)),
    TapInfo("fc", "Linear", (3,), 15),
)
NETWORK = NetworkInfo("squeezenet1_1", "Toy", "classify", "by hand", 8, LAYERS, ("cup", "cat", "dog"))


def figures(values):
    flat = values.reshape(len(values), -1).astype(np.float64)
    many = np.full(len(flat), flat.shape[1])
    return Statistics(
        flat.shape[1], flat.mean(1), flat.std(1), flat.min(1), flat.max(1),
        np.abs(flat).sum(1), np.sqrt((flat**2).sum(1)), (flat == 0).sum(1), many,
    )  # fmt: skip


def mosaic(layer, count=6, side=8, seq=1, colour_map="viridis", dead=()):
    grid = Grid(count, side, side, min(count, 3), 1)
    values = np.random.default_rng(count).normal(size=(count, side, side)).astype(np.float32)
    values[count - 2] += 5  # the strongest
    tiles = np.full((count, side, side), 100, np.uint8)
    return Mosaic(
        grid, sheet_of(tiles, grid), values, np.arange(count), values.min((1, 2)), values.max((1, 2)),
        np.zeros(count, np.int64), colour_map, frame_seq=seq,
        stats=figures(values), histogram=histogram_of(values),
        facts={"layer": layer, "dead": list(dead), "input_xyxy": [10.0, 0.0, 50.0, 40.0]},
    )  # fmt: skip


def say(desk, qtbot, *events):
    desk.host.say(*events)
    qtbot.wait(1)


def loaded(desk, qtbot, panel, layer="conv1"):
    say(desk, qtbot, Answer(NETWORK_CHANNEL, 1, Result(NETWORK)))
    frame = Frame(np.full((40, 60, 3), 90, np.uint8), seq=1)
    say(
        desk,
        qtbot,
        Answer(KERNELS, 1, Result(mosaic("conv1", side=3))),
        Answer(MAPS, 1, Result(mosaic(layer))),
        FrameArrived(frame),
    )
