"""Which frequencies a kernel lets through: the magnitude of its Fourier transform."""

from __future__ import annotations

import torch

SIDE = 32  # kernels are padded with zeros to this square, so that the few numbers give a smooth picture
REACH_DB = 60.0  # what lies further below the strongest of the layer is drawn as that


def spectrum_of(kernels: torch.Tensor, side: int = SIDE) -> torch.Tensor:
    """(count, h, w) float32 kernels -> (count, S, S) decibels: 20 log10 |F|, frequency 0 in the middle (row and column S // 2).

    S is `side`, or the kernel's own size where that is larger. Kernels of several inputs, (count, inputs, h, w), give
    the root of the sum of |F|^2 over their inputs. At most 60 dB below the strongest of all; NaN where a kernel is not finite.
    """
    height, width = kernels.shape[-2:]
    size = max(side, height, width)
    strength = torch.fft.fftshift(torch.fft.fft2(kernels, s=(size, size)).abs(), dim=(-2, -1))
    if strength.ndim == 4:
        strength = strength.square().sum(1).sqrt()
    finite = strength[torch.isfinite(strength)]
    peak = float(finite.max()) if finite.numel() else 0.0
    floor = max(peak * 10 ** (-REACH_DB / 20), 1e-30)
    decibels: torch.Tensor = 20.0 * torch.log10(strength.clamp(min=floor))
    return decibels
