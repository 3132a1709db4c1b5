"""Shares on a real Dask cluster of one worker: the same seeds, the same objective; and what is said when there is none."""

import contextlib
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from explorer.jobs import CancelledJob, Work, result_of, run
from explorer.records.errors import ExplorerError
from explorer.requests.units import AtlasRequest

_spec = importlib.util.spec_from_file_location("dangling", Path(__file__).parent.parent / "fixtures_dangling.py")
dangling = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(dangling)

LAYER, CHANNELS = "features.0", (0, 3, 7, 11, 20)


@pytest.fixture
def local_cluster(monkeypatch):
    """A scheduler and one worker in this process, on loopback, without its web pages; nothing of them remains."""
    from distributed import LocalCluster

    from explorer.atlas import shares

    monkeypatch.setattr(shares, "_engines", {})
    made = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp"
    )
    with contextlib.closing(made):
        yield made


def request_of(out, **fields):
    small = {"layers": (LAYER,), "channels": CHANNELS, "size": 48, "steps": 6, "seed": 5, "out": str(out)}
    return AtlasRequest.model_validate({**small, **fields})


def told(record):
    units = json.loads((Path(record.index).parent / LAYER / "units.json").read_text())["units"]
    return {int(channel): unit for channel, unit in units.items()}


def test_a_cluster_gives_the_same_seeds_and_objectives(local_cluster, tmp_path):
    from explorer.engine.engine import Engine

    engine = Engine(threads=1)
    there = result_of(request_of(tmp_path / "there", cluster=local_cluster.scheduler_address), Work(engine))
    assert there.layers == ((LAYER, 5, 64),) and there.grown == 5
    here = result_of(request_of(tmp_path / "here"), Work(engine))
    one, other = told(here), told(there)
    assert set(one) == set(other) == set(CHANNELS)
    for channel in CHANNELS:
        assert one[channel]["seed"] == other[channel]["seed"] == 5
        assert other[channel]["objective"] == pytest.approx(one[channel]["objective"], rel=0.02)
    again = result_of(request_of(tmp_path / "there", cluster=local_cluster.scheduler_address), Work(engine))
    assert (again.grown, again.kept) == (0, 5)


def test_stop_leaves_the_cluster_free(local_cluster, tmp_path):
    from explorer.engine.engine import Engine

    work = Work(Engine(threads=1))
    events = []
    for event in run(request_of(tmp_path / "a", cluster=local_cluster.scheduler_address, channels=tuple(range(64))), work):
        events.append(event)
        if (tmp_path / "a" / LAYER).is_dir() and list((tmp_path / "a" / LAYER).glob("unit-*.png")):
            work.token.cancel()
    assert isinstance(events[-1], CancelledJob)
    assert (tmp_path / "a" / "index.html").is_file()


def test_nothing_is_left_behind(tmp_path):
    from distributed import LocalCluster

    from explorer.atlas.cluster import connected

    def once():
        cluster = LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp"
        )
        with contextlib.closing(cluster), connected(cluster.scheduler_address) as client:
            assert client.submit(lambda: 3).result(timeout=20) == 3

    once()  # the library keeps threads of its own for the whole process
    before = dangling.left_behind()
    once()
    dangling.assert_nothing_new(before)


def test_an_unreachable_scheduler_is_said(toy, asked, monkeypatch):
    from explorer.atlas import cluster

    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        with pytest.raises(ExplorerError, match="No Dask scheduler answers") as caught:
            result_of(asked(cluster=address), Work(toy))
        assert caught.value.trouble.exit_code == 5


def test_without_the_extra_it_is_said(toy, asked, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExplorerError, match=r"explorer\[cluster\]"):
        result_of(asked(cluster="tcp://127.0.0.1:1"), Work(toy))


def test_a_cluster_without_workers_is_said(toy, asked):
    from distributed import LocalCluster

    cluster = LocalCluster(n_workers=0, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp")
    with contextlib.closing(cluster), pytest.raises(ExplorerError, match="has no workers"):
        result_of(asked(cluster=cluster.scheduler_address), Work(toy))
