"""The plane of inputs: linear pieces against the arrangement of lines worked out by hand, affine inside on a real network."""

import copy

import numpy as np
import pytest
import torch
from fixtures_networks import ODD, odd_table, spec
from torch import nn

from explorer.engine.engine import Engine
from explorer.engine.switches import Switches
from explorer.engine.taps import hook_count
from explorer.features.plane import Plane
from explorer.features.regions import Answers
from explorer.jobs import Cancelled, CancelToken, Failed, Preview, Result, Work, result_of, run
from explorer.picture.region_map import cell_size, class_colours, region_map
from explorer.records.frame import Frame
from explorer.requests.regions import RegionsRequest
from explorer.tables import Table


class ThreeLines(nn.Module):
    """Three units over a picture of 2 x 2: their zero lines cut every plane into at most seven convex pieces."""

    def __init__(self):
        super().__init__()
        self.flat, self.hidden, self.relu, self.out = nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)
        with torch.no_grad():
            self.hidden.weight.copy_(torch.tensor([[1.0, -1.0, 0, 0], [0, 1.0, 1.0, 0], [-1.0, 0, 0, 2.0]]))
            self.hidden.bias.copy_(torch.tensor([0.05, -0.9, -0.4]))
            self.out.weight.copy_(torch.tensor([[1.0, -1.0, 0.5], [-1.0, 0.5, 1.0]]))
            self.out.bias.zero_()

    def forward(self, x):
        return self.out(self.relu(self.hidden(self.flat(x))))


@pytest.fixture(scope="module")
def engine():
    table = Table("network")
    table.add("ThreeLines", spec(ThreeLines, name="ThreeLines", size=2, channels=1))
    for name in ODD:
        table.add(name, odd_table(name)[name])
    return Engine(1, table)


GREYS = Frame(np.repeat(np.array([[120, 130], [110, 90]], np.uint8)[..., None], 3, 2), source="four greys")


def by_hand(record, weights, biases):
    """The hidden units' values at every point of the plane, from the record's own picture and directions: (n, n, units)."""
    axis = record.levels(np.arange(record.size))
    flat = [part[..., 0].astype(np.float64).reshape(-1) / 255 for part in (record.base, record.one, record.two)]
    points = flat[0] + axis[None, :, None] * flat[1] + axis[:, None, None] * flat[2]
    return points @ weights.T + biases


@pytest.mark.parametrize("directions", ["random", "gradient"])
def test_pieces_are_the_cells_between_the_lines(engine, directions):
    request = RegionsRequest(model="ThreeLines", directions=directions, extent=100.0, size=65, seed=2)
    record = result_of(request, Work(engine, GREYS))
    module = engine.network(request).module
    hidden = by_hand(record, module.hidden.weight.double().numpy(), module.hidden.bias.double().numpy())
    clear = (np.abs(hidden) > 1e-4).all(2)  # not on a line
    signs = (hidden > 0) @ np.array([1, 2, 4])
    pairs = set(zip(signs[clear].tolist(), record.pattern[clear].tolist(), strict=True))
    assert len(pairs) == len({sign for sign, _ in pairs}) == len({number for _, number in pairs})
    assert 3 <= len(pairs) <= 7 and record.switches == 3 and record.seen >= len(pairs)
    logits = np.maximum(hidden, 0) @ module.out.weight.double().numpy().T
    sure = np.abs(logits[..., 0] - logits[..., 1]) > 1e-4
    assert (record.answer == logits.argmax(2))[sure].all() and record.pattern[32, 32] == 0


def test_the_reach_is_the_distance_to_the_nearest_line(engine):
    request = RegionsRequest(model="ThreeLines", directions="random", extent=100.0, size=9, seed=2)
    record = result_of(request, Work(engine, GREYS))
    module = engine.network(request).module
    weights, biases = module.hidden.weight.double().numpy(), module.hidden.bias.double().numpy()
    flat = [part[..., 0].astype(np.float64).reshape(-1) / 255 for part in (record.base, record.one, record.two)]
    here = weights @ flat[0] + biases
    expected = []
    for way in (-flat[1], flat[1], -flat[2], flat[2]):
        with np.errstate(divide="ignore"):
            crossings = -here / (weights @ way)
        expected.append(min([100.0, *crossings[crossings > 0]]))
    assert not record.on_edge and record.reach == pytest.approx(expected, rel=0.02)
    assert all(reach <= want + 1e-9 for reach, want in zip(record.reach, expected, strict=True))


def test_directions_are_one_level_long_and_at_right_angles(engine):
    for directions in ("gradient", "random", "classes"):
        record = result_of(RegionsRequest(model="ThreeLines", directions=directions, size=5), Work(engine, GREYS))
        one, two = record.one[..., 0].astype(float), record.two[..., 0].astype(float)
        assert np.sqrt((one**2).mean()) == pytest.approx(1, abs=1e-5) and np.sqrt((two**2).mean()) == pytest.approx(1, abs=1e-5)
        assert (one * two).mean() == pytest.approx(0, abs=1e-5)
        assert np.array_equal(record.point(0, 0), GREYS.rgb)


def test_the_gradient_leads_to_the_other_class(engine):
    request = RegionsRequest(model="ThreeLines", directions="gradient", extent=100.0, size=17)
    record = result_of(request, Work(engine, GREYS))
    other = 1 - record.own_answer
    assert record.names[0].endswith(str(other)) and (record.answer[8, 9:] == other).any()
    near = record.nearest
    assert near.index == other and near.distance == pytest.approx(np.hypot(near.right, near.down))
    plane = Plane(engine.network(request), engine.network(request).prepare(GREYS).nchw, request)
    answers = Answers(engine.network(request), plane, "", True, None)
    beside = [(near.right * share, near.down * share) for share in (0.97, 1.0)]
    assert answers.at(beside)[0].tolist() == [record.own_answer, other]


