"""The published weights make the networks right, on pictures that nobody made for them; and only prepared as the rows say.

Everything here is plain torch: preparation as the row describes it, in a few lines, independent of the engine's own.
"""

import functools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.assets import asset
from explorer.engine.vet import load_state
from explorer.weights import store
from explorer.weights.rows import class_list, row_for
from explorer.zoo.registry import networks

pytestmark = pytest.mark.weights
HERE = Path(__file__).parent
IMAGENET = class_list("imagenet.txt")


@functools.cache
def network(name):
    spec = networks()[name]
    module = spec.build().eval()
    module.load_state_dict(load_state(row_for(name), spec).tensors)
    return module


@functools.cache
def picture(name):
    import skimage.data

    rgb = getattr(skimage.data, name)()
    rgb = np.repeat(rgb[..., None], 3, 2) if rgb.ndim == 2 else rgb[..., :3]
    return torch.from_numpy(rgb.copy()).permute(2, 0, 1)[None].float()


def resized(x, height, width):
    return F.interpolate(x, (height, width), mode="bilinear", antialias=True, align_corners=False).clamp(0, 255)


def prepared(x, row, order=None, scale=None, mean=None, std=None):
    """(1, 3, H, W) 0..255 -> what the row wants; the keywords make it wrong on purpose."""
    side = row.input_size
    if row.resize == "stretch":
        x = resized(x, side, side)
    else:
        factor = row.crop_from / min(x.shape[2:])
        x = resized(x, round(x.shape[2] * factor), round(x.shape[3] * factor))
        top, left = (x.shape[2] - side) // 2, (x.shape[3] - side) // 2
        x = x[:, :, top : top + side, left : left + side]
    if (order or row.channel_order) == "bgr":
        x = x.flip(1)
    shift, spread = (torch.tensor(list(numbers)).view(1, 3, 1, 1) for numbers in (mean or row.mean, std or row.std))
    return (x * (scale or row.scale) - shift) / spread


def scores(network_name, picture_name, **wrong):
    with torch.no_grad():
        found = network(network_name)(prepared(picture(picture_name), row_for(network_name), **wrong)).softmax(1)[0]
    return {IMAGENET[int(index)]: float(value) for value, index in zip(*found.topk(3), strict=True)}


RIGHT = {
    "chelsea": {"tabby", "tiger cat", "Egyptian cat"},
    "coffee": {"espresso", "cup"},
    "camera": {"tripod"},
    "rocket": {"missile"},
}


@pytest.mark.parametrize("name", ["squeezenet1_1", "efficientnet_lite0"])
@pytest.mark.parametrize(("subject", "classes"), RIGHT.items())
def test_the_classifiers_name_what_is_there(name, subject, classes):
    assert classes & scores(name, subject).keys()


def test_the_cat_is_all_three_first_places():
    for name in ("squeezenet1_1", "efficientnet_lite0"):
        assert scores(name, "chelsea").keys() == RIGHT["chelsea"]


CLEAR = ("chelsea", "coffee", "camera")  # pictures that fill the frame with one thing


def surprise(name, **wrong):
    """Mean of -log(probability of the right classes) over crops and mirror images of the clear pictures; 0 is certain."""
    row = row_for(name)
    total = []
    for subject in CLEAR:
        views = [
            prepared(x, row, **wrong)
            for x in (picture(subject), picture(subject).flip(3), picture(subject)[..., 20:-20, 20:-20])
        ]
        with torch.no_grad():
            found = network(name)(torch.cat(views)).softmax(1)
        total.append(found[:, [IMAGENET.index(label) for label in RIGHT[subject]]].sum(1).log().neg())
    return float(torch.cat(total).mean())


