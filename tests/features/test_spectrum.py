"""Spectra of kernels: numpy's Fourier transform, and kernels whose spectrum one knows."""

import numpy as np
import torch

from explorer.features.spectrum import SIDE, spectrum_of


def test_decibels_of_numpys_transform():
    kernels = np.random.default_rng(0).normal(size=(5, 3, 3)).astype(np.float32)
    strength = np.abs(np.fft.fftshift(np.fft.fft2(kernels, s=(SIDE, SIDE)), axes=(1, 2)))
    want = 20 * np.log10(np.maximum(strength, strength.max() * 1e-3))
    np.testing.assert_allclose(spectrum_of(torch.from_numpy(kernels)).numpy(), want, atol=1e-3)


def test_several_inputs_add_their_energy():
    kernels = np.random.default_rng(1).normal(size=(2, 3, 5, 5)).astype(np.float32)
    strength = np.fft.fftshift(np.sqrt((np.abs(np.fft.fft2(kernels, s=(SIDE, SIDE))) ** 2).sum(1)), axes=(1, 2))
    want = 20 * np.log10(np.maximum(strength, strength.max() * 1e-3))
    np.testing.assert_allclose(spectrum_of(torch.from_numpy(kernels)).numpy(), want, atol=1e-3)


def test_an_impulse_passes_everything_a_mean_only_what_is_smooth_an_edge_nothing_constant():
    kernels = torch.zeros(3, 3, 3)
    kernels[0, 1, 1] = 2.0
    kernels[1] = 1 / 9
    kernels[2, 1] = torch.tensor([-1.0, 0.0, 1.0])
    impulse, mean, edge = spectrum_of(kernels).numpy()
    np.testing.assert_allclose(impulse, 20 * np.log10(2.0), atol=1e-4)
    middle = SIDE // 2
    assert mean[middle, middle] == mean.max() and abs(mean.max()) < 1e-4
    assert edge[middle, middle] == edge.min()  # the sum of the kernel is 0
    assert np.allclose(edge[0], edge[middle], atol=1e-3)  # the same for every vertical frequency
    assert edge[middle, middle + SIDE // 4] == edge.max()


def test_larger_kernels_keep_their_size_and_broken_or_empty_ones_do_no_harm():
    assert spectrum_of(torch.randn(1, 40, 33)).shape == (1, 40, 40)
    assert torch.isfinite(spectrum_of(torch.zeros(2, 3, 3))).all()
    broken = torch.randn(2, 3, 3)
    broken[0, 0, 0] = float("nan")
    found = spectrum_of(broken)
    assert torch.isnan(found[0]).all() and torch.isfinite(found[1]).all()
