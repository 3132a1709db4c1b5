"""The map of a network: counted by hand on toys, against published figures on known networks, against probing for the field."""

import numpy as np
import pytest
import torch
from fixtures_networks import Branches, LongConvolutions, odd_table
from torch import nn

from explorer.engine.engine import Engine
from explorer.engine.follow import follow
from explorer.engine.taps import hook_count
from explorer.jobs import Cancelled, CancelToken, Preview, Result, Work, result_of, run
from explorer.requests.network_map import NetworkMapRequest
from explorer.zoo.registry import build_seeded, networks


def ask(model, engine=None, **fields):
    engine = engine or Engine(1, odd_table(model))
    return result_of(NetworkMapRequest(model=model, **{"passes": 0, **fields}), Work(engine))


def graph_of(name):
    spec = networks()[name]
    return follow(build_seeded(spec), torch.zeros(1, spec.channels, spec.input_size, spec.input_size))


def test_a_skip_and_a_concatenation_counted_by_hand():
    found = ask("Branches")
    rows = {row.name: row for row in found.rows}
    assert {name: row.macs for name, row in rows.items() if row.macs} == {
        "stem": 4 * 8 * 8 * 3 * 9,
        "conv": 4 * 8 * 8 * 4 * 9,
        "narrow": 2 * 8 * 8 * 4 * 9,
        "wide": 2 * 8 * 8 * 4 * 25,
        "head": 5 * 4,
    }
    assert found.macs == sum(row.macs for row in found.rows)
    assert rows["wide"].weights == 2 * 4 * 25 + 2 and found.weights == sum(row.own for row in found.rows)
    fields = {name: (row.field[0], row.jump and row.jump[0]) for name, row in rows.items()}
    assert fields["stem"] == fields["stem_relu"] == (3, 1)
    assert fields["conv"] == fields["relu"] == (5, 1)
    assert (fields["narrow"], fields["wide"], fields["pool"]) == ((7, 1), (9, 1), (10, 2))
    assert rows["mean"].whole and rows["head"].whole
    names = [node.module or node.op for node in found.nodes]
    edges = {(names[a], names[b]) for a, b in found.edges}
    assert {("stem_relu", "conv"), ("conv", "add"), ("stem_relu", "add"), ("add", "relu")} <= edges
    assert {("relu", "narrow"), ("relu", "wide"), ("narrow", "cat"), ("wide", "cat"), ("cat", "pool")} <= edges
    assert len(edges) == 13 and [names[at] for at in found.answers] == ["head"]


@pytest.mark.parametrize(
    ("name", "gmacs", "layer", "size", "jump"),
    [  # multiply-adds: torchvision's documentation; fields: Araujo et al. 2019 for AlexNet, the recursion by hand for the rest
        ("resnet18", 1.814, "layer4", 435, 32),
        ("resnet50", 4.089, "layer4", 427, 32),
        ("alexnet", 0.714, "features", 195, 32),
    ],
)
def test_published_figures(name, gmacs, layer, size, jump):
    graph = graph_of(name)
    assert round(graph.seen[""].macs / 1e9, 3) == gmacs
    field = graph.seen[layer].field
    assert (field.down.size, field.across.size, field.down.jump, field.bound) == (size, size, jump, False)
    assert graph.seen["fc" if layer == "layer4" else "classifier"].field.whole


