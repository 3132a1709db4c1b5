"""Numbers to palette indices in the window: the same as the engine's."""

import numpy as np
import pytest
import torch

from explorer.features.tiling import paint
from explorer.picture.levels import Levels


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.2])
@pytest.mark.parametrize("diverging", [False, True])
def test_the_same_indices_as_on_the_device(gamma, diverging):
    values = np.random.default_rng(0).normal(size=(1, 20, 30)).astype(np.float32)
    values[0, 0, 0] = np.nan
    found = Levels(-1.0, 2.0, diverging, gamma).indices(values[0])
    want = paint(torch.from_numpy(values), diverging, True, fixed=(-1.0, 2.0), gamma=gamma).indices[0].numpy()
    assert np.abs(found.astype(int) - want).max() <= 1 and (found == want).mean() > 0.99
    assert found[0, 0] == 0 and found.min(initial=255, where=np.isfinite(values[0])) >= 1


def test_ends_zero_and_gamma_on_paper():
    assert Levels(0.0, 10.0).indices(np.array([-5.0, 0, 5, 10, 20])).tolist() == [1, 1, 128, 255, 255]
    assert Levels(0.0, 1.0, gamma=2.0).indices(np.array([0.25]))[0] == round(1 + 254 * 0.5)
    assert Levels(-1.0, 4.0, True).ends == (-4.0, 4.0)
    assert Levels(-1.0, 4.0, True).indices(np.array([-4.0, 0, 4])).tolist() == [1, 128, 255]
    assert Levels(-4.0, 4.0, True, 2.0).indices(np.array([-1.0, 1.0])).tolist() == [65, 192]
    assert Levels(3.0, 3.0).indices(np.array([3.0])).tolist() == [1]
    assert Levels(0.0, 0.0, True).indices(np.array([0.0, 7.0])).tolist() == [128, 128]
