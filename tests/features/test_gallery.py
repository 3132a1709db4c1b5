"""A gallery of a layer: each unit as a dream of its own, kept on disk, shared by processes, stopped without loss."""

import json
import multiprocessing

import numpy as np
import pytest
import torch

from explorer.features import gallery as gallery_module
from explorer.features import unit_store
from explorer.features.canvas import derived
from explorer.features.gallery import Unit
from explorer.jobs import CancelledJob, Preview, Progress, Work, result_of, run
from explorer.picture.grid import tile_of
from explorer.picture.stills import png_text
from explorer.records.errors import ExplorerError
from explorer.requests.dream import DreamRequest
from explorer.requests.surgery import Edit
from explorer.requests.units import GalleryRequest


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setattr(unit_store, "folder", lambda: tmp_path / "store")


QUICK = {"layer": "relu1", "size": 32, "steps": 4}


def test_every_channel_has_the_picture_of_its_own_dream(small):
    record = result_of(GalleryRequest(**QUICK), Work(small))
    assert record.channels == tuple(range(8)) and record.of == 8
    assert record.done.all() and np.isfinite(record.objective).all()
    assert (record.grid.tile_h, record.grid.count) == (32, 8)
    dream = DreamRequest(layer="relu1", channel=5, size=32, steps=4, seed=derived(0, 5))
    alone = result_of(dream, Work(small))
    tile = tile_of(record.sheet, record.grid, 5)
    assert np.abs(tile.astype(int) - alone.rgb.astype(int)).max() <= 3
    assert record.objective[5] == pytest.approx(alone.facts["after"], rel=0.02)


def test_a_second_request_takes_them_from_the_disk(small, monkeypatch):
    first = result_of(GalleryRequest(**QUICK), Work(small))
    monkeypatch.setattr(gallery_module, "maximise", None)  # nobody may call it
    again = result_of(GalleryRequest(**QUICK), Work(small))
    np.testing.assert_array_equal(first.sheet, again.sheet)
    np.testing.assert_array_equal(first.objective, again.objective)
    one = result_of(GalleryRequest(**QUICK, channels=(6,)), Work(small))
    np.testing.assert_array_equal(one.sheet, tile_of(first.sheet, first.grid, 6))


def test_other_numbers_are_other_pictures(small):
    first = result_of(GalleryRequest(**QUICK, channels=(1,)), Work(small))
    for fields in (
        {"seed": 1},
        {"steps": 6},
        {"layer": "bn1"},
        {"surgery": (Edit(kind="mute", layer="conv1", channels=(0,)),)},
    ):
        request = GalleryRequest.model_validate({**QUICK, "channels": (1,), "cached_only": True, **fields})
        assert not result_of(request, Work(small)).done.any(), fields
    kept = result_of(GalleryRequest(**QUICK, channels=(1,), cached_only=True), Work(small))
    assert kept.done.all()
    with torch.no_grad():
        small.toy.module.conv1.weight.mul_(1.5)  # the same layer with other weights is another network
    assert not result_of(GalleryRequest(**QUICK, channels=(1,), cached_only=True), Work(small)).done.any()
    assert first.facts["layer"] == "relu1"


def test_only_what_is_there_computes_nothing(small, monkeypatch):
    result_of(GalleryRequest(**QUICK, channels=(2, 4)), Work(small))
    monkeypatch.setattr(gallery_module, "maximise", None)
    record = result_of(GalleryRequest(**QUICK, cached_only=True), Work(small))
    assert np.flatnonzero(record.done).tolist() == [2, 4]
    assert np.isnan(record.objective[[0, 1, 3, 5, 6, 7]]).all()
    assert (tile_of(record.sheet, record.grid, 3) == gallery_module.EMPTY).all()


