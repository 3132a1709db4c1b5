"""Attribution on networks whose numbers can be worked out on paper."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from explorer.engine.taps import hook_count
from explorer.features.attribution_methods import AttributionMethod, chosen, methods
from explorer.jobs import CancelledJob, CancelToken, Failed, Preview, Result, Work, result_of, run
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.requests.attribution import AttributeRequest, parse_unit

ALL = tuple(methods())


def picture(size=16, seed=0):
    return Frame(np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8), seq=3, source="noise")


def explain(engine, frame=None, **fields):
    return result_of(AttributeRequest(**fields), Work(engine=engine, frame=frame or picture()))


def heat(engine, method, frame=None, **fields):
    return explain(engine, frame, methods=(method,), **fields).items[0]


class Linear(nn.Module):
    """Every class is a weighted sum of all pixels: what each pixel adds is its value times its weight."""

    def __init__(self, size=16):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, size, bias=True)
        with torch.no_grad():
            self.conv.weight.copy_(torch.linspace(-1, 1, self.conv.weight.numel()).reshape(self.conv.weight.shape))
            self.conv.bias.copy_(torch.tensor([1.0, 2.0]))

    def forward(self, x):
        return self.conv(x).flatten(1)


def test_input_times_gradient_is_exact_for_a_linear_network(toys):
    engine, frame = toys(Linear()), picture()
    item = heat(engine, "input_x_gradient", frame, class_index=1)
    weight = engine.toy.module.conv.weight[1].numpy()
    x = frame.rgb.transpose(2, 0, 1) / 255
    assert np.allclose(item.heat, (weight * x).sum(0), atol=1e-5) and item.signed
    assert item.heat.sum() + 2.0 == pytest.approx(item.score, rel=1e-4)


def test_saliency_of_a_linear_network_is_its_largest_weight(toys):
    engine = toys(Linear())
    item = heat(engine, "saliency", class_index=0)
    assert np.allclose(item.heat, engine.toy.module.conv.weight[0].abs().amax(0).numpy(), atol=1e-6)
    assert not item.signed and item.empty is None


@pytest.mark.parametrize("baseline", ["black", "grey", "mean", "blur"])
def test_integrated_gradients_are_complete(small, baseline):
    item = heat(small, "integrated_gradients", picture(24), steps=64, baseline=baseline)
    assert item.heat.sum() == pytest.approx(item.facts["change"], abs=0.02 * abs(item.facts["change"]) + 2e-3)
    assert item.facts["completeness_error"] < 0.05
    assert any("Baseline" in note.english() for note in item.notes)


class Two(nn.Module):
    """Two maps of 2 x 2 made by 1 x 1 convolutions of a 2 x 2 picture, averaged, then weighed 3 and -1."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1, bias=False)
        self.relu = nn.ReLU()
        self.head = nn.Linear(2, 3)
        with torch.no_grad():
            self.conv.weight.copy_(torch.tensor([[1.0, 0, 0], [0, 1.0, 0]]).reshape(2, 3, 1, 1))
            self.head.weight.copy_(torch.tensor([[3.0, -1.0], [-1.0, -1.0], [0.0, 2.0]]))
            self.head.bias.zero_()

    def forward(self, x):
        return self.head(self.relu(self.conv(x)).mean((2, 3)))


RED_GREEN = Frame(
    np.array([[[255, 0, 0], [0, 255, 0]], [[255, 255, 0], [0, 0, 0]]], np.uint8), seq=1, source="by hand"
)  # maps: red [[1, 0], [1, 0]], green [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("method", "class_index", "want"),
    [
        # d score / d map = weight / 4 everywhere; its mean is the weight of the map.
        ("gradcam", 0, [[0.75, 0.0], [0.5, 0.0]]),
        ("hirescam", 0, [[0.75, 0.0], [0.5, 0.0]]),
        ("layercam", 0, [[0.75, 0.0], [0.75, 0.0]]),
        ("gradcam", 2, [[0.0, 0.5], [0.5, 0.0]]),
        # g = 3/4, sum of the map 2: alpha = g² / (2 g² + 2 g³) = 1 / (2 + 2g) = 2/7; weight = 4 alpha g = 6/7.
        # The other map's positive gradient is zero.
        ("gradcam_plus_plus", 0, [[6 / 7, 0.0], [6 / 7, 0.0]]),
        # Without the red map the score falls from 1 to -0.5: 1.5; without the green one it rises by 0.5.
        ("ablationcam", 0, [[1.5, 0.0], [1.0, 0.0]]),
    ],
)
def test_cams_by_hand(toys, method, class_index, want):
    item = heat(toys(Two(), size=2), method, RED_GREEN, class_index=class_index)
    assert item.layer == "relu" and np.allclose(item.heat, want, atol=1e-6)


