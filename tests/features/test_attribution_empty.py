"""Heats that cannot be: each with the reason that is true. And pictures and networks of every kind."""

import numpy as np
import pytest
import torch
from fixtures_networks import ODD, odd_table
from torch import nn

from explorer.engine.engine import Engine
from explorer.engine.taps import hook_count
from explorer.features.attribution_methods import methods
from explorer.jobs import Failed, Preview, Result, Work, result_of, run
from explorer.records.frame import Frame
from explorer.requests.attribution import AttributeRequest, RandomiseRequest, TrustRequest

GREY = Frame(np.full((16, 16, 3), 90, np.uint8), seq=1, source="grey")


def heat(engine, method, frame=GREY, **fields):
    return result_of(AttributeRequest(methods=(method,), **fields), Work(engine=engine, frame=frame)).items[0]


class Gate(nn.Module):
    """A mean behind a rectifier that `bias` opens or shuts, times `sign`."""

    def __init__(self, bias=0.0, sign=1.0, end=None):
        super().__init__()
        self.conv, self.relu, self.sign, self.end = nn.Conv2d(3, 2, 3), nn.ReLU(), sign, end
        nn.init.constant_(self.conv.weight, 0.1)
        nn.init.constant_(self.conv.bias, bias)

    def forward(self, x):
        out = self.sign * self.relu(self.conv(x)).mean((2, 3))
        return out if self.end is None else self.end(out)


class Constant(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    def forward(self, x):
        with torch.no_grad():
            return self.conv(x).mean((2, 3))


class Step(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    def forward(self, x):
        return torch.floor(self.conv(x)).mean((2, 3))


def saturated(out):
    return torch.softmax(out * 1e6 + torch.tensor([0.0, 1e6]), 1)


@pytest.mark.parametrize(
    ("make", "method", "words"),
    [
        (lambda: Gate(bias=-50.0), "saliency", "rectifier"),
        (lambda: Gate(bias=-50.0), "gradcam", "rectifier"),
        (lambda: Gate(bias=-50.0), "occlusion", "does not change"),
        (lambda: Gate(sign=-1.0), "gradcam", "speaks against"),
        (lambda: Gate(end=saturated), "saliency", "saturated"),
        (Constant, "saliency", "no way leads back"),
        (Constant, "gradcam", "no way leads back"),
        (Constant, "integrated_gradients", "no way leads back"),
        (Step, "saliency", "exactly zero"),
        (Step, "guided_backprop", "no rectifier"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(768, 3)), "layercam", "no layer that gives maps"),
    ],
)
def test_the_reason_is_the_true_one(toys, make, method, words):
    item = heat(toys(make()), method)
    assert item.empty is not None and words in item.empty.english(), item.empty
    assert not item.heat.any() and "{" not in item.empty.text()


def test_a_picture_that_is_its_own_baseline_or_zero(toys):
    black = Frame(np.zeros((16, 16, 3), np.uint8))
    assert "baseline" in heat(toys(Gate(bias=1.0)), "integrated_gradients", black).empty.english()
    assert "all zero" in heat(toys(Gate(bias=1.0)), "input_x_gradient", black).empty.english()


def test_noise_that_silences_everything(toys):
    class Narrow(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 1, 16)
            nn.init.constant_(self.conv.weight, 0.0)

        def forward(self, x):  # open only where the picture is flat
            rough = (x[..., 1:] - x[..., :-1]).abs().mean((1, 2, 3))
            return torch.relu(1e-3 - rough)[:, None] * x.mean((1, 2, 3))[:, None]

    frame = Frame(np.tile(np.linspace(90, 91, 16).astype(np.uint8)[None, :, None], (16, 1, 3)))
    item = heat(toys(Narrow()), "smoothgrad", frame, noise=1.0, samples=2)
    assert item.empty is not None and item.heat.shape == (16, 16)


@pytest.mark.parametrize("method", ["saliency", "gradcam", "integrated_gradients", "occlusion", "guided_backprop", "scorecam"])
def test_nan_weights_are_told(toys, method):
    net = Gate()
    with torch.no_grad():
        net.conv.weight[0, 0, 0, 0] = float("nan")
    item = heat(toys(net), method, class_index=0)
    assert "not a number" in item.empty.english() and np.isfinite(item.heat).all()


def test_nan_on_the_way_back_only_is_told(toys):
    class Root(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 2, 1, bias=False)

        def forward(self, x):
            return torch.sqrt(self.conv(x) * 0).mean((2, 3))  # 0 forwards, 0 times infinity backwards

    item = heat(toys(Root()), "saliency")
    assert "way back" in item.empty.english()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (700, 2), (40, 60)])
@pytest.mark.parametrize("rule", ["centre-crop", "letterbox", "stretch"])
def test_pictures_of_every_shape(toys, shape, rule):
    rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    found = result_of(
        AttributeRequest(methods=("gradcam", "saliency", "occlusion")), Work(engine=toys(Gate(), rule=rule), frame=Frame(rgb))
    )
    for item in found.items:
        assert item.heat.shape == shape and item.frame_hw == shape and np.isfinite(item.heat).all()


