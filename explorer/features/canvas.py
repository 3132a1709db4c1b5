"""The picture as something that can be learnt: pixels through a Fourier spectrum and decorrelated colours, and resizing.

After Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill 2017): gradient ascent on plain pixels finds
high-frequency noise; in a spectrum whose amplitudes fall with frequency, as those of photographs do, and in colours
without correlation, every direction is as easy to move in as in the pictures people know.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from explorer.records.frame import RGB

# Square root of the covariance of ImageNet's colours (Distill 2017, measured by its authors), largest row norm one:
# independent (luma-like, blue-yellow, red-green) -> red, green, blue.
_COLOURS = ((0.5616, 0.1873, 0.0555), (0.5834, 0.0, -0.1055), (0.5834, -0.1943, 0.0499))
_REACH = 0.5925  # the longest row of that table


class FourierCanvas:
    """A picture held as a spectrum. `spectrum`: (1, 3, H, W // 2 + 1, 2) float32, what is learnt.

    `start`: standard deviation of the start's spectrum; the start is faint noise around middle grey.
    """

    def __init__(self, height: int, width: int, seed: int, start: float = 0.05, device: torch.device | str = "cpu") -> None:
        generator = torch.Generator().manual_seed(seed)
        down = torch.fft.fftfreq(height)[:, None]
        across = torch.fft.rfftfreq(width)[None, :]
        frequency = torch.sqrt(down * down + across * across).clamp_(min=1.0 / max(height, width))
        self._size = (height, width)
        # Amplitudes fall as 1 / frequency; 1 / 4 keeps the step size of the paper's authors.
        self._scale = ((height * width) ** 0.5 / frequency / max(height, width) / 4.0)[None, None, :, :, None].to(device)
        shape = (1, 3, height, width // 2 + 1, 2)
        self.spectrum = (torch.randn(shape, generator=generator) * start).to(device).requires_grad_(True)
        self._colours = (torch.tensor(_COLOURS, device=device) / _REACH)[:, :, None, None]

    def rgb(self) -> torch.Tensor:
        """(1, 3, H, W) float32 RGB in 0..1, followed by autograd."""
        pixels = torch.fft.irfft2(torch.view_as_complex(self.spectrum * self._scale), s=self._size, norm="ortho")
        return torch.sigmoid(F.conv2d(pixels, self._colours))


def to_rgb(picture: torch.Tensor) -> RGB:
    """(H, W, 3) uint8 of (1, 3, H, W) float 0..1, rounded to the nearest."""
    scaled = (picture.detach()[0].clamp(0.0, 1.0) * 255.0).round_().to(torch.uint8)
    return np.ascontiguousarray(scaled.permute(1, 2, 0).cpu().numpy())


def to_tensor(rgb: RGB, device: torch.device | str = "cpu") -> torch.Tensor:
    """(1, 3, H, W) float32 0..1 of (H, W, 3) uint8."""
    writable = torch.from_numpy(np.array(rgb))
    return writable.permute(2, 0, 1)[None].to(device).to(torch.float32).div_(255.0).contiguous()


def resized(picture: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """(1, C, height, width): bilinear, averaged when shrinking so that nothing flickers."""
    if tuple(picture.shape[2:]) == (height, width):
        return picture
    return F.interpolate(picture, size=(height, width), mode="bilinear", antialias=True, align_corners=False)


def octave_sizes(height: int, width: int, longest: int, octaves: int, scale: float, shortest: int) -> list[tuple[int, int]]:
    """(height, width) of each octave, small to large; the last has `longest` as its longer side.

    Octaves whose shorter side would fall under `shortest` are left out, never the last one.
    """
    factor = longest / max(height, width)
    full = (max(1, round(height * factor)), max(1, round(width * factor)))
    sizes = [full]
    for power in range(1, octaves):
        size = (round(full[0] / scale**power), round(full[1] / scale**power))
        if min(size) < shortest:
            break
        sizes.append(size)
    return sizes[::-1]


def wobble(picture: torch.Tensor, jitter: int, draw: Sequence[float]) -> torch.Tensor:
    """One shift, turn and scaling in a single sampling; autograd follows it. `jitter` 0 leaves the picture alone.

    `draw`: four random numbers in -1..1 (turn, scale, right, down). Shifts by up to `jitter` pixels; with the usual 8 pixels
    turns by up to 5 degrees and scales by up to 5 percent.
    """
    if jitter == 0:
        return picture
    _, _, height, width = picture.shape
    strength = min(jitter / 8.0, 2.0)
    angle = np.deg2rad(5.0 * strength) * draw[0]
    size = 1.0 + 0.05 * strength * draw[1]
    cos, sin = float(np.cos(angle)) * size, float(np.sin(angle)) * size
    shift_x, shift_y = 2 * jitter * draw[2] / width, 2 * jitter * draw[3] / height
    theta = torch.tensor([[[cos, -sin * height / width, shift_x], [sin * width / height, cos, shift_y]]], device=picture.device)
    places = F.affine_grid(theta, list(picture.shape), align_corners=False)
    return F.grid_sample(picture, places, mode="bilinear", padding_mode="reflection", align_corners=False)


def roughness_gradient(picture: torch.Tensor) -> torch.Tensor:
    """Gradient of half the squared total variation (differences of neighbouring pixels); zero for a flat picture."""
    down = picture[:, :, 1:] - picture[:, :, :-1]
    across = picture[:, :, :, 1:] - picture[:, :, :, :-1]
    gradient = torch.zeros_like(picture)
    gradient[:, :, 1:] += down
    gradient[:, :, :-1] -= down
    gradient[:, :, :, 1:] += across
    gradient[:, :, :, :-1] -= across
    return gradient


def even_bands(gradient: torch.Tensor, levels: int = 3) -> torch.Tensor:
    """`gradient` with each band of its Laplacian pyramid brought to the same strength, then to unit mean size.

    Without it the finest details win every step; with it small and large forms grow together.
    """
    bands, rest = [], gradient
    for _ in range(levels):
        if min(rest.shape[2:]) < 16:
            break
        small = F.avg_pool2d(rest, 2)
        bands.append(rest - F.interpolate(small, size=rest.shape[2:], mode="bilinear", align_corners=False))
        rest = small
    total = rest / rest.std(correction=0).clamp_min(1e-12)
    for band in reversed(bands):
        total = F.interpolate(total, size=band.shape[2:], mode="bilinear", align_corners=False)
        total = total + band / band.std(correction=0).clamp_min(1e-12)
    return total / total.abs().mean().clamp_min(1e-12)
