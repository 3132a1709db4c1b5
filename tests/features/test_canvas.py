"""What can be learnt: spectra and pixels, their start, their blur, the total variation."""

import pytest
import torch

from explorer.features.canvas import FourierCanvas, PixelCanvas, blurred, derived, roughness_gradient

KINDS = pytest.mark.parametrize("kind", [FourierCanvas, PixelCanvas])


@KINDS
@pytest.mark.parametrize("size", [(32, 32), (31, 48)])
def test_the_start_is_faint_noise_around_grey_and_repeats(kind, size):
    one, other = kind(*size, [3]), kind(*size, [3])
    picture = one.rgb()
    assert picture.shape == (1, 3, *size)
    assert torch.equal(picture, other.rgb())
    assert not torch.equal(picture, kind(*size, [4]).rgb())
    assert 0.4 < picture.mean() < 0.6 and 0 < picture.std() < 0.15


@KINDS
def test_a_batch_is_its_pictures(kind):
    both = kind(24, 20, [3, 8]).rgb()
    assert torch.allclose(both[1:], kind(24, 20, [8]).rgb(), atol=1e-6) and not torch.allclose(both[0], both[1])


@KINDS
@pytest.mark.parametrize("decorrelate", [True, False])
def test_every_frequency_and_colour_can_be_learnt(kind, decorrelate):
    canvas = kind(16, 16, [0], decorrelate)
    target = torch.rand((1, 3, 16, 16), generator=torch.Generator().manual_seed(1)) * 0.8 + 0.1
    optimizer = torch.optim.Adam(canvas.parameters, lr=0.05)
    for _ in range(300):
        loss = (canvas.rgb() - target).square().mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    assert loss < 2e-3


def test_colours_start_independent_or_plain():
    plain, independent = (PixelCanvas(64, 64, [0], one).rgb()[0].flatten(1) for one in (False, True))
    assert torch.corrcoef(plain).fill_diagonal_(0).abs().max() < 0.1
    assert torch.corrcoef(independent)[0, 1] > 0.5  # red and green of photographs go together


def test_what_is_shared_moves_every_picture_alike():
    canvas = FourierCanvas(16, 16, [1, 2, 3], shared=True)
    pictures = canvas.rgb()
    assert torch.equal(pictures[0], pictures[2]) and len(canvas.parameters) == 2
    with torch.no_grad():
        canvas.parameters[1].add_(0.1)
    assert torch.equal(canvas.rgb()[0], canvas.rgb()[2])
    with torch.no_grad():
        canvas.parameters[0][1].add_(0.1)
    assert not torch.equal(canvas.rgb()[0], canvas.rgb()[1])


@KINDS
def test_blur_keeps_the_mean_and_takes_the_detail(kind):
    canvas = kind(32, 32, [0], False)
    before = torch.logit(canvas.rgb().detach())
    canvas.blur(1.5)
    after = torch.logit(canvas.rgb().detach())
    assert after.mean().item() == pytest.approx(before.mean().item(), abs=2e-3)

    def detail(x):
        return (x[..., 1:] - x[..., :-1]).std()

    assert detail(after) < 0.7 * detail(before)


def test_a_gaussian_by_hand():
    dot = torch.zeros(1, 1, 15, 15)
    dot[0, 0, 7, 7] = 1.0
    soft = blurred(dot, 1.0)
    assert float(soft.sum()) == pytest.approx(1.0, abs=1e-5)
    assert float(soft[0, 0, 7, 8] / soft[0, 0, 7, 7]) == pytest.approx(0.6065, abs=1e-3)  # exp(-1/2)


def test_derived_seeds_are_their_own_and_fit_a_request():
    from explorer.requests.dream import DreamRequest

    seeds = [derived(seed, number) for seed in range(5) for number in range(200)]
    assert len(set(seeds)) == 1000 and derived(3, 4) == derived(3, 4)
    assert all(DreamRequest(seed=seed).seed == seed for seed in seeds[:20])


def test_roughness_is_the_gradient_of_squared_total_variation():
    picture = torch.rand((1, 3, 6, 7), generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    down, across = picture[:, :, 1:] - picture[:, :, :-1], picture[:, :, :, 1:] - picture[:, :, :, :-1]
    torch.autograd.backward((down.square().sum() + across.square().sum()) / 2)
    assert torch.allclose(roughness_gradient(picture.detach()), picture.grad, atol=1e-6)