def reached(module, layer, x):
    """Rows of the picture that the middle value of a layer depends on: all weights positive, so that nothing cancels."""
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, (nn.Conv2d, nn.Linear)):
                part.weight.abs_().add_(1e-3)
    x = x.clone().requires_grad_()
    got = []
    handle = module.get_submodule(layer).register_forward_hook(lambda _m, _i, out: got.append(out))
    module(x)
    handle.remove()
    map_ = got[0]
    map_[0, :, map_.shape[2] // 2, map_.shape[3] // 2].sum().backward()
    rows = np.flatnonzero(x.grad[0].abs().sum((0, 2)).numpy())
    return int(rows[-1] - rows[0] + 1)


def with_means(module):
    """The network with means for its maxima and no ceilings, so that every value it can see makes a difference."""
    for name, part in list(module.named_children()):
        if isinstance(part, nn.MaxPool2d):
            setattr(module, name, nn.AvgPool2d(part.kernel_size, part.stride, part.padding, ceil_mode=part.ceil_mode))
        elif isinstance(part, nn.ReLU6):
            setattr(module, name, nn.Identity())
        else:
            with_means(part)
    return module


@pytest.mark.parametrize(
    ("name", "layer", "side"),
    [
        ("resnet18", "layer2", 224),
        ("squeezenet1_1", "features.7", 224),
        ("alexnet", "features.8", 224),
        ("lenet5", "c3", 32),
        ("efficientnet_lite0", "blocks.2", 160),
    ],
)
def test_the_formula_agrees_with_probing(name, layer, side):
    spec = networks()[name]
    module = with_means(build_seeded(spec))
    x = torch.ones(1, spec.channels, side, side)
    found = follow(module, x).seen[layer].field
    assert not found.bound and found.down.size == reached(module, layer, x) < side


def test_enlarging_gives_an_upper_bound():
    class Up(nn.Module):
        def __init__(self):
            super().__init__()
            self.down, self.end = nn.Conv2d(1, 1, 3, 2, 1), nn.Conv2d(1, 1, 3, 1, 1)
            self.up = nn.Upsample(scale_factor=2, mode="bilinear")

        def forward(self, x):
            return self.end(self.up(self.down(x)) + x)

    module, x = Up().eval(), torch.ones(1, 1, 32, 32)
    found = follow(module, x).seen["end"].field
    assert found.bound and reached(module, "end", x) <= found.down.size <= reached(module, "end", x) + 4


def test_resnets_blocks_have_their_skips():
    graph = graph_of("resnet18")
    names = [node.module or f"{node.op} in {node.inside}" for node in graph.nodes]
    edges = {(names[a], names[b]) for a, b in graph.edges}
    sums = [name for name in names if name.startswith("add in")]
    assert len(sums) == 8
    assert {("maxpool", "add in layer1.0"), ("layer1.0.bn2", "add in layer1.0"), ("add in layer1.0", "layer1.0.relu")} <= edges
    assert {("layer2.0.downsample.1", "add in layer2.0"), ("layer2.0.bn2", "add in layer2.0")} <= edges


def test_times_come_after_the_map_and_add_up():
    engine = Engine(1, odd_table("LongConvolutions", "Branches"))
    events = list(run(NetworkMapRequest(model="Branches", passes=3), Work(engine)))
    first, last = next(e.record for e in events if isinstance(e, Preview)), events[-1].record
    assert isinstance(events[-1], Result) and first.total_ms == 0 and last.passes == 3
    assert all(row.milliseconds is None for row in first.rows) and [row.name for row in first.rows] == [
        row.name for row in last.rows
    ]
    shares = [last.share(row) for row in last.rows]
    assert all(share > 0 for share in shares) and 0.2 < sum(shares) <= 1.2  # medians of single layers need not add up exactly
    assert (last.runs_on.runtime, last.runs_on.precision, last.runs_on.threads) == ("torch", "float32", 1)
    assert hook_count(engine.network(NetworkMapRequest(model="Branches")).module) == 0


def test_two_thousand_layers():
    found = ask("LongConvolutions")
    assert len(found.rows) == 2002 + 37 and len(found.edges) == 2002
    assert found.rows[1].name == "1" and not found.rows[1].leaf and found.rows[1].macs == 18 * 4 * 4 * 9 * 64
    assert next(row for row in found.rows if row.name == "3.53").field == (2 * (1 + 18 * 3) + 1,) * 2


def test_stop_leaves_no_hook():
    engine = Engine(1, odd_table("LongConvolutions"))
    network = engine.network(NetworkMapRequest(model="LongConvolutions"))
    token = CancelToken()
    network.module[20].register_forward_hook(lambda *_: token.cancel())
    with pytest.raises(Cancelled):
        follow(network.module, network.blank(), token)
    assert hook_count(network.module) == 1


def test_what_cannot_be_followed_is_listed_all_the_same(monkeypatch):
    from explorer.engine import network_map

    def deaf(*_):
        raise RuntimeError("no listening here\nat all")

    monkeypatch.setattr(network_map, "follow", deaf)
    found = ask("Branches")
    assert [row.name for row in found.rows if row.runs] == [name for name, _ in Branches().named_children()]
    assert found.edges == () and any("no listening here" in note for note in found.notes)


def test_broken_weights_are_counted():
    found = ask("NanWeights")
    assert {row.name: row.broken for row in found.rows} == {"conv": 2, "relu": 0, "head": 0}
    assert any("2 weights" in note for note in found.notes)


def test_long_convolutions_are_two_thousand():
    assert len([m for m in LongConvolutions().modules() if not list(m.children())]) > 2000


def test_freed_maps_stay_with_the_process():
    """Where the C library can be told so; elsewhere nothing is done and nothing is said."""
    import sys

    from explorer.engine.memory import give_back_pages, keep_pages

    assert keep_pages() == (sys.platform == "linux")
    give_back_pages()
