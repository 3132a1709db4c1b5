"""Dreams under bad conditions: memory that runs out forwards and backwards, networks nobody would publish."""

from dataclasses import replace

import pytest
import torch
from fixtures_networks import ODD, odd_table
from torch import nn

import explorer.features.fused as fused
from explorer.engine.engine import Engine
from explorer.engine.taps import hook_count
from explorer.features.ascent import Aim
from explorer.features.maximise import maximise
from explorer.features.shortage import no_memory
from explorer.jobs import Failed, Preview, Result, Work, run
from explorer.records.errors import ExplorerError
from explorer.requests.dream import ChannelsRequest, DreamRequest
from explorer.requests.network import LoadRequest

QUICK = {"layer": "relu2", "channel": 3, "steps": 12, "size": 96, "octaves": 1}
WORDS = (
    torch.OutOfMemoryError("CUDA out of memory"),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
)


def breaking(monkeypatch, way, after, error):
    """The fused convolutions fail `way` ("ahead" or "back") from the call number `after` on."""
    calls = []
    real = getattr(fused.FusedConv, way)

    def fail(self, *arguments):
        calls.append(1)
        if len(calls) > after:
            raise error
        return real(self, *arguments)

    monkeypatch.setattr(fused.FusedConv, way, fail)


@pytest.mark.parametrize("start", ["noise", "picture"])
@pytest.mark.parametrize("way", ["ahead", "back"])
@pytest.mark.parametrize("error", WORDS, ids=["cuda", "cpu"])
def test_memory_that_runs_out_at_once_offers_a_smaller_size(small, coffee, monkeypatch, way, start, error):
    breaking(monkeypatch, way, 0, error)
    monkeypatch.setattr("explorer.features.shortcut._same", lambda *_: True)  # the copy is taken without a try
    events = list(run(DreamRequest(**QUICK, start=start), Work(engine=small, frame=coffee)))
    last = events[-1]
    assert isinstance(last, Failed) and last.trouble.code == "memory.dream" and last.trouble.exit_code == 5
    assert "48 px" in last.trouble.english() and ("tiles of 64 px" in last.trouble.english()) == (start == "picture")
    assert any(isinstance(event, Preview) for event in events)  # the start stays to be looked at
    assert hook_count(small.toy.module) == 0


@pytest.mark.parametrize("start", ["noise", "picture"])
@pytest.mark.parametrize("way", ["ahead", "back"])
def test_memory_that_runs_out_later_keeps_the_picture(small, coffee, monkeypatch, way, start):
    breaking(monkeypatch, way, 19, WORDS[1])
    events = list(run(DreamRequest(**QUICK, start=start), Work(engine=small, frame=coffee)))
    assert isinstance(events[-1], Result)
    facts = events[-1].record.facts
    assert "Memory ran out" in facts["stopped"] and facts["after"] != facts["before"]


def test_other_errors_are_not_called_a_lack_of_memory(small, monkeypatch):
    def fail(*_):
        raise RuntimeError("something else")

    monkeypatch.setattr(Aim, "_pass", fail)
    last = list(run(DreamRequest(**QUICK), Work(engine=small)))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "unforeseen"


def test_a_short_way_that_breaks_is_left_for_the_plain_one(small, monkeypatch):
    breaking(monkeypatch, "back", 9, RuntimeError("something else"))
    last = list(run(DreamRequest(**QUICK), Work(engine=small)))[-1]
    assert isinstance(last, Result) and last.record.facts["stopped"] == ""


def test_what_is_offered_is_smaller_than_what_was_asked():
    for request in (DreamRequest(size=2048, start="picture"), DreamRequest(size=2048, start="picture", tile=512)):
        values = no_memory(request, torch.device("cpu")).trouble.values
        assert values["smaller"] < request.size and values["tile"] < (request.tile or request.size)
    assert "fewer pictures" in no_memory(DreamRequest(batch=4), torch.device("cpu")).trouble.english()


@pytest.mark.parametrize("known", [True, False])
def test_sizes_that_do_not_suit_the_network_are_brought_to_ones_that_do(toys, coffee, known):
    class Meeting(nn.Module):
        """Two ways whose sizes agree for even pictures alone."""

        def __init__(self):
            super().__init__()
            self.down, self.flat, self.end = nn.Conv2d(3, 4, 2, stride=2), nn.Conv2d(3, 4, 1), nn.Conv2d(8, 2, 1)

        def forward(self, x):
            return self.end(torch.cat([nn.functional.interpolate(self.down(x), scale_factor=2), self.flat(x)], 1))

    engine = toys(Meeting().eval(), size=32)
    if known:
        engine.toy.spec = replace(engine.toy.spec, multiple_of=2)
    for fields in ({"pad": 3, "size": 40}, {"start": "picture", "octaves": 3, "size": 122}):
        request = DreamRequest(layer="end", channel=0, steps=3, **fields)
        last = list(run(request, Work(engine=engine, frame=coffee)))[-1]
        assert isinstance(last, Result) and last.record.facts["after"] > last.record.facts["before"]


@pytest.fixture(scope="module")
def engine():
    return Engine(1, odd_table())


def ends_in_words(request, engine, frame):
    """Result, or the reason, which a person can read."""
    last = list(run(request, Work(engine, frame)))[-1]
    if isinstance(last, Failed):
        assert last.trouble.code != "unforeseen", last.trouble.english()
        assert len(last.trouble.english()) > 20 and "{" not in last.trouble.english()
    else:
        assert isinstance(last, Result)
    return last


@pytest.mark.parametrize("name", [name for name in ODD if name not in ("Deep", "LongConvolutions")])
@pytest.mark.parametrize("fields", [{}, {"start": "picture", "tile": 64}, {"objective": "class", "channel": 0}], ids=str)
def test_every_odd_network_dreams_or_says_why_not(name, fields, engine, coffee):
    last = ends_in_words(DreamRequest(model=name, size=32, steps=2, octaves=1, **fields), engine, coffee)
    if name == "NanWeights" and not fields:
        assert last.trouble.code == "dream.not-finite"
    if name in ("TupleOut", "Branches", "Attention") and "objective" not in fields:
        assert isinstance(last, Result)
    if name != "Broken":
        assert hook_count(engine.network(LoadRequest(model=name)).module) == 0


@pytest.mark.parametrize("name", [name for name in ODD if name not in ("Broken", "Deep", "LongConvolutions")])
def test_every_layer_of_theirs_can_be_asked(name, engine, coffee):
    for layer in engine.network(LoadRequest(model=name)).info.layers:
        ends_in_words(DreamRequest(model=name, layer=layer.name, channel=0, size=32, steps=1), engine, coffee)
        ends_in_words(ChannelsRequest(model=name, layer=layer.name), engine, coffee)


@pytest.mark.parametrize("name", ["Deep", "LongConvolutions"])
def test_two_thousand_layers(name, engine, coffee):
    ends_in_words(DreamRequest(model=name, size=32, steps=1), engine, coffee)


def test_a_gallery_of_a_dead_layer_says_so(engine):
    network = engine.network(LoadRequest(model="AllDead"))
    layer = network.info.layers[-1].name
    try:
        last = list(maximise(network, layer, [0], size=32, steps=2))[-1]
    except ExplorerError as error:
        assert error.trouble.code in ("layer.no-numbers", "layer.channel")
    else:
        assert last.done == last.total
