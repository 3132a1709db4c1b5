"""The table of weights, what files are, names, and the pickle that may hold arrays only."""

import os
import pickle
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from explorer.assets import asset
from explorer.records.errors import ModelFileError
from explorer.weights import files, match, names, numpy_pickle, onnx_reader, rows, store
from explorer.zoo.registry import BUILT_IN, networks


def test_every_row_is_whole_and_every_network_has_one():
    for name, row in rows.rows().items():
        spec = networks()[row.architecture]
        assert row.name == name
        assert len(row.mean) == len(row.std) == spec.channels
        assert (row.channel_order == "grey") == (spec.channels == 1)
        assert rows.class_list(row.classes) == rows.class_list(spec.classes_file)
        assert row.licence
        assert row.trained_on
        assert (row.crop_from >= row.input_size) == (row.resize == "centre-crop")
        if isinstance(row.source, rows.AddressSource):
            assert row.source.url.startswith("https://")
            assert len(row.source.sha256) == 64 or f"-{row.source.sha256}.pth" in row.source.url  # all that its authors say
        else:
            assert all(len(part) == 64 for part in (row.identity, row.source.sha256))
        if isinstance(row.source, rows.BundledSource):
            assert (Path(__file__).parents[2] / row.source.recipe).is_file()
    assert {row.architecture for row in rows.rows().values()} == {spec.name for spec in BUILT_IN}
    assert len({row.identity for row in rows.rows().values()}) == len(rows.rows())
    assert [row.name for row in rows.default_rows()] == ["squeezenet1_1", "efficientnet_lite0", "yolov3_tiny", "u2netp"]
    assert 55e6 < sum(row.download_size for row in rows.default_rows()) < 65e6
    assert rows.row_for("nothing") is None


def test_class_lists_are_whole():
    imagenet, coco = rows.class_list("imagenet.txt"), rows.class_list("coco.txt")
    assert (len(imagenet), len(coco), len(rows.class_list("digits.txt"))) == (1000, 80, 10)
    assert (imagenet[0], imagenet[285], imagenet[967], imagenet[999]) == ("tench", "Egyptian cat", "espresso", "toilet tissue")
    assert (coco[0], coco[41], coco[79]) == ("person", "cup", "toothbrush")
    assert len(set(coco)) == 80


def test_addresses_are_in_the_table_only():
    text = "".join(path.read_text() for path in (Path(__file__).parents[2] / "explorer").rglob("*.py"))
    for row in rows.rows().values():
        if isinstance(row.source, rows.AddressSource):
            assert row.source.url.split("/")[2] not in text


