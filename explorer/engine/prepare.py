"""Frame -> tensor and back: resize rule, channel order and scale of a weights row, and the exact geometry between both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from explorer.engine.device import one_thread
from explorer.records.frame import RGB

Rule = Literal["centre-crop", "letterbox", "stretch"]
Order = Literal["rgb", "bgr", "grey"]
F32 = npt.NDArray[np.float32]
GREY_WEIGHTS = (0.299, 0.587, 0.114)  # ITU-R BT.601 luma


@dataclass(frozen=True)
class Geometry:
    """Where a frame lies in the network's square picture: net = frame * scale + offset, per axis, in pixels.

    `frame_hw`: height and width of the frame. `size`: side of the square. Pixel edges, not centres, are mapped, so a box
    [0, 0, W, H] maps onto the border of the picture.
    """

    frame_hw: tuple[int, int]
    size: int
    scale_x: float
    scale_y: float
    left: float
    top: float

    def to_frame_xyxy(self, boxes: npt.NDArray[np.floating]) -> F32:
        """(N, 4) boxes in network pixels -> (N, 4) float32 in frame pixels, clipped to the frame."""
        height, width = self.frame_hw
        scale = np.array([self.scale_x, self.scale_y] * 2)
        offset = np.array([self.left, self.top] * 2)
        moved = (np.asarray(boxes, dtype=np.float64).reshape(-1, 4) - offset) / scale
        inside: F32 = np.clip(moved, 0.0, [width, height, width, height]).astype(np.float32)
        return inside

    def to_net_xyxy(self, boxes: npt.NDArray[np.floating]) -> F32:
        """(N, 4) boxes in frame pixels -> (N, 4) float32 in network pixels; the inverse of `to_frame_xyxy`."""
        scale = np.array([self.scale_x, self.scale_y] * 2)
        offset = np.array([self.left, self.top] * 2)
        moved: F32 = (np.asarray(boxes, dtype=np.float64).reshape(-1, 4) * scale + offset).astype(np.float32)
        return moved

    def to_frame_map(self, array: npt.NDArray[np.floating]) -> F32:
        """A map (h, w) over the network's picture -> (H, W) float32 over the frame, bilinear; 0 where nothing was seen."""
        height, width = self.frame_hw
        rows, columns = array.shape
        if (self.left, self.top) == (0, 0) and (self.scale_x * width, self.scale_y * height) == (self.size, self.size):
            return _stretch(np.asarray(array, dtype=np.float32), height, width)
        # Sample positions of the frame's pixel centres, in map pixels, with the convention of align_corners=False.
        y = ((np.arange(height) + 0.5) * self.scale_y + self.top) / self.size
        x = ((np.arange(width) + 0.5) * self.scale_x + self.left) / self.size
        out = _bilinear(np.asarray(array, dtype=np.float32), y * rows - 0.5, x * columns - 0.5)
        out[(y < 0) | (y > 1)] = 0.0
        out[:, (x < 0) | (x > 1)] = 0.0
        return out


def _stretch(array: F32, height: int, width: int) -> F32:
    """What `_bilinear` gives for a map over exactly the frame, six times as fast."""
    with one_thread():
        source = torch.from_numpy(np.ascontiguousarray(array))[None, None]
        grown: F32 = functional.interpolate(source, size=(height, width), mode="bilinear")[0, 0].numpy()
    return grown


def _bilinear(array: F32, y: npt.NDArray[np.float64], x: npt.NDArray[np.float64]) -> F32:
    """Separable bilinear sampling of (h, w) at the grid of positions `y` x `x`, clamped to the border."""
    for axis, at in ((0, y), (1, x)):
        at = np.clip(at, 0.0, array.shape[axis] - 1)
        low = np.floor(at).astype(np.int64)
        high = np.minimum(low + 1, array.shape[axis] - 1)
        part = (at - low).astype(np.float32)
        part = part[:, None] if axis == 0 else part[None, :]
        array = np.take(array, low, axis) * (1 - part) + np.take(array, high, axis) * part
    return array