def test_previews_show_what_grows_and_stop_keeps_what_is_finished(small, monkeypatch):
    monkeypatch.setattr(gallery_module, "PREVIEW_S", 0.0)
    monkeypatch.setattr(gallery_module, "PER_BATCH", 2)
    work = Work(small)
    events = []
    for event in run(GalleryRequest(**QUICK), work):
        events.append(event)
        if isinstance(event, Preview) and event.record.done.sum() == 4:
            growing = ~event.record.done
            assert any((tile_of(event.record.sheet, event.record.grid, k) != 128).any() for k in np.flatnonzero(growing))
            work.token.cancel()
    assert isinstance(events[-1], CancelledJob)
    assert np.flatnonzero(events[-1].record.done).tolist() == [0, 1, 2, 3]
    steps = [event for event in events if isinstance(event, (Preview, Progress))]
    assert len(steps) >= 2 * 4 and steps[-1].total == 8 * 4
    later = result_of(GalleryRequest(**QUICK, cached_only=True), Work(small))
    assert np.flatnonzero(later.done).tolist() == [0, 1, 2, 3]


def test_a_yield_follows_every_step(small):
    events = list(run(GalleryRequest(**QUICK, channels=(0, 1)), Work(small)))
    assert sum(isinstance(event, (Preview, Progress)) for event in events) >= QUICK["steps"]


def test_the_file_of_a_unit_carries_its_facts(small):
    result_of(GalleryRequest(**QUICK, channels=(3,)), Work(small))
    (path,) = unit_store.folder().rglob("*.png")
    assert path.name == "3.png" and "relu1" in str(path)
    facts = json.loads(png_text(path.read_bytes())["Recipe"])
    assert {"objective", "seed", "steps", "size", "explorer", "torch", "channel", "layer"} <= facts.keys()


def test_a_damaged_or_foreign_file_is_grown_again(small):
    request = GalleryRequest(**QUICK, channels=(3, 4))
    first = result_of(request, Work(small))
    three, four = (next(unit_store.folder().rglob(f"{channel}.png")) for channel in (3, 4))
    three.write_bytes(four.read_bytes())  # another channel's
    four.write_bytes(four.read_bytes()[:200])
    again = result_of(request, Work(small))
    np.testing.assert_array_equal(first.sheet, again.sheet)
    assert Unit.from_bytes(b"", 0, "") is None


def test_a_full_disk_costs_only_the_memory(small, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(unit_store, "write_bytes", full)
    assert result_of(GalleryRequest(**QUICK, channels=(0,)), Work(small)).done.all()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"layer": "nowhere"}, "no layer"),
        ({"channels": (0, 8)}, "has no channel 8"),
        ({"channels": (-1,)}, "has no channel -1"),
    ],
)
def test_bad_requests_say_why(small, fields, word):
    with pytest.raises(ExplorerError, match=word):
        result_of(GalleryRequest.model_validate({**QUICK, **fields}), Work(small))


def test_a_list_of_numbers_has_units_too(small):
    record = result_of(GalleryRequest(layer="fc", size=32, steps=3), Work(small))
    assert record.of == 5 and record.done.all()


def test_large_layers_send_small_tiles():
    sheet = gallery_module.Sheet(tuple(range(4096)), 512)
    record = sheet.record({"layer": "x"}, 4096)
    assert record.sheet.nbytes <= 1.2 * gallery_module.MOST_SHEET and record.grid.tile_h >= 16


def _write_all(folder, start, failed):
    unit_store.folder = lambda: folder
    start.wait(10)
    for number in range(60):
        unit_store.write(folder / "net" / f"{number % 6}.png", bytes([number]) * 20_000)
        data = unit_store.read(folder / "net" / f"{number % 6}.png")
        if data is not None and (len(data) != 20_000 or len(set(data)) != 1):
            failed.set()
        unit_store.prune(60_000)


def test_two_processes_may_write_and_prune_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    start, failed = context.Event(), context.Event()
    both = [context.Process(target=_write_all, args=(tmp_path / "store", start, failed)) for _ in range(2)]
    for process in both:
        process.start()
    start.set()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0] and not failed.is_set()
    assert not list((tmp_path / "store").rglob(".*"))
