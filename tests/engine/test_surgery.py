"""An operated network: every number as torch's own functions give it, the network below it untouched, nothing left behind."""

import gc
import weakref
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from explorer.engine.engine import KEEP_OPERATED, Engine
from explorer.engine.surgery import channel_axis, twin_of, with_first
from explorer.engine.taps import first_tensor, hook_count, run_until, taps
from explorer.jobs import Work, result_of
from explorer.records.errors import BadRequestError
from explorer.requests.dream import DreamRequest
from explorer.requests.look import ActivationsRequest, FiltersRequest
from explorer.requests.network import ClassifyRequest, DetectRequest, LoadRequest, NetworkRequest, SegmentRequest
from explorer.requests.surgery import Edit, cuts

PAPER = torch.arange(16.0).reshape(1, 1, 4, 4)


def mute(layer, *channels):
    return Edit(kind="mute", layer=layer, channels=channels)


def keep(layer, *channels):
    return Edit(kind="keep", layer=layer, channels=channels)


def scale(layer, factor, *channels):
    return Edit(kind="scale", layer=layer, channels=channels, factor=factor)


def swap(layer, one, other):
    return Edit(kind="swap", layer=layer, channels=(one, other))


def kernel(layer, channel, numbers, side=2, input_channel=0):
    return Edit(
        kind="kernel", layer=layer, channels=(channel,), input_channel=input_channel, rows=side, columns=side, numbers=numbers
    )


@pytest.fixture
def engine(toys, table):
    networks = table(
        tuples=toys.TupleOut, dicts=toys.DictOut, plain=toys.NoConvolution, words=toys.NoTensor, shared=toys.SharedReLU
    )
    networks.add("paper", toys.spec(toys.TwoFilters, name="paper", size=4, channels=1))
    return Engine(threads=1, networks=networks)


def operated(engine, model, *edits):
    return engine.network(NetworkRequest(model=model, surgery=edits))


def answer(network, x):
    with torch.no_grad():
        return network.module(x)


def test_on_paper(engine):
    """Patches of 0..15: the sums are 10, 14, ... (90 in all nine: 270), the differences all -2, closed by the ReLU."""
    assert answer(engine.network(NetworkRequest(model="paper")), PAPER).tolist() == [[270.0, 0.0]]
    assert answer(operated(engine, "paper", mute("conv", 0)), PAPER).tolist() == [[0.0, 0.0]]
    assert answer(operated(engine, "paper", keep("conv", 0)), PAPER).tolist() == [[270.0, 0.0]]
    assert answer(operated(engine, "paper", scale("conv", -1.5, 1)), PAPER).tolist() == [[270.0, 27.0]]
    assert answer(operated(engine, "paper", swap("conv", 0, 1)), PAPER).tolist() == [[0.0, 270.0]]
    assert answer(operated(engine, "paper", kernel("conv", 1, (0, 0, 0, 1))), PAPER).tolist() == [[270.0, 90.0]]
    assert answer(operated(engine, "paper", mute("head", 0)), PAPER).tolist() == [[0.0, 0.0]]


def test_edits_act_in_order(engine):
    """Muted, then swapped: the silence moves; scaled after a swap: what came from the other side is scaled."""
    assert answer(operated(engine, "paper", mute("conv", 0), swap("conv", 0, 1)), PAPER).tolist() == [[0.0, 0.0]]
    assert answer(operated(engine, "paper", swap("conv", 0, 1), scale("conv", 2.0, 1)), PAPER).tolist() == [[0.0, 540.0]]
    assert answer(operated(engine, "paper", scale("conv", 2.0, 0), swap("conv", 0, 1)), PAPER).tolist() == [[0.0, 540.0]]
    assert answer(operated(engine, "paper", scale("conv", 2.0, 0, 0), scale("conv", 3.0, 0)), PAPER)[0, 0] == 270 * 6


def test_identity_is_bit_equal_and_hangs_no_hook(engine):
    x = torch.randn(2, 3, 8, 8)
    base = engine.network(NetworkRequest(model="shared"))
    same = operated(engine, "shared", swap("one", 0, 3), scale("two", 1.0, 2), swap("one", 3, 0), keep("two", *range(6)))
    assert torch.equal(answer(base, x), answer(same, x)) and hook_count(same.module) == 0
    assert same.info.notes[0] == "4 edits" and same is not base


def test_muted_is_zero_even_where_numbers_are_not_finite(engine):
    base = engine.network(NetworkRequest(model="shared"))
    with torch.no_grad():
        base.module.one.weight[1] = float("nan")
    out = run_until(operated(engine, "shared", mute("one", 1)).module, torch.ones(1, 3, 8, 8), "one")
    assert (out[:, 1] == 0).all() and torch.isfinite(out).all()


def test_a_layer_that_runs_twice_is_edited_each_time(engine):
    x = torch.randn(1, 3, 8, 8)
    m = engine.network(NetworkRequest(model="shared")).module
    by_hand = F.relu(m.one(x))
    by_hand[:, 0] = 0
    by_hand = F.relu(m.two(by_hand))
    by_hand[:, 0] = 0
    with pytest.raises(BadRequestError, match="no channel 4: it has"):
        operated(engine, "shared", mute("one", 4))
    assert torch.equal(answer(operated(engine, "shared", mute("relu", 0)), x), by_hand)