def test_a_heat_of_8k_is_reduced_evenly(toys):
    rgb = np.zeros((4320, 7680, 3), np.uint8)
    rgb[:, 3840:] = 255
    item = heat(toys(Gate(), rule="stretch"), "input_x_gradient", Frame(rgb))
    assert item.heat.shape == (576, 1024) and item.frame_hw == (4320, 7680)
    assert item.heat[:, 600:].min() > item.heat[:, :400].max()


class Outputs(nn.Module):
    """As `kind` says: a tuple, a dict with lists, one number a picture, maps, one class."""

    def __init__(self, kind):
        super().__init__()
        self.conv, self.kind = nn.Conv2d(3, 4, 3), kind

    def forward(self, x):
        maps = self.conv(x)
        return {
            "tuple": lambda: (maps.mean((2, 3)), maps),
            "dict": lambda: {"extra": [maps.mean((2, 3))], "maps": maps},
            "numbers": lambda: maps.mean((1, 2, 3)),
            "maps": lambda: maps,
            "one": lambda: maps.mean((1, 2, 3))[:, None],
        }[self.kind]()


@pytest.mark.parametrize("kind", ["tuple", "dict", "numbers", "maps", "one"])
def test_answers_of_every_form(toys, kind):
    torch.manual_seed(1)
    found = result_of(
        AttributeRequest(methods=("saliency", "gradcam", "occlusion", "ablationcam")),
        Work(engine=toys(Outputs(kind)), frame=GREY),
    )
    assert found.kind == "class" and np.isfinite(found.score) and 0 <= found.confidence <= 1
    assert found.items[0].empty is None and found.items[0].heat.any()


def test_grey_networks_and_two_thousand_layers(toys):
    grey = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 14 * 14, 3))
    assert heat(toys(grey, order="grey"), "gradcam").layer == "1"
    deep = nn.Sequential(nn.Conv2d(3, 2, 3), *[nn.Identity() for _ in range(2000)], nn.AdaptiveAvgPool2d(1), nn.Flatten())
    engine = toys(deep)
    assert heat(engine, "saliency").empty is None and hook_count(engine.toy.module) == 0


def test_short_memory_is_met_with_smaller_batches(toys, monkeypatch):
    engine = toys(Gate())
    real, seen = type(engine.toy.module).forward, []

    def forward(self, x):
        seen.append(len(x))
        if len(x) > 4:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return real(self, x)

    monkeypatch.setattr(type(engine.toy.module), "forward", forward)
    item = heat(engine, "occlusion", patch=4, stride=2)
    assert item.empty is None and any("at a time" in note.english() for note in item.notes) and max(seen) > 4


def test_no_memory_at_all_keeps_what_there_was(toys, monkeypatch):
    engine = toys(Gate())
    real, calls = type(engine.toy.module).forward, []

    def forward(self, x):
        calls.append(1)
        if len(calls) > 4:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:118] not enough memory: you tried to allocate 9 bytes")
        return real(self, x)

    monkeypatch.setattr(type(engine.toy.module), "forward", forward)
    events = list(run(AttributeRequest(methods=("saliency", "occlusion")), Work(engine=engine, frame=GREY)))
    assert any(isinstance(event, Preview) and event.record.items[0].method == "saliency" for event in events)
    assert isinstance(events[-1], Failed) and events[-1].trouble.code == "memory.forward" and events[-1].trouble.exit_code == 5
    assert hook_count(engine.toy.module) == 0


def test_the_result_is_a_plain_record(toys):
    from explorer.host import pickling

    (*_, last) = run(AttributeRequest(methods=("gradcam", "integrated_gradients")), Work(engine=toys(Gate()), frame=GREY))
    assert isinstance(last, Result)
    again = pickling.loads(pickling.dumps(last))
    assert np.array_equal(again.record.items[0].heat, last.record.items[0].heat)


@pytest.mark.parametrize("name", sorted(ODD))
def test_every_odd_network_is_explained_or_says_why_not(name):
    work = Work(engine=Engine(threads=1, networks=odd_table(name)), frame=GREY)
    few = ("saliency", "gradcam")  # thousands of layers take their time in every pass
    fields = {"model": name, "methods": few if name in ("Deep", "LongConvolutions") else tuple(methods())}
    fields |= {"maps": 8, "steps": 4, "samples": 2, "weights": "random", "patch": 4, "stride": 4}
    last = list(run(AttributeRequest(**fields), work))[-1]
    if isinstance(last, Failed):
        assert last.trouble.code not in ("unforeseen", "memory"), last.trouble
        assert last.trouble.english() and "{" not in last.trouble.english()
        return
    assert isinstance(last, Result)
    for item in last.record.items:
        assert np.isfinite(item.heat).all() and (item.empty is not None) == (not item.heat.any()), item.method
        assert item.empty is None or "{" not in item.empty.english()
    if name in ("Deep", "LongConvolutions"):
        return
    for kind, more in ((TrustRequest, {"points": 4}), (RandomiseRequest, {"stages": 2})):
        last = list(run(kind(**{**fields, "methods": ("saliency",)}, **more), work))[-1]
        assert isinstance(last, (Result, Failed))
        assert isinstance(last, Result) or last.trouble.code != "unforeseen", last.trouble
