"""Receptive fields: worked out by hand on toys, by formula and zero outside the box on the published networks."""

import json

import fixtures_networks as nets
import numpy as np
import pytest
import torch
from torch import nn

from explorer import jobs
from explorer.cli.program import run_program
from explorer.engine.taps import hook_count
from explorer.features import receptive as module
from explorer.jobs import Cancelled, CancelToken, Progress, Result, Work
from explorer.picture.stills import read_rgb, write_png
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.records.receptive import Receptive, SeenBy
from explorer.requests.receptive import ReceptiveRequest, SeenByRequest


def ask(engine, frame, kind=ReceptiveRequest, **fields):
    return jobs.result_of(kind(**fields), Work(engine, frame))


def noise(height=16, width=16, seed=0):
    return Frame(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8), source="noise")


def test_box_and_heat_of_a_toy_worked_out_by_hand(toys):
    conv = nn.Conv2d(3, 2, 3, stride=2, bias=False)
    with torch.no_grad():
        conv.weight[0] = torch.arange(9.0).reshape(3, 3)
        conv.weight[1] = -1.0
    engine = toys(nn.Sequential(conv, nn.MaxPool2d(2)), size=16)
    one = ask(engine, noise(), layer="0", channel=0, y=2, x=3)
    assert (one.box, one.pixels, one.map_hw, one.input_hw) == ((6, 4, 9, 7), 9, (7, 7), (16, 16))
    assert one.frame_box == (6.0, 4.0, 9.0, 7.0) and one.input_xyxy == (0.0, 0.0, 16.0, 16.0)
    expected = np.zeros((16, 16), np.float32)
    expected[4:7, 6:9] = 3 * np.arange(9.0).reshape(3, 3)  # three colours
    np.testing.assert_allclose(one.heat, expected, rtol=1e-6)
    assert one.central == pytest.approx(3 * 4 / (3 * 36)) and one.side == pytest.approx(
        np.sqrt(7)
    )  # 8+7+6+5+4+3+2 >= 0.95 * 36
    x = engine.toy.prepare(noise()).nchw
    assert one.value == pytest.approx(float(conv(x)[0, 0, 2, 3]), rel=1e-6)
    both = ask(engine, noise(), layer="0", y=2, x=3)  # the gradient of the channels' sum
    assert both.channel is None and both.heat.max() == pytest.approx(3 * 7.0)
    pool = ask(engine, noise(), layer="1", channel=1, y=0, x=1)
    assert pool.box == (4, 0, 9, 5) and np.count_nonzero(pool.heat) == 9  # only the winner is felt, all can be seen
    middle = ask(engine, noise(), layer="0")
    assert (middle.y, middle.x) == (3, 3)


def test_the_box_in_the_frame_goes_the_way_of_the_picture(toys):
    engine = toys(nn.Sequential(nn.Conv2d(3, 1, 1)), size=16, rule="letterbox")
    frame = noise(40, 80)  # scale 1/5, four rows of border above
    one = ask(engine, frame, layer="0", y=5, x=2)
    assert one.box == (2, 5, 3, 6) and one.frame_box == (10.0, 5.0, 15.0, 10.0)
    assert one.input_xyxy == (0.0, -20.0, 80.0, 60.0)
    border = ask(engine, frame, layer="0", y=0, x=0)
    assert border.frame_box[3] - border.frame_box[1] == 0.0  # beyond the frame


@pytest.mark.parametrize(
    ("model", "layers"),
    [
        ("squeezenet1_1", ("features.2", "features.4.expand3x3_activation", "features.9", "classifier.3")),
        ("efficientnet_lite0", ("blocks.0.bn1", "blocks.5", "relu1")),
        ("yolov3_tiny", ("layers.3", "layers.20", "layers.22.conv")),
        ("u2netp", ("stage1.rebnconv3.relu_s1",)),
        ("lenet5", ("c3", "s4", "output")),
    ],
)
def test_the_effective_field_is_zero_outside_the_theoretical_one(real, coffee, model, layers):
    for layer in layers:
        one = ask(real, coffee, model=model, layer=layer)
        assert one.box is not None and one.bad == 0 and not one.silent, layer
        left, top, right, bottom = one.box
        outside = one.heat.copy()
        outside[top:bottom, left:right] = 0.0
        assert not outside.any() and one.heat.any(), layer
        assert 0 < one.central <= 1 and 0 < one.side**2 <= one.pixels + 1e-6


