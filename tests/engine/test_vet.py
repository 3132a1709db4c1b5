"""The gate for weights: what is refused and with which words, what is loaded, and that nothing of a bad file ever runs."""

import collections
import io
import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from explorer.engine import vet
from explorer.jobs import Cancelled, CancelToken
from explorer.records.errors import ModelFileError
from explorer.weights import child, store
from explorer.weights.rows import row_for
from explorer.zoo.registry import NetworkSpec, networks


class Toy(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.bn = nn.BatchNorm2d(2)
        self.fc = nn.Linear(4, 3)


TOY = NetworkSpec("toy", "Toy", "classify", "", Toy, 8)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def inline(monkeypatch):
    """The child's work done in this process: for tests of what comes before and after it."""

    def convert(job, target, token=None):
        tensors, notes = gate(job["source"], job["architecture"], job.get("cfg", ""))
        target.parent.mkdir(parents=True, exist_ok=True)
        store.write(target, tensors)
        return {"notes": notes}

    monkeypatch.setattr(vet.child, "convert", convert)


def state():
    torch.manual_seed(0)
    return Toy().state_dict()


def saved(path, thing, **options):
    torch.save(thing, path, **options)
    return path


def gate(path, architecture="toy", cfg=""):
    """The child's reader in this process: static checks and restricted loading."""
    with open(path, "rb") as handle:
        return vet.vet(handle, architecture, cfg)


def said(notes):
    return [template.format(**values) for template, values in notes]


def refused(path, **options):
    with pytest.raises(ModelFileError) as caught:
        gate(path, **options)
    return caught.value.trouble


# ---- row 26: code inside ---------------------------------------------------------------------------------------------


class Runs:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def payloads(canary):
    touch = f"touch {canary}"
    write = f"open({str(canary)!r}, 'w').close()"
    return {
        "os.system": Runs(os.system, touch),
        "eval": Runs(eval, write),
        "exec": Runs(exec, write),
        "subprocess": Runs(subprocess.call, ["touch", str(canary)]),
        "open": Runs(open, str(canary), "w"),
        "getattr": Runs(getattr, Path(canary), "touch"),
        "import": Runs(__import__, "antigravity"),
        "pickle in pickle": Runs(pickle.loads, pickle.dumps(Runs(os.system, touch))),
        "torch.load inside": Runs(torch.storage._load_from_bytes, pickle.dumps(Runs(os.system, touch))),
        "beside a tensor": collections.OrderedDict(weight=torch.zeros(2), extra=Runs(os.system, touch)),
    }


@pytest.mark.parametrize("kind", payloads("x"))
@pytest.mark.parametrize("shape", ["zip", "legacy", "plain pickle"])
def test_code_in_a_file_is_named_and_never_runs(kind, shape, tmp_path):
    canary = tmp_path / "canary"
    path = tmp_path / "w.pth"
    if shape == "plain pickle":
        path.write_bytes(pickle.dumps(payloads(canary)[kind]))
    else:
        saved(path, payloads(canary)[kind], _use_new_zipfile_serialization=shape == "zip")
    trouble = refused(path)
    assert trouble.code == "weights.code-inside"
    assert trouble.values["name"]
    assert "code" in trouble.english()
    assert not canary.exists()


@pytest.mark.parametrize("ending", [".safetensors", ".onnx", ".weights", ".pth"])
def test_a_renamed_payload_is_refused_through_the_whole_path(ending, tmp_path, cache):
    canary = tmp_path / "canary"
    path = saved(tmp_path / f"model{ending}", payloads(canary)["beside a tensor"])
    with pytest.raises(ModelFileError, match=r"(posix|nt)\.system"):
        vet.load_state(path, TOY)
    assert not canary.exists()
    assert not [file for file in cache.rglob("*") if file.is_file() and file.suffix != ".lock"]


def test_the_second_wall_and_the_memory_limit_stop_what_a_reader_should_never_do(tmp_path):
    code = (
        "import explorer.engine.vet as vet\n"
        "import os, socket, subprocess\n"
        "with vet._nothing_else_allowed():\n"
        "  for call in (lambda: os.system('true'), lambda: subprocess.run(['true']),\n"
        f"               lambda: open({str(tmp_path / 'x')!r}, 'w'),\n"
        "               lambda: socket.create_connection(('127.0.0.1', 9))):\n"
        "    try: call()\n"
        "    except PermissionError: print('stopped')\n"
        "vet._limit(1000)\n"
        "import torch\n"
        "try: torch.empty(3 << 30, dtype=torch.uint8)\n"
        "except RuntimeError as error: print('stopped' if 'allocate memory' in str(error) else error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["stopped"] * 5, done.stderr


# ---- row 27: tensors that are dangerous later ------------------------------------------------------------------------


def csr_file(path):
    """M8: crow indices far beyond the values; torch.mm on it is a segmentation fault."""
    code = (
        "import torch, warnings; warnings.simplefilter('ignore')\n"
        "t = torch.sparse_csr_tensor(torch.tensor([0, 1, 2]), torch.tensor([0, 1]), torch.ones(2), (2, 2))\n"
        "t.crow_indices()[1:] = 10**9\n"
        f"torch.save({{'fc.weight': t}}, {str(path)!r})\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    return path


def test_a_sparse_tensor_is_refused_through_the_whole_path(tmp_path, cache):
    path = csr_file(tmp_path / "sparse.pth")
    assert refused(path).code == "weights.tensor-kind"
    for attempt in (lambda: vet.load_state(path, TOY), lambda: child.convert({"source": path}, cache / "out.safetensors")):
        with pytest.raises(ModelFileError) as caught:  # by the static check here, and by the child alone
            attempt()
        assert caught.value.trouble.code == "weights.tensor-kind"
    assert not list(cache.rglob("*.safetensors"))


def test_a_stride_of_zero_is_refused(tmp_path):
    path = saved(tmp_path / "w.pth", {"fc.weight": torch.zeros(1).expand(100_000, 100_000)})
    assert path.stat().st_size < 4000
    trouble = refused(path)
    assert trouble.code == "weights.tensor-kind"
    assert "fc.weight" in trouble.english()


class Special(torch.Tensor):
    pass


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.empty(3, device="meta"),
        lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
        lambda: torch.ones(3).as_subclass(Special),
        lambda: torch.ones(3, dtype=torch.complex64),
        lambda: torch.eye(2).to_sparse(),
    ],
    ids=["meta", "quantised", "subclass", "complex", "coo"],
)
@pytest.mark.filterwarnings("ignore")
def test_other_kinds_of_tensors_are_refused(make, tmp_path):
    assert refused(saved(tmp_path / "w.pth", {"fc.weight": make()})).code in ("weights.tensor-kind", "weights.code-inside")


# ---- row 28: bombs ---------------------------------------------------------------------------------------------------


def rewritten(path, out, compression=zipfile.ZIP_STORED, extra=()):
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", compression) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, data in extra:
            new.writestr(name, data)
    return out


def test_a_compressed_archive_is_refused_with_both_sizes(tmp_path):
    plain = saved(tmp_path / "big.pth", {"w": torch.zeros(1 << 22)})
    bomb = rewritten(plain, tmp_path / "bomb.pth", zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 40_000
    trouble = refused(bomb)
    assert trouble.code == "weights.bomb"
    assert "16,7" in trouble.values["unpacked"]
    assert "," in trouble.values["packed"]


def test_an_archive_in_an_archive_is_not_searched(tmp_path):
    inner = saved(tmp_path / "inner.pth", state())
    with zipfile.ZipFile(tmp_path / "outer.pth", "w") as outer:
        outer.write(inner, "inner.pth")
    assert refused(tmp_path / "outer.pth").code == "weights.not-weights.archive"


def test_a_hundred_thousand_entries_are_refused_at_once(tmp_path):
    path = tmp_path / "many.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", b"")
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x05\x06")
    data[at + 8 : at + 12] = struct.pack("<HH", 60_000, 60_000)
    path.write_bytes(data)
    assert refused(path).code == "weights.bomb"


def test_a_small_file_cannot_unfold_by_sharing_one_storage(tmp_path):
    storage = torch.zeros(100_000)
    path = saved(tmp_path / "w.pth", {f"t{index}": storage.view(100_000) for index in range(40)})
    assert refused(path).code == "weights.bomb"


# ---- row 29: files that are something else, or half of it ------------------------------------------------------------

ELSE = {
    "empty": b"",
    "html": b"<!DOCTYPE html><html><body>Not found</body></html>",
    "lfs-pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
    "gzip": b"\x1f\x8b\x08\x00" + b"\0" * 40,
    "hdf5": b"\x89HDF\r\n\x1a\n" + b"\0" * 40,
    "picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
    "text": b"epoch,loss\n1,0.5\n",
    "tar": b"weights.pth".ljust(257, b"\0") + b"ustar\0" + b"\0" * 300,
    "darknet-cfg": b"# YOLO\n[net]\nwidth=416\n",
    "unknown": b"\xfe\xed\xfa\xce" + bytes(range(200)),
}


@pytest.mark.parametrize("kind", ELSE)
def test_what_is_no_weights_file_is_named(kind, tmp_path, cache):
    path = tmp_path / "model.pth"
    path.write_bytes(ELSE[kind])
    with pytest.raises(ModelFileError) as caught:
        vet.load_state(path, TOY)
    assert caught.value.trouble.code == f"weights.not-weights.{kind}"
    assert caught.value.trouble.hint
    assert "model.pth" in str(caught.value)


def test_a_folder_a_pipe_and_a_missing_file_are_said(tmp_path, cache):
    os.mkfifo(tmp_path / "pipe.pth")
    for name, code in (("", "not-a-file"), ("pipe.pth", "not-a-file"), ("none.pth", "unreadable")):
        with pytest.raises(ModelFileError) as caught:
            vet.load_state(tmp_path / name, TOY)
        assert caught.value.trouble.code == f"weights.{code}"


def whole_files(folder):
    return {
        "torch": saved(folder / "new.pth", state()),
        "legacy": saved(folder / "old.pth", state(), _use_new_zipfile_serialization=False),
        "safetensors": write_safetensors(folder / "w.safetensors"),
        "onnx": onnx_file(folder / "w.onnx"),
        "darknet": darknet_file(folder / "w.weights"),
        "pickle": pickle_file(folder / "w.pkl"),
    }


def write_safetensors(path, tensors=None):
    save_file(tensors or state(), path)
    return path


def onnx_file(path, nodes=None, tensors=None, **options):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    tensors = tensors or [numpy_helper.from_array(array.numpy(), name) for name, array in state().items()]
    io_ = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    nodes = nodes or [helper.make_node("Relu", ["x"], ["y"], name="relu")]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    path.write_bytes(
        onnx.ModelProto(ir_version=8, graph=helper.make_graph(nodes, "g", [io_], [out], tensors)).SerializeToString()
    )
    return path


CFG = (
    "[net]\nwidth=32\nheight=32\nchannels=1\n[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\nstride=1\npad=1\nactivation=leaky\n"
    "[convolutional]\nfilters=21\nsize=1\nactivation=linear\n[yolo]\nmask=0,1,2\nanchors=1,2,3,4,5,6\nclasses=2\n"
)
COUNT = 4 * 4 + 4 * 9 + 21 + 21 * 4


def darknet_file(path, count=COUNT, version=(0, 2, 5)):
    path.write_bytes(struct.pack("<iii", *version) + struct.pack("<q", 1) + np.arange(count, dtype="<f4").tobytes())
    return path


def pickle_file(path):
    path.write_bytes(pickle.dumps({name: array.numpy() for name, array in state().items()}, protocol=2))
    return path


@pytest.mark.parametrize("kind", ["torch", "legacy", "safetensors", "onnx", "darknet", "pickle"])
def test_a_whole_file_is_read_and_none_cut_short_is(kind, tmp_path):
    path = whole_files(tmp_path)[kind]
    cfg = CFG if kind == "darknet" else ""
    tensors, _ = gate(path, cfg=cfg)
    assert sum(array.size for array in tensors.values()) == (COUNT if kind == "darknet" else 20 + 8 + 1 + 15)
    data = path.read_bytes()
    for offset in {round(len(data) * k / 51) for k in range(1, 51)}:
        path.write_bytes(data[:offset])
        assert refused(path, cfg=cfg).template
    assert sys.exc_info() == (None, None, None)


# ---- row 30: other legal shapes of a checkpoint ----------------------------------------------------------------------

SHAPES = {
    "state_dict": (lambda s: {"state_dict": s, "epoch": 3, "lr": 0.1}, "'state_dict'"),
    "model": (lambda s: {"model": s, "optimizer": {"param_groups": [], "state": {}}}, "'model'"),
    "nested": (lambda s: {"model": {"state_dict": s}}, "'state_dict'"),
    "data parallel": (lambda s: {f"module.{k}": v for k, v in s.items()}, ""),
    "compiled in parallel": (lambda s: {f"module._orig_mod.{k}": v for k, v in s.items()}, ""),
    "with average": (lambda s: {"state_dict": s, "state_dict_ema": s}, "averaged weights ('state_dict_ema')"),
    "average only": (lambda s: {"ema": s, "epoch": 1}, "'ema'"),
    "parameters": (lambda s: {k: nn.Parameter(v) if v.is_floating_point() else v for k, v in s.items()}, ""),
    "no counters": (lambda s: {k: v for k, v in s.items() if "num_batches" not in k}, ""),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_usual_wrappings_are_taken_off_and_said(shape, tmp_path):
    wrap, note = SHAPES[shape]
    arrays, notes = gate(saved(tmp_path / "w.pth", wrap(state())))
    loaded = vet._matched(arrays, TOY, "w", None, said(notes), False)
    Toy().load_state_dict(loaded.tensors)
    assert torch.equal(loaded.tensors["fc.weight"], state()["fc.weight"])
    assert note in " ".join(said(notes))


def test_a_whole_module_torchscript_and_an_optimizer_are_explained(tmp_path):
    whole = saved(tmp_path / "module.pth", nn.Sequential(nn.Linear(2, 2)))
    trouble = refused(whole)
    assert trouble.code == "weights.whole-module"
    assert "state_dict()" in trouble.hint
    archive = rewritten(saved(tmp_path / "a.pth", state()), tmp_path / "ts.pth", extra=[("archive/code/__torch__.py", b"pass")])
    assert refused(archive).values["name"] == "TorchScript"
    optimizer = torch.optim.Adam(Toy().parameters())
    assert refused(saved(tmp_path / "o.pth", optimizer.state_dict())).code == "weights.optimizer"
    assert refused(saved(tmp_path / "n.pth", {"epoch": 3})).code == "weights.no-tensors"


# ---- row 31: the wrong network ---------------------------------------------------------------------------------------


def test_missing_extra_and_misshaped_tensors_are_counted(tmp_path, cache, inline):
    wrong = state()
    del wrong["conv.bias"], wrong["bn.weight"]
    wrong |= {"head.weight": torch.zeros(2), "fc.weight": torch.zeros(5, 4)}
    path = saved(tmp_path / "w.pth", wrong)
    with pytest.raises(ModelFileError) as caught:
        vet.load_state(path, TOY)
    values = caught.value.trouble.values
    assert (values["missing"], values["extra"], values["misshaped"]) == (2, 1, 1)
    loaded = vet.load_state(path, TOY, partial=True)
    assert not loaded.report.complete
    assert loaded.report.matched == 5
    assert loaded.report.total == 8
    assert loaded.report.misshaped == (("fc.weight", (3, 4), (5, 4)),)
    assert "5 of 8" in loaded.title
    assert "fc.weight" not in loaded.tensors
    with pytest.raises(ModelFileError):
        vet.load_state(saved(tmp_path / "none.pth", {"a": torch.zeros(1)}), TOY, partial=True)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.float8_e4m3fn])
