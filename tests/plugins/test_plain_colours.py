"""The worked example of the open door: a detector and a segmenter of a plugin are as good as ours, everywhere."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
from fixtures_colours import FRAMES, check_numbers, picture, write_film

from explorer.assets import plugins_dir
from explorer.engine.engine import Engine
from explorer.gui.catalogue import Catalogue
from explorer.jobs import Work, result_of
from explorer.records.errors import ExplorerError
from explorer.records.frame import Frame
from explorer.requests.network import CatalogueRequest, DetectRequest, LoadRequest, SegmentRequest
from explorer.tables import Table, Tables
from explorer.vision.reading import masks_within
from explorer.zoo.reading import Candidates


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("plain_colours", plugins_dir() / "plain_colours.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def table(example):
    tables = Tables()
    example.register(tables)
    return tables.networks


@pytest.fixture(scope="module")
def engine(table):
    return Engine(threads=2, networks=table)


def square(colour, left, top, right, bottom, size=320, ground=128):
    rgb = np.full((size, size, 3), ground, np.uint8)
    rgb[top:bottom, left:right] = colour
    return Frame(rgb, source="square")


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("box", [(80, 160, 144, 240), (83, 161, 141, 235)])
def test_an_upright_square_is_found_to_the_pixel(engine, box, exact):
    found = result_of(DetectRequest(model="colour_blobs", exact=exact), Work(engine, square((255, 0, 0), *box)))
    assert [found.label(0), len(found)] == ["red", 1]
    np.testing.assert_allclose(found.xyxy[0], box, atol=0.05)
    assert found.masks.shape == (1, 14, 14) and found.masks.min() == 1
    assert found.runs_on.runtime == ("torch" if exact else "OpenVINO")


def test_the_box_is_right_in_a_wide_frame_too(engine):
    """640 x 320: letterboxed, half as large, 80 pixels down."""
    rgb = np.full((320, 640, 3), 128, np.uint8)
    rgb[32:128, 160:320] = (0, 0, 255)
    found = result_of(DetectRequest(model="colour_blobs", exact=True), Work(engine, Frame(rgb, source="wide")))
    assert found.label(0) == "blue"
    np.testing.assert_allclose(found.xyxy[0], [160, 32, 320, 128], atol=1.5)


def test_thresholds_and_classes_act_without_a_new_pass(engine, table):
    frame = Frame(picture(0), seq=5, source="film")
    passes = []
    handle = engine.network(DetectRequest(model="colour_blobs")).module.register_forward_hook(lambda *_: passes.append(1))
    ask = {"model": "colour_blobs", "exact": True}
    everything = result_of(DetectRequest(**ask), Work(engine, frame))
    assert sorted(everything.label(k) for k in range(len(everything))) == ["blue", "green", "red", "red"]
    red = result_of(DetectRequest(**ask, only=("red", "elephant")), Work(engine, frame))
    assert [red.label(k) for k in range(len(red))] == ["red", "red"] and red.unknown == ("elephant",)
    none = result_of(DetectRequest(**ask, only=("elephant",)), Work(engine, frame))
    assert len(none) == 4 and none.unknown == ("elephant",)
    assert len(result_of(DetectRequest(**ask, confidence=0.95), Work(engine, frame))) == 0
    followed = result_of(DetectRequest(**ask, track=True), Work(engine, frame))
    again = result_of(DetectRequest(**ask, track=True, confidence=0.3), Work(engine, frame))
    assert sorted(followed.track.tolist()) == sorted(again.track.tolist()) == [1, 2, 3, 4]
    assert len(passes) == 1
    handle.remove()


def test_numbers_are_kept_and_begin_again_with_another_source_or_size(engine):
    def numbers(k, source="a", **more):
        request = DetectRequest(model="colour_blobs", track=True, **more)
        frame = Frame(picture(k), seq=100 + k, time=k / 20, source=source)
        found = result_of(request, Work(engine, frame))
        return {(found.label(i), int(found.xyxy[i][1]) // 40): int(found.track[i]) for i in range(len(found))}

    first = numbers(0)
    assert sorted(first.values()) == [1, 2, 3, 4]
    assert [numbers(k) for k in (1, 2, 3)] == [first] * 3
    assert numbers(1, source="b") and numbers(4) == first, "each source has tracks of its own"
    assert sorted(numbers(0).values()) == [1, 2, 3, 4], "back at the beginning: a new film"


def test_what_differs_most_from_the_mean_is_the_object(engine):
    found = result_of(SegmentRequest(model="colour_contrast", exact=True), Work(engine, square((255, 0, 0), 80, 160, 144, 240)))
    assert found.alpha[165:235, 85:140].min() > 0.9 and found.alpha[:150].max() < 0.1
    fast = result_of(SegmentRequest(model="colour_contrast"), Work(engine, square((255, 0, 0), 80, 160, 144, 240)))
    assert fast.runs_on.runtime == "OpenVINO" and np.abs(fast.alpha - found.alpha).max() < 0.05


def test_the_window_offers_them(engine):
    catalogue = Catalogue()
    catalogue.rows = result_of(CatalogueRequest(), Work(engine))
    assert catalogue.choices("detector", None) == ("colour_blobs",)
    assert catalogue.choices("segmenter", None) == ("colour_contrast",)
    assert catalogue.title("detector", "colour_blobs") == "Colour blobs"
    info = result_of(LoadRequest(model="colour_blobs"), Work(engine))
    assert info.weights == "its own" and info.classes[0] == "red" and [row.state for row in catalogue.rows] == ["bundled"] * 2


def test_what_the_frames_edge_cuts_off_a_box_it_cuts_off_the_mask():
    mask = np.zeros((1, 4, 4), np.float32)
    mask[0, :, 2:] = 1  # the right half
    whole, inside = np.float32([[-20, 0, 20, 40]]), np.float32([[0, 0, 20, 40]])
    assert masks_within(mask, whole, inside).min() == 1 and masks_within(mask, whole, whole) is mask
    lower = masks_within(mask.transpose(0, 2, 1), np.float32([[0, 0, 40, 40]]), np.float32([[0, 10, 40, 30]]))
    assert lower[0].tolist() == [[0] * 4] * 2 + [[1] * 4] * 2


BAD = {
    "raises": lambda outputs, confidence: 1 / 0,
    "a list": lambda outputs, confidence: [],
    "no boxes": lambda outputs, confidence: Candidates(np.zeros((2, 3)), np.ones(2), np.zeros(2, int)),
    "negative class": lambda outputs, confidence: Candidates(np.ones((1, 4)), np.ones(1), np.array([-1])),
    "masks of others": lambda outputs, confidence: Candidates(
        np.ones((1, 4)), np.ones(1), np.array([0]), np.ones((2, 3, 3), np.float32)
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_reader_that_breaks_its_promise_is_named(table, name):
    networks = Table("network")
    networks.add("odd", dataclasses.replace(table["colour_blobs"], name="odd", title="Odd", read_boxes=BAD[name]))
    with pytest.raises(ExplorerError) as error:
        result_of(DetectRequest(model="odd", exact=True), Work(Engine(networks=networks), square((255, 0, 0), 0, 0, 64, 64)))
    assert error.value.trouble.code == "network.reading" and "Odd" in error.value.trouble.english()


def test_what_is_not_finite_or_not_sure_enough_is_left_out_and_classes_without_names_get_numbers(table):
    def read(outputs, confidence):
        xyxy = np.array([[0, 0, 50, 50], [0, 0, np.inf, 50], [60, 60, 90, 90]])
        return Candidates(xyxy, np.array([0.9, 0.9, confidence / 2]), np.array([8, 0, 0]))

    networks = Table("network")
    networks.add("odd", dataclasses.replace(table["colour_blobs"], name="odd", read_boxes=read))
    found = result_of(DetectRequest(model="odd", exact=True), Work(Engine(networks=networks), square((9, 9, 9), 0, 0, 64, 64)))
    assert [found.label(k) for k in range(len(found))] == ["8"]


def test_command_line_film_table_and_numbers(tmp_path):
    """No display, no mention of the plugin: its network is found by its name."""
    film = write_film(tmp_path / "crossing.mp4")
    out = [tmp_path / name for name in ("out.mp4", "out.jsonl", "out.json", "out.csv")]
    outputs = [part for path in out for part in ("-o", str(path))]
    command = [sys.executable, "-m", "explorer", "detect", str(film), "--model", "colour_blobs", "--exact"]
    command += ["--trails", "--json", *outputs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == FRAMES
    check_numbers(rows)
    written = [json.loads(line) for line in out[1].read_text().splitlines()]
    assert [{key: row[key] for key in rows[0]} for row in written] == rows
    coco = json.loads(out[2].read_text())
    assert len(coco["images"]) == FRAMES and {one["track_id"] for one in coco["annotations"]} >= {1, 2, 3, 4}
    assert out[0].stat().st_size > 5000 and len(out[3].read_text().splitlines()) == len(coco["annotations"]) + 1