def test_this_room_imports_no_torch():
    modules = [f"explorer.weights.{path.stem}" for path in Path(rows.__file__).parent.glob("*.py") if path.stem != "__init__"]
    code = (
        f"import sys\nfor name in {modules!r}: __import__(name)\nprint([m for m in ('torch', 'PySide6') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.weights
def test_the_published_files_are_in_the_cache_and_whole():
    for row in rows.default_rows():
        path = store.verified(row)
        assert store.stamp_facts(path)["source_sha256"] == row.source.sha256
        assert files.recognise(path) == "safetensors"


@pytest.mark.weights
def test_a_published_file_is_recognised_by_content_not_by_name(tmp_path):
    kept = store.kept_source(rows.row_for("u2netp"))
    assert kept is not None
    copy = tmp_path / "picture.jpg"
    copy.write_bytes(kept.read_bytes())
    assert files.recognise(copy) == "onnx"
    assert files.ending_note(Path("w.pth"), "onnx") == "w.pth is named .pth but holds onnx"
    assert files.ending_note(Path("w.pth"), "torch-legacy") == ""
    found = onnx_reader.read(kept.read_bytes())
    assert len(found.convolutions) == 112 + 7
    assert found.tensors["side1.weight"].shape == (1, 64, 3, 3)


def test_u2net_blocks_are_those_of_the_network():
    wanted = [name for name, _ in networks()["u2netp"].build().named_modules() if ".rebnconv" in name and name.count(".") == 1]
    assert sorted(names.u2net_blocks()) == sorted(wanted)
    assert names.u2net_blocks()[:3] == ("stage1.rebnconvin", "stage1.rebnconv1", "stage1.rebnconv2")
    assert names.u2net_blocks()[-1] == "stage1d.rebnconv1d"


def test_an_export_of_another_network_is_refused():
    with pytest.raises(ModelFileError):
        names.u2net(onnx_reader.OnnxWeights({"w": np.zeros(1)}, [("w", "b")] * 3))
    for table in (
        {"conv7": [np.zeros((1, 1, 1, 1)), np.zeros(1)]},
        {"fire99/x": [np.zeros((1, 1, 1, 1)), np.zeros(1)]},
        {"conv1": []},
    ):
        with pytest.raises(ModelFileError):
            names.squeezenet(table)


def test_caffes_kernels_are_turned():
    kernel = np.arange(3 * 3 * 2 * 5, dtype=np.float32).reshape(3, 3, 2, 5)
    found = names.squeezenet({"conv1": [kernel, np.zeros(5)], "fire2/squeeze1x1": [kernel[:1, :1], np.zeros(5)]})
    assert found["features.0.weight"].shape == (5, 2, 3, 3)
    assert found["features.0.weight"][4, 1, 2, 0] == kernel[2, 0, 1, 4]
    assert "features.3.squeeze.weight" in found


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


GOOD = {"a": [np.ones((2, 3), np.float32), np.zeros(3)], "b": np.arange(4)}


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_a_pickle_of_arrays_is_read(protocol):
    found = numpy_pickle.read(pickle.dumps(GOOD, protocol=protocol))
    assert [array.shape for array in found["a"]] == [(2, 3), (3,)]
    assert found["b"][0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "thing",
    [
        {"a": Evil()},
        {"a": os.system},
        {"a": np.array([Evil()], dtype=object)},
        {"a": np.ma.masked_array([1.0])},
        {"a": "text"},
        {1: np.zeros(2)},
        [np.zeros(2)],
        {},
        {"a": np.zeros(2, dtype="datetime64[s]")},
        {"a": np.array(["x"])},
        OrderedDict(a=np.zeros(2)),
        {"a": np.float32(1.0)},
    ],
    ids=lambda thing: repr(thing)[:30],
)
def test_a_pickle_of_anything_else_is_refused(thing):
    with pytest.raises(ModelFileError):
        numpy_pickle.read(pickle.dumps(thing, protocol=2))


def test_matching_counts_and_shows_the_table():
    wanted = {"a": (1,), "b": (2,), "c": (3,), "bn.num_batches_tracked": ()}
    report = match.match(wanted, {"a": (1,), "b": (5,), "d": (1,)})
    assert report == match.MatchReport(1, 3, ("c",), ("d",), (("b", (2,), (5,)),))
    assert report.lines() == ["- c", "+ d", "! b: (2,) / (5,)"]
    assert "1 missing, 1 too many, 1 of another shape" in str(report.trouble("Toy"))
    assert match.match(wanted, {"a": (1,), "b": (2,), "c": (3,)}).complete


def test_names_lose_shared_prefixes_and_foreign_marks_only():
    ours = ["features.0.weight", "model.x"]
    assert match.our_names(["a", "b"], ["module.model.a", "module.model.b"]) == {"module.model.a": "a", "module.model.b": "b"}
    assert match.our_names(ours, ["model.x"]) == {"model.x": "model.x"}
    assert match.our_names(["a"], ["module.a", "b"]) == {"module.a": "module.a", "b": "b"}
    spec = networks()["efficientnet_lite0"]
    assert match.our_names(["blocks.0.bn1.weight"], ["_blocks.0._bn1.weight"], spec.foreign_names) == {
        "_blocks.0._bn1.weight": "blocks.0.bn1.weight"
    }


def test_the_bundled_record_is_beside_the_weights():
    assert asset("weights", "lenet5_digits.json").is_file()
