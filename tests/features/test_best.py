"""The ranking of a folder against a plain loop over its pictures; what is kept on disk; what cannot be read; Stop."""

import json

import numpy as np
import pytest
import torch

from explorer.cli.program import run_program
from explorer.engine.taps import run_until
from explorer.features import best as best_module
from explorer.features import unit_store
from explorer.features.ranks import Found, Ranks
from explorer.jobs import CancelledJob, Preview, Progress, Work, result_of, run
from explorer.picture.stills import read_rgb, write_png
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.requests.units import MOST_TOP, BestRequest


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setattr(unit_store, "folder", lambda: tmp_path / "store")


@pytest.fixture
def album(tmp_path, coffee, chelsea, astronaut):
    """Twelve crops of three photographs, of several sizes, two of them in a folder inside; one broken file, one text."""
    folder = tmp_path / "album"
    rng = np.random.default_rng(3)
    for number in range(12):
        rgb = (coffee, chelsea, astronaut)[number % 3].rgb
        height, width = int(rng.integers(20, 90)), int(rng.integers(20, 90))
        top, left = int(rng.integers(0, rgb.shape[0] - height)), int(rng.integers(0, rgb.shape[1] - width))
        place = folder / "inside" if number >= 10 else folder
        write_png(place / f"{number}.png", np.ascontiguousarray(rgb[top : top + height, left : left + width]))
    (folder / "broken.png").write_bytes((folder / "0.png").read_bytes()[:300])
    (folder / "page.jpg").write_text("<html>")
    (folder / "notes.txt").write_text("no picture by its name")
    return folder


def by_hand(network, layer, album):
    """{name: (C, h, w) maps} of every picture that can be read, one plain pass each."""
    maps = {}
    for path in sorted(album.rglob("*.png")):
        if path.name != "broken.png":
            with torch.no_grad():
                maps[str(path)] = run_until(network.module, network.prepare(Frame(read_rgb(path))).nchw, layer)[0]
    return maps


@pytest.mark.parametrize("measure", ["max", "mean"])
def test_the_ranking_is_that_of_a_plain_loop(small, album, measure):
    maps = by_hand(small.toy, "relu2", album)
    record = result_of(BestRequest(folder=str(album), layer="relu2", top=5, measure=measure), Work(small))
    assert len(record.paths) == len(maps) == 12
    assert record.index.shape == record.score.shape == (12, 5)  # the layer has twelve channels
    for channel in range(12):
        score = {path: float(getattr(found[channel], measure)()) for path, found in maps.items()}
        order = sorted(record.paths, key=lambda path: -score[path])[:5]
        assert [record.paths[number] for number in record.index[channel]] == order
        np.testing.assert_allclose(record.score[channel], [score[path] for path in order], rtol=1e-6)
        for number, place in zip(record.index[channel], record.place[channel], strict=True):
            found = maps[record.paths[number]][channel]
            assert float(found[tuple(place)]) == float(found.max())


def test_one_channel_comes_with_crops_of_what_the_unit_saw(small, album):
    request = BestRequest(folder=str(album), layer="conv1", channel=3, top=4, crop=32)
    record = result_of(request, Work(small))
    whole = result_of(BestRequest(folder=str(album), layer="conv1", top=4), Work(small))
    assert [entry.path for entry in record.entries] == [whole.paths[number] for number in whole.index[3]]
    for entry in record.entries:
        rgb = read_rgb(entry.path)
        left, top, right, bottom = entry.box
        assert 0 <= left < right <= rgb.shape[1] and 0 <= top < bottom <= rgb.shape[0]
        assert entry.crop.dtype == np.uint8 and max(entry.crop.shape[:2]) <= 32
        scale = 24 / min(rgb.shape[:2])  # a 3 x 3 convolution sees three pixels of the 24 x 24 that were cut from the middle
        size = min(3, 2 + (0 < entry.place[1] < 23)) / scale
        assert right - left == pytest.approx(size, abs=1e-3)


def test_a_second_request_reads_no_folder_again(small, album, monkeypatch):
    first = result_of(BestRequest(folder=str(album), layer="conv1", channel=3, top=4), Work(small))
    calls = []
    monkeypatch.setattr(best_module, "answers", lambda *args: calls.append(args))
    again = result_of(BestRequest(folder=str(album), layer="conv1", channel=3, top=4), Work(small))
    assert not calls
    assert [(e.path, e.score, e.place, e.box) for e in again.entries] == [
        (e.path, e.score, e.place, e.box) for e in first.entries
    ]
    for one, other in zip(first.entries, again.entries, strict=True):
        np.testing.assert_array_equal(one.crop, other.crop)
    assert again.unreadable == first.unreadable


def test_a_new_picture_is_seen(small, album, coffee):
    before = result_of(BestRequest(folder=str(album), layer="conv1"), Work(small))
    write_png(album / "new.png", coffee.rgb)
    after = result_of(BestRequest(folder=str(album), layer="conv1"), Work(small))
    assert len(after.paths) == len(before.paths) + 1


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(small, album):
    record = result_of(BestRequest(folder=str(album), layer="conv1", inside=False), Work(small))
    assert [name for name, _ in record.unreadable] == ["broken.png", "page.jpg"]
    assert "incomplete" in record.unreadable[0][1] and "not a picture" in record.unreadable[1][1]
    assert len(record.paths) == 10  # not those inside
    assert (record.done, record.total) == (12, 12)


