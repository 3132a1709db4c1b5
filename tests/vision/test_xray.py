"""A detector looked through: a head worked out on paper, terms that give the box back, the same answer as detect."""

import math

import numpy as np
import pytest
import torch

from explorer.engine.engine import Engine
from explorer.engine.prepare import Recipe
from explorer.host.pickling import dumps, loads
from explorer.jobs import Work, result_of
from explorer.records.attribution import Said
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.records.xray import CandidatesStage, MapsStage, PictureStage, SuppressionStage
from explorer.records.xray_cells import GridStage, TermsStage
from explorer.requests.network import DetectRequest
from explorer.requests.xray import XrayRequest
from explorer.tables import Table
from explorer.vision.boxes import Rule, iou_matrix, suppress
from explorer.vision.xray_stages import suppression_stage
from explorer.zoo.darknet import from_cfg
from explorer.zoo.reading import Candidates
from explorer.zoo.registry import NetworkSpec

ALL = ["input", "features", "grid", "objectness", "classes", "decode", "candidates", "suppression", "result"]
TOY = (
    "[net]\nwidth=32\nheight=32\nchannels=3\n"
    "[convolutional]\nfilters=2\nsize=1\nstride=16\nactivation=linear\n"
    "[convolutional]\nfilters=14\nsize=1\nstride=1\nactivation=linear\n"
    "[yolo]\nmask=0,1\nanchors=10,20, 40,30\nclasses=2\nnum=2\n"
)
RED = np.zeros((32, 32, 3), np.uint8)
RED[16, 16, 0] = 255  # what the cell in row 1, column 1 sees


def logit(p):
    return math.log(p / (1 - p))


def toy():
    """Every cell says the same, but where it sees red, anchor 1 is sure: objectness 0.9, class 1 with 0.8."""
    module = from_cfg(TOY)
    with torch.no_grad():
        for layer in (module.layers[0], module.layers[1]):
            layer.conv.weight.zero_()
            layer.conv.bias.zero_()
        module.layers[0].conv.weight[0, 0] = 1.0
        says = module.layers[1].conv
        says.bias.copy_(torch.tensor([0, 0, 0, 0, -20, 0, 0, logit(0.25), 0, math.log(2), 0, -20, logit(0.1), logit(0.8)]))
        says.weight[11, 0] = logit(0.9) + 20
    return module


class Blocks(torch.nn.Module):
    """A detector without heads: the mean of each quarter of the picture."""

    def forward(self, x):
        return torch.nn.functional.adaptive_avg_pool2d(x, 2).mean(1)


def quarters(outputs, confidence):
    """A box for each quarter that is bright enough."""
    score = outputs[0].reshape(4)
    boxes = np.array([[0, 0, 16, 16], [16, 0, 32, 16], [0, 16, 16, 32], [16, 16, 32, 32]], np.float32)
    keep = score >= confidence
    return Candidates(boxes[keep], score[keep], np.zeros(keep.sum(), np.int64))


def engine_of(**builds):
    table = Table("network")
    for name, (build, extra) in builds.items():
        table.add(
            name, NetworkSpec(name, name.title(), "detect", "", build, 32, labels=("cup", "cat"), set_weights=True, **extra)
        )
    return Engine(threads=1, networks=table)


@pytest.fixture(scope="module")
def toys():
    return engine_of(toy=(toy, {}), blocks=(Blocks, {"read_boxes": quarters}))


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=2)


def look(engine, frame, **fields):
    return result_of(XrayRequest(**fields), Work(engine, frame))


def test_a_head_worked_out_on_paper(toys):
    record = look(toys, Frame(RED), model="toy", confidence=0.5)
    assert [stage.name for stage in record.stages] == ALL
    assert record.cell == (0, 1, 1, 1) and record.candidate == record.object == 0 and record.class_index == 1
    v = record.first(TermsStage).table.values
    # x = (.25 + 1) * 16 = 20, y = (.5 + 1) * 16 = 24, w = 40 * 2 = 80, h = 30; score = .9 * .8
    expected = {"sx": 0.25, "sy": 0.5, "bx": 20, "by": 24, "bw": 80, "bh": 30, "pw": 40, "ph": 30, "stride": 16}
    expected |= {"x0": -20, "y0": 9, "x1": 60, "y1": 39, "objectness": 0.9, "probability": 0.8, "score": 0.72, "class": 1}
    for name, number in expected.items():
        assert v[name] == pytest.approx(number, abs=1e-5), name
    np.testing.assert_allclose(record.stage("result").detections.xyxy, [[0, 9, 32, 32]], atol=1e-4)  # cut at the frame
    said = {term.symbol: term for term in record.first(TermsStage).table.lines}
    assert said["X_0"].says.english() == "left edge; −20, cut at the frame's border" and said["X_0"].value == 0
    assert said["b_x"].filled == "(0.25 + 1) · 16"
    grid = record.first(GridStage).scales[0]
    assert (grid.rows, grid.columns, grid.stride) == (2, 2, 16) and grid.cell_box(1, 1) == (16, 16, 32, 32)
    assert grid.anchor_box(1, 1, 1) == (4, 9, 44, 39)
    features = record.stage("features").scales[0]
    assert features.layer == "layers.0" and features.values[0].tolist() == [[0, 0], [0, 1]]
    there = record.stage("objectness").scales[0].values
    np.testing.assert_allclose(there[1], [[0, 0], [0, 0.9]], atol=1e-6)
    np.testing.assert_allclose(record.stage("classes").scales[0].values[1], 0.8, atol=1e-6)


