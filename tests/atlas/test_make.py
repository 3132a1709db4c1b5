"""An atlas from beginning to end: every unit, kept ones, other recipes, Stop, a damaged file, numbers for machines."""

import json
from pathlib import Path

import numpy as np
import pytest

from explorer.atlas import make, shares
from explorer.atlas.shares import split
from explorer.cli.program import run_program
from explorer.features.gallery import Unit
from explorer.jobs import CancelledJob, Failed, Progress, Work, result_of, run
from explorer.picture.stills import png_text, read_rgb
from explorer.records.errors import ExplorerError
from explorer.requests.units import GalleryRequest


def files(out):
    return sorted(str(path.relative_to(out)) for path in Path(out).rglob("*") if path.is_file())


def test_every_unit_of_every_layer_is_there(toy, asked, album):
    record = result_of(asked(best=str(album), top=2), Work(toy))
    assert record.layers == (("conv1", 6, 6), ("conv2", 5, 5)) and (record.grown, record.kept) == (11, 0)
    out = Path(record.index).parent
    found = files(out)
    assert "index.html" in found and "conv1/index.html" in found and "conv2/units.json" in found
    for layer, count in (("conv1", 6), ("conv2", 5)):
        for channel in range(count):
            assert f"{layer}/unit-{channel:05d}.png" in found
            assert f"{layer}/filter-{channel:05d}.png" in found
            assert f"{layer}/best-{channel:05d}-2.jpg" in found
    assert not [name for name in found if "part" in name]


def test_a_units_picture_is_that_of_the_gallery(toy, asked):
    record = result_of(asked(), Work(toy))
    gallery = result_of(GalleryRequest(layer="conv2", channels=(3,), size=32, steps=3, cached_only=True), Work(toy))
    assert gallery.done.all()  # an atlas fills the gallery's cache
    picture = read_rgb(Path(record.index).parent / "conv2" / "unit-00003.png")
    np.testing.assert_array_equal(picture, gallery.sheet)
    told = json.loads((Path(record.index).parent / "conv2" / "units.json").read_text())
    assert told["units"]["3"]["objective"] == pytest.approx(float(gallery.objective[0]))
    weight = toy.toy.module.conv2.weight[3]
    assert told["units"]["3"]["norm"] == pytest.approx(float(weight.norm()))
    assert told["units"]["3"]["bias"] == pytest.approx(float(toy.toy.module.conv2.bias[3]))
    assert told["field"] == [5, 5] and told["shape"] == [5, 11, 11]  # two 3 x 3 convolutions see five pixels


def test_existing_units_of_the_same_recipe_are_kept(toy, asked, monkeypatch):
    first = result_of(asked(), Work(toy))
    out = Path(first.index).parent
    before = {name: (out / name).stat().st_mtime_ns for name in files(out) if "unit-" in name}
    (out / "conv1" / "unit-00002.png").write_bytes(b"damaged")
    monkeypatch.setattr(shares, "do_share", None)  # only the missing one comes from somewhere: the cache of units
    grown = []
    real = make.do_share

    def counted(engine, share, token):
        grown.append(share.gallery.channels)
        return real(engine, share, token)

    monkeypatch.setattr(make, "do_share", counted)
    again = result_of(asked(), Work(toy))
    assert (again.grown, again.kept) == (1, 10) and grown == [(2,)]
    after = {name: (out / name).stat().st_mtime_ns for name in before}
    assert [name for name in before if before[name] != after[name]] == ["conv1/unit-00002.png"]


def test_another_recipe_grows_anew(toy, asked):
    result_of(asked(layers=("conv1",)), Work(toy))
    other = result_of(asked(layers=("conv1",), seed=4), Work(toy))
    assert (other.grown, other.kept) == (6, 0)
    facts = json.loads(png_text((Path(other.index).parent / "conv1" / "unit-00001.png").read_bytes())["Recipe"])
    assert facts["seed"] == 4


def test_stop_leaves_a_valid_atlas_of_what_is_there(toy, asked):
    work = Work(toy)
    events = []
    for event in run(asked(layers=("conv1",)), work):
        events.append(event)
        if isinstance(event, Progress) and event.total and event.done > 300:
            work.token.cancel()
    assert isinstance(events[-1], CancelledJob)
    out = Path(asked().out)
    there = [name for name in files(out) if "unit-" in name]
    page = (out / "conv1" / "index.html").read_text()
    assert 3 <= len(there) < 6
    assert page.count('<li><a href="#u') == len(there)
    assert f"{len(there)} of 6 units" in (out / "index.html").read_text()
    rest = result_of(asked(layers=("conv1",)), Work(toy))
    assert (rest.kept, rest.grown) == (len(there), 6 - len(there))


def test_only_some_channels_and_layers_without_filters(toy, asked):
    record = result_of(asked(layers=("fc", "relu1"), channels=(0, 3)), Work(toy))
    assert record.layers == (("fc", 2, 4), ("relu1", 2, 6))
    out = Path(record.index).parent
    assert not [name for name in files(out) if "filter-" in name]
    assert "cat &amp; dog" not in (out / "fc" / "index.html").read_text()  # unit 2 is not there
    assert "&lt;b&gt;" in (out / "fc" / "index.html").read_text()


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"layers": ("nowhere",)}, "no layer"), ({"channels": (9,)}, "no channel 9"), ({"best": "/no/such"}, "no folder")],
)
def test_what_is_not_there_is_said(toy, asked, fields, word):
    with pytest.raises(ExplorerError, match=word):
        result_of(asked(**fields), Work(toy))


def test_a_folder_that_cannot_be_written(toy, asked, tmp_path):
    (tmp_path / "file").write_text("in the way")
    events = list(run(asked(out=str(tmp_path / "file")), Work(toy)))
    assert isinstance(events[-1], Failed)


def test_shares_have_every_channel_once():
    channels = [5, 3, 8, 1, 9, 2, 7]
    runs = split(channels, 3)
    assert [channel for run in runs for channel in run] == channels and max(map(len, runs)) == 3
    assert split([]) == []


def test_a_share_of_another_network_is_refused(toy):
    request = GalleryRequest(layer="conv1", channels=(0,), size=32, steps=2)
    share = shares.Share(request.model_dump_json(), "0" * 32)
    with pytest.raises(ExplorerError, match="other weights"):
        list(shares.do_share(toy, share, Work().token))


def test_the_command(tmp_path, capfd):
    args = ["atlas", "squeezenet1_1", "--layers", "features.3", "--channels", "0-1,5", "--size", "32", "--steps", "2"]
    assert run_program([*args, "--out", str(tmp_path / "a"), "--json"], restore=True) == 0
    said = json.loads(capfd.readouterr().out)
    assert said["layers"] == [{"layer": "features.3", "units": 3, "of": 128}] and said["grown"] == 3
    unit = Unit.from_bytes((tmp_path / "a" / "features.3" / "unit-00005.png").read_bytes(), 5)
    assert unit is not None and unit.facts["steps"] == 2
    assert run_program([*args, "--out", str(tmp_path / "a"), "--json"], restore=True) == 0
    assert json.loads(capfd.readouterr().out)["kept"] == 3
    for wrong in ("3-1", "x", "1-2-3", "99999"):
        assert run_program(["atlas", "squeezenet1_1", "--layers", "features.3", "--channels", wrong], restore=True) == 2
    assert run_program(["atlas", "squeezenet1_1", "--layers", ",", "--out", str(tmp_path / "b")], restore=True) == 2
    capfd.readouterr()