surprise_when_right = functools.cache(surprise)
WRONG = {
    "squeezenet1_1": {
        "rgb": {"order": "rgb", "mean": (123.68, 116.779, 103.939)},
        "no mean": {"mean": (0.0, 0.0, 0.0)},
        "torchvision's scale": {"scale": 1 / 255, "mean": (0.406, 0.456, 0.485), "std": (0.225, 0.224, 0.229)},
    },
    "efficientnet_lite0": {
        "bgr": {"order": "bgr"},
        "0..1": {"scale": 1 / 255, "mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)},
        "torchvision's scale": {"scale": 1 / 255, "mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)},
    },
}


@pytest.mark.parametrize(("name", "how"), [(name, how) for name, many in WRONG.items() for how in many])
def test_prepared_in_another_way_they_are_less_sure(name, how):
    """This is what establishes the rows' channel order, scale and mean."""
    assert surprise(name, **WRONG[name][how]) > 1.1 * surprise_when_right(name)


def test_efficientnet_pads_as_tensorflow_does(monkeypatch):
    """With PyTorch's even padding the strided convolutions look half a pixel aside."""
    from explorer.zoo.efficientnet_lite0 import SameConv2d

    def even(self, x):
        return F.conv2d(x, self.weight, None, self.stride, self.kernel_size[0] // 2, 1, self.groups)

    here = surprise_when_right("efficientnet_lite0")
    monkeypatch.setattr(SameConv2d, "forward", even)
    assert surprise("efficientnet_lite0") > 1.1 * here


def test_yolov3_tiny_agrees_with_opencvs_darknet_reader():
    """Raw outputs of the last convolutions, before any [yolo] transform; recipes/golden_yolov3_tiny.py made the file."""
    golden = np.load(HERE / "yolov3_tiny_coffee.npz")
    with torch.no_grad():
        coarse, fine = network("yolov3_tiny")(torch.from_numpy(golden["picture"]).permute(2, 0, 1)[None].float() / 255)
    assert np.abs(coarse.numpy() - golden["coarse"]).max() < 1e-4
    assert np.abs(fine.numpy() - golden["fine"]).max() < 1e-4


def test_yolov3_tiny_finds_the_cup():
    golden = np.load(HERE / "yolov3_tiny_coffee.npz")
    module = network("yolov3_tiny")
    with torch.no_grad():
        outputs = module(torch.from_numpy(golden["picture"]).permute(2, 0, 1)[None].float() / 255)
    best = {}
    for raw, head in zip(outputs, module.heads, strict=True):
        height, width = raw.shape[2:]
        cells = raw.view(len(head.anchors), 5 + head.classes, height, width)
        score = cells[:, 4:5].sigmoid() * cells[:, 5:].sigmoid()
        for index, label in enumerate(class_list("coco.txt")):
            best[label] = max(best.get(label, 0.0), float(score[:, index].max()))
        if head.stride == 32:  # the cup is large: the coarse head has it; its box, by the formula in `Head`
            anchor, _, i, j = (int(part) for part in np.unravel_index(int(score[:, 41:42].argmax()), score[:, 41:42].shape))
            tx, ty, tw, th = cells[anchor, :4, i, j]
            x, y = (j + tx.sigmoid()) * 32, (i + ty.sigmoid()) * 32
            w, h = head.anchors[anchor][0] * tw.exp(), head.anchors[anchor][1] * th.exp()
    assert class_list("coco.txt")[41] == "cup"
    assert max(best, key=best.get) == "cup"
    assert best["cup"] > 0.5
    # The saucer and cup fill the middle of the picture: about 100..330 of 416 both ways.
    assert 150 < x < 260 and 150 < y < 260 and 100 < w < 330 and 80 < h < 280


def test_u2netp_agrees_with_onnxruntime_on_its_own_file():
    import onnxruntime

    row = row_for("u2netp")
    kept = store.kept_source(row)
    assert kept is not None, "the cache lacks the ONNX file: fetch the weights again"
    x = prepared(picture("chelsea"), row)
    session = onnxruntime.InferenceSession(str(kept), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    with torch.no_grad():
        ours = network("u2netp")(x)
    assert len(theirs) == len(ours) == 7
    for index, (their, our) in enumerate(zip(theirs, ours, strict=True)):
        assert np.abs(their - our.numpy()).max() < 1e-3, f"map {index}"
    assert 0.2 < float(ours[0].mean()) < 0.9  # a mask, not one colour


def test_u2netps_folded_norms_change_nothing():
    module = network("u2netp")
    norms = [part for part in module.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    assert len(norms) == 112
    x = torch.randn(1, norms[0].num_features, 4, 4)
    assert torch.allclose(norms[0](x), x, atol=1e-6)


def test_lenet5_reads_the_held_out_digits_as_well_as_its_record_says():
    from sklearn.datasets import load_digits

    record = json.loads(asset("weights", "lenet5_digits.json").read_text())
    row = row_for("lenet5")
    table = load_digits()
    held = np.arange(len(table.images)) % 5 == 0
    pixels = torch.from_numpy(table.images[held]).float().unsqueeze(1) * (255 / 16)  # as a grey picture, 0..255
    x = F.interpolate(pixels, (32, 32), mode="bilinear", align_corners=False)
    with torch.no_grad():
        answer = network("lenet5")((x * row.scale - row.mean[0]) / row.std[0]).argmax(1).numpy()
    accuracy = float((answer == table.target[held]).mean())
    assert len(answer) == record["test_digits"] == 360
    assert accuracy == pytest.approx(record["test_accuracy"], abs=1e-5)
    assert accuracy > 0.985
    assert record["sha256"] == row.source.sha256 and record["bytes"] == row.source.size
