"""One number worked out: by hand on toys, equal to torch on every kind, equal to the published networks' own numbers."""

import json
import math

import fixtures_networks as nets
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from explorer import jobs
from explorer.cli.program import run_program
from explorer.engine.taps import hook_count
from explorer.jobs import Work
from explorer.picture.stills import write_png
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.records.numbers import Numbers
from explorer.requests.numbers import NumbersRequest


def ask(engine, frame, **fields):
    return jobs.result_of(NumbersRequest(**fields), Work(engine, frame))


def noise(height=16, width=16, seed=0):
    return Frame(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8), source="noise")


def agrees(one, relative=1e-5):
    """The float64 total is the network's float32 value up to float32 rounding of the sum's terms."""
    window = one.worked.window
    size = abs(one.worked.total) + (np.abs(window.sums).sum() if window is not None else 0.0)
    assert abs(one.difference) <= relative * size + 1e-7, (one.layer, one.value, one.worked.total)
    return one


def test_a_convolution_worked_out_by_hand(toys):
    """Grey picture 0..15 / 1, kernel [[1, 2], [3, 4]] and its negative with a bias; padding 1; the upper left corner."""
    conv = nn.Conv2d(1, 2, 2, padding=1)
    with torch.no_grad():
        conv.weight[0, 0] = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        conv.weight[1, 0] = -conv.weight[0, 0]
        conv.bias.copy_(torch.tensor([0.5, -0.5]))
    engine = toys(nn.Sequential(conv), size=4, order="grey", scale=1.0)
    rgb = np.repeat(np.arange(16, dtype=np.uint8).reshape(4, 4, 1), 3, axis=2)
    one = ask(engine, Frame(rgb), layer="0", channel=0, y=1, x=2)  # sees rows 0..1, columns 1..2
    window = one.worked.window
    np.testing.assert_allclose(window.values[0], [[1, 2], [5, 6]], rtol=1e-5)
    np.testing.assert_allclose(window.products(0), [[1, 4], [15, 24]], rtol=1e-5)
    assert window.inside.all() and window.rows.tolist() == [0, 1] and window.columns.tolist() == [1, 2]
    assert one.worked.total == pytest.approx(44.5, rel=1e-5) and one.worked.how == "sum"
    assert [(term.name, round(term.value, 3)) for term in one.worked.terms] == [("sum", 44.0), ("bias", 0.5)]
    corner = ask(engine, Frame(rgb), layer="0", channel=1, y=0, x=0)
    assert corner.worked.window.inside.tolist() == [[False, False], [False, True]]
    assert corner.worked.window.rows.tolist() == [-1, 0] and corner.value == pytest.approx(-0.5, abs=1e-6)
    agrees(one)
    agrees(corner)


