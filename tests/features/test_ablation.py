"""Every number of a ranking is that of a plain pass with that one channel muted, on any graph, and captum says the same."""

import captum.attr
import numpy as np
import pytest
import torch
from fixtures_networks import odd_table, spec
from torch import nn

from explorer.engine.engine import Engine
from explorer.engine.taps import hook_count
from explorer.engine.variants import Variants
from explorer.jobs import CancelledJob, CancelToken, Preview, Result, Work, result_of, run
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.requests.ablation import AblateRequest
from explorer.requests.network import ClassifyRequest, DetectRequest, NetworkRequest, SegmentRequest
from explorer.requests.surgery import Edit

FRAME = Frame(np.random.default_rng(5).integers(0, 256, (8, 8, 3), dtype=np.uint8), source="noise")


class Reshapes(nn.Module):
    """Fixes the batch in its own code: only one picture at a time goes through."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4 * 36, 3)

    def forward(self, x):
        return self.head(self.conv(x).reshape(1, 4 * 36))


class Wrongly(nn.Module):
    """Mixes the pictures of a batch: every way but one at a time gives other numbers."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        maps = self.conv(x).mean((2, 3))
        return self.head(maps - maps.mean(0, keepdim=True) * 0.5)


def mutes(layer, *channels):
    return (Edit(kind="mute", layer=layer, channels=channels),)


class Squashing(nn.Module):
    """Answers with probabilities made by a layer."""

    def __init__(self):
        super().__init__()
        self.conv, self.softmax = nn.Conv2d(3, 4, 8), nn.Softmax(1)

    def forward(self, x):
        return self.softmax(self.conv(x).flatten(1))


@pytest.fixture(scope="module")
def engine():
    table = odd_table("Branches", "SharedReLU", "Attention", "Recurrent", "SharedConvolution", "FixedSize", "NoConvolution")
    for build in (Reshapes, Wrongly, Squashing):
        table.add(build.__name__, spec(build, name=build.__name__))
    return Engine(threads=1, networks=table)


PLACES = [
    ("Branches", "stem_relu", "behind"),
    ("Branches", "narrow", "behind"),  # concatenated with what knows no batch
    ("Branches", "relu", "behind"),
    ("SharedReLU", "relu", "behind"),
    ("SharedConvolution", "conv", "behind"),
    ("Attention", "norm", "behind"),  # tokens: the last dimension
    ("Recurrent", "rows", "behind"),
    ("FixedSize", "conv", "behind"),
    ("NoConvolution", "fc", "behind"),
    ("Reshapes", "conv", "each"),
    ("Wrongly", "conv", "each"),
]


@pytest.mark.parametrize(("model", "layer", "way"), PLACES)
def test_equals_plain_passes_with_surgery(engine, model, layer, way):
    """The independent way: an operated network for every single channel."""
    record = result_of(AblateRequest(model=model, layer=layer, class_index=1, together=2), Work(engine, FRAME))
    assert record.facts["way"] == way and record.total == len(record.channels)

    def says(*surgery):
        network = engine.network(NetworkRequest(model=model, surgery=surgery))
        with torch.no_grad():
            out = network.module(network.prepare(FRAME).nchw)
        rows = out.double() if out.ndim == 2 else out.double().flatten(2).mean(2)
        return float(torch.softmax(rows, 1)[0, 1]), float(rows[0, 1])

    assert (record.probability, record.logit) == pytest.approx(says(), abs=1e-6)
    for place, channel in enumerate(record.channels.tolist()):
        wanted = says(*mutes(layer, channel))
        assert (record.probabilities[place], record.logits[place]) == pytest.approx(wanted, abs=1e-6), channel
    assert record.together == pytest.approx(says(*mutes(layer, *record.channels[:2].tolist()))[0], abs=1e-6)
    assert (np.diff(record.probabilities) >= 0).all()
    module = engine.network(NetworkRequest(model=model)).module
    assert hook_count(module) == 0 and not any("forward" in vars(part) for part in module.modules())


def test_by_hand():
    """0..15 / 255 in a 4 x 4 picture: filter 0 sums to 270 / 255 and feeds class 0; filter 1 is closed and carries nothing."""
    frame = Frame(np.repeat(np.arange(16, dtype=np.uint8).reshape(4, 4, 1), 3, axis=2))
    engine = Engine(threads=1, networks=odd_table("TwoFilters"))
    record = result_of(AblateRequest(model="TwoFilters", layer="conv", class_index=0, together=1), Work(engine, frame))
    assert record.channels.tolist() == [0, 1] and record.label == "0" and record.kind == "class"
    assert record.logit == pytest.approx(270 / 255, abs=1e-5) and record.logit_drop(0) == pytest.approx(270 / 255, abs=1e-5)
    whole = 1 / (1 + np.exp(-270 / 255))
    assert [record.drop(0), record.drop(1)] == pytest.approx([whole - 0.5, 0.0], abs=1e-6)
    assert record.together == pytest.approx(0.5)
    other = result_of(AblateRequest(model="TwoFilters", layer="conv", class_index=1, by="logit"), Work(engine, frame))
    assert other.ranked_by == "logit" and other.logit == 0 and other.drop(0) < 0