def test_stop_keeps_what_is_there(small, album, monkeypatch):
    monkeypatch.setattr(best_module, "PREVIEW_S", 0.0)
    work = Work(small)
    seen = []
    for event in run(BestRequest(folder=str(album), layer="conv1", channel=0, top=3), work):
        seen.append(event)
        if isinstance(event, Preview) and len(event.record.paths) == 5:
            work.token.cancel()
    assert isinstance(seen[-1], CancelledJob)
    assert len(seen[-1].record.paths) == 5 and len(seen[-1].record.entries) == 3
    assert any(isinstance(event, Progress) and event.total == 14 for event in seen)
    whole = result_of(BestRequest(folder=str(album), layer="conv1", channel=0, top=3), Work(small))  # nothing half was kept
    assert len(whole.paths) == 12


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"folder": "/no/such/folder"}, "no folder"),
        ({"layer": "nowhere"}, "no layer"),
        ({"layer": "conv1", "channel": 8}, "it has 8"),
    ],
)
def test_bad_requests_say_why(small, album, fields, word):
    with pytest.raises(ExplorerError, match=word):
        result_of(BestRequest.model_validate({"folder": str(album), "layer": "conv1", **fields}), Work(small))


def test_a_folder_without_a_readable_picture(small, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExplorerError, match="no picture in"):
        result_of(BestRequest(folder=str(tmp_path / "empty"), layer="conv1"), Work(small))
    (tmp_path / "empty" / "bad.png").write_bytes(b"no")
    with pytest.raises(ExplorerError, match="None of the 1 files"):
        result_of(BestRequest(folder=str(tmp_path / "empty"), layer="conv1"), Work(small))


def test_a_damaged_file_of_the_store_is_computed_again(small, album):
    request = BestRequest(folder=str(album), layer="conv1")
    first = result_of(request, Work(small))
    (kept,) = unit_store.folder().rglob("*.npz")
    for damage in (b"", b"PK\x03\x04", kept.read_bytes()[:-40]):
        kept.write_bytes(damage)
        again = result_of(request, Work(small))
        np.testing.assert_array_equal(again.index, first.index)


def test_equal_scores_stay_in_order_and_nan_has_no_rank():
    ranks = Ranks(2, 3)
    for number, score in enumerate([(1.0, np.nan), (1.0, 2.0), (0.5, np.inf), (3.0, -1.0)]):
        ranks.enter(number, np.array(score, np.float32), np.full((2, 2), number, np.int32))
    assert ranks.index.tolist() == [[3, 0, 1], [1, 3, -1]]
    assert ranks.place[0].tolist() == [[3, 3], [0, 0], [1, 1]]


def test_what_is_written_comes_back():
    found = Found(2, (3, 4), ["a", "b"], [("c", "why")], 3, 3)
    found.ranks["max"].enter(1, np.array([2.0, 3.0], np.float32), np.zeros((2, 2), np.int32))
    back = Found.from_bytes(found.to_bytes(), 3)
    assert back is not None and back.ranks["max"].index.shape == (2, MOST_TOP)
    assert (back.paths, back.unreadable, back.map_hw) == (["a", "b"], [("c", "why")], (3, 4))
    assert Found.from_bytes(b"nonsense", 3) is None


def test_the_command_says_the_same(real, album, tmp_path, capfd):
    sheet = tmp_path / "sheet.png"
    args = ["best", "squeezenet1_1", str(album), "--layer", "features.6", "--channel", "5", "--top", "3"]
    assert run_program([*args, "--json", "-o", str(sheet)], restore=True) == 0
    said = json.loads(capfd.readouterr().out)
    record = result_of(BestRequest(folder=str(album), layer="features.6", channel=5, top=3), Work(real))
    assert [one["path"] for one in said["best"]] == [entry.path for entry in record.entries]
    np.testing.assert_allclose([one["score"] for one in said["best"]], [entry.score for entry in record.entries], rtol=1e-5)
    assert read_rgb(sheet).shape[2] == 3
    assert run_program([*args[:5], "-o", str(sheet)], restore=True) == 2  # a sheet needs a channel
    capfd.readouterr()


def test_the_store_lets_the_oldest_go(tmp_path):
    for number in range(10):
        unit_store.write(unit_store.folder() / f"n{number % 2}" / f"{number}.bin", bytes(100))
    import os

    for number, path in enumerate(sorted(unit_store.folder().rglob("*.bin"), key=lambda path: int(path.stem))):
        os.utime(path, (1000 + number, 1000 + number))
    assert unit_store.prune(1000) == 0
    assert unit_store.read(unit_store.folder() / "n0" / "0.bin") == bytes(100)  # used just now: it stays
    assert unit_store.prune(500) == 6
    left = {path.stem for path in unit_store.folder().rglob("*.bin")}
    assert left == {"0", "7", "8", "9"}
