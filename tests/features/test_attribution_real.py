"""Attribution on the published networks: against captum called directly, against gradients written by hand, against sense."""

import threading
import time
import warnings

import numpy as np
import pytest
import torch

from explorer.engine.taps import hook_count, taps
from explorer.features.attribution import make_scene
from explorer.features.silent_captum import silent_captum
from explorer.jobs import CancelledJob, CancelToken, Progress, Work, result_of, run
from explorer.requests.attribution import AttributeRequest, RandomiseRequest, TrustRequest
from explorer.requests.network import DetectRequest

pytestmark = pytest.mark.weights
CUP = (190, 15, 425, 230)  # the inside of the cup with its rim on coffee(), left, top, right, bottom


def explain(engine, frame, **fields):
    return result_of(AttributeRequest(**fields), Work(engine=engine, frame=frame))


def seen(engine, frame, model):
    network = engine.network(AttributeRequest(model=model))
    return network, network.prepare(frame)


def same(heat, array, prepared):
    """Whether a heat of the record is `array` (h, w) over the network's input, mapped onto the frame."""
    want = prepared.to_frame_map(np.asarray(array, np.float32))
    return np.allclose(heat, want, rtol=1e-3, atol=1e-4 * np.abs(want).max())


def test_why_espresso_grad_cam_is_in_the_cup(real, coffee):
    found = explain(real, coffee, model="squeezenet1_1", methods=("gradcam", "hirescam", "layercam", "gradcam_plus_plus"))
    assert found.target.english() == "espresso" and found.class_index == 967 and found.default_layer == "features.12"
    for item in found.items[:2]:
        row, column = np.unravel_index(item.heat.argmax(), item.heat.shape)
        assert CUP[0] <= column <= CUP[2] and CUP[1] <= row <= CUP[3], item.method


def test_gradients_are_those_of_torch(real, coffee):
    found = explain(real, coffee, methods=("saliency", "input_x_gradient", "gradcam", "hirescam", "layercam"))
    network, prepared = seen(real, coffee, "squeezenet1_1")
    x = prepared.nchw.clone().requires_grad_(True)
    with taps(network.module, ["features.12"], detach=False) as got:
        logit = network.module(x)[0, 967]
    maps = got["features.12"]
    gradient, of_maps = torch.autograd.grad(logit, (x, maps))
    maps = maps.detach()
    want = (
        gradient[0].abs().amax(0),
        (gradient * x.detach())[0].sum(0),
        (of_maps.mean((2, 3), keepdim=True) * maps)[0].sum(0).clamp_min(0),
        (of_maps * maps)[0].sum(0).clamp_min(0),
        (of_maps.clamp_min(0) * maps)[0].sum(0).clamp_min(0),
    )
    for item, array in zip(found.items, want, strict=True):
        assert same(item.heat, array, prepared), item.method
    assert found.score == pytest.approx(float(logit.detach()), rel=1e-5)


def test_what_captum_has_is_what_captum_says(real, coffee):
    names = ("integrated_gradients", "guided_backprop", "deconvolution", "occlusion", "guided_gradcam")
    found = explain(real, coffee, methods=names, steps=6, baseline="grey", patch=110, stride=110)
    network, prepared = seen(real, coffee, "squeezenet1_1")
    attr, module = silent_captum(), network.module
    x = prepared.nchw.clone().requires_grad_(True)
    low, high = torch.tensor(network.bounds).T
    grey = ((low + high) / 2)[None, :, None, None].expand_as(x).clone()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        guided = attr.GuidedBackprop(module).attribute(x, target=967)
        deconvolved = attr.Deconvolution(module).attribute(x, target=967)
    integrated = attr.IntegratedGradients(module).attribute(x, baselines=grey, target=967, n_steps=6, internal_batch_size=1)
    with torch.no_grad():
        shape = {"sliding_window_shapes": (3, 110, 110), "strides": (3, 110, 110)}
        covered = attr.Occlusion(module).attribute(prepared.nchw, baselines=grey, target=967, **shape)
    cam = attr.LayerGradCam(module, module.features[12]).attribute(x, target=967, relu_attributions=True)
    grown = attr.LayerAttribution.interpolate(cam.detach(), (227, 227), interpolate_mode="bilinear")[0, 0]
    want = (
        integrated[0].sum(0),
        guided[0].abs().amax(0),
        deconvolved[0].abs().amax(0),
        covered[0].mean(0),
        guided[0].abs().amax(0) * grown,
    )
    for item, array in zip(found.items, want, strict=True):
        assert same(item.heat, array.detach(), prepared), item.method
    assert hook_count(module) == 0


def test_score_and_ablation_cam_are_as_written_in_the_papers(real, coffee):
    found = explain(real, coffee, methods=("scorecam", "ablationcam"), maps=6)
    network, prepared = seen(real, coffee, "squeezenet1_1")
    module, x = network.module, prepared.nchw
    with torch.no_grad():
        with taps(module, ["features.12"]) as got:
            score = float(module(x)[0, 967])
        maps = got["features.12"][0]
        strongest = torch.argsort(maps.amax((1, 2)), descending=True, stable=True)[:6]
        base, gains, falls = float(module(x * 0)[0, 967]), [], []
        for k in strongest.tolist():
            cover = torch.nn.functional.interpolate(maps[k][None, None], size=(227, 227), mode="bilinear")
            cover = (cover - cover.min()) / (cover.max() - cover.min())
            gains.append(float(module(x * cover)[0, 967]) - base)
            cut = got["features.12"].clone()
            cut[:, k] = 0
            falls.append((score - float(module.classifier(cut).flatten(1)[0, 967])) / score)
    weights = torch.softmax(torch.tensor(gains), 0)
    want = (
        (weights[:, None, None] * maps[strongest]).sum(0).clamp_min(0),
        (torch.tensor(falls)[:, None, None] * maps[strongest]).sum(0).clamp_min(0),
    )
    for item, array in zip(found.items, want, strict=True):
        assert same(item.heat, array, prepared), item.method
        assert any("6 strongest" in note.english() for note in item.notes)