FORMULA = {
    "squeezenet1_1": ("features.2", "features.3.expand3x3", "features.10"),
    "efficientnet_lite0": ("conv_stem", "blocks.1", "blocks.4"),
    "yolov3_tiny": ("layers.7",),
    "lenet5": ("c1", "s2", "c3", "s4"),
}


@pytest.mark.parametrize("model", FORMULA)
def test_probing_agrees_with_the_closed_formula_on_the_published_networks(real, coffee, model):
    for layer in FORMULA[model]:
        middle = ask(real, coffee, model=model, layer=layer)
        assert middle.rule is not None and not middle.whole, layer
        height, width = middle.map_hw
        assert middle.box == middle.guess(middle.y, middle.x)
        for y, x in ((0, 0), (height - 1, width // 3)):
            one = ask(real, coffee, model=model, layer=layer, y=y, x=x)
            assert one.box == middle.guess(y, x), (layer, y, x)


def test_one_channel_may_see_less_than_its_layer(real, coffee):
    """The first half of a fire module's output comes through 1 x 1 kernels."""
    boxes = [ask(real, coffee, layer="features.7", channel=channel, y=10, x=12).box for channel in (3, 200, None)]
    assert [box[2] - box[0] for box in boxes] == [47, 63, 63]


def test_a_field_is_remembered_for_its_unit(toys, monkeypatch):
    engine = toys(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh()), size=12)
    calls = []
    real_field = module.field_of
    monkeypatch.setattr(module, "field_of", lambda *args: calls.append(args) or real_field(*args))
    first = ask(engine, noise(12, 12), layer="1", channel=1, y=2, x=3)
    again = ask(engine, noise(12, 12, 1), layer="1", channel=1, y=2, x=3)
    assert len(calls) == 1 and again.box == first.box and not np.array_equal(again.heat, first.heat)
    ask(engine, noise(12, 12), layer="1", channel=1, y=2, x=4)
    assert len(calls) == 2


def test_heat_over_random_pictures(small):
    request = ReceptiveRequest(layer="conv2", y=4, x=5, over="random", samples=6)
    steps = list(jobs.run(request, Work(small, noise(24, 24))))
    assert [step.done for step in steps if isinstance(step, Progress)] == [1, 2, 3, 4, 5, 6]
    one, same = steps[-1].record, ask(small, noise(30, 24), layer="conv2", y=4, x=5, over="random", samples=6)
    assert one.samples == 6 and np.array_equal(one.heat, same.heat)  # not of this picture
    left, top, right, bottom = one.box
    assert (one.heat[top:bottom, left:right] > 0).all() and one.heat.sum() == one.heat[top:bottom, left:right].sum()


def test_a_shut_unit_has_a_box_and_says_that_it_is_silent(toys):
    engine = toys(nets.AllDead(), size=8)
    one = ask(engine, noise(8, 8), layer="relu", channel=0, y=2, x=2)
    assert one.silent and one.box == (2, 2, 5, 5) and (one.central, one.side, one.value) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "fields", [{"layer": "nowhere"}, {"layer": "0", "channel": 2}, {"layer": "0", "y": 14}, {"layer": "0", "x": 99}]
)
def test_what_is_not_there_is_said(toys, fields):
    engine = toys(nn.Sequential(nn.Conv2d(3, 2, 3)), size=16)
    with pytest.raises(ExplorerError) as caught:
        ask(engine, noise(), **fields)
    assert caught.value.trouble.exit_code == 2 and "{" not in str(caught.value)
    with pytest.raises(ExplorerError, match="no picture"):
        ask(engine, None, layer="0")