def test_captum_says_the_same(engine):
    """captum's LayerFeatureAblation, one group of places a channel, gives the same falls of the logit."""
    network = engine.network(NetworkRequest(model="Branches"))
    x = network.prepare(FRAME).nchw
    ablation = captum.attr.LayerFeatureAblation(network.module, network.module.relu)
    groups = torch.arange(4).view(1, 4, 1, 1).expand(1, 4, 8, 8)
    with torch.no_grad():
        falls = ablation.attribute(x, target=2, layer_mask=groups)[0, :, 0, 0]
    record = result_of(AblateRequest(model="Branches", layer="relu", class_index=2), Work(engine, FRAME))
    ours = {int(channel): record.logit_drop(place) for place, channel in enumerate(record.channels)}
    assert [ours[channel] for channel in range(4)] == pytest.approx(falls.tolist(), abs=1e-5)


def test_refusals(engine):
    work = Work(engine, FRAME)
    for request, said in (
        (AblateRequest(model="Branches", layer="nowhere"), "no layer called"),
        (AblateRequest(model="Branches", layer="relu", class_index=5), "no class"),
    ):
        with pytest.raises(ExplorerError) as error:
            result_of(request, work)
        assert said in str(error.value)
    with pytest.raises(ExplorerError):
        result_of(AblateRequest(model="Branches"), Work(engine))
    with pytest.raises(ExplorerError, match="muting it tells nothing"):
        result_of(AblateRequest(model="Squashing", layer="softmax"), work)


def test_stop_leaves_no_hook_and_keeps_the_partial_ranking(engine):
    token = CancelToken()
    seen = []
    for event in run(AblateRequest(model="Branches", layer="relu"), Work(engine, FRAME, token)):
        seen.append(event)
        if len(seen) == 4:
            token.cancel()
    assert isinstance(seen[-1], CancelledJob)
    module = engine.network(NetworkRequest(model="Branches")).module
    assert hook_count(module) == 0 and not any("forward" in vars(part) for part in module.modules())


@pytest.fixture(scope="module")
def real():
    return Engine(threads=2)


def test_five_channels_of_espresso(real, coffee, monkeypatch):
    """512 channels of features.12; without the first five the class is another one. On top of other surgery too."""
    monkeypatch.setattr("explorer.features.ablation.PREVIEW_S", 0.0)
    events = list(run(AblateRequest(), Work(real, coffee)))
    record = events[-1].record
    assert isinstance(events[-1], Result) and (record.layer, record.label, record.total) == ("features.12", "espresso", 512)
    assert record.facts["way"] == "behind"
    first, second, *_ = record.channels.tolist()
    alone = result_of(ClassifyRequest(surgery=mutes("features.12", first)), Work(real, coffee)).top[0]
    assert alone.label == "espresso" and alone.score == pytest.approx(record.probabilities[0], abs=1e-5)
    without = result_of(ClassifyRequest(surgery=mutes("features.12", *record.channels[:5].tolist())), Work(real, coffee)).top
    found = {one.label: one.score for one in without}
    assert found.get("espresso", 0.0) == pytest.approx(record.together, abs=1e-5) and record.together < 0.3 < record.probability
    partial = [event.record for event in events if isinstance(event, Preview)]
    assert len(partial) > 3 and all(len(one.channels) < 512 and one.together != one.together for one in partial)
    again = result_of(
        AblateRequest(layer="features.12.squeeze", surgery=mutes("features.12", first), class_index=record.class_index),
        Work(real, coffee),
    )
    assert again.probability == pytest.approx(alone.score, abs=1e-5) and second != first


def test_boxes_and_masks(real, coffee):
    """The score of the cup's box, and the mask: what a plain detection or segmentation with that mute says."""
    found = result_of(DetectRequest(exact=True), Work(real, coffee))
    box = tuple(float(edge) for edge in found.xyxy[0])
    layer = "layers.13.act"
    record = result_of(AblateRequest(model="yolov3_tiny", layer=layer, box=box), Work(real, coffee))
    assert record.kind == "box" and found.label(0) in record.label
    assert record.probability == pytest.approx(float(found.score[0]), abs=1e-4)
    channel = int(record.channels[0])
    without = result_of(DetectRequest(surgery=mutes(layer, channel), confidence=0.05), Work(real, coffee))
    assert min(abs(without.score - record.probabilities[0])) < 1e-4 and record.drop(0) > 0.05
    masks = result_of(AblateRequest(model="u2netp", layer="outconv"), Work(real, coffee))
    assert masks.kind == "mask" and masks.total == 1 and masks.probabilities[0] == pytest.approx(0.5, abs=1e-6)
    assert result_of(SegmentRequest(exact=True), Work(real, coffee)).alpha.max() > 0.5


def test_sensible_layers(real):
    wanted = {"squeezenet1_1": "features.12", "efficientnet_lite0": "relu1", "yolov3_tiny": "layers.8.act", "u2netp": "stage3"}
    for model, layer in wanted.items():
        assert real.network(NetworkRequest(model=model)).info.feature_layer == layer


def test_variants_need_proof_before_they_are_fast():
    x = torch.randn(1, 3, 8, 8)
    net = Wrongly().eval()
    variants = Variants(net, lambda inputs: [net(inputs)], x, "conv")
    plain = variants.outputs([(0,), ()])[0]
    for _ in variants.proving([(0,), (3,)]):
        pass
    assert variants.way == "each" and torch.equal(variants.outputs([(0,), ()])[0], plain)