@dataclass(frozen=True)
class Prepared:
    """A frame as the network wants it. `nchw`: (1, C, S, S) float32, normalised, on the network's device."""

    nchw: torch.Tensor
    geometry: Geometry

    def to_frame_xyxy(self, boxes: npt.NDArray[np.floating]) -> F32:
        """See Geometry.to_frame_xyxy."""
        return self.geometry.to_frame_xyxy(boxes)

    def to_frame_map(self, array: npt.NDArray[np.floating]) -> F32:
        """See Geometry.to_frame_map."""
        return self.geometry.to_frame_map(array)


@dataclass(frozen=True)
class Recipe:
    """How a network wants its pictures: value = (byte * scale - mean) / std per channel, channels in `order`.

    "centre-crop": the middle square, `crop_share` of the short side, resized to `size`; "letterbox": the whole frame, aspect
    kept, the rest filled with the byte value `fill`; "stretch": the whole frame, aspect not kept.
    """

    size: int = 224
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    scale: float = 1 / 255
    order: Order = "rgb"
    rule: Rule = "centre-crop"
    crop_share: float = 1.0
    fill: float = 127.5

    @property
    def channels(self) -> int:
        """Input channels of the network: 1 or 3."""
        return 1 if self.order == "grey" else 3

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Per channel (low, high): the normalised values of byte 0 and byte 255."""
        return tuple(
            ((0 - mean) / std, (255 * self.scale - mean) / std) for mean, std in zip(self._mean(), self._std(), strict=True)
        )

    def geometry(self, height: int, width: int) -> Geometry:
        """Where a frame of this size will lie."""
        size = self.size
        if self.rule == "stretch":
            return Geometry((height, width), size, size / width, size / height, 0.0, 0.0)
        if self.rule == "letterbox":
            fit_h, fit_w = _fit(height, width, size)
            return Geometry((height, width), size, fit_w / width, fit_h / height, (size - fit_w) // 2, (size - fit_h) // 2)
        side, top, left = self._crop(height, width)
        return Geometry((height, width), size, size / side, size / side, -left * size / side, -top * size / side)

    def _crop(self, height: int, width: int) -> tuple[int, int, int]:
        side = max(1, round(min(height, width) * self.crop_share))
        return side, (height - side) // 2, (width - side) // 2

    def prepare(self, rgb: RGB, device: torch.device) -> Prepared:
        """(H, W, 3) uint8 RGB -> Prepared on `device`."""
        if device.type != "cpu":
            return self._prepare(rgb, device)
        with one_thread():
            return self._prepare(rgb, device)

    def _prepare(self, rgb: RGB, device: torch.device) -> Prepared:
        height, width = rgb.shape[:2]
        geometry = self.geometry(height, width)
        if self.rule == "centre-crop":
            side, top, left = self._crop(height, width)
            rgb = rgb[top : top + side, left : left + side]
        picture = _channels_last(rgb, device)
        if self.rule != "letterbox":
            return Prepared(self._normalise(_resize(picture, self.size, self.size)), geometry)
        fit_h, fit_w = _fit(height, width, self.size)
        top, left = int(geometry.top), int(geometry.left)
        border = self.border.to(device)
        canvas = torch.empty((1, self.channels, self.size, self.size), device=device)
        canvas[:, :, :top], canvas[:, :, top + fit_h :] = border, border
        canvas[..., :left], canvas[..., left + fit_w :] = border, border
        self._normalise(_resize(picture, fit_h, fit_w), canvas[:, :, top : top + fit_h, left : left + fit_w])
        return Prepared(canvas, geometry)

    @property
    def border(self) -> torch.Tensor:
        """(1, C, 1, 1): a letterbox's bars, normalised."""
        return self._normalise(torch.full((1, 3, 1, 1), self.fill))

    @property
    def factors(self) -> torch.Tensor:
        """(C,): what a byte is multiplied by where no mean is taken away."""
        return (self.scale / self._column(self._std(), torch.device("cpu"))).flatten()

    def between_bars(self, rgb: RGB) -> torch.Tensor:
        """(H, W, 3) uint8 RGB -> (1, h, w, 3) bytes: what `prepare` puts between the bars of a letterbox, on the CPU."""
        with one_thread():  # with these strides torch sees that channels are last, and leaves them there
            picture = _resize(_shared(rgb)[None].permute(0, 3, 1, 2), *_fit(rgb.shape[0], rgb.shape[1], self.size))
        return picture.permute(0, 2, 3, 1).contiguous()

    def tensor_of(self, rgb: RGB, device: torch.device) -> torch.Tensor:
        """(H, W, 3) uint8 RGB -> (1, C, H, W) float32, normalised at the picture's own size."""
        return self._normalise(_channels_last(rgb, device))

    def picture_of(self, nchw: torch.Tensor) -> RGB:
        """(1, C, H, W) normalised -> (H, W, 3) uint8 RGB: the inverse of `tensor_of`, rounded and clipped."""
        x = nchw.detach()[0].float()
        bytes_chw = (x * self._column(self._std(), x.device) + self._column(self._mean(), x.device)) / self.scale
        bytes_chw = torch.nan_to_num(bytes_chw).round().clamp(0, 255).to(torch.uint8)
        if self.order == "grey":
            bytes_chw = bytes_chw.expand(3, -1, -1)
        elif self.order == "bgr":
            bytes_chw = bytes_chw.flip(0)
        return np.ascontiguousarray(bytes_chw.permute(1, 2, 0).cpu().numpy())

    def _normalise(self, picture: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        """(1, 3, H, W) bytes in RGB -> (1, C, H, W) float32, in `out` if it is given."""
        x = picture.float()
        if self.order == "bgr":
            x = x.flip(1)
        elif self.order == "grey":
            x = (x * self._column(GREY_WEIGHTS, x.device)).sum(1, keepdim=True)
        std = self._column(self._std(), x.device)
        if any(self._mean()):
            x = torch.addcmul(-self._column(self._mean(), x.device) / std, x, self.scale / std, out=out)
        else:
            x = torch.mul(x, self.scale / std, out=out)  # the same numbers in less than half the time
        return x if out is not None else x.contiguous()

    def _mean(self) -> tuple[float, ...]:
        return self.mean[: self.channels]

    def _std(self) -> tuple[float, ...]:
        return self.std[: self.channels]

    @staticmethod
    def _column(values: tuple[float, ...], device: torch.device) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32, device=device)[:, None, None]


def _fit(height: int, width: int, size: int) -> tuple[int, int]:
    """The largest (height, width) of the frame's aspect inside size x size, at least one pixel each."""
    ratio = min(size / height, size / width)
    return max(1, round(height * ratio)), max(1, round(width * ratio))


def _channels_last(rgb: RGB, device: torch.device) -> torch.Tensor:
    """(H, W, 3) bytes -> (1, 3, H, W) uint8 view of the same memory, in channels-last order: torch's fast resize wants that."""
    return _shared(rgb).permute(2, 0, 1)[None].to(device)


def _shared(rgb: RGB) -> torch.Tensor:
    """The same memory as a tensor."""
    source = rgb if rgb.flags.writeable else rgb.view()
    if not source.flags.writeable:  # torch warns about read-only memory even where it only reads; shared frames are read-only
        source = source.copy()
    return torch.from_numpy(source)


def _resize(picture: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Bilinear with a low-pass filter when shrinking; bytes stay bytes on a CPU (0.9 ms for a 720p frame), floats elsewhere."""
    if picture.shape[-2:] == (height, width):
        return picture
    if picture.device.type != "cpu":
        picture = picture.float()
    return functional.interpolate(picture, size=(height, width), mode="bilinear", antialias=True)
