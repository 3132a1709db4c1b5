"""Filters and activations on the command line: every flag, the same numbers as the Python call, odd pictures."""

import csv
import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.look import ActivationsRequest, FiltersRequest

LAYER = ("--layer", "features.3.squeeze")


@pytest.fixture
def explorer(capfd):
    """Run a command; returns (exit code, JSON lines of standard output, standard error)."""

    def run(*args):
        code = run_program([str(arg) for arg in args], restore=True)
        said = capfd.readouterr()
        assert "Traceback" not in said.err, said.err
        return code, [json.loads(line) for line in said.out.splitlines() if line.startswith("{")], said.err

    return run


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=1)


def same(record, shape, archive):
    """Whether the line of JSON and the archive hold what the record holds."""
    assert shape["order"] == record.order.tolist()
    assert shape["statistics"] == pytest.approx(record.stats.whole().figures(), rel=1e-5)
    assert shape["histogram"]["counts"] == record.histogram.counts.tolist()
    with np.load(archive, allow_pickle=False) as kept:
        np.testing.assert_array_equal(kept["values"], record.values)
        np.testing.assert_array_equal(kept["order"], record.order)
        np.testing.assert_allclose(kept["sparsity"], record.stats.sparsity)
        assert (
            kept["histogram"].sum() == record.histogram.counts.sum()
            and len(kept["histogram_edges"]) == len(kept["histogram"]) + 1
        )


def test_filters_with_every_flag_are_the_record_of_the_python_call(explorer, engine, tmp_path):
    flags = ("--view", "inputs", "--kernel", 5, "--sort", "l1", "--range=-0.4,0.4", "--gamma", 2)
    code, lines, _ = explorer("filters", "squeezenet1_1", *LAYER, *flags, "--json", "-o", tmp_path / "f.npz")
    request = FiltersRequest(layer=LAYER[1], view="inputs", kernel=5, sort="l1", range=(-0.4, 0.4), gamma=2.0)
    record = result_of(request, Work(engine))
    assert code == 0 and lines[0]["kernel"] == 5
    same(record, lines[0], tmp_path / "f.npz")
    code, lines, _ = explorer("filters", "squeezenet1_1", "--spectrum", "--sort", "l2", "--json", "-o", tmp_path / "s.npz")
    same(result_of(FiltersRequest(spectrum=True, sort="l2"), Work(engine)), lines[0], tmp_path / "s.npz")


def test_activations_with_every_flag_are_the_record_of_the_python_call(explorer, engine, tmp_path):
    picture = sample_path("coffee")
    flags = ("--sort", "variance", "--pinned", "7,3", "--range", "0,9", "--gamma", 0.5, "--input-size", 160)
    code, lines, _ = explorer("activations", "squeezenet1_1", picture, *LAYER, *flags, "--json", "-o", tmp_path / "a.npz")
    request = ActivationsRequest(layer=LAYER[1], sort="variance", pinned=(7, 3), range=(0.0, 9.0), gamma=0.5, input_size=160)
    record = result_of(request, Work(engine, Frame(read_rgb(picture))))
    assert code == 0 and lines[0]["order"][:2] == [7, 3] and lines[0]["input_size"] == 160
    same(record, lines[0], tmp_path / "a.npz")


def test_the_table_has_a_line_a_tile_in_drawn_order_and_people_get_words(explorer, tmp_path):
    target = tmp_path / "f.csv"
    assert explorer("filters", "squeezenet1_1", *LAYER, "--sort", "l2", "-o", target)[0] == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    norms = [float(row["l2"]) for row in rows]
    assert (
        len(rows) == 16
        and norms == sorted(norms, reverse=True)
        and {row["channel"] for row in rows} == set(map(str, range(16)))
    )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--view", "inputs", "--kernel", "16"), "no kernel 16"),
        (("--input-channel", "64"), "no input channel 64"),
        (("--range", "1,1"), "smaller than the second"),
        (("--sort", "mean"), "mean"),
    ],
)
def test_what_cannot_be_shown_is_said(explorer, flags, words):
    code, lines, said = explorer("filters", "squeezenet1_1", *LAYER, *flags, "--json")
    assert code in (2, 3) and not lines and words in said


def odd_pictures(folder):
    """Pictures that a program trips over: 1 x 1, 8k, grey, RGBA, 16 bit, CMYK."""
    small = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(small[:1, :1]).save(folder / "one.png")
    big = np.zeros((4320, 7680, 3), np.uint8)
    big[::3, ::5] = 200
    cv2.imwrite(str(folder / "eight_k.jpg"), big)
    Image.fromarray(small[..., 0]).save(folder / "grey.png")
    Image.fromarray(np.dstack([small, small[..., 1]])).save(folder / "rgba.png")
    cv2.imwrite(str(folder / "sixteen.png"), small.astype(np.uint16) * 257)
    Image.fromarray(small).convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    return sorted(folder.iterdir())


def test_odd_pictures_go_through_every_command(explorer, tmp_path):
    pictures = odd_pictures(tmp_path)
    assert len(pictures) == 6
    for picture in pictures:
        code, lines, said = explorer("activations", "lenet5", picture, "--json")
        assert code == 0 and lines[0]["tiles"] == 6 and not lines[0]["not_finite"], (picture, said)
        dream = ("--picture", picture, "--steps", 1, "--octaves", 1, "--size", 32, "-o", tmp_path / "d.png")
        code, lines, said = explorer("dream", "lenet5", *dream)
        assert code == 0 and read_rgb(tmp_path / "d.png").shape[2] == 3, (picture, said)
    code, lines, said = explorer("classify", "squeezenet1_1", *pictures, "--json")
    assert code == 0 and len(lines) == 6, said