def test_every_term_gives_the_box_back_exactly(engine, coffee):
    record = look(engine, coffee, confidence=0.05)
    boxes, result, picture = record.first(CandidatesStage), record.stage("result"), record.first(PictureStage)
    cells = boxes.link("grid")
    assert len(boxes) > 3
    for row, cell in enumerate(map(tuple, cells.tolist())):
        one = look(engine, coffee, confidence=0.05, cell=cell)
        assert one.cell == cell and one.candidate == row
        table = one.first(TermsStage).table
        v = table.values
        # From the raw numbers alone, by the paper's formulas.
        bx, by = (1 / (1 + math.exp(-v["tx"])) + cell[2]) * v["stride"], (1 / (1 + math.exp(-v["ty"])) + cell[1]) * v["stride"]
        bw, bh = v["pw"] * math.exp(v["tw"]), v["ph"] * math.exp(v["th"])
        np.testing.assert_allclose(table.xyxy, [bx - bw / 2, by - bh / 2, bx + bw / 2, by + bh / 2], rtol=1e-12)
        assert v["score"] == pytest.approx(1 / (1 + math.exp(-v["to"])) / (1 + math.exp(-v["tc"])), rel=1e-12)
        # Term after term, to the last bit of the candidate.
        again = (v["bx"] - v["bw"] / 2, v["by"] - v["bh"] / 2, v["bx"] + v["bw"] / 2, v["by"] + v["bh"] / 2)
        assert np.array_equal(np.float32(again), boxes.xyxy[row]) and np.float32(v["score"]) == boxes.score[row]
        assert np.array_equal(np.float32(table.frame_xyxy), boxes.frame_xyxy[row])
        corner = np.array([picture.to_frame(*again[:2]), picture.to_frame(*again[2:])]).reshape(4)
        np.testing.assert_allclose(table.frame_xyxy, np.clip(corner, 0, [600, 400] * 2), atol=1e-3)
    for number, row in enumerate(result.link("candidates").tolist()):
        assert np.array_equal(result.detections.xyxy[number], boxes.frame_xyxy[row])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"confidence": 0.02, "overlap": 0.3},
        {"confidence": 0.02, "suppression": "gaussian", "sigma": 0.3},
        {"confidence": 0.02, "suppression": "linear", "per_class": False},
        {"confidence": 0.01, "only": ("dining table", "bowl")},
        {"confidence": 0.01, "limit": 2},
    ],
)
def test_the_last_stage_is_what_detect_says(engine, coffee, fields):
    found = look(engine, coffee, **fields).stage("result").detections
    plain = result_of(DetectRequest(exact=True, **fields), Work(engine, coffee))
    for name in ("xyxy", "score", "class_index"):
        assert np.array_equal(getattr(found, name), getattr(plain, name)), name
    assert found.labels == plain.labels and found.runs_on == plain.runs_on and found.frame_hw == (400, 600)


def test_what_is_kept_and_what_went_adds_up(engine, coffee):
    record = look(engine, coffee, confidence=0.01)
    what, boxes = record.first(SuppressionStage), record.first(CandidatesStage)
    assert what.kept.sum() == len(record.stage("result").detections) < len(boxes)
    ious = iou_matrix(boxes.xyxy, boxes.xyxy)
    for row in range(len(boxes)):
        by = int(what.by[row])
        assert (by < 0) == bool(what.kept[row])
        if by >= 0:
            assert what.kept[by] and by < row and boxes.class_index[by] == boxes.class_index[row]
            assert what.overlap[row] == pytest.approx(ious[by, row], abs=1e-6) and what.overlap[row] > 0.45


def candidates(xyxy, score, classes):
    xyxy, score = np.array(xyxy, np.float32), np.array(score, np.float32)
    return CandidatesStage("candidates", "", Said(""), xyxy, xyxy, score, np.array(classes), ("a", "b"))