def test_a_box_is_explained_inside_the_box(real, coffee):
    work = Work(engine=real, frame=coffee)
    objects = result_of(DetectRequest(exact=True), work)
    box = tuple(float(edge) for edge in objects.xyxy[0])
    found = explain(real, coffee, model="yolov3_tiny", methods=("gradcam", "layercam", "saliency", "guided_backprop"), box=box)
    assert found.kind == "box" and found.target.english() == "cup (box)" and found.xyxy == pytest.approx(box, abs=0.5)
    assert found.confidence == pytest.approx(float(objects.score[0]), abs=1e-4) and found.default_layer == "layers.14.act"
    left, top, right, bottom = (round(edge) for edge in box)
    for item in found.items[:3]:
        assert item.heat[top:bottom, left:right].sum() / item.heat.sum() > 0.6, item.method
    assert "LeakyReLU" in found.items[3].empty.english()
    network, prepared = seen(real, coffee, "yolov3_tiny")
    x = prepared.nchw.clone().requires_grad_(True)
    maps = network.module(x)[0].reshape(3, 85, 13, 13)  # the coarse head
    best = torch.sigmoid(maps[:, 4]) * torch.sigmoid(maps[:, 5 + 41])
    anchor, row, column = np.unravel_index(int(best.argmax()), best.shape)
    (gradient,) = torch.autograd.grad(maps[anchor, 4, row, column] + maps[anchor, 46, row, column], x)
    assert same(found.items[2].heat, gradient[0].abs().amax(0), prepared)
    assert explain(real, coffee, model="yolov3_tiny", methods=("gradcam",)).xyxy == found.xyxy  # the strongest by itself


def test_a_box_that_is_not_there_and_a_class_that_is_not(real, coffee):
    for fields, code in (({"box": (0, 300, 20, 320)}, "attribution.box"), ({"class_index": 80}, "attribution.class")):
        last = list(run(AttributeRequest(model="yolov3_tiny", **fields), Work(engine=real, frame=coffee)))[-1]
        assert last.trouble.code == code


def test_a_mask_is_found_by_itself(real, coffee):
    scene = make_scene(AttributeRequest(model="u2netp"), Work(engine=real, frame=coffee))
    target = scene.case.target
    assert target.kind == "mask" and scene.case.layer == "stage1d" and target.reached
    assert float(target.confidence(scene.raw)[0]) > 0.9 and scene.score() > 3


@pytest.mark.parametrize(
    ("model", "layer"), [("squeezenet1_1", "features.12"), ("efficientnet_lite0", "relu1"), ("lenet5", "tanh3")]
)
def test_the_layer_chosen_for_each_architecture(real, coffee, model, layer):
    found = explain(real, coffee, model=model, methods=("gradcam",))
    assert found.default_layer == found.items[0].layer == layer and layer in found.items[0].why_layer.english()


def test_guided_backprop_goes_through_relu6(real, coffee):
    found = explain(real, coffee, model="efficientnet_lite0", methods=("guided_backprop", "saliency"))
    assert found.items[0].empty is None and not np.allclose(found.items[0].heat, found.items[1].heat)


def test_trust_and_forgetting_teach_what_the_papers_say(real, coffee):
    work = Work(engine=real, frame=coffee)
    curve = result_of(TrustRequest(methods=("gradcam",), points=8), work).items[0].areas
    assert curve["insertion"] > 3 * curve["random_insertion"]
    last = {
        name: result_of(RandomiseRequest(methods=(name,), stages=2), work).stages[-1].correlation
        for name in ("gradcam", "guided_backprop")
    }
    assert abs(last["gradcam"]) < 0.4 < 0.5 < last["guided_backprop"]  # guided backpropagation hardly asks the network


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: AttributeRequest(methods=("occlusion",), patch=12, stride=2),
        lambda: AttributeRequest(methods=("integrated_gradients",), steps=500),
        lambda: AttributeRequest(methods=("scorecam",), maps=512),
        lambda: AttributeRequest(methods=("smoothgrad",), samples=256),
        lambda: TrustRequest(methods=("gradcam",), points=100),
    ],
    ids=["occlusion", "integrated", "scorecam", "smoothgrad", "trust"],
)
def test_stop_is_answered_at_once_in_long_loops(real, coffee, request_of):
    token, asked = CancelToken(), []

    def stop():
        asked.append(time.process_time())
        token.cancel()

    for event in run(request_of(), Work(engine=real, frame=coffee, token=token)):
        if isinstance(event, Progress) and event.done > 0 and not asked:
            asked.append(0.0)
            threading.Timer(0.03, stop).start()
    assert isinstance(event, CancelledJob)
    assert time.process_time() - asked[-1] < 0.6  # 0.2 on a quiet machine
    assert not [thread for thread in threading.enumerate() if thread.name == "in-turns"]