def test_who_sees_a_pixel_is_who_has_it_in_its_field(small):
    frame = noise(24, 24)
    pixel = (9.5, 6.5)
    seen = ask(small, frame, SeenByRequest, layer="conv2", pixel_x=pixel[0], pixel_y=pixel[1])
    assert isinstance(seen, SeenBy) and seen.input_xy == (9, 6) and seen.cells.shape == (11, 11)
    for y in range(11):
        for x in range(11):
            left, top, right, bottom = ask(small, frame, layer="conv2", y=y, x=x).box
            assert seen.cells[y, x] == (left <= 9 < right and top <= 6 < bottom)
    counts = {one.layer: (one.count, one.of, one.box) for one in seen.layers}
    assert counts["conv1"] == (9, 576, (8, 5, 11, 8)) and counts["fc"] == (1, 1, (0, 0, 1, 1))
    assert list(counts) == list(small.toy.layer_names)


def test_a_place_that_the_network_does_not_see(toys):
    engine = toys(nn.Sequential(nn.Conv2d(3, 1, 1)), size=16)
    with pytest.raises(ExplorerError, match="does not see"):
        ask(engine, noise(20, 60), SeenByRequest, layer="0", pixel_x=2, pixel_y=10)  # the middle square only
    with pytest.raises(ExplorerError, match="does not see"):
        ask(engine, noise(), SeenByRequest, layer="0", pixel_x=16, pixel_y=1)


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")
@pytest.mark.parametrize("name", sorted(nets.ODD))
def test_odd_networks_give_a_record_or_a_reason(toys, name):
    if name in nets.RAISES:
        return
    row = nets.odd(name)
    engine = toys(nets.ODD[name](), size=row.input_size, order="grey" if row.channels == 1 else "rgb")
    layers = engine.toy.layer_names
    for layer in dict.fromkeys((*layers[:2], *layers[-1:])) if len(layers) < 100 else layers[-1:]:
        kinds = {"Deep": (SeenByRequest,), "LongConvolutions": (ReceptiveRequest,)}.get(name, (ReceptiveRequest, SeenByRequest))
        for kind in kinds:
            try:
                record = ask(
                    engine, noise(9, 11), kind, layer=layer, **({"pixel_x": 5, "pixel_y": 4} if kind is SeenByRequest else {})
                )
            except ExplorerError as error:
                assert error.trouble.code != "unforeseen", (layer, str(error))
            else:
                assert isinstance(record, Receptive | SeenBy)
                assert not isinstance(record, Receptive) or np.isfinite(record.heat).all()


def test_weights_that_are_no_numbers_leave_the_box_right_and_the_heat_finite(toys):
    engine = toys(nets.NanWeights(), size=8)
    one = ask(engine, noise(8, 8), layer="relu", channel=2, y=4, x=4)
    assert one.box == (3, 3, 6, 6) and one.bad > 0 and np.isfinite(one.heat).all()
    assert int(ask(engine, noise(8, 8), SeenByRequest, layer="relu", pixel_x=4, pixel_y=4).cells.sum()) == 9


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (4320, 7680)])
def test_pictures_of_any_size(small, shape):
    frame = Frame(np.full((*shape, 3), 90, np.uint8))
    one = ask(small, frame, layer="conv2", y=5, x=5)
    assert one.box is not None and one.frame_hw == shape
    left, top, right, bottom = one.frame_box
    assert 0 <= left <= right <= shape[1] and 0 <= top <= bottom <= shape[0]


def test_cancelled_before_the_probing(small):
    token = CancelToken()
    steps = jobs.run(ReceptiveRequest(layer="conv2", over="random", samples=50), Work(small, noise(24, 24), token))
    for step in steps:
        if isinstance(step, Progress):
            token.cancel()
        assert not isinstance(step, Result)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        jobs.result_of(SeenByRequest(layer="conv2"), Work(small, noise(24, 24), token))


