"""A worked example: a detector and a segmenter. Copy it to the folder `plugins` of your settings, change it, start again.

Both are networks whose few numbers can be read: nothing was learnt and nothing is downloaded. They appear wherever the
program offers a detector or a segmenter (Live, recordings, `explorer detect --model colour_blobs`), and can be looked into
like any other network. All that a network of one's own needs is at the end: a row with `read_boxes` or `read_mask`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from explorer.tables import Tables
from explorer.zoo.reading import F32, I64, Candidates
from explorer.zoo.registry import NetworkSpec

__version__ = "1.0"
Cells = npt.NDArray[np.bool_]
SIZE, CELL = 320, 8  # side of the input, side of a cell of the answer, in pixels
# How much of a colour is in a pixel: weights of red, green and blue, 0..1 each. A grey pixel has nothing of any.
COLOURS = {
    "red": (1.0, -0.5, -0.5),
    "green": (-0.5, 1.0, -0.5),
    "blue": (-0.5, -0.5, 1.0),
    "yellow": (0.5, 0.5, -1.0),
    "cyan": (-1.0, 0.5, 0.5),
    "magenta": (0.5, -1.0, 0.5),
}
THERE = 0.08  # a cell with less of a colour than this is not of it
MASK = 14  # side of a candidate's mask


class ColourBlobs(nn.Module):
    """(N, 3, S, S) RGB 0..1 -> (N, 6, S / 8, S / 8): how much of each colour is in each cell, 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(3, len(COLOURS), 1, bias=False)
        self.act = nn.ReLU()
        self.cells = nn.AvgPool2d(CELL)
        with torch.no_grad():
            self.mix.weight.copy_(torch.tensor(list(COLOURS.values()))[:, :, None, None])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Mix, cut off, mean of each cell."""
        cells: torch.Tensor = self.cells(self.act(self.mix(x)))
        return cells


def read_boxes(outputs: Sequence[F32], confidence: float) -> Candidates:
    """Cells of one colour that touch are an object; its score is the mean of its colour.

    A box edge lies within its outermost cells where their share of the colour says: exact for upright rectangles.
    """
    amount = outputs[0][0]  # (6, H, W)
    best = amount.argmax(0)
    xyxy, score, kind, masks = [], [], [], []
    for colour in range(len(amount)):
        there = (best == colour) & (amount[colour] >= THERE)
        parts = connected(there)
        for part in np.unique(parts[there]):
            rows, columns = np.nonzero(parts == part)
            value = amount[colour, rows, columns]
            if value.mean() < confidence:
                continue
            sides = [edges(columns, value), edges(rows, value)]
            xyxy.append([sides[0][0], sides[1][0], sides[0][1], sides[1][1]])
            score.append(value.mean())
            kind.append(colour)
            masks.append(small(parts == part, rows, columns))
    if not xyxy:
        return Candidates(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))
    boxes, scores = np.array(xyxy, np.float32), np.array(score, np.float32)
    return Candidates(boxes, scores, np.array(kind, np.int64), np.stack(masks))


def connected(there: Cells) -> I64:
    """Number of the piece of each True cell of (H, W), neighbours left, right, above and below; -1 elsewhere.

    Every cell takes the smallest number among its neighbours until nothing changes.
    """
    far = there.size
    numbers = np.where(there, np.arange(far).reshape(there.shape), far)
    while True:
        wide = np.pad(numbers, 1, constant_values=far)
        around = np.minimum.reduce([numbers, wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]])
        after = np.where(there, around, far)
        if np.array_equal(after, numbers):
            return np.where(there, numbers, -1)
        numbers = after


def edges(places: I64, value: F32) -> tuple[float, float]:
    """Where an object begins and ends along one axis, in pixels: cells at `places` hold `value` of its colour."""
    first, last, full = places.min(), places.max(), value.max()
    begin = (first + 1 - value[places == first].max() / full) * CELL
    end = (last + value[places == last].max() / full) * CELL
    return (first * CELL, (last + 1) * CELL) if begin >= end else (begin, end)


def small(inside: Cells, rows: I64, columns: I64) -> F32:
    """The piece of (H, W) within its box as (MASK, MASK), 0 or 1."""
    y = rows.min() + (np.arange(MASK) + 0.5) / MASK * (np.ptp(rows) + 1)
    x = columns.min() + (np.arange(MASK) + 0.5) / MASK * (np.ptp(columns) + 1)
    shape: F32 = inside[y.astype(int)][:, x.astype(int)].astype(np.float32)
    return shape


class ColourContrast(nn.Module):
    """(N, 3, S, S) RGB 0..1 -> (N, 1, S, S): how far the colour of a place is from the mean colour of the picture.

    After the frequency-tuned saliency of Achanta et al. (2009, doi:10.1109/CVPR.2009.5206596), in opponent colours instead
    of Lab: each pixel is smoothed by a binomial filter, the mean of all is taken away, and the length of what is left counts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.opponents = nn.Conv2d(3, 3, 1, bias=False)
        self.smooth = nn.Conv2d(3, 3, 5, padding=2, padding_mode="replicate", groups=3, bias=False)
        self.mean = nn.AdaptiveAvgPool2d(1)
        light, red_green, blue_yellow = (1 / 3, 1 / 3, 1 / 3), (1.0, -1.0, 0.0), (-0.5, -0.5, 1.0)
        line = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
        with torch.no_grad():
            self.opponents.weight.copy_(torch.tensor([light, red_green, blue_yellow])[:, :, None, None])
            self.smooth.weight.copy_((line[:, None] * line)[None, None].expand(3, 1, 5, 5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Opponent colours, smoothed; squared distance from their mean."""
        colours = self.smooth(self.opponents(x))
        far: torch.Tensor = (colours - self.mean(colours)).square().sum(1, keepdim=True)
        return far


def read_mask(outputs: Sequence[F32]) -> F32:
    """Distance as a share of the largest in the picture, steeper around one half."""
    far = np.sqrt(outputs[0][0, 0])
    share = far / max(float(far.max()), 1e-6)
    mask: F32 = (share**2 / (share**2 + (1 - share) ** 2)).astype(np.float32)
    return mask


def register(tables: Tables) -> None:
    """Called once, when the engine starts."""
    tables.networks.add(
        "colour_blobs",
        NetworkSpec(
            name="colour_blobs",
            title="Colour blobs",
            task="detect",
            paper="A worked example: six colours, cells, connected pieces",
            build=ColourBlobs,
            input_size=SIZE,
            multiple_of=CELL,
            labels=tuple(COLOURS),
            read_boxes=read_boxes,
            set_weights=True,
        ),
    )
    tables.networks.add(
        "colour_contrast",
        NetworkSpec(
            name="colour_contrast",
            title="Colour contrast",
            task="segment",
            paper="Achanta et al. 2009, Frequency-tuned salient region detection, doi:10.1109/CVPR.2009.5206596",
            build=ColourContrast,
            input_size=SIZE,
            multiple_of=1,
            read_mask=read_mask,
            set_weights=True,
        ),
    )