def test_other_floating_types_become_float32_with_a_note(dtype, tmp_path):
    arrays, notes = gate(saved(tmp_path / "w.pth", {"w": torch.tensor([1.0, -2.0, 0.5]).to(dtype)}))
    assert arrays["w"].dtype == np.float32
    assert arrays["w"].tolist() == [1.0, -2.0, 0.5]
    assert str(dtype).removeprefix("torch.") in said(notes)[0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_the_same_from_safetensors(dtype, tmp_path):
    path = write_safetensors(tmp_path / "w.safetensors", {"w": torch.tensor([1.0, -2.0, 0.5]).to(dtype)})
    assert gate(path)[0]["w"].tolist() == [1.0, -2.0, 0.5]


def test_float8_in_safetensors_and_whole_numbers_for_weights_are_refused(tmp_path):
    path = write_safetensors(tmp_path / "w.safetensors", {"w": torch.ones(2).to(torch.float8_e5m2)})
    assert refused(path).code == "weights.number-type"
    arrays, _ = gate(saved(tmp_path / "i.pth", {**state(), "fc.weight": torch.ones(3, 4, dtype=torch.int8)}))
    with pytest.raises(ModelFileError) as caught:
        vet._matched(arrays, TOY, "w", None, [], False)
    assert caught.value.trouble.code == "weights.number-type"


def test_numbers_that_are_not_finite_are_counted(tmp_path):
    _, notes = gate(saved(tmp_path / "w.pth", {"w": torch.tensor([1.0, float("nan"), float("inf")])}))
    assert said(notes) == ["2 numbers are not finite"]


# ---- rows 33 and 34: Darknet, ONNX -----------------------------------------------------------------------------------


def test_darknet_sizes_versions_and_layers_are_said(tmp_path):
    path = tmp_path / "w.weights"
    trouble = refused(darknet_file(path, COUNT - 30), cfg=CFG)
    assert trouble.code == "weights.darknet-size"
    assert trouble.values == {"expected": f"{20 + 4 * COUNT:,}", "got": f"{20 + 4 * (COUNT - 30):,}", "layer": 1}
    assert refused(darknet_file(path, 20), cfg=CFG).values["layer"] == 0
    assert refused(darknet_file(path, COUNT + 1), cfg=CFG).values["layer"] == 1
    assert refused(darknet_file(path, version=(7, 7, 7000)), cfg=CFG).code.startswith("weights.")
    assert refused(darknet_file(path)).code == "weights.no-description"
    path.write_bytes(struct.pack("<iiii", 0, 1, 0, 0) + bytes(4 * COUNT))  # the older header of 16 bytes
    assert len(gate(path, cfg=CFG)[0]) == 7


def test_a_person_opens_a_darknet_pair(tmp_path, cache):
    (tmp_path / "my net.cfg").write_text(CFG)
    (tmp_path / "my net.names").write_text("left\nright\n")
    darknet_file(tmp_path / "my net.weights")
    opened = vet.open_darknet(tmp_path / "my net.cfg")
    assert opened.spec.labels == ("left", "right")
    assert (opened.spec.name, opened.spec.input_size, opened.spec.channels) == ("darknet_my_net", 32, 1)
    assert opened.row.resize == "letterbox"
    loaded = vet.load_state(opened.weights, opened.spec)
    module = opened.spec.build().eval()
    module.load_state_dict(loaded.tensors)
    assert module.layers[0].bn.bias.tolist() == [0, 1, 2, 3]  # the file is 0, 1, 2, ...: bias first
    assert module.layers[0].bn.running_var.tolist() == [12, 13, 14, 15]
    assert module.layers[0].conv.weight.flatten()[0] == 16
    assert module.layers[1].conv.bias[0] == 52
    module.layers[0].bn.running_var.fill_(1.0)
    assert module(torch.zeros(1, 1, 32, 32))[0].shape == (1, 21, 32, 32)


def test_a_bad_description_is_refused_with_its_layer(tmp_path):
    (tmp_path / "bad.cfg").write_text(CFG.replace("filters=4", "filters=1000000000"))
    with pytest.raises(ModelFileError) as caught:
        vet.open_darknet(tmp_path / "bad.cfg")
    assert caught.value.trouble.values["layer"] == 0
    (tmp_path / "blind.cfg").write_text(CFG.split("[yolo]")[0])
    with pytest.raises(ModelFileError, match="yolo"):
        vet.open_darknet(tmp_path / "blind.cfg")


def test_onnx_with_outside_data_or_strange_operators_is_refused_with_names(tmp_path):
    from onnx import TensorProto, helper

    outside = TensorProto(name="w", data_type=1, dims=[2], data_location=TensorProto.EXTERNAL)
    outside.external_data.add(key="location", value="../secret.bin")
    trouble = refused(onnx_file(tmp_path / "a.onnx", tensors=[outside]))
    assert (trouble.code, trouble.values["name"]) == ("weights.external-data", "w")
    for operator, domain in (("ConstantOfShape", ""), ("Loop", ""), ("Boom", "com.example")):
        node = helper.make_node(operator, ["x"], ["y"], name="bad", domain=domain)
        trouble = refused(onnx_file(tmp_path / "b.onnx", nodes=[node]))
        assert trouble.code == "weights.operator"
        assert trouble.values["node"] == "bad"
        assert operator in trouble.values["operator"]
    huge = TensorProto(name="w", data_type=1, dims=[1 << 40, 1 << 40], raw_data=b"abcd")
    assert refused(onnx_file(tmp_path / "c.onnx", tensors=[huge])).code == "weights.damaged"
    negative = TensorProto(name="w", data_type=1, dims=[-1, -1], raw_data=b"abcd")
    assert refused(onnx_file(tmp_path / "d.onnx", tensors=[negative])).code == "weights.damaged"


# ---- row 35: archives that write elsewhere ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:/evil", "a\\..\\evil"])
def test_an_archive_with_a_path_outside_is_refused(name, tmp_path):
    path = rewritten(saved(tmp_path / "a.pth", state()), tmp_path / "slip.pth", extra=[(name, b"x")])
    before = sorted(file.name for file in tmp_path.iterdir())
    assert refused(path).code in ("weights.archive-path", "weights.damaged")
    assert sorted(file.name for file in tmp_path.iterdir()) == before


def test_an_archive_with_a_link_is_refused(tmp_path):
    path = tmp_path / "link.pth"
    with zipfile.ZipFile(saved(tmp_path / "a.pth", state())) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        link = zipfile.ZipInfo("a/link")
        link.external_attr = 0o120777 << 16
        new.writestr(link, "/etc/passwd")
    assert refused(path).code == "weights.archive-path"


# ---- the whole path --------------------------------------------------------------------------------------------------


def test_a_persons_file_goes_through_the_child_once_and_is_remembered(tmp_path, cache, monkeypatch):
    path = saved(tmp_path / "mine.safetensors", {"state_dict": state()})
    loaded = vet.load_state(path, TOY)
    assert loaded.title == "mine.safetensors"
    assert any("is named .safetensors but holds torch" in note for note in loaded.notes)
    Toy().load_state_dict(loaded.tensors)
    monkeypatch.setattr(vet.child, "convert", None)  # a second time no child is needed
    again = vet.load_state(path, TOY)
    assert again.notes == loaded.notes
    assert all(torch.equal(again.tensors[name], loaded.tensors[name]) for name in loaded.tensors)


def test_a_published_file_opened_by_hand_brings_its_own_preparation(tmp_path, cache, monkeypatch, inline):
    spec, row = networks()["squeezenet1_1"], row_for("squeezenet1_1_torchvision")
    monkeypatch.setattr(vet, "_sha256", lambda handle, token: row.source.sha256)
    loaded = vet.load_state(saved(tmp_path / "s.pth", spec.build().state_dict()), spec)
    assert loaded.row == row
    assert loaded.row.channel_order == "rgb"


def test_cancel_ends_the_child(tmp_path, cache):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        vet.load_state(saved(tmp_path / "w.pth", state()), TOY, token)
    assert not list(cache.rglob("*.safetensors"))


def test_the_child_dies_without_harm_and_says_so(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(vet.child, "MODULE", "this.is.not.there")
    with pytest.raises(ModelFileError) as caught:
        vet.load_state(saved(tmp_path / "w.pth", state()), TOY)
    assert caught.value.trouble.code == "weights.reader-died"


def test_an_old_torch_reads_no_pth_file(tmp_path, monkeypatch):
    path = saved(tmp_path / "w.pth", state())
    monkeypatch.setattr(torch, "__version__", "2.9.1+cpu")
    assert refused(path).code == "weights.old-torch"
    assert gate(write_safetensors(tmp_path / "w.safetensors"))


def test_a_file_too_large_for_this_machine_is_refused_before_it_is_read(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(vet.files, "size_limit", lambda: 100)
    with pytest.raises(ModelFileError) as caught:
        vet.load_state(saved(tmp_path / "w.pth", state()), TOY)
    assert caught.value.trouble.code == "weights.too-large"


def test_refusals_can_cross_a_process(tmp_path):
    trouble = refused(saved(tmp_path / "w.pth", {"w": torch.zeros(1).expand(9, 9)}))
    assert json.loads(json.dumps(trouble.values)) == trouble.values
    assert pickle.loads(pickle.dumps(trouble)) == trouble
    assert io.StringIO(trouble.english()).read()