CHAIN = [[0, 0, 4, 4], [1, 0, 5, 4], [2, 0, 6, 4]]  # neighbours 0.6, first and third 1/3


def test_who_removed_whom_by_hand():
    boxes = candidates(CHAIN, [0.9, 0.8, 0.7], [0, 0, 0])
    greedy = suppression_stage(boxes, Rule(overlap=0.5))
    assert greedy.kept.tolist() == [True, False, True] and greedy.by.tolist() == [-1, 0, -1]
    assert greedy.overlap[1] == pytest.approx(0.6) and greedy.after.tolist() == pytest.approx([0.9, 0, 0.7])
    linear = suppression_stage(boxes, Rule("linear", 0.5, confidence=0.1))
    # the first lowers the second by 1 - .6; the third, now better, lowers it once more; nobody goes
    assert linear.kept.all() and linear.by.tolist() == [-1, 0, -1]
    assert linear.after.tolist() == pytest.approx([0.9, 0.8 * 0.4 * 0.4, 0.7])
    apart = suppression_stage(candidates(CHAIN, [0.9, 0.8, 0.7], [0, 1, 0]), Rule(overlap=0.5))
    assert apart.kept.all() and (apart.by == -1).all()
    first = suppression_stage(boxes, Rule(overlap=0.99, limit=1))
    assert first.kept.tolist() == [True, False, False] and first.by.tolist() == [-1, -1, -1]


@pytest.mark.parametrize("kind", ["greedy", "linear", "gaussian"])
def test_kept_boxes_are_those_of_suppress(kind):
    rng = np.random.default_rng(3)
    corner = rng.uniform(0, 20, (60, 2))
    score = np.sort(rng.uniform(0.1, 1, 60))[::-1]
    boxes = candidates(np.concatenate([corner, corner + rng.uniform(1, 15, (60, 2))], 1), score, rng.integers(0, 2, 60))
    rule = Rule(kind, 0.4, confidence=0.2)
    index, after = suppress(boxes.xyxy, boxes.score, boxes.class_index, rule)
    found = suppression_stage(boxes, rule)
    assert np.flatnonzero(found.kept).tolist() == sorted(index.tolist())
    assert np.array_equal(found.after[index], after)
    assert (found.by[~found.kept] >= 0).all() and found.kept[found.by[found.by >= 0]].all()


def test_the_letterbox_both_ways(engine, coffee):
    picture = look(engine, coffee).first(PictureStage)
    geometry = Recipe(size=416, rule="letterbox").geometry(400, 600)
    corners = np.array([[0, 0, 600, 400], [150, 20, 430, 310]], np.float32)
    there = np.array([[*picture.to_input(*box[:2]), *picture.to_input(*box[2:])] for box in corners])
    np.testing.assert_allclose(there, geometry.to_net_xyxy(corners), atol=1e-4)
    back = np.array([[*picture.to_frame(*box[:2]), *picture.to_frame(*box[2:])] for box in there])
    np.testing.assert_allclose(back, corners, atol=1e-9)
    assert picture.inside == (0, 69, 416, 346) and picture.rgb.shape == (416, 416, 3)
    assert (picture.rgb[:69] == picture.rgb[0, 0]).all() and picture.rgb[75:340].std() > 30


def test_another_cell_class_or_threshold_needs_no_new_pass(engine, coffee):
    frame = Frame(coffee.rgb, seq=71, source="strip")
    network = engine.network(XrayRequest(exact=True))
    passes = []
    handle = network.module.register_forward_hook(lambda *_: passes.append(1))
    first = look(engine, frame, confidence=0.05)
    assert [stage for stage, _ in first.timing.stages] == ["prepare", "forward", "decode"]
    for fields in ({"cell": (1, 3, 4, 0)}, {"class_index": 0}, {"confidence": 0.2}, {"object": 0}, {"suppression": "linear"}):
        again = look(engine, Frame(coffee.rgb.copy(), seq=71, source="strip"), **{"confidence": 0.05, **fields})
    handle.remove()
    assert len(passes) == 1 and [stage for stage, _ in again.timing.stages] == ["decode"]


