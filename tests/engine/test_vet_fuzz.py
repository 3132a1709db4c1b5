"""Mutants of every kind of weights file: 2,000 each, in one child with little memory; one error type leaves, and quickly."""

import json
import os
import pickle
import struct
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

CFG = (
    "[net]\nwidth=32\nheight=32\nchannels=1\n[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\nstride=1\npad=1\nactivation=leaky\n"
    "[maxpool]\nsize=2\nstride=2\n[convolutional]\nfilters=21\nsize=1\nactivation=linear\n[upsample]\nstride=2\n[route]\nlayers=-1\n"
    "[yolo]\nmask=0,1,2\nanchors=1,2,3,4,5,6\nclasses=2\n"
)
COUNT = 4 * 4 + 4 * 9 + 21 + 21 * 4
MUTANTS = int(os.environ.get("EXPLORER_MUTANTS", "2000"))

CHILD = r"""
import io, json, os, random, resource, sys, tempfile, time, warnings
from explorer.engine import vet
from explorer.records.errors import ModelFileError
from explorer.weights import files
from explorer.zoo.darknet_cfg import CfgError, parse
warnings.simplefilter("ignore")
mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (mapped + (1 << 30),) * 2)
def mutant(seed, rng):
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        way = rng.random()
        at = rng.randrange(len(data))
        if way < 0.5: data[at] = rng.randrange(256)
        elif way < 0.65: data[at] ^= 1 << rng.randrange(8)
        elif way < 0.75: del data[at:at + rng.randrange(1, 9)]
        elif way < 0.85: data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 9)))
        elif way < 0.95: data[at:at + 8] = rng.choice((b"\xff" * 8, b"\0" * 8, b"\x7f" * 8, b"\0\0\0\x80\0\0\0\0"))
        else: del data[at:]
        if not data: data = bytearray(b"\0")
    return bytes(data)
def fuzz(kind, seed, cfg, count, changed):
    rng = random.Random(7)
    out = {"kind": kind, "refused": 0, "read": 0, "slowest": 0.0, "wrong": []}
    for index in range(count):
        data = mutant(seed, rng)
        start = time.process_time()
        try:
            if kind == "cfg":
                parse(data.decode("utf-8", "replace"))
            else:
                with open(changed, "wb") as out_file: out_file.write(data)
                with open(changed, "rb") as handle: vet.vet(handle, "toy", cfg)
            out["read"] += 1
        except (CfgError, ModelFileError) as error:
            out["refused"] += 1
            if isinstance(error, ModelFileError): error.trouble.english()
        except BaseException as error:
            out["wrong"].append([index, type(error).__name__, str(error)[:200]])
        out["slowest"] = max(out["slowest"], time.process_time() - start)
    return out
folder, cfg, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with tempfile.TemporaryDirectory() as scratch:
    for kind in sorted(os.listdir(folder)):
        seed = open(os.path.join(folder, kind), "rb").read()
        out = fuzz(kind, seed, cfg if kind == "darknet" else "", count, os.path.join(scratch, "mutant"))
        print(json.dumps(out), flush=True)
"""


def state():
    torch.manual_seed(0)
    return {"conv.weight": torch.randn(2, 1, 3, 3), "conv.bias": torch.randn(2), "steps": torch.tensor(3)}


def corpus(folder, kind):
    path = folder / kind
    match kind:
        case "torch":
            torch.save(state(), path)
        case "torch-legacy":
            torch.save(state(), path, _use_new_zipfile_serialization=False)
        case "safetensors":
            save_file(state(), path)
        case "pickle":
            path.write_bytes(pickle.dumps({name: array.numpy() for name, array in state().items()}, protocol=2))
        case "darknet":
            path.write_bytes(struct.pack("<iiiq", 0, 2, 5, 1) + np.arange(COUNT, dtype="<f4").tobytes())
        case "cfg":
            path.write_text(CFG)
        case "onnx":
            from onnx import ModelProto, TensorProto, helper, numpy_helper

            value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
            tensors = [numpy_helper.from_array(array.numpy(), name) for name, array in state().items()]
            node = helper.make_node("Conv", ["x", "conv.weight", "conv.bias"], ["y"], name="first")
            graph = helper.make_graph([node], "g", [value], [value], tensors)
            path.write_bytes(ModelProto(ir_version=8, graph=graph).SerializeToString())
    return path


KINDS = ("safetensors", "torch", "torch-legacy", "onnx", "darknet", "pickle", "cfg")


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """Kind -> what its mutants did; a kind that is missing killed the child."""
    folder = tmp_path_factory.mktemp("corpus")
    for kind in KINDS:
        corpus(folder, kind)
    command = [sys.executable, "-c", CHILD, str(folder), CFG, str(MUTANTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110 + MUTANTS // 3)
    return {"return code": done.returncode, "log": done.stderr[-2000:]} | {
        found["kind"]: found for found in map(json.loads, done.stdout.splitlines())
    }


@pytest.mark.parametrize("kind", KINDS)
def test_no_mutant_kills_the_reader_or_gets_another_error_out(kind, findings):
    assert kind in findings, (findings["return code"], findings["log"])
    found = findings[kind]
    assert found["wrong"] == []
    assert found["refused"] + found["read"] == MUTANTS
    assert found["refused"] > MUTANTS // 20
    assert found["slowest"] < 1.0


def test_the_child_ended_well(findings):
    assert findings["return code"] == 0, findings["log"]