def test_what_a_layer_may_return():
    """Lists, tuples, named tuples and mappings: the first tensor is edited, the original is left as it is."""
    from torch.return_types import max as named

    one, two = torch.ones(1, 2), torch.zeros(1)
    for output in (one, (one, two), [two.new_tensor([1.0]), one], ("word", (one,)), {"a": "word", "b": one}):
        new = first_tensor(output) * 7
        changed = with_first(output, new)
        assert type(changed) is type(output) and first_tensor(changed) is new and first_tensor(output) is not new
    assert isinstance(torch.max(torch.ones(1, 2), 1), named)
    assert [channel_axis(ndim) for ndim in (2, 3, 4, 5)] == [1, 2, 1, 1]


def test_tuples_tokens_and_containers(engine, toys, table):
    x = torch.randn(1, 3, 8, 8)
    one, _ = answer(operated(engine, "tuples", mute("pair", 0, 1)), x)
    assert torch.equal(one, engine.network(NetworkRequest(model="tuples")).module.end.bias.view(1, 1, 1, 1).expand(1, 1, 8, 8))
    assert (answer(operated(engine, "dicts", mute("conv", 2)), x)["out"][:, 2] == 0).all()
    with pytest.raises(BadRequestError):
        operated(engine, "words", mute("words", 0))

    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.chain = nn.Sequential(nn.Linear(8, 5), nn.ReLU())

        def forward(self, x):
            return self.chain(x[:, 0])  # (B, 8, 5): tokens and their features

    other = Engine(threads=1, networks=table(tokens=Tokens))
    plain = answer(other.network(NetworkRequest(model="tokens")), x)
    muted = answer(operated(other, "tokens", mute("chain", 4)), x)
    assert (muted[..., 4] == 0).all() and torch.equal(muted[..., :4], plain[..., :4])
    with pytest.raises(BadRequestError, match="it has 5, counted"):
        operated(other, "tokens", mute("chain", 5))


BAD = {
    "no layer called": mute("nowhere", 0),
    "no channel 2": kernel("conv", 2, (1, 2, 3, 4)),
    "kernels see 1": kernel("conv", 0, (1, 2, 3, 4), input_channel=1),
    "2 x 2, not 3 x 3": kernel("conv", 0, (1,) * 9, side=3),
    "no kernel": kernel("head", 0, (1, 2, 3, 4)),
}


@pytest.mark.parametrize("said", BAD)
def test_bad_edits_are_refused_in_words(engine, said):
    with pytest.raises(BadRequestError, match=said):
        operated(engine, "paper", BAD[said])
    assert engine.has(NetworkRequest(model="paper"))


def test_shares_every_tensor_but_a_replaced_kernel(engine):
    base = engine.network(NetworkRequest(model="paper"))
    before = {name: tensor.clone() for name, tensor in base.module.state_dict().items()}
    own = operated(engine, "paper", kernel("conv", 1, (9, 9, 9, 9)), mute("relu", 0))
    shared = {
        name
        for name, tensor in own.module.named_parameters()
        if tensor.data_ptr() == base.module.get_parameter(name).data_ptr()
    }
    assert shared == {"head.weight"} and hook_count(base.module) == 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in base.module.state_dict().items())
    assert own.module.conv.weight[1].eq(9).all() and torch.equal(own.module.conv.weight[0], base.module.conv.weight[0])
    tied = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    tied[1].weight = tied[0].weight
    twin = twin_of(tied)
    assert twin[0] is not tied[0] and twin[0].weight is twin[1].weight is tied[0].weight


def test_few_are_kept_and_go_with_their_base(engine):
    made = [weakref.ref(operated(engine, "paper", scale("conv", 2.0 + turn, 0))) for turn in range(KEEP_OPERATED + 3)]
    gc.collect()
    assert [ref() is not None for ref in made] == [False] * 3 + [True] * KEEP_OPERATED
    assert operated(engine, "paper", scale("conv", 2.0 + KEEP_OPERATED + 2, 0)) is made[-1]()
    result_of(LoadRequest(model="paper", weights="random"), Work(engine))
    gc.collect()
    assert not any(ref() for ref in made) and engine.memo == {}


def test_taps_and_gradients_see_the_edit(engine):
    network = operated(engine, "paper", scale("conv", 0.5, 0), mute("relu", 1))
    x = PAPER.clone().requires_grad_()
    with taps(network.module, ["conv", "relu"]) as got:
        network.module(x)[0, 0].backward()
    assert got["conv"][0, 0, 0, 0] == 5 and (got["relu"][0, 1] == 0).all()
    assert x.grad[0, 0].tolist() == [[0.5, 1, 1, 0.5], [1, 2, 2, 1], [1, 2, 2, 1], [0.5, 1, 1, 0.5]]
    assert torch.equal(run_until(network.module, PAPER, "relu"), got["relu"])


@pytest.fixture(scope="module")
def real():
    return Engine(threads=2)