def test_one_thing_is_followed_through_all_stages(engine, coffee):
    plain = look(engine, coffee, confidence=0.05)
    assert plain.object == 0 and plain.labels[plain.class_index] == "cup"
    second = look(engine, coffee, confidence=0.05, object=1)
    row = second.candidate
    assert second.stage("result").link("candidates")[1] == row and second.stage("candidates").link("grid")[row].tolist() == [
        *second.cell
    ]
    assert (
        second.stage("decode").chosen == second.cell[3] and second.class_index == second.first(CandidatesStage).class_index[row]
    )
    near = plain.stage("result").detections.xyxy[1] + np.float32([5, -5, 5, 5])
    assert look(engine, coffee, confidence=0.05, box=tuple(near.tolist())).object == 1
    gone = int(np.flatnonzero(~plain.first(SuppressionStage).kept)[0])
    weak = look(engine, coffee, confidence=0.05, cell=tuple(plain.stage("candidates").link("grid")[gone].tolist()))
    assert weak.candidate == gone and weak.object is None
    nobody = look(engine, coffee, confidence=0.05, cell=(1, 0, 0, 2))
    assert nobody.candidate is None and nobody.object is None and len(nobody.first(TermsStage).tables) == 3
    shown = look(engine, coffee, confidence=0.05, class_index=60)
    assert shown.stage("classes").class_index == 60 and shown.object == 0
    late = look(engine, coffee, confidence=0.05, object=50)
    assert late.object == 0 and "There is no object 51" in late.notes[0].english()


@pytest.mark.parametrize(
    "fields", [{"cell": (2, 0, 0, 0)}, {"cell": (0, 13, 0, 0)}, {"cell": (0, 0, -1, 0)}, {"class_index": 80}]
)
def test_what_this_network_does_not_have(engine, coffee, fields):
    with pytest.raises(ExplorerError) as error:
        look(engine, coffee, **fields)
    assert error.value.trouble.code in ("xray.cell", "xray.class") and error.value.trouble.exit_code == 2
    assert "YOLOv3-tiny" in error.value.trouble.english()


def test_nothing_found_is_explained_and_the_best_cell_is_shown(engine, coffee):
    best = look(engine, coffee).first(CandidatesStage).score[0]
    record = look(engine, coffee, confidence=1.0)
    assert record.object is None and record.candidate is None and record.cell is not None
    said = record.stage("candidates").empty.english()
    assert "100 %" in said and f"{100 * best:.3g} %" in said and "Lower the confidence" in said
    for name in ("suppression", "result"):
        assert record.stage(name).empty is not None
    assert record.first(TermsStage).table.score == pytest.approx(best)


def test_one_pixel(engine):
    record = look(engine, Frame(np.full((1, 1, 3), 128, np.uint8)), confidence=0.01)
    assert [stage.name for stage in record.stages] == ALL and record.first(PictureStage).frame_hw == (1, 1)
    assert record.first(PictureStage).inside == (0, 0, 416, 416) and record.cell is not None
    assert all(np.isfinite(term.value) for term in record.first(TermsStage).table.lines)


def test_weights_that_are_no_numbers_are_shown_and_explained(toys):
    broken = engine_of(toy=(toy, {}))
    module = broken.network(XrayRequest(model="toy", exact=True)).module
    with torch.no_grad():
        module.layers[0].conv.weight[1, 0] = float("nan")
        module.layers[1].conv.weight[4, 1] = 1.0
    record = look(broken, Frame(RED), model="toy", confidence=0.5)
    features = record.stage("features")
    assert np.isnan(features.scales[0].values[1]).all() and "4 of 8 numbers" in features.empty.english()
    assert record.stage("objectness").empty is not None
    assert "not numbers" in record.stage("result").empty.english() and len(record.stage("result").detections) == 0
    assert any("weights are damaged" in note.english() for note in record.notes)
    module.layers[1].conv.bias.data[:] = float("nan")
    nothing = look(broken, Frame(RED, seq=1), model="toy", confidence=0.5)
    assert nothing.cell is None and nothing.stage("decode").empty is not None and nothing.first(TermsStage).table is None


def test_a_detector_without_heads_shows_what_there_is(toys):
    bright = np.zeros((32, 32, 3), np.uint8)
    bright[:16, 16:] = 255
    record = look(toys, Frame(bright), model="blocks", confidence=0.5)
    assert [stage.name for stage in record.stages] == ["input", "candidates", "suppression", "result"]
    assert record.cell is None and record.object == 0 and "no grid of cells" in record.notes[0].english()
    assert record.stage("result").detections.xyxy.tolist() == [[16, 0, 32, 16]]
    assert record.stage("result").detections.label(0) == "cup"


def test_it_goes_to_the_window_and_into_files(engine, coffee):
    record = look(engine, coffee, confidence=0.05)
    again = loads(dumps(record))
    for one, other in zip(record.stages, again.stages, strict=True):
        assert one.facts() == other.facts() and one.about == other.about
        for name, values in one.arrays().items():
            assert values.dtype.kind in "fiubU" and np.array_equal(values, other.arrays()[name]), (one.name, name)
    maps = [stage for stage in record.stages if isinstance(stage, MapsStage)]
    assert [stage.name for stage in maps] == ["features", "objectness", "classes"]
    assert [one.values.shape for one in maps[0].scales] == [(512, 13, 13), (256, 26, 26)]