LAYERS = {
    "conv": nn.Conv2d(6, 4, 3), "stride": nn.Conv2d(6, 4, 3, 2, 1), "groups": nn.Conv2d(6, 4, 3, groups=2),
    "depthwise": nn.Conv2d(6, 12, (3, 5), padding=(1, 2), groups=6),
    "dilated": nn.Conv2d(6, 4, 3, padding=2, dilation=2, bias=False),
    "same": nn.Conv2d(6, 4, 5, padding="same"), "valid": nn.Conv2d(6, 4, 3, padding="valid"),
    "reflect": nn.Conv2d(6, 4, 3, padding=2, padding_mode="reflect"),
    "replicate": nn.Conv2d(6, 4, 3, padding=1, padding_mode="replicate"),
    "circular": nn.Conv2d(6, 4, 5, 2, 2, padding_mode="circular"),
    "transposed": nn.ConvTranspose2d(6, 4, 3, 2, 1),
    "transposed more": nn.ConvTranspose2d(6, 4, 4, 3, 1, 1, groups=2, dilation=2),
    "max": nn.MaxPool2d(3, 2, 1), "max ceil": nn.MaxPool2d(2, ceil_mode=True), "max dilated": nn.MaxPool2d(2, 1, 0, 2),
    "max where": nn.MaxPool2d(2, return_indices=True),
    "average": nn.AvgPool2d(3, 2, 1), "average own": nn.AvgPool2d(3, 2, 1, count_include_pad=False),
    "average ceil": nn.AvgPool2d(2, 2, ceil_mode=True), "average by": nn.AvgPool2d(2, divisor_override=3),
    "fitted": nn.AdaptiveAvgPool2d(4), "fitted max": nn.AdaptiveMaxPool2d((3, 4)), "mean": nn.AdaptiveAvgPool2d(1),
    "batch norm": nn.BatchNorm2d(6), "batch norm plain": nn.BatchNorm2d(6, affine=False),
    "batch norm own": nn.BatchNorm2d(6, track_running_stats=False), "instance norm": nn.InstanceNorm2d(6, affine=True),
    "group norm": nn.GroupNorm(3, 6), "layer norm": nn.LayerNorm([6, 9, 9]), "layer norm short": nn.LayerNorm(9),
    "softmax": nn.Softmax(1), "softmax of rows": nn.Softmax(3), "log softmax": nn.LogSoftmax(1),
    "relu": nn.ReLU(), "relu6": nn.ReLU6(), "hardtanh": nn.Hardtanh(-0.3, 0.2), "leaky": nn.LeakyReLU(0.1),
    "prelu": nn.PReLU(6),
    "elu": nn.ELU(0.7), "celu": nn.CELU(0.7), "selu": nn.SELU(), "gelu": nn.GELU(), "gelu tanh": nn.GELU("tanh"),
    "silu": nn.SiLU(),
    "mish": nn.Mish(), "softplus": nn.Softplus(2.0), "sigmoid": nn.Sigmoid(), "log sigmoid": nn.LogSigmoid(), "tanh": nn.Tanh(),
    "tanhshrink": nn.Tanhshrink(), "softsign": nn.Softsign(), "hardswish": nn.Hardswish(), "hardsigmoid": nn.Hardsigmoid(),
    "hardshrink": nn.Hardshrink(0.2), "softshrink": nn.Softshrink(0.2), "threshold": nn.Threshold(0.1, -0.4),
}  # fmt: skip
PASSES = {
    "dropout": nn.Dropout(), "identity": nn.Identity(), "flatten": nn.Flatten(), "shuffle": nn.PixelUnshuffle(3),
    "nearest": nn.Upsample(scale_factor=2), "zeros": nn.ZeroPad2d(0),
}  # fmt: skip


def behind_a_stem(layer):
    """Six channels of 9 x 9, both signs, small."""
    torch.manual_seed(3)
    stem = nn.Conv2d(3, 6, 1)
    for tensor in layer.parameters():
        with torch.no_grad():
            tensor.uniform_(-1, 1)
    for tensor in layer.buffers():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
    return nn.Sequential(stem, layer)