def test_the_command_gives_the_same_record(real, coffee, tmp_path, capfd):
    write_png(tmp_path / "c.png", coffee.rgb, {})
    words = [
        "receptive",
        "lenet5",
        str(tmp_path / "c.png"),
        "--layer",
        "c3",
        "--y",
        "4",
        "--x",
        "6",
        "--channel",
        "2",
        "--json",
    ]
    one = ask(real, coffee, model="lenet5", layer="c3", y=4, x=6, channel=2)
    assert run_program([*words, "-o", str(tmp_path / "h.npz")], restore=True) == 0
    said = json.loads(capfd.readouterr().out)
    assert said["box"] == list(one.box) and said["side"] == pytest.approx(one.side, rel=1e-5) and said["map"] == [10, 10]
    with np.load(tmp_path / "h.npz", allow_pickle=False) as kept:
        np.testing.assert_allclose(kept["heat"], one.heat, rtol=1e-5, atol=1e-9)
    assert run_program([*words, "-o", str(tmp_path / "h.png")], restore=True) == 0
    capfd.readouterr()
    made = read_rgb(tmp_path / "h.png")
    left, top, right, bottom = (round(edge) for edge in one.frame_box)
    assert (
        made.shape == coffee.rgb.shape and (made[top, left:right] == 255).all() and (made[top:bottom, right - 1] == 255).all()
    )
    assert (
        run_program(
            ["receptive", "lenet5", str(tmp_path / "c.png"), "--layer", "c3", "--pixel", "300", "200", "--json"], restore=True
        )
        == 0
    )
    said = json.loads(capfd.readouterr().out)
    seen = ask(real, coffee, SeenByRequest, model="lenet5", layer="c3", pixel_x=300, pixel_y=200)
    assert [row["cells"] for row in said["layers"]] == [layer.count for layer in seen.layers]
    assert run_program(["receptive", "lenet5", str(tmp_path / "c.png"), "--layer", "c9"], restore=True) == 2


def test_a_network_that_leaves_is_let_go(toys):
    import gc
    import weakref

    for build in (nets.Branches, nets.NanWeights):  # the second one is looked at by a copy with clean weights
        engine = toys(build(), size=8)
        ask(engine, noise(8, 8))
        ask(engine, noise(8, 8), SeenByRequest, pixel_x=1, pixel_y=1)
        module = weakref.ref(engine.toy.module)
        assert hook_count(module()) == 0
        del engine
        gc.collect()
        assert module() is None


def test_a_muted_channel_sees_nothing(real, coffee):
    from explorer.requests.surgery import Edit

    edit = Edit(kind="mute", layer="features.3.expand3x3", channels=(3,))
    place = {"layer": edit.layer, "y": 10, "x": 12, "surgery": (edit,)}
    muted, other = ask(real, coffee, channel=3, **place), ask(real, coffee, channel=4, **place)
    assert (muted.box, muted.pixels, muted.silent) == (None, 0, True) and other.box is not None


@pytest.mark.parametrize("where", ["run_until", "field_of", "_heat"])
def test_too_little_memory_is_explained_and_the_next_request_works(small, monkeypatch, where):
    def full(*args, **named):
        raise torch.OutOfMemoryError("out of memory")

    with monkeypatch.context() as patched, pytest.raises(ExplorerError) as caught:
        patched.setattr(module, where, full)
        ask(small, noise(24, 24), layer="conv2", y=1, x=1)
    assert caught.value.trouble.code == "memory.forward"
    assert ask(small, noise(24, 24), layer="conv2", y=1, x=1).box is not None


@pytest.mark.filterwarnings("ignore:Setting forward, backward hooks")
def test_the_heat_is_the_gradient_that_captum_finds(real, coffee):
    from captum.attr import NeuronGradient

    network = real.network(ReceptiveRequest())
    x = network.prepare(coffee).nchw.clone().requires_grad_(True)
    layer = network.module.get_submodule("features.7")
    for unit in ((5, 10, 12), (200, 3, 20)):
        expected = NeuronGradient(network.module, layer).attribute(x, unit)[0].abs().sum(0).detach().numpy()
        one = ask(real, coffee, layer="features.7", channel=unit[0], y=unit[1], x=unit[2])
        np.testing.assert_allclose(one.heat, expected, rtol=1e-4, atol=1e-7)
        assert expected.any() or one.silent


def test_looking_again_and_again_keeps_no_tensor(small):
    import gc

    def tensors():
        gc.collect()
        return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())

    def look(times):
        for at in range(times):
            ask(small, noise(24, 24, at), layer="conv2", channel=at % 12, y=at % 11, x=3)
            ask(small, noise(24, 24, at), SeenByRequest, layer="conv2", pixel_x=at % 24, pixel_y=5)

    look(3)
    before = tensors()
    look(25)
    assert tensors() <= before and hook_count(small.toy.module) == 0
