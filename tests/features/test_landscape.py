"""The loss over a plane of weights, on a small trained network and one made by hand."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from explorer import jobs
from explorer.engine.engine import Engine
from explorer.features.weight_plane import WeightPlane, direction, inner, length, views
from explorer.jobs import CancelledJob, CancelToken, Preview, Progress, Result, Work
from explorer.records.errors import ExplorerError
from explorer.requests.landscape import DescentRequest, LandscapeRequest

SMALL = {"model": "lenet5", "size": 9, "views": 2}


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=1)


def asked(engine, frame, **fields):
    return jobs.result_of(LandscapeRequest(**{**SMALL, **fields}), Work(engine, frame))


def walked(engine, frame, **fields):
    return jobs.result_of(DescentRequest(**{**SMALL, "steps": 8, **fields}), Work(engine, frame))


def test_every_filter_of_a_direction_is_as_long_as_the_networks():
    weights = [torch.randn(4, 3, 5, 5), torch.randn(7, 20), torch.zeros(2, 2)]
    made = direction(weights, "filter", torch.Generator().manual_seed(1))
    for one, two in zip(made, weights, strict=True):
        axes = tuple(range(1, two.dim()))
        torch.testing.assert_close(one.square().sum(axes), two.square().sum(axes), rtol=1e-5, atol=1e-6)
    plain = direction(weights[:2], "random", torch.Generator().manual_seed(1))
    assert length(plain) == pytest.approx(length(weights[:2]), rel=1e-6)
    assert inner(weights, weights) == pytest.approx(length(weights) ** 2)


def test_a_place_of_the_plane_is_the_loss_with_those_weights(engine, coffee):
    record = asked(engine, coffee)
    request = LandscapeRequest(**SMALL)
    network = engine.network(request)
    plane = WeightPlane(network, coffee, request)
    module = copy.deepcopy(network.module)
    x, y = float(record.surface.x[7]), float(record.surface.y[2])
    moved = [one for one in module.parameters() if one.dim() >= 2]
    with torch.no_grad():
        for one, first, second in zip(moved, *plane.directions, strict=True):
            one += x * first + y * second
        target = network.forward(network.prepare(coffee).nchw)[0].argmax()
        answers = module(views(network.prepare(coffee).nchw, 2, torch.Generator().manual_seed(request.seed)))
        expected = functional.cross_entropy(answers, target.repeat(2))
    assert record.surface.z[2, 7] == pytest.approx(float(expected), rel=1e-4)
    assert record.origin == record.surface.z[4, 4]
    assert record.weights == sum(one.numel() for one in moved)


def test_the_network_itself_is_never_moved(engine, coffee):
    network = engine.network(LandscapeRequest(**SMALL))
    before = [one.clone() for one in network.module.parameters()]
    asked(engine, coffee, seed=5)
    walked(engine, coffee, seed=5)
    assert all(torch.equal(one, two) for one, two in zip(before, network.module.parameters(), strict=True))
    assert not any(one.requires_grad for one in network.module.parameters())


def test_coarse_first_and_nothing_twice(engine, coffee, monkeypatch):
    calls = []
    honest = WeightPlane.loss_at
    monkeypatch.setattr(WeightPlane, "loss_at", lambda self, x, y: calls.append((x, y)) or honest(self, x, y))
    monkeypatch.setattr("explorer.features.landscape.PREVIEW_S", 0.0)
    request = LandscapeRequest(**{**SMALL, "size": 17, "seed": 9})
    steps = list(jobs.run(request, Work(engine, coffee)))
    previews = [one.record for one in steps if isinstance(one, Preview)]
    assert [len(one.surface.x) for one in previews] == [3, 5, 9] and [one.step for one in previews] == [8, 4, 2]
    assert len(calls) == len(set(calls)) == 17 * 17
    progress = [one for one in steps if isinstance(one, Progress) and one.total == 17 * 17]
    assert [one.done for one in progress] == list(range(1, 17 * 17 + 1))
    assert isinstance(steps[-1], Result)
    calls.clear()
    finer = asked(engine, coffee, size=9, seed=9)
    assert not calls, "all places of the coarser grid are known already"
    np.testing.assert_array_equal(finer.surface.z, steps[-1].record.surface.z[::2, ::2])


def test_the_same_seed_gives_the_same_plane_on_a_fresh_engine(engine, coffee):
    other = asked(Engine(threads=1), coffee, seed=3)
    np.testing.assert_array_equal(asked(engine, coffee, seed=3).surface.z, other.surface.z)
    assert not np.array_equal(asked(engine, coffee, seed=4).surface.z, other.surface.z)


def test_a_path_in_all_weights_against_torch_itself(engine, coffee):
    """The loss where the path is, its nearest point of the plane and the distance, worked out anew in float64."""
    request = DescentRequest(**SMALL, method="SGD(lr=0.05, momentum=0.9)", steps=6, start=(-0.6, 0.4))
    record = jobs.result_of(request, Work(engine, coffee))
    network = engine.network(request)
    plane = WeightPlane(network, coffee, request)
    module = copy.deepcopy(network.module)
    moved = [one for one in module.parameters() if one.dim() >= 2]
    with torch.no_grad():
        for one, first, second in zip(moved, *plane.directions, strict=True):
            one += -0.6 * request.extent * first + 0.4 * request.extent * second
    module.requires_grad_(True)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    home = torch.cat([one.detach().double().flatten() for one in network.module.parameters()])
    sides = []
    for one in plane.directions:
        parts = iter(one)
        whole = [next(parts) if weight.dim() >= 2 else torch.zeros_like(weight) for weight in network.module.parameters()]
        sides.append(torch.cat([part.double().flatten() for part in whole]))
    basis = torch.stack(sides, 1)
    for k in range(7):
        output = module(plane.inputs)
        loss = functional.cross_entropy(output, torch.full((2,), plane.target))
        assert record.run.values[k] == pytest.approx(float(loss.detach()), rel=1e-3)
        away = torch.cat([one.detach().double().flatten() for one in module.parameters()]) - home
        point = torch.linalg.lstsq(basis, away[:, None]).solution[:, 0]
        np.testing.assert_allclose(record.run.points[k], point.numpy(), atol=1e-5)
        off = float((away - basis @ point).norm()) / plane.lengths[2]
        assert record.distance[k] == pytest.approx(off, abs=1e-5)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert record.distance[0] < 1e-6 < record.distance[-1]
    assert record.shadow[0] == pytest.approx(record.run.values[0], rel=1e-4)
    assert list(record.run.evaluations) == list(range(7))


def test_without_a_start_it_begins_at_the_highest_of_four_places(engine, coffee):
    record = walked(engine, coffee, steps=1)
    plane = WeightPlane(engine.network(LandscapeRequest(**SMALL)), coffee, LandscapeRequest(**SMALL))
    corners = {(x, y): plane.loss_at(x, y) for x in (-0.3, 0.3) for y in (-0.3, 0.3)}
    highest = max(corners, key=corners.get)
    np.testing.assert_allclose(record.run.points[0], highest, atol=1e-6)


def test_a_path_that_breaks_off_says_so(engine, coffee):
    record = walked(engine, coffee, method="SGD(lr=1e38)", steps=20)
    assert record.run.status == "not finite"
    assert np.isfinite(record.run.values).all() and len(record.run.values) == len(record.shadow) == len(record.run.points) < 21


@pytest.mark.parametrize(("fields", "said"), [({"method": "Nothing"}, "no class Nothing"), ({"target": 5000}, "no class 5000")])
def test_what_cannot_be_done_is_said(engine, coffee, fields, said):
    with pytest.raises(ExplorerError, match=said):
        walked(engine, coffee, **fields)


def test_without_a_picture(engine):
    with pytest.raises(ExplorerError, match="no picture"):
        asked(engine, None)


def test_a_network_without_class_scores_is_measured_by_its_own_answer(coffee):
    module = nn.Sequential(nn.Conv2d(3, 2, 3, padding=1)).requires_grad_(False)
    network = SimpleNamespace(
        module=module, device=torch.device("cpu"), spec=SimpleNamespace(task="segment"),
        info=SimpleNamespace(classes=()), prepare=lambda frame: SimpleNamespace(nchw=torch.rand(1, 3, 8, 8)),
    )  # fmt: skip
    plane = WeightPlane(network, coffee, LandscapeRequest(views=1))
    assert plane.loss_at(0.0, 0.0) == 0.0
    with torch.no_grad():
        shift = functional.conv2d(plane.inputs, plane.directions[0][0], padding=1) * 0.2
    assert plane.loss_at(0.2, 0.0) == pytest.approx(float(shift.square().mean()), rel=1e-4)


def test_stop_is_heard_between_two_places(engine, coffee):
    token, done = CancelToken(), 0
    for event in jobs.run(LandscapeRequest(**{**SMALL, "seed": 77}), Work(engine, coffee, token)):
        if isinstance(event, Progress) and event.total == 81:
            done = event.done
            if done == 2:
                token.cancel()
    assert done == 2 and isinstance(event, CancelledJob)
