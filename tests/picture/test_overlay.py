"""Boxes and masks in pixels, the clip, and what is normalised."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.picture.clip import FPS, Clip
from explorer.picture.colour import class_colour
from explorer.picture.normal import to_rgb
from explorer.picture.overlay import draw_detections, draw_mask, draw_records
from explorer.picture.sources import open_source, sample_names
from explorer.records.errors import MediaError
from explorer.records.vision import Detections, Mask
from explorer.requests.source import SourceRequest
from explorer.tables import Tables


def found(*boxes, labels=("cup", "cat")):
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    score = np.linspace(0.9, 0.5, len(xyxy), dtype=np.float32)
    return Detections(xyxy, score, np.arange(len(xyxy)) % 2, labels, (200, 300))


def test_a_box_is_where_it_should_be_and_the_picture_stays():
    rgb = np.zeros((200, 300, 3), np.uint8)
    drawn = draw_detections(rgb, found((50, 60, 150, 160)))
    assert not rgb.any()
    for y, x in [(60, 100), (160, 100), (110, 50), (110, 150)]:
        assert tuple(drawn[y, x]) == class_colour(0)
    assert not drawn[110, 100].any() and not drawn[190, 290].any()
    assert drawn[40:60, 50:120].any(), "a label above the box"


@pytest.mark.parametrize("box", [(0, 0, 299, 199), (-20, -20, 20, 20), (280, 0, 400, 30), (10, 10, 10, 10), (0, 190, 300, 230)])
def test_labels_stay_inside(box):
    drawn = draw_detections(np.zeros((200, 300, 3), np.uint8), found(box))
    assert drawn.shape == (200, 300, 3) and drawn.any()


def test_letters_outside_ascii_do_not_break_it():
    drawn = draw_detections(np.zeros((200, 300, 3), np.uint8), found((5, 50, 90, 90)), ("csésze árvíztűrő", "macska"))
    assert drawn.any()
    assert draw_detections(np.zeros((9, 9, 3), np.uint8), found()).sum() == 0


def test_a_mask_keeps_the_object_and_darkens_the_rest():
    rgb = np.full((100, 100, 3), 200, np.uint8)
    alpha = np.zeros((100, 100), np.float32)
    alpha[20:80, 20:80] = 1
    drawn = draw_mask(rgb, Mask(alpha))
    assert (drawn[50, 50] == 200).all() and (drawn[5, 5] == 70).all()
    assert np.abs(drawn[20, 50].astype(int) - (230, 159, 0)).max() < 45
    assert draw_mask(rgb, Mask(np.zeros((50, 50), np.float32))).shape == rgb.shape
    both = draw_records(rgb, (found((30, 30, 60, 60)), Mask(alpha)))
    assert (both[5, 5] == 70).all() and tuple(both[45, 30]) == class_colour(0)


def test_the_clip_repeats_itself_moves_and_closes(coffee):
    clip = Clip(coffee.rgb, (320, 180), 50)
    first = clip.frame(0)
    assert first.shape == (180, 320, 3) and np.array_equal(first, Clip(coffee.rgb, (320, 180), 50).frame(0))
    steps = [np.abs(clip.frame(k).astype(int) - clip.frame((k + 1) % 50)).mean() for k in range(0, 50, 7)]
    assert min(steps) > 0.5 and max(steps) < 40
    assert np.abs(clip.frame(49).astype(int) - first).mean() < 2 * max(steps)
    assert clip.frame(25).std() > 20


def test_the_clip_is_a_source_of_known_length():
    source = open_source(SourceRequest(kind="clip", path=sample_names()[0]))
    assert source.info.frames == 250 and source.info.fps == FPS and source.info.width == 1280
    assert source.seek(249) is not None and source.read() is None
    source.close()


def test_to_rgb_by_hand():
    grey = np.array([[0, 255]], np.uint8)
    assert to_rgb(grey).tolist() == [[[0, 0, 0], [255, 255, 255]]]
    assert to_rgb(grey[..., None]).tolist() == to_rgb(grey).tolist()
    assert to_rgb(grey > 100).tolist() == to_rgb(grey).tolist()
    assert to_rgb(np.array([[0.0, 1.0]])).tolist() == to_rgb(grey).tolist()
    assert to_rgb(np.array([[0.0, 255.0]])).tolist() == to_rgb(grey).tolist()
    assert to_rgb(np.array([[np.nan, 0.5]]))[0, :, 0].tolist() == [0, 128]
    assert to_rgb(np.array([[-5, 300]], np.int32)).tolist() == to_rgb(grey).tolist()
    assert to_rgb(np.array([[[1, 2, 3]]], np.uint8), "bgr").tolist() == [[[3, 2, 1]]]
    assert to_rgb(np.array([[[1, 2, 3, 0]]], np.uint8)).tolist() == [[[255, 255, 255]]]
    view = np.zeros((4, 4, 3), np.uint8)[::2, ::2]
    assert to_rgb(view).flags.c_contiguous and to_rgb(view).base is None


@pytest.mark.parametrize(
    "array", [None, np.zeros((0, 3, 3)), np.zeros((2, 2, 5), np.uint8), np.zeros((2, 2), complex), np.zeros(7)]
)
def test_to_rgb_refuses_what_is_no_picture(array):
    with pytest.raises(MediaError):
        to_rgb(array)


def test_sources_enter_by_the_plugin_door():
    from explorer.picture.sources import register

    tables = Tables()
    register(tables)
    assert set(tables.sources) == {"sample", "file", "folder", "video", "camera", "clip", "stream", "plugin"}
    with pytest.raises(ValueError, match="already"):
        register(tables)