def test_coarse_maps_come_first_and_cover_everything(engine, monkeypatch):
    from explorer.features import regions

    monkeypatch.setattr(regions, "PREVIEW_S", 0.0)
    events = list(run(RegionsRequest(model="ThreeLines", size=33, extent=100.0), Work(engine, GREYS)))
    previews = [event.record for event in events if isinstance(event, Preview)]
    last = events[-1].record
    assert isinstance(events[-1], Result) and [one.step for one in previews] == sorted(
        (one.step for one in previews), reverse=True
    )
    assert previews[0].step == 16 and last.step == 1
    assert all((one.answer >= 0).all() for one in previews)
    assert previews[0].answer[16, 16] == last.answer[16, 16]


def test_inside_a_piece_squeezenet_is_affine_and_outside_it_is_not(chelsea):
    engine, request = Engine(1), RegionsRequest()
    network = engine.network(request)
    plane = Plane(network, network.prepare(chelsea).nchw, request)
    answers = Answers(network, plane, "", True, None)
    steps = [4.0**-power for power in range(13, 3, -1)]  # 1.5e-8 .. 4e-3 levels
    patterns = answers.at([(side * step, 0.0) for step in [0.0, *steps] for side in (-1, 1)])[2].reshape(-1, 2)
    same = (patterns == patterns[0]).all(1)
    assert answers.switches.count > 2_000_000 and same[1] and not same[-1]
    inside = steps[int(np.flatnonzero(~same)[0]) - 2]  # the last of both sides in the picture's own piece
    module = copy.deepcopy(network.module).double()

    def bend(step):
        """Of three points in a row: how far the middle is from the mean of its neighbours, against their distance."""
        with torch.no_grad():
            low, middle, high = module(plane.points([(-step, 0.0), (0.0, 0.0), (step, 0.0)], exact=True))
        return float((low + high - 2 * middle).abs().max() / (high - low).abs().max())

    assert bend(inside) < 1e-6 and bend(steps[-1]) > 1000 * bend(inside)


def test_one_layers_units_alone(engine, chelsea):
    request = RegionsRequest(model="Branches", layer="stem", size=9, extent=20.0)
    record = result_of(request, Work(engine, chelsea))
    assert record.switches == 4 * 8 * 8 and record.layer == "stem"
    everything = result_of(RegionsRequest(model="Branches", size=9, extent=20.0), Work(engine, chelsea))
    assert everything.switches == 2 * 4 * 8 * 8 + 4 * 4 * 4 and everything.seen >= record.seen
    assert all(one <= other + 1e-9 for one, other in zip(everything.reach, record.reach, strict=True))


@pytest.mark.parametrize("name", [name for name in ODD if name not in ("Deep", "LongConvolutions")])
def test_odd_networks_get_a_map_or_a_reason(engine, chelsea, name):
    events = list(run(RegionsRequest(model=name, size=5, extent=30.0), Work(engine, chelsea)))
    if name == "Broken":
        assert isinstance(events[-1], Failed) and events[-1].trouble.code == "network.cannot-run"
        return
    record = events[-1].record
    said = " ".join(record.notes)
    assert (record.own_answer < 0) == ("no class scores" in said)
    assert (record.switches == 0) == ("bends" in said or "one linear piece" in said)
    assert region_map(record, cell_size(record)).shape == (cell_size(record) * 5,) * 2 + (3,)
    assert hook_count(engine.network(RegionsRequest(model=name)).module) == 0


def test_what_bends_is_named(engine, chelsea):
    found = {
        name: result_of(RegionsRequest(model=name, size=5), Work(engine, chelsea)).notes[-1]
        for name in ("OneChannel", "Attention")
    }
    assert "tanh" in found["OneChannel"] and "layer_norm" in found["Attention"]


def test_winners_of_a_maximum_are_switches_too():
    module, x = (
        nn.MaxPool2d(2),
        torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]], [[[4.0, 2.0], [3.0, 1.0]]], [[[0.0, 2.0], [3.0, 9.0]]]]),
    )
    switches = Switches(module)
    with switches.listening(3), torch.no_grad():
        module(x)
    first, second, third = switches.take()
    assert first == third != second and switches.count == 1


def test_the_map_is_drawn_in_the_colours_of_its_legend(engine):
    record = result_of(RegionsRequest(model="ThreeLines", directions="gradient", extent=100.0, size=17), Work(engine, GREYS))
    sheet = region_map(record, 9)
    colours = class_colours(record)
    assert next(iter(colours)) == record.own_answer and len(colours) == 2
    shown = sheet[4::9, 4::9].astype(int)
    for index, colour in colours.items():
        place = np.argwhere((record.answer == index) & (record.score > 0.8))
        for row, column in place:
            assert np.abs(shown[row, column] - np.array(colour)).max() < 90
    border = np.argwhere(np.diff(record.answer, axis=1) != 0)[0]
    assert sheet[border[0] * 9 + 4, (border[1] + 1) * 9].max() < 60


def test_without_a_picture_and_stopped(engine):
    events = list(run(RegionsRequest(model="ThreeLines"), Work(engine)))
    assert isinstance(events[-1], Failed) and events[-1].trouble.code == "picture.missing"
    token = CancelToken()
    network = engine.network(RegionsRequest(model="ThreeLines"))
    plane = Plane(network, network.prepare(GREYS).nchw, RegionsRequest(model="ThreeLines"))
    token.cancel()
    with pytest.raises(Cancelled):
        Answers(network, plane, "", False, token).at([(0.0, 0.0)])
    assert hook_count(network.module) == 0