def test_score_cam_by_hand(toys):
    engine = toys(Two(), size=2)
    item = heat(engine, "scorecam", RED_GREEN, class_index=0)
    red, green = np.array([[1.0, 0], [1, 0]]), np.array([[0, 1.0], [1, 0]])
    kept = {"red": 3 * 2 / 4 - 1 * 1 / 4, "green": 3 * 1 / 4 - 1 * 2 / 4}  # the score of x times each map; zero for x = 0
    weights = np.exp([kept["red"], kept["green"]])
    weights /= weights.sum()
    assert np.allclose(item.heat, weights[0] * red + weights[1] * green, atol=1e-6)


def test_occlusion_by_hand(toys):
    item = heat(toys(Two(), size=2), "occlusion", RED_GREEN, class_index=0, patch=1, stride=1, baseline="black")
    # Covering a pixel takes away its red times 3/4 and its green times -1/4.
    assert np.allclose(item.heat, [[0.75, -0.25], [0.5, 0.0]], atol=1e-6) and item.facts["places"] == 4


class Chain(nn.Module):
    """conv, ReLU, conv, ReLU, sum; weights by hand so that gates are open and shut."""

    def __init__(self, shared=False, rectifier=nn.ReLU):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 1)
        self.one = rectifier()
        self.two = self.one if shared else rectifier()

    def forward(self, x):
        return self.two(self.b(self.one(self.a(x)))).sum((2, 3))


def by_rule(net, x, deconvolve, top=float("inf")):
    """Guided backpropagation and deconvolution written out, layer by layer."""
    a = net.a(x)
    b = net.b(a.clamp(0, top))
    up = torch.zeros_like(b)
    up[:, 0] = 1.0
    for value, conv in ((b, net.b), (a, net.a)):
        up = up.clamp_min(0)
        if not deconvolve:
            up = up * ((value > 0) & (value < top))
        up = torch.nn.functional.conv_transpose2d(up, conv.weight)
    return up[0].abs().amax(0).numpy()


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution"])
@pytest.mark.parametrize(
    ("shared", "rectifier", "top"), [(False, nn.ReLU, float("inf")), (True, nn.ReLU, float("inf")), (False, nn.ReLU6, 6.0)]
)
def test_rectifiers_are_bent_as_written_out(toys, method, shared, rectifier, top):
    torch.manual_seed(4)
    engine, frame = toys(Chain(shared, rectifier).eval(), size=8), picture(8)
    item = heat(engine, method, frame, class_index=0)
    x = engine.toy.prepare(frame).nchw
    with torch.no_grad():
        want = by_rule(engine.toy.module, x, method == "deconvolution", top)
    assert np.allclose(item.heat, want, atol=1e-6) and want.any()
    assert hook_count(engine.toy.module) == 0


@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution", "guided_gradcam"])
def test_without_rectifiers_they_say_so(toys, method):
    item = heat(toys(Chain(rectifier=nn.LeakyReLU), size=8), method, picture(8))
    assert item.empty is not None and "LeakyReLU" in item.empty.english() and not item.heat.any()


def test_smoothgrad_of_a_linear_network_is_its_saliency_and_repeats(toys):
    engine = toys(Linear())
    one = heat(engine, "smoothgrad", class_index=0, samples=5, seed=1)
    assert np.allclose(one.heat, heat(engine, "saliency", class_index=0).heat, atol=1e-6)


def test_smoothgrad_repeats_with_its_seed_and_leaves_random_numbers_alone(small):
    torch.manual_seed(9)
    want = torch.rand(1)
    torch.manual_seed(9)
    frame = picture(24)
    first, again = (heat(small, "smoothgrad", frame, seed=5).heat for _ in range(2))
    other = heat(small, "smoothgrad", frame, seed=6).heat
    assert torch.equal(torch.rand(1), want)
    assert np.array_equal(first, again) and not np.array_equal(first, other)


