"""The picture as something that can be learnt: a Fourier spectrum or pixels, in decorrelated colours or plain ones.

After Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill 2017): gradient ascent on plain pixels finds
high-frequency noise; in a spectrum whose amplitudes fall with frequency, as those of photographs do, and in colours
without correlation, every direction is as easy to move in as in the pictures people know.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as F

from explorer.features.colours import Rows, mixed

# Square root of the covariance of ImageNet's colours (Distill 2017, measured by its authors), largest row norm one:
# independent (luma-like, blue-yellow, red-green) -> red, green, blue.
_COLOURS = ((0.5616, 0.1873, 0.0555), (0.5834, 0.0, -0.1055), (0.5834, -0.1943, 0.0499))
_REACH = 0.5925  # the longest row of that table
START = 0.05  # standard deviation of the start: faint noise around middle grey


def derived(seed: int, number: int) -> int:
    """A seed of its own for picture or channel `number`, 0..2**31 - 2: a dream with that seed grows the same picture."""
    name = hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(name, "big") % (2**31 - 1)


class Canvas(ABC):
    """A batch of pictures that can be learnt. `parameters`: what is learnt; `rgb()`: what it looks like.

    `seeds`: one a picture, so that a picture does not depend on its neighbours. `shared`: besides its own numbers each picture
    has those that all have in common, and all start alike: neighbours stay aligned (Distill 2018, "Differentiable Image
    Parameterizations").
    """

    def __init__(
        self, shape: tuple[int, ...], seeds: Sequence[int], decorrelate: bool, shared: bool, device: torch.device
    ) -> None:
        noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * START for seed in seeds]
        if shared:
            noise = [noise[0] / 2] * len(noise)
        own = torch.stack(noise).to(device).requires_grad_(True)
        common = (torch.stack(noise[:1]).to(device).requires_grad_(True),) if shared else ()
        self.parameters: tuple[torch.Tensor, ...] = (own, *common)
        self._rows: Rows = [[(index, 1.0)] for index in range(3)]
        if decorrelate:
            self._rows = [[(source, part / _REACH) for source, part in enumerate(row)] for row in _COLOURS]

    def rgb(self) -> torch.Tensor:
        """(B, 3, H, W) float32 RGB in 0..1, followed by autograd."""
        learnt = self.parameters[0] if len(self.parameters) == 1 else self.parameters[0] + self.parameters[1]
        return torch.sigmoid(mixed(self._pixels(learnt), self._rows, [0.0] * 3, torch.contiguous_format))

    @abstractmethod
    def blur(self, sigma: float) -> None:
        """Blur what is learnt by a Gaussian of `sigma` pixels."""

    @abstractmethod
    def _pixels(self, learnt: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W) colours before the sigmoid."""


class FourierCanvas(Canvas):
    """Pictures held as spectra: parameters are (B, 3, H, W // 2 + 1, 2) float32."""

    def __init__(
        self,
        height: int,
        width: int,
        seeds: Sequence[int],
        decorrelate: bool = True,
        shared: bool = False,
        device: torch.device | str = "cpu",
    ) -> None:
        super().__init__((3, height, width // 2 + 1, 2), seeds, decorrelate, shared, torch.device(device))
        down = torch.fft.fftfreq(height)[:, None]
        across = torch.fft.rfftfreq(width)[None, :]
        self._frequency = torch.sqrt(down * down + across * across).to(device)
        floor = self._frequency.clamp(min=1.0 / max(height, width))
        self._size = (height, width)
        # Amplitudes fall as 1 / frequency; 1 / 4 keeps the step size of the paper's authors.
        self._scale = ((height * width) ** 0.5 / floor / max(height, width) / 4.0)[None, None, :, :, None]

    def _pixels(self, learnt: torch.Tensor) -> torch.Tensor:
        pixels: torch.Tensor = torch.fft.irfft2(torch.view_as_complex(learnt * self._scale), s=self._size, norm="ortho")
        return pixels

    @torch.no_grad()
    def blur(self, sigma: float) -> None:
        """A Gaussian's spectrum is a Gaussian: exp(-2 (pi sigma f)^2)."""
        fall = torch.exp(-2.0 * (torch.pi * sigma * self._frequency).square())[None, None, :, :, None]
        for parameter in self.parameters:
            parameter.mul_(fall)


class PixelCanvas(Canvas):
    """Pictures held as pixels before the sigmoid: parameters are (B, 3, H, W) float32."""

    def __init__(
        self,
        height: int,
        width: int,
        seeds: Sequence[int],
        decorrelate: bool = True,
        shared: bool = False,
        device: torch.device | str = "cpu",
    ) -> None:
        super().__init__((3, height, width), seeds, decorrelate, shared, torch.device(device))

    def _pixels(self, learnt: torch.Tensor) -> torch.Tensor:
        return learnt

    @torch.no_grad()
    def blur(self, sigma: float) -> None:
        """By two passes of a sampled Gaussian."""
        for parameter in self.parameters:
            parameter.copy_(blurred(parameter, sigma))


def blurred(picture: torch.Tensor, sigma: float) -> torch.Tensor:
    """(B, C, H, W) convolved with a Gaussian of `sigma` pixels; beyond the edge the edge goes on."""
    reach = max(1, round(3 * sigma))
    offsets = torch.arange(-reach, reach + 1, dtype=picture.dtype, device=picture.device)
    weights = torch.exp(-offsets.square() / (2 * sigma * sigma))
    channels = picture.shape[1]
    line = (weights / weights.sum()).expand(channels, 1, -1)
    wide = F.pad(picture, [reach, reach, reach, reach], mode="replicate")
    return F.conv2d(F.conv2d(wide, line[:, :, None, :], groups=channels), line[:, :, :, None], groups=channels)


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
