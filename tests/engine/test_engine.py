"""The engine holds few networks, swaps last, survives running out of memory, and lets the old go."""

import gc
import weakref

import numpy as np
import pytest
import torch

from explorer.engine import device as devices
from explorer.engine.engine import KEEP, Engine
from explorer.engine.taps import hook_count
from explorer.jobs import CancelledJob, CancelToken, Failed, Result, Work, result_of, run
from explorer.records.errors import BadRequestError, ExplorerError
from explorer.records.frame import Frame
from explorer.requests.network import CatalogueRequest, ClassifyRequest, LoadRequest, NetworkRequest

FRAME = Frame(np.full((20, 30, 3), 90, np.uint8))


@pytest.fixture
def engine(toys, table):
    names = ("a", "b", "c", "d", "e", "f")
    return Engine(threads=1, networks=table(**dict.fromkeys(names, toys.NoConvolution)))


def ask(model="a", **fields):
    return NetworkRequest(model=model, **fields)


def test_loads_once_and_reuses(engine):
    one = engine.network(ask())
    assert engine.network(ask(precision="float32")) is one
    assert one.info.weights == "random (seed 0)"
    assert not engine.has(ask("b"))


def test_same_random_numbers_each_time(toys, table):
    made = [Engine(threads=1, networks=table(a=toys.NoConvolution)).network(ask()) for _ in range(2)]
    one, other = (network.module.fc.weight for network in made)
    assert torch.equal(one, other)


def test_unknown_name_suggests(engine):
    with pytest.raises(BadRequestError) as error:
        Engine(threads=1).network(ask("squeezenet"))
    assert "squeezenet1_1" in str(error.value)


def test_holds_few_and_frees_the_rest(engine):
    """200 switches: what left is really gone."""
    watched = []
    for turn in range(200):
        network = engine.network(ask("abcdef"[turn % 6]))
        watched.append(weakref.ref(network.module))
        del network
    gc.collect()
    assert len(engine.loaded) == KEEP
    assert len({id(ref()) for ref in watched if ref() is not None}) == KEEP
    engine.clear()
    gc.collect()
    assert not any(ref() for ref in watched)


def test_newest_used_stay(engine):
    for name in "abcd":
        engine.network(ask(name))
    engine.network(ask("a"))
    engine.network(ask("e"))
    assert [network.info.name for network in engine.loaded] == ["c", "d", "a", "e"]


def test_choosing_other_weights_frees_the_old_ones(engine):
    old = weakref.ref(engine.network(ask()).module)
    engine.memo["classify"] = "something about the old one"
    result_of(LoadRequest(model="a", weights="random"), Work(engine))
    gc.collect()
    assert old() is None and len(engine.loaded) == 1 and engine.memo == {}


def test_two_users_of_one_model_do_not_push_each_other_out(engine):
    """One panel with the published weights, another with random ones, frame by frame."""
    one, other = engine.network(ask()), engine.network(ask(weights="random"))
    for _ in range(3):
        assert engine.network(ask()) is one and engine.network(ask(weights="random")) is other


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
    ),
    MemoryError(),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_out_of_memory_on_load_keeps_the_old_one_answering(engine, monkeypatch, error):
    before = engine.network(ask())
    with monkeypatch.context() as patch:

        def full(*_args, **_kwargs):
            raise error

        patch.setattr(torch.nn.Module, "to", full)
        events = list(run(LoadRequest(model="b"), Work(engine)))
    failed = events[-1]
    assert isinstance(failed, Failed) and failed.trouble.code == "memory.load" and failed.trouble.exit_code == 5
    assert "b does not fit" in failed.trouble.english() and "free on cpu" in failed.trouble.english()
    assert engine.loaded == (before,)
    assert before.forward(before.blank()).shape == (1, 5)
    assert isinstance(list(run(LoadRequest(model="b"), Work(engine)))[-1], Result)


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_out_of_memory_in_forward_skips_one_frame(engine, error):
    network = engine.network(ask())
    kept = []

    def burst(_module, inputs, _output):
        kept.append(weakref.ref(inputs[0]))
        raise error

    handle = network.module.fc.register_forward_hook(burst)
    request = ClassifyRequest(model="a", exact=True)
    last = list(run(request, Work(engine, FRAME)))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "memory.forward"
    gc.collect()
    assert kept[0]() is None, "the failed pass must keep no tensor"
    handle.remove()
    assert hook_count(network.module) == 0
    assert len(result_of(request, Work(engine, FRAME)).top) == 5


def test_a_broken_device_says_so(engine):
    network = engine.network(ask())

    def assert_on_device(*_):
        raise torch.AcceleratorError("CUDA error: device-side assert triggered")

    handle = network.module.fc.register_forward_hook(assert_on_device)
    with pytest.raises(ExplorerError) as error:
        network.forward(network.blank())
    assert error.value.trouble.code == "device.broken"
    handle.remove()


def test_absent_device_is_said_and_the_cpu_taken(engine, caplog):
    for name in ("cuda:7", "xpu", "nonsense"):
        info = result_of(LoadRequest(model="a", device=name), Work(engine))
        assert name in info.notes[0] and "CPU" in info.notes[0]
        assert engine.network(ask(device=name)).device.type == "cpu"
    assert len(caplog.records) == len(engine.take_notices()) == 3  # said once each
    assert engine.take_notices() == ()
    assert not any("CPU" in note for note in result_of(LoadRequest(model="a"), Work(engine)).notes)


def test_device_lost_since_the_last_session(monkeypatch):
    monkeypatch.setattr(devices, "available", lambda: ("cuda:0", "cuda:1", "cpu"))
    assert devices.choose("auto").device == torch.device("cuda:0")
    assert devices.choose("cuda").device == torch.device("cuda:0")
    assert devices.choose("cuda:1") == devices.Choice(torch.device("cuda:1"))
    monkeypatch.setattr(devices, "available", lambda: ("cpu",))
    assert devices.choose("auto") == devices.Choice(torch.device("cpu"))
    lost = devices.choose("cuda:1")
    assert lost.device.type == "cpu" and "cuda:1" in lost.notice


def test_threads(monkeypatch):
    monkeypatch.setattr(devices, "cores", lambda: 8)
    assert devices.threads_beside_window() == 7
    monkeypatch.setattr(devices, "cores", lambda: 1)
    assert devices.threads_beside_window() == 1
    Engine(threads=1)
    assert torch.get_num_threads() == 1


def test_catalogue_lists_every_network():
    rows = {row.name: row for row in result_of(CatalogueRequest(), Work(Engine(threads=1)))}
    assert set(rows) >= {"squeezenet1_1", "efficientnet_lite0", "yolov3_tiny", "yolov3", "u2netp", "lenet5"}
    assert rows["yolov3_tiny"].task == "detect" and rows["yolov3_tiny"].state == "cached"
    assert all(row.state in ("cached", "bundled", "download", "random") for row in rows.values())
    assert all((row.bytes > 0) == (row.state == "download") for row in rows.values() if row.name != "yolov3")


def test_load_reports_and_can_be_cancelled(engine):
    events = list(run(LoadRequest(model="a"), Work(engine)))
    assert events[1].text == "loading a" and events[-1].record.name == "a"
    token = CancelToken()
    steps = run(LoadRequest(model="b"), Work(engine, token=token))
    next(steps)
    token.cancel()
    assert isinstance(list(steps)[-1], CancelledJob)
    assert not engine.has(ask("b"))