# -- targets -------------------------------------------------------------------------------------------------------------
def test_a_softmax_at_the_end_is_undone(small):
    frame = picture(24)
    found = explain(small, frame, methods=("saliency",))
    x = small.toy.prepare(frame).nchw.clone().requires_grad_(True)
    net = small.toy.module
    logits = net.fc(net.relu2(net.conv2(net.relu1(net.bn1(net.conv1(x))))).mean((2, 3)))
    best = int(logits.argmax())
    (gradient,) = torch.autograd.grad(logits[0, best], x)
    assert found.class_index == best and found.score == pytest.approx(float(logits[0, best].detach()), rel=1e-5)
    assert found.confidence == pytest.approx(float(torch.softmax(logits, 1)[0, best].detach()), rel=1e-5)
    assert np.allclose(found.items[0].heat, gradient[0].abs().amax(0).numpy(), atol=1e-6)
    assert found.top[0].index == best and len(found.top) == 5 and "softmax" in found.measure


class Inside(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return torch.softmax(self.conv(x).mean((2, 3)), 1)


def test_a_softmax_inside_the_code_is_told(toys):
    torch.manual_seed(0)
    found = explain(toys(Inside().eval()), methods=("saliency",))
    assert "logarithm" in found.measure and any("logarithm" in note.english() for note in found.items[0].notes)
    assert found.confidence == pytest.approx(np.exp(found.score), rel=1e-4)


@pytest.mark.parametrize("unit", ["conv2:3", "conv2:3:4:5", "fc:2"])
def test_a_unit_is_explained_by_its_own_gradient(small, unit):
    frame = picture(24)
    found = explain(small, frame, methods=("saliency", "gradcam"), unit=unit)
    layer, channel, y, x_at = parse_unit(unit)
    x = small.toy.prepare(frame).nchw.clone().requires_grad_(True)
    net = small.toy.module
    maps = net.conv2(net.relu1(net.bn1(net.conv1(x))))
    y_out = maps if layer == "conv2" else net.fc(net.relu2(maps).mean((2, 3)))
    value = y_out[0, channel, y, x_at] if y is not None else y_out[0, channel].mean()
    (gradient,) = torch.autograd.grad(value, x)
    assert found.kind == "unit" and found.confidence is None and found.score == pytest.approx(float(value.detach()), rel=1e-4)
    assert np.allclose(found.items[0].heat, gradient[0].abs().amax(0).numpy(), atol=1e-6)
    assert found.items[1].layer == ("relu1" if layer == "conv2" else "relu2")  # not the unit's own numbers


@pytest.mark.parametrize("unit", ["conv2:99", "conv2:0:50:0", "fc:0:1:1", "nowhere:0"])
def test_a_unit_that_is_not_there(small, unit):
    with pytest.raises(ExplorerError, match=r"unit|layer"):
        explain(small, picture(24), unit=unit)


@pytest.mark.parametrize("text", ["", "conv", "conv:x", "conv:1:2", "conv:-1", ":3"])
def test_a_unit_needs_its_parts(text):
    with pytest.raises(ValueError, match="unit"):
        AttributeRequest(target="unit", unit=text)


def test_the_layer_is_chosen_and_explained_or_taken(small):
    frame = picture(24)
    item = heat(small, "gradcam", frame)
    assert item.layer == "relu2" and "relu2" in item.why_layer.english()
    item = heat(small, "gradcam", frame, layer="relu1")
    assert item.layer == "relu1" and "by itself it would be relu2" in item.why_layer.english()
    found = explain(small, frame, methods=("saliency",))
    assert found.layers == ("conv1", "bn1", "relu1", "conv2", "relu2") and found.default_layer == "relu2"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"layer": "fc"}, "attribution.layer"),
        ({"class_index": 77}, "attribution.class"),
        ({"methods": ("gradcom",)}, "attribution.unknown"),
        ({"target": "box"}, "attribution.no-boxes"),
        ({"target": "mask"}, "attribution.no-mask"),
    ],
)
def test_what_cannot_be_explained_is_told(small, fields, code):
    last = list(run(AttributeRequest(**fields), Work(engine=small, frame=picture(24))))[-1]
    assert isinstance(last, Failed) and last.trouble.code == code and "{" not in last.trouble.english()


def test_without_a_picture():
    last = list(run(AttributeRequest(), Work()))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "picture.missing"


class Masker(nn.Module):
    """Two maps as U2-Net gives them: behind a sigmoid each, the first is the answer."""

    def __init__(self):
        super().__init__()
        self.conv, self.out, self.sigmoid = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 1), nn.Sigmoid()
        nn.init.constant_(self.conv.weight, 1.0)
        nn.init.constant_(self.out.weight, 1.0)
        nn.init.constant_(self.out.bias, -6.0)  # bright pixels are inside

    def forward(self, x):
        maps = self.out(self.conv(x))
        return self.sigmoid(maps[:, :1]), self.sigmoid(maps[:, 1:])