def test_squeezenet_against_functional(real, coffee):
    """Two muted, one scaled, one kernel of features.0: the same network written out with torch.nn.functional."""
    sobel = (1, 0, -1, 2, 0, -2, 1, 0, -1)
    edits = (mute("features.1", 3, 7), scale("features.1", 0.25, 5), kernel("features.0", 9, sobel, 3, 1))
    network = operated(real, "squeezenet1_1", *edits)
    base = real.network(NetworkRequest(model="squeezenet1_1"))
    x = base.prepare(coffee).nchw
    weight = base.module.features[0].weight.clone()
    weight[9, 1] = torch.tensor(sobel, dtype=torch.float32).view(3, 3)
    with torch.no_grad():
        y = F.relu(F.conv2d(x, weight, base.module.features[0].bias, stride=2))
        y[:, [3, 7]] = 0
        y[:, 5] *= 0.25
        y = F.max_pool2d(y, 3, 2, ceil_mode=True)
        for index in range(3, len(base.module.features)):
            y = base.module.features[index](y)
        y = base.module.classifier(y).flatten(1)
    probability = torch.softmax(y.double(), 1)[0]
    record = result_of(ClassifyRequest(surgery=edits, top=100), Work(real, coffee))
    assert [one.score for one in record.top] == pytest.approx([float(probability[one.index]) for one in record.top], abs=1e-6)
    assert (record.runs_on.runtime, record.runs_on.precision, record.runs_on.edits) == ("torch", "float32", 10 - 6)
    assert hook_count(base.module) == 0 and network.info.notes[0] == "4 edits"


def test_answers_are_never_mixed_up(real, coffee):
    """The memory of the newest frame knows plain and operated networks apart, in any order."""
    edits = (keep("features.12", 0),)
    plain, cut = ClassifyRequest(exact=True), ClassifyRequest(exact=True, surgery=edits)
    first = [result_of(request, Work(real, coffee)).top[0].score for request in (plain, cut, plain, cut)]
    assert first[0] == first[2] and first[1] == first[3] and first[0] != first[1]


def test_efficientnet_folds_around_edits(real):
    """A dream's private copy folds batch norms, but neither edits nor their layers get lost in it."""
    from explorer.features.ascent import private_copy

    base = real.network(NetworkRequest(model="efficientnet_lite0"))
    convolutions = [name for name, layer in base.module.named_modules() if isinstance(layer, nn.Conv2d)]
    norms = [name for name, layer in base.module.named_modules() if isinstance(layer, nn.BatchNorm2d)]
    network = operated(real, "efficientnet_lite0", mute(convolutions[1], 0, 1), scale(norms[2], 3.0, 2))
    x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    layer = norms[5]
    folded = private_copy(network.module, x, layer)
    left = [name for name, child in folded.named_modules() if isinstance(child, nn.BatchNorm2d)]
    assert norms[1] in left and norms[2] in left and norms[0] not in left and norms[3] not in left
    with torch.no_grad():
        wanted, got, before = (run_until(module, x, layer) for module in (network.module, folded, base.module))
    assert torch.allclose(wanted, got, atol=1e-4 * float(wanted.abs().max())) and not torch.allclose(before, got, atol=0.1)


def test_yolo_segmenter_and_all_other_jobs_take_surgery(real, coffee):
    """Every reader of a network answers with the operated one; the base network has no hook afterwards."""
    request = DetectRequest(confidence=0.3, exact=True)
    layer = real.network(request).convolution_names[0]
    silent = keep(layer, 0), mute(layer, 0)
    assert len(result_of(request, Work(real, coffee))) > 0
    assert len(result_of(DetectRequest(confidence=0.3, surgery=silent), Work(real, coffee))) == 0
    masks = SegmentRequest(exact=True)
    last = real.network(masks).convolution_names[-1]
    mask = result_of(SegmentRequest(surgery=(mute(last, 0),)), Work(real, coffee))
    assert mask.alpha.min() == mask.alpha.max() == pytest.approx(0.5)
    maps = result_of(ActivationsRequest(layer="features.3", surgery=(mute("features.3", 5),)), Work(real, coffee))
    assert (maps.values[5] == 0).all() and 5 in maps.facts["dead"]
    numbers = tuple(float(n) for n in range(9))
    tiles = result_of(FiltersRequest(surgery=(kernel("features.0", 2, numbers, 3, None),)), Work(real))
    assert (tiles.values[2] == torch.tensor(numbers).view(3, 3, 1).numpy()).all()
    quick = SimpleNamespace(layer="features.3", channel=20, steps=3, size=64)
    dreams = [
        result_of(DreamRequest(**vars(quick), surgery=surgery), Work(real)).facts["after"]
        for surgery in ((), (scale("features.3", 2.0, 20),))
    ]
    assert dreams[1] > 1.5 * dreams[0] > 0
    assert all(hook_count(network.module) == 0 and not network.edits for network in real.loaded)


def test_people_count_channels():
    assert cuts((mute("a", 1, 2, 2), scale("a", 2.0, 3), keep("a", 1, 2), swap("a", 1, 2), kernel("a", 0, (1,), 1))) == 6
