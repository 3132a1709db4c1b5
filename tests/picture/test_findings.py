"""What recordings and commands write: lines, tables, COCO files, films."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from explorer.picture.coco import run_lengths
from explorer.picture.film import Film
from explorer.picture.findings import Findings, fitted
from explorer.records.errors import MediaError
from explorer.records.export import COLUMNS, ENDINGS, Place, box_of, described, table_rows
from explorer.records.vision import ClassScore, Detections, Mask, TopK

GREY = np.full((48, 64, 3), 90, np.uint8)


def found(*boxes, track=None, masks=None):
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    count = len(xyxy)
    labels = ("cup", "cat")
    return Detections(
        xyxy, np.linspace(0.75, 0.5, count, dtype=np.float32), np.arange(count) % 2, labels, (48, 64), track=track, masks=masks
    )


def half():
    alpha = np.zeros((48, 64), np.float32)
    alpha[8:40, 16:48] = 1
    return Mask(alpha)


def at(frame, source="street.mp4"):
    return Place(frame, frame / 25, source, (64, 48))


def test_the_object_of_a_frame():
    said = described((found([1, 2, 31.126, 22], track=np.array([4])), half(), TopK((ClassScore(7, "cock", 0.5),))), at(5))
    assert said == {
        "frame": 5,
        "time": 0.2,
        "size": [64, 48],
        "detections": [{"label": "cup", "score": 0.75, "xyxy": [1.0, 2.0, 31.13, 22.0], "track": 4}],
        "share": round(1024 / 3072, 6),
        "xyxy": [16, 8, 48, 40],
        "top": [{"index": 7, "label": "cock", "score": 0.5}],
    }
    assert described((found(),), at(0)) == {"frame": 0, "time": 0.0, "size": [64, 48], "detections": []}
    assert described((Mask(np.zeros((2, 2), np.float32)),), at(0))["xyxy"] is None
    assert described((), at(1), named=True) == {"frame": 1, "time": 0.04, "source": "street.mp4", "size": [64, 48]}


def test_rows_of_a_table():
    rows = table_rows((found([1, 2, 3, 4], [5, 6, 7, 8], track=np.array([1, 0])), half()), at(2))
    assert [len(row) for row in rows] == [len(COLUMNS)] * 3
    assert rows[0] == (2, 0.08, "street.mp4", "cup", 0.75, 1.0, 2.0, 3.0, 4.0, 1)
    assert rows[2][3:] == ("object", 1024 / 3072, 16, 8, 48, 40, "")


def test_box_of_pixels():
    inside = np.zeros((5, 6), bool)
    assert box_of(inside) is None
    inside[1, 2] = inside[3, 4] = True
    assert box_of(inside) == (2, 1, 5, 4)


def test_run_lengths_go_down_the_columns():
    inside = np.array([[0, 1, 1], [0, 1, 0]], bool)
    assert run_lengths(inside) == [2, 3, 1]
    assert run_lengths(~inside) == [0, 2, 3, 1]
    assert run_lengths(np.zeros((2, 2), bool)) == [4] and run_lengths(np.ones((2, 2), bool)) == [0, 4]


def unpacked(said):
    """A mask from its run lengths, as pycocotools reads them."""
    height, width = said["size"]
    flat, value = [], False
    for run in said["counts"]:
        flat += [value] * run
        value = not value
    return np.array(flat).reshape(width, height).T


def test_all_files_of_a_film_say_the_same(tmp_path):
    paths = [tmp_path / f"a{ending}" for ending in ENDINGS if ending != ".gif"]
    masks = np.zeros((1, 2, 2), np.float32)
    masks[0, :, 0] = 1
    with Findings(paths, 25) as out:
        for k in range(4):
            out.write(GREY, (found([10, 8, 30, 28], track=np.array([3]), masks=masks), half()), at(k))
        out.write(GREY, (found(),), at(4))
    assert (out.frames, out.objects) == (5, 4)
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    table = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    coco = json.loads((tmp_path / "a.json").read_text())
    assert [row["frame"] for row in rows] == [0, 1, 2, 3, 4] and len(table) == 8
    assert sorted(coco) == ["annotations", "categories", "images", "info", "licenses"]
    assert [one["name"] for one in coco["categories"]] == ["cup", "cat", "object"]
    assert [one["id"] for one in coco["categories"]] == [1, 2, 3]
    images, notes = coco["images"], coco["annotations"]
    assert [one["id"] for one in images] == [1, 2, 3, 4, 5] and len({one["file_name"] for one in images}) == 5
    assert {(one["width"], one["height"]) for one in images} == {(64, 48)}
    assert [one["id"] for one in notes] == list(range(1, 9)) and [one["image_id"] for one in notes] == [1, 1, 2, 2, 3, 3, 4, 4]
    for one in notes:
        assert one["iscrowd"] == 0 and one["category_id"] in (1, 3) and 0 <= one["score"] <= 1
        inside = unpacked(one["segmentation"])
        assert inside.shape == (48, 64) and inside.sum() == one["area"] > 0
    cup = notes[0]
    assert cup["bbox"] == [10.0, 8.0, 20.0, 20.0] and cup["track_id"] == 3 and unpacked(cup["segmentation"])[10, 12]
    assert not unpacked(cup["segmentation"])[10, 28], "the right half of its box is not the object"
    assert notes[1]["bbox"] == [16, 8, 32, 32] and notes[1]["area"] == 1024
    with Film(tmp_path / "a.mp4") as film:
        count = 0
        while (picture := film.read()) is not None:
            assert (np.ptp(picture[0]) > 60) == (count < 4), "nothing is drawn where nothing was said"
            count += 1
        assert count == 5


def test_pictures_keep_their_names_and_boxes_without_masks_are_outlines(tmp_path):
    with Findings([tmp_path / "a.json"]) as out:
        out.write(GREY, (found([10, 8, 30.5, 28]),), at(0, "cup.jpg"))
    coco = json.loads((tmp_path / "a.json").read_text())
    assert coco["images"] == [{"id": 1, "file_name": "cup.jpg", "width": 64, "height": 48}]
    assert coco["annotations"][0]["segmentation"] == [[10.0, 8.0, 10.0, 28.0, 30.5, 28.0, 30.5, 8.0]]
    assert coco["annotations"][0]["area"] == 410.0


def test_nothing_found_is_a_whole_file_too(tmp_path):
    with Findings([tmp_path / "a.json", tmp_path / "a.csv"]):
        pass
    assert json.loads((tmp_path / "a.json").read_text())["images"] == []
    assert (tmp_path / "a.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_an_error_keeps_the_lines_and_leaves_no_film(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), Findings([tmp_path / "a.mp4", tmp_path / "a.jsonl"]) as out:
        out.write(GREY, (found(),), at(0))
        raise ZeroDivisionError
    assert (tmp_path / "a.mp4").read_bytes() == b"old" and len((tmp_path / "a.jsonl").read_text().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.mp4"]


def test_an_unknown_ending_is_refused_before_anything_is_opened(tmp_path):
    with pytest.raises(MediaError) as error:
        Findings([tmp_path / "a.jsonl", tmp_path / "a.doc"])
    assert error.value.trouble.code == "record.ending" and ".jsonl" in error.value.trouble.english()
    assert list(tmp_path.iterdir()) == []


def test_another_size_is_fitted_in():
    wide = fitted(np.full((10, 40, 3), 200, np.uint8), (64, 48))
    assert wide.shape == (48, 64, 3) and (wide[24, 5] == 200).all() and not wide[5].any() and not wide[43].any()
    assert fitted(GREY, (64, 48)) is GREY


def test_only_frames_that_are_ours_are_drawn_into(tmp_path):
    one = found([10, 8, 30, 28])
    for ours in (False, True):
        rgb, locked = GREY.copy(), GREY.copy()
        locked.flags.writeable = False
        with Findings([tmp_path / "a.mp4"], 25, ours=ours) as out:
            out.write(rgb, (one,), at(0))
            out.write(locked, (one,), at(1))
        assert np.array_equal(rgb, GREY) is not ours and np.array_equal(locked, GREY)