@pytest.mark.parametrize("name", LAYERS)
def test_every_kind_gives_torchs_own_number_at_every_place(toys, name):
    engine = toys(behind_a_stem(LAYERS[name]), size=9, mean=(0.5, 0.5, 0.5), std=(0.3, 0.3, 0.3))
    frame = noise(9, 9, 5)
    output = engine.toy.module(engine.toy.prepare(frame).nchw)
    output = output[0] if isinstance(output, tuple) else output
    assert output.abs().sum() > 0
    count, height, width = output.shape[1:]
    for channel, y, x in {(0, 0, 0), (count - 1, height - 1, width - 1), (1, height // 2, 0), (count // 2, 0, width // 2)}:
        one = agrees(ask(engine, frame, layer="1", channel=channel, y=y, x=x), 2e-6)
        assert one.worked.how in {"sum", "pool", "steps", "softmax"} and one.value == float(output[0, channel, y, x])
        assert one.worked.formula.format(**one.worked.values)
    assert hook_count(engine.toy.module) == 0


@pytest.mark.parametrize("name", PASSES)
def test_what_only_moves_numbers_names_the_one_it_moved(toys, name):
    engine = toys(nn.Sequential(nn.Conv2d(3, 2, 1), PASSES[name]), size=9)
    frame = noise(9, 9)
    output = engine.toy.module(engine.toy.prepare(frame).nchw)
    place = {"channel": 7, "y": 0, "x": 0} if name == "flatten" else {"channel": 1, "y": 1, "x": 2}
    one = ask(engine, frame, layer="1", **place)
    assert one.worked.how == "same" and one.difference == 0.0 and one.worked.parts[0].value == one.value
    if name == "flatten":
        assert one.value == float(output[0, 7]) and one.worked.parts[0].channel == 0
    if name == "shuffle":
        assert one.worked.parts[0].channel == 0  # channel 1 of 18 is a corner of channel 0


def test_the_largest_contributions_come_first(toys):
    linear = nn.Linear(6, 2)
    with torch.no_grad():
        linear.weight[1] = torch.tensor([0.0, 5.0, -7.0, 1.0, 0.0, 2.0])
        linear.bias.copy_(torch.tensor([0.0, 0.25]))
    engine = toys(nn.Sequential(nn.Conv2d(3, 6, 1), nn.Sigmoid(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear), size=8)
    one = agrees(ask(engine, noise(8, 8), layer="4", channel=1))
    window = one.worked.window
    assert window.sums.shape == (6,) and window.order()[0] == 2 == window.chosen
    assert sorted(map(abs, window.sums[window.order()]), reverse=True) == [abs(v) for v in window.sums[window.order()]]
    assert one.worked.total == pytest.approx(window.sums.sum() + 0.25)
    assert ask(engine, noise(8, 8), layer="0").channel in range(6)  # no channel named: the largest there


def test_the_window_of_a_maximum_names_its_winner(toys):
    engine = toys(nn.Sequential(nn.MaxPool2d(3, 2, 1)), size=8)
    frame = noise(8, 8, 2)
    x = engine.toy.prepare(frame).nchw
    one = ask(engine, frame, layer="0", channel=1, y=0, x=2)
    window = one.worked.window
    row, column = window.winner
    assert window.inside[0].tolist() == [False] * 3 and window.inside[1:].all()
    assert float(x[0, 1, window.rows[row], window.columns[column]]) == one.value == one.worked.total


def test_a_same_convolution_pads_more_at_the_end(real, coffee):
    one = agrees(ask(real, coffee, model="efficientnet_lite0", layer="conv_stem", channel=3, y=111, x=111))
    assert one.worked.window.inside.tolist() == [[True, True, False], [True, True, False], [False, False, False]]


REAL = {
    "squeezenet1_1": ("features.0", "features.1", "features.2", "features.3.expand3x3", "features.9.squeeze", "classifier.0",
                      "classifier.1", "classifier.3"),
    "efficientnet_lite0": ("bn0", "relu0", "blocks.1.depthwise_conv", "blocks.3.bn2", "avg_pooling", "dropout", "fc"),
    "yolov3_tiny": ("layers.0.conv", "layers.0.bn", "layers.0.act", "layers.1", "layers.11", "layers.19", "layers.22.conv"),
    "u2netp": ("stage1.rebnconv1.bn_s1", "stage1.rebnconv7.conv_s1", "stage1.pool1", "pool12"),
    "lenet5": ("c1", "tanh1", "s2", "c3", "c5", "f6", "output"),
}  # fmt: skip


@pytest.mark.parametrize("model", REAL)
def test_agrees_with_the_published_networks(real, coffee, model):
    random = np.random.default_rng(len(model))
    shapes = {tap.name: tap.shape for tap in real.network(NumbersRequest(model=model)).info.layers}
    for layer in REAL[model]:
        channel, y, x = (int(random.integers(0, side)) for side in (*shapes[layer], 1, 1)[:3])
        one = agrees(ask(real, coffee, model=model, layer=layer, channel=channel, y=y, x=x))
        assert one.worked.how != "none", layer


@pytest.mark.parametrize(
    ("model", "layer"), [("squeezenet1_1", "classifier.3"), ("efficientnet_lite0", "fc"), ("lenet5", "output")]
)
def test_the_score_of_a_class_comes_with_its_softmax(real, coffee, model, layer):
    from explorer.requests.network import ClassifyRequest

    best = jobs.result_of(ClassifyRequest(model=model, exact=True), Work(real, coffee)).top[0]
    one = ask(real, coffee, model=model, layer=layer, channel=best.index)
    assert one.probability.index == best.index and one.probability.probability == pytest.approx(best.score, rel=1e-4)
    assert one.probability.powers.sum() == pytest.approx(one.probability.total)
    earlier = "classifier.1" if model == "squeezenet1_1" else real.network(NumbersRequest(model=model)).layer_names[0]
    assert ask(real, coffee, model=model, layer=earlier, channel=0).probability is None


def test_blocks_say_what_they_do(real, coffee):
    fire = ask(real, coffee, layer="features.3", channel=70, y=5, x=6)  # 64 of 1 x 1, then 64 of 3 x 3
    part = fire.worked.parts[0]
    assert (fire.worked.how, part.layer, part.channel, part.value) == ("same", "expand3x3_activation", 6, fire.value)
    block = agrees(ask(real, coffee, model="efficientnet_lite0", layer="blocks.2", channel=3, y=4, x=4))
    assert block.worked.how == "add" and [part.layer for part in block.worked.parts] == ["", "bn2"]


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return torch.cumsum(x, 3) * torch.sin(x)


def test_what_is_not_known_is_said(toys):
    one = ask(toys(nn.Sequential(Odd()), size=8), noise(8, 8), layer="0", channel=1, y=2, x=3)
    assert one.worked.how == "none" and one.worked.total is None and one.difference == 0.0
    assert "Odd" in one.worked.formula.format(**one.worked.values)


def test_written_with_functions_is_read_like_a_layer(toys):
    class Functions(nn.Module):
        def forward(self, x):
            return F.max_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 2)

    frame = noise(8, 8)
    one = ask(toys(nn.Sequential(Functions()), size=8), frame, layer="0", channel=0, y=0, x=0)
    assert one.worked.how == "pool" and one.difference == 0.0
    assert one.worked.window.rows.tolist() == [0, 0, 1] and one.worked.window.inside[0].tolist() == [False] * 3


@pytest.mark.parametrize("name", sorted(nets.ODD))
def test_odd_networks_give_a_record_or_a_reason(toys, name):
    if name in nets.RAISES:
        return
    row = nets.odd(name)
    engine = toys(nets.ODD[name](), size=row.input_size, order="grey" if row.channels == 1 else "rgb")
    layers = engine.toy.layer_names
    for layer in dict.fromkeys((*layers[:3], *layers[-2:])) if len(layers) < 100 else layers[-1:]:
        try:
            one = ask(engine, noise(9, 11), layer=layer)
        except ExplorerError as error:
            assert error.trouble.code != "unforeseen", (layer, str(error))
        else:
            assert isinstance(one, Numbers)
            if one.worked.how != "none" and math.isfinite(one.value):
                agrees(one)


@pytest.mark.parametrize("fields", [{"layer": "nowhere"}, {"layer": "conv1", "channel": 8}, {"layer": "conv1", "y": 24}])
def test_what_is_not_there_is_said(small, fields):
    with pytest.raises(ExplorerError) as caught:
        ask(small, noise(), **fields)
    assert caught.value.trouble.exit_code == 2


@pytest.mark.parametrize("shape", [(1, 1), (4320, 7680)])
def test_pictures_of_any_size(small, shape):
    agrees(ask(small, Frame(np.full((*shape, 3), 90, np.uint8)), layer="conv2", channel=3, y=10, x=0))


def test_the_command_gives_the_same_record(real, coffee, tmp_path, capfd):
    write_png(tmp_path / "c.png", coffee.rgb, {})
    words = ["numbers", "lenet5", str(tmp_path / "c.png"), "--layer", "c3", "--channel", "5", "--y", "4", "--x", "6"]
    one = ask(real, coffee, model="lenet5", layer="c3", channel=5, y=4, x=6)
    assert run_program([*words, "--json", "-o", str(tmp_path / "n.npz")], restore=True) == 0
    said = json.loads(capfd.readouterr().out)
    assert said["value"] == pytest.approx(one.value, rel=1e-5) and said["total"] == pytest.approx(one.worked.total, rel=1e-5)
    assert [row["channel"] for row in said["channels"]] == one.worked.window.channels[one.worked.window.order()].tolist()
    np.testing.assert_allclose(said["window"]["values"], one.worked.window.values[one.worked.window.chosen], rtol=1e-5)
    with np.load(tmp_path / "n.npz", allow_pickle=False) as kept:
        np.testing.assert_array_equal(kept["weights"], one.worked.window.weights)
    assert run_program(words, restore=True) == 0
    text = capfd.readouterr().out
    assert "c3" in text and "bias" in text
    assert run_program(["numbers", "lenet5", str(tmp_path / "c.png"), "--layer", "s2", "--y", "99"], restore=True) == 2


def test_surgery_is_told_apart_from_the_arithmetic(real, coffee):
    from explorer.requests.surgery import Edit

    place = {"layer": "features.3.expand3x3", "channel": 3, "y": 10, "x": 12}
    plain = ask(real, coffee, **place)
    muted = ask(real, coffee, **place, surgery=(Edit(kind="mute", layer=place["layer"], channels=(3,)),))
    assert plain.before is None and (muted.value, muted.before) == (0.0, plain.value)
    assert muted.worked.total == plain.worked.total and muted.difference == plain.difference
    behind = {**place, "layer": "features.3.expand3x3_activation"}
    assert ask(real, coffee, **behind, surgery=(Edit(kind="mute", layer=place["layer"], channels=(3,)),)).before is None


def test_a_network_that_leaves_is_let_go(toys):
    import gc
    import weakref

    engine = toys(nn.Sequential(nn.Conv2d(3, 2, 3)), size=8)
    ask(engine, noise(8, 8), layer="0")
    module = weakref.ref(engine.toy.module)
    del engine
    gc.collect()
    assert module() is None