@pytest.mark.parametrize("box", [None, (2.0, 2.0, 10.0, 9.0)])
def test_a_mask_is_explained_by_its_logits_inside(toys, box):
    torch.manual_seed(2)
    engine, frame = toys(Masker().eval()), picture()
    found = explain(engine, frame, target="mask", box=box, methods=("saliency", "gradcam"))
    x = engine.toy.prepare(frame).nchw.clone().requires_grad_(True)
    net = engine.toy.module
    logits = net.out(net.conv(x))[0, 0]
    inside = torch.zeros(16, 16, dtype=torch.bool)
    inside[slice(2, 9) if box else slice(None), slice(2, 10) if box else slice(None)] = True
    inside &= logits > 0
    (gradient,) = torch.autograd.grad(logits[inside].mean(), x)
    assert inside.any() and found.kind == "mask" and found.items[1].layer == "out"
    assert found.confidence == pytest.approx(float(torch.sigmoid(logits[inside]).mean().detach()), rel=1e-4)
    assert np.allclose(found.items[0].heat, gradient[0].abs().amax(0).numpy(), atol=1e-6)


# -- several, previews, Stop ---------------------------------------------------------------------------------------------
def test_methods_come_one_at_a_time(small):
    events = list(run(AttributeRequest(methods=ALL, maps=8), Work(engine=small, frame=picture(24))))
    previews = [event for event in events if isinstance(event, Preview)]
    assert [len(event.record.items) for event in previews] == list(range(1, len(ALL)))
    result = events[-1]
    assert isinstance(result, Result) and [item.method for item in result.record.items] == list(ALL)
    assert result.record.frame_seq == 3 and result.record.facts["weights"] == "by hand"
    for item in result.record.items:
        assert item.heat.shape == (24, 24) and item.heat.dtype == np.float32 and np.isfinite(item.heat).all()
        assert (item.empty is not None) == (not item.heat.any()) and item.title and item.seconds >= 0
        assert item.signed or (item.heat >= 0).all()
    assert hook_count(small.toy.module) == 0


@pytest.mark.parametrize("method", ALL)
def test_stop_ends_every_method_and_leaves_no_hook(small, method):
    token, asked = CancelToken(), []

    def stop(_module, _inputs):
        asked.append(1)
        if len(asked) == 3:  # the first pass finds the target
            token.cancel()

    handle = small.toy.module.conv2.register_forward_pre_hook(stop)
    try:
        events = list(
            run(
                AttributeRequest(methods=(method, method, "saliency"), maps=8),
                Work(engine=small, frame=picture(24), token=token),
            )
        )
    finally:
        handle.remove()
    if len(asked) >= 3:
        assert isinstance(events[-1], CancelledJob) and len(asked) == 3
    assert hook_count(small.toy.module) == 0


def test_other_jobs_get_their_turn_in_a_long_occlusion(small, monkeypatch):
    monkeypatch.setattr("explorer.features.in_turns.TURN_S", 0.0)
    steps = run(AttributeRequest(methods=("occlusion",), patch=2, stride=1), Work(engine=small, frame=picture(24)))
    count = sum(1 for _ in steps)
    assert count > 4
    steps = run(AttributeRequest(methods=("occlusion",), patch=2, stride=1), Work(engine=small, frame=picture(24)))
    for _ in range(4):
        next(steps)
    assert hook_count(small.toy.module) == 0  # between two turns nothing of ours hangs on the network that others use
    steps.close()


def test_captum_comes_without_matplotlib():
    code = (
        "import sys; from explorer.features.silent_captum import silent_captum; assert silent_captum().Saliency is not None;"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('matplotlib', 'mpl_toolkits')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_method_of_a_plugin_enters_the_table(small, monkeypatch):
    def centre(case):
        yield from ()
        heat = torch.zeros(case.x.shape[2:])
        heat[12, 12] = 1.0
        from explorer.features.attribution_case import Found

        return Found(heat)

    table = methods()
    monkeypatch.setitem(table._rows, "centre", AttributionMethod("centre", "Centre", "The middle.", "1", "", centre))
    assert heat(small, "centre", picture(24)).heat.argmax() == 12 * 24 + 12
    assert [row.name for row in chosen(("centre", "saliency", "centre"))] == ["centre", "saliency"]
