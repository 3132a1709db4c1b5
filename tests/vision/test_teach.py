"""Teaching a real classifier real pictures: features, figures, files; and everything that can be wrong with a folder."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from explorer.engine.engine import Engine
from explorer.engine.taught import features_of as taught_features
from explorer.engine.taught import last_layer, numbers_hash
from explorer.jobs import CancelledJob, CancelToken, Failed, Preview, Progress, Work, result_of, run
from explorer.picture.stills import read_rgb, write_jpeg
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.requests.attribution import AttributeRequest
from explorer.requests.network import CatalogueRequest, ClassifyRequest, NetworkRequest
from explorer.requests.surgery import Edit
from explorer.requests.teach import CollectRequest, TeachRequest, class_name
from explorer.vision.teach_features import FeatureStore

PLAIN = {"folder": "", "date": "2026-01-02"}


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=1)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Features are kept between the tests of this file, in a folder of its own; the weights stay where they are."""
    return tmp_path_factory.mktemp("features")


@pytest.fixture(autouse=True)
def own_features(cache, monkeypatch):
    monkeypatch.setattr("explorer.vision.teach_features.cache_dir", lambda: cache)


@pytest.fixture(scope="module")
def lessons(tmp_path_factory, coffee, chelsea):
    """Two classes, ten parts of a photograph each."""
    root = tmp_path_factory.mktemp("lessons")
    random = np.random.default_rng(0)
    for name, frame in (("cup", coffee), ("cat", chelsea)):
        for number in range(10):
            side = int(min(frame.height, frame.width) * random.uniform(0.6, 0.9))
            y, x = random.integers(0, frame.height - side), random.integers(0, frame.width - side)
            write_jpeg(root / name / f"{number}.jpg", np.ascontiguousarray(frame.rgb[y : y + side, x : x + side]))
    return root


def teach(engine, folder, **fields):
    return result_of(TeachRequest(**{**PLAIN, "folder": str(folder), **fields}), Work(engine))


@pytest.fixture(scope="module")
def taught(engine, lessons, cache):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("explorer.vision.teach_features.cache_dir", lambda: cache)
        return teach(engine, lessons)


def test_two_things_are_told_apart_and_the_figure_is_honest(taught):
    assert taught.classes == ("cat", "cup") and taught.counts == (10, 10)
    assert taught.check == "folds" and taught.folds == 5 and taught.held.all() and taught.tried == 20
    assert taught.accuracy == 1.0 and taught.interval[0] < 0.9 and taught.confusion.tolist() == [[10, 0], [0, 10]]
    assert len(taught.curves.held_loss) and taught.curves.loss[-1] < 0.1 * taught.curves.loss[0]
    lead = np.abs(np.diff(taught.scores[taught.unsure(5)], axis=1))
    assert (np.diff(lead[:, 0]) >= 0).all() and set(taught.cell(0, 0)) == set(range(10))
    assert json.loads(taught.text) == taught.facts and taught.facts["backbone"]["licence"] == "MIT"


def test_features_are_what_the_last_layer_reads(engine, lessons, taught):
    network = engine.network(NetworkRequest(exact=True))
    assert last_layer(network) == "classifier.1" == taught.facts["backbone"]["layer"]
    store = FeatureStore(numbers_hash(network.module) + "classifier.1")
    rgb = read_rgb(lessons / "cup" / "3.jpg")
    nchw = network.prepare(Frame(rgb)).nchw
    with torch.inference_mode():
        maps = network.module.features(nchw)
    ours = taught_features(network, "classifier.1", nchw)
    assert np.array_equal(ours, maps.mean(dim=(2, 3))[0].numpy()) and ours.shape == (512,)
    assert any(np.array_equal(ours, row) for row in store.rows.values())  # and that is what was learnt from


def test_the_same_seed_gives_the_same_bytes_and_a_new_process_the_same_answer(engine, lessons, taught, coffee, tmp_path):
    assert teach(engine, lessons).model == taught.model
    deep = teach(engine, lessons, hidden=8, seed=1)
    assert deep.model == teach(engine, lessons, hidden=8, seed=1).model != teach(engine, lessons, hidden=8, seed=2).model
    answers = []
    for name, record in (("flat", taught), ("deep", deep)):
        path = tmp_path / f"{name}.safetensors"
        record.save(path)
        top = result_of(ClassifyRequest(model=str(path), exact=True), Work(engine, coffee)).top
        assert top[0].label == "cup" and top[0].score > 0.9
        answers.append([str(path), {one.label: one.score for one in top}])
    code = (
        "import json, sys, skimage.data; from explorer.engine.engine import Engine; from explorer.jobs import Work, result_of;"
        "from explorer.requests.network import ClassifyRequest; from explorer.records.frame import Frame;"
        "frame, engine = Frame(skimage.data.coffee()[..., :3], source='coffee'), Engine(threads=1);"
        "print(json.dumps([{one.label: one.score for one in"
        " result_of(ClassifyRequest(model=path, exact=True), Work(engine, frame)).top} for path in sys.argv[1:]]))"
    )
    paths = [path for path, _ in answers]
    told = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, check=True, timeout=100).stdout
    assert json.loads(told) == [scores for _, scores in answers]  # to the last bit


def test_the_taught_network_is_a_network(engine, taught, coffee, tmp_path):
    path = tmp_path / "mine.safetensors"
    taught.save(path)
    found = result_of(AttributeRequest(model=str(path), methods=("gradcam",)), Work(engine, coffee))
    assert found.default_layer == "backbone.classifier.2" and found.items[0].empty is None and found.top[0].label == "cup"
    by_weights = engine.network(NetworkRequest(weights=str(path)))  # as "Open model file..." asks
    assert by_weights.info.classes == ("cat", "cup") and by_weights.info.weights == "mine.safetensors"


def test_held_out_pictures_are_never_learnt_from(engine, lessons):
    record = teach(engine, lessons, check="held-out", mirror=True)
    assert record.check == "held-out" and 4 <= record.tried <= 8 and not record.held.all()
    assert record.facts["tried"] == {"check": "held-out", "folds": 0, "tried": record.tried, "right": record.right}


def test_wrong_folders_are_told(engine, tmp_path, lessons):
    for make, code in (((), "folder.missing"), (("a",), "teach.one-class"), (("a", "b"), "teach.empty-class")):
        folder = tmp_path / code
        for name in make:
            (folder / name).mkdir(parents=True)
        last = list(run(TeachRequest(folder=str(folder)), Work(engine)))[-1]
        assert isinstance(last, Failed) and last.trouble.code == code
    with pytest.raises(ExplorerError) as refused:
        teach(engine, lessons, model="yolov3_tiny")
    assert refused.value.trouble.code == "teach.backbone"


def test_broken_double_and_odd_pictures_are_told(engine, lessons, tmp_path):
    folder = tmp_path / "odd"
    result_of(CollectRequest(sources=(str(lessons),), into=str(folder)))
    (folder / "cat").rename(folder / "árvíztűrő cat #1 %20")
    (folder / "cup" / "broken.jpg").write_bytes(b"\xff\xd8\xff" + b"0" * 300)
    copied = sorted((folder / "cup").glob("file-*.jpg"))[0]
    (folder / "árvíztűrő cat #1 %20" / "twice.jpg").write_bytes(copied.read_bytes())
    record = teach(engine, folder)
    assert record.classes == ("cup", "árvíztűrő cat #1 %20") and record.skipped[0][0].endswith("broken.jpg")
    said = " ".join(note.text() for note in record.notes)
    assert "The same picture is in two classes (1 times)" in said and "1 files cannot be read" in said and "broken.jpg" in said


def test_too_few_pictures_are_told_and_no_figure_is_made_up(engine, lessons, tmp_path):
    for name in ("cat", "cup"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_bytes((lessons / name / "1.jpg").read_bytes())
    record = teach(engine, tmp_path, surgery=(Edit(layer="features.0", kind="mute", channels=(1,)),))
    assert record.accuracy is None and record.interval is None and record.check == "none"
    said = " ".join(note.text() for note in record.notes)
    assert "Nothing was held out" in said and "7 more of “cat”" in said and "surgery" in said


def test_stop_answers_at_once_and_keeps_what_there_is(engine, lessons, monkeypatch, tmp_path):
    monkeypatch.setattr("explorer.vision.teach.SHOW_S", 0.0)
    token = CancelToken()
    for event in run(
        TeachRequest(folder=str(lessons), hidden=64, steps=5000, decay=1e-5, check="held-out"), Work(engine, token=token)
    ):
        if isinstance(event, Preview) and not token.cancelled:
            token.cancel()
            asked = time.process_time()  # a busy machine takes none of it
    assert isinstance(event, CancelledJob) and event.record.stopped and event.record.model
    assert time.process_time() - asked < 0.2
    token = CancelToken()
    monkeypatch.setattr("explorer.vision.teach_features.cache_dir", lambda: tmp_path)  # no picture is known
    for event in run(TeachRequest(folder=str(lessons)), Work(engine, token=token)):
        if isinstance(event, Progress) and event.total == 20:
            token.cancel()
            asked = time.process_time()
    assert isinstance(event, CancelledJob) and event.record is None and time.process_time() - asked < 0.2


def test_saved_models_are_in_the_list_of_networks(engine, taught):
    from explorer.engine.taught import models_folder

    taught.save(models_folder() / "mine.safetensors")
    none, gone = models_folder().parent / "none.safetensors", models_folder().parent / "gone.safetensors"
    none.write_bytes(b"no model")
    (models_folder().parent / "recent.json").write_text(json.dumps([str(none), str(gone), 7]))
    rows = {row.name: row for row in result_of(CatalogueRequest(), Work(engine))}
    row = rows[str(models_folder() / "mine.safetensors")]
    assert row.title == "mine, taught on SqueezeNet 1.1" and row.task == "classify" and row.licence == "MIT"
    assert str(none) not in rows and str(gone) not in rows


def test_pictures_taken_in_are_small_and_never_twice(tmp_path, coffee):
    big = np.ascontiguousarray(np.kron(coffee.rgb, np.ones((3, 3, 1), np.uint8)))
    write_jpeg(tmp_path / "in" / "big.jpg", big)
    (tmp_path / "in" / "no.png").write_bytes(b"\x89PNG nothing")
    request = CollectRequest(sources=(str(tmp_path / "in"),), into=str(tmp_path / "set"), name="a/b: c?")
    first, second = result_of(request), result_of(request)
    assert first.taken == {"a∕b꞉ c？": 1} and second.taken == {"a∕b꞉ c？": 0} and len(first.skipped) == 1
    assert max(read_rgb(next((tmp_path / "set").rglob("*.jpg"))).shape) == 640


def test_names_of_classes_are_names_of_folders():
    assert [class_name(text) for text in ("  cup \n of tea ", "..", "", "con", "x" * 99)] == [
        "cup of tea",
        "",
        "",
        "con_",
        "x" * 60,
    ]
