"""Boxes and masks in pixels, the clip, and what is normalised."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from explorer.picture.clip import FPS, Clip
from explorer.picture.colour import class_look, label_colour
from explorer.picture.normal import to_rgb
from explorer.picture.overlay import draw_detections, draw_mask, draw_records, draw_top, label_text, object_mask
from explorer.picture.sources import open_source, sample_names
from explorer.records.errors import MediaError
from explorer.records.trails import Trails
from explorer.records.vision import ClassScore, Detections, Mask, TopK
from explorer.requests.live import LiveLook
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
    assert class_look("cup").frame == "corners"
    for y, x in [(60, 60), (160, 60), (70, 50), (70, 150), (160, 145)]:
        assert tuple(drawn[y, x]) == class_look("cup").colour
    edge = (drawn[155:166, 100] == class_look("cup").colour).all(axis=1)
    corner = (drawn[155:166, 60] == class_look("cup").colour).all(axis=1)
    assert 0 < edge.sum() < corner.sum(), "between the corners the line is thinner"
    assert not drawn[110, 100].any() and not drawn[190, 290].any()
    assert drawn[40:60, 50:120].any(), "a label above the box"


@pytest.mark.parametrize("box", [(0, 0, 299, 199), (-20, -20, 20, 20), (280, 0, 400, 30), (10, 10, 10, 10), (0, 190, 300, 230)])
def test_labels_stay_inside(box):
    drawn = draw_detections(np.zeros((200, 300, 3), np.uint8), found(box))
    assert drawn.shape == (200, 300, 3) and drawn.any()


def test_labels_in_films_do_not_cover_each_other():
    """Of two objects in one place both names can be read, however many there are: the second stands elsewhere."""
    look = LiveLook(boxes=False)
    one = draw_detections(np.zeros((200, 300, 3), np.uint8), found((60, 60, 150, 160)), look=look)
    two = draw_detections(np.zeros((200, 300, 3), np.uint8), found((60, 60, 150, 160), (61, 60, 151, 160)), look=look)
    first = one.any(axis=2)
    assert np.array_equal(two[first], one[first]), "the better one's label is whole"
    assert (two.any(axis=2) & ~first).sum() > 0.6 * first.sum(), "the other one's is beside it"
    many = draw_detections(np.zeros((200, 300, 3), np.uint8), found(*[(60, 60, 150, 160)] * 40), look=look)
    assert np.array_equal(many[first], one[first]) and not many[186:].any(), "those without room are left out"


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
    assert (both[5, 5] == 70).all() and tuple(both[56, 30]) == label_colour("cup")


def followed(*boxes, numbers, labels=("cup", "cat"), masks=None):
    plain = found(*boxes, labels=labels)
    return dataclasses.replace(plain, track=np.array(numbers, np.int64), masks=masks)


def test_numbers_stand_on_the_labels():
    record = followed((10, 10, 50, 50), (60, 60, 90, 90), numbers=[7, 0])
    assert [label_text(record, place, record.label(place)) for place in (0, 1)] == ["cup 7  90 %", "cat  50 %"]
    assert label_text(record, 0, "csésze", LiveLook(numbers=False, scores=False)) == "csésze"
    assert label_text(record, 0, "cup", LiveLook(names=False, numbers=False, scores=False)) == ""


def test_nothing_drawn_when_nothing_is_asked_for():
    rgb = np.full((200, 300, 3), 90, np.uint8)
    plain = LiveLook(boxes=False, names=False, scores=False, numbers=False, trails=False, fill=False, outline=False)
    record = followed((50, 60, 150, 160), numbers=[3], masks=np.ones((1, 4, 4), np.float32))
    assert np.array_equal(draw_detections(rgb, record, look=plain), rgb)


def test_a_trail_is_the_way_of_the_middle():
    trails = Trails(seconds=1.0)
    for step in range(5):
        trails.add(followed((50 + 20 * step, 60, 90 + 20 * step, 100), numbers=[2]), 0.1 * step)
    (number, name, points) = trails.lines()[0]
    assert (number, name) == (2, "cup") and points.tolist() == [[70.0 + 20 * step, 80.0] for step in range(5)]
    drawn = draw_detections(np.zeros((200, 300, 3), np.uint8), found(), trails=trails.lines())
    assert tuple(drawn[80, 100]) == label_colour("cup") and not drawn[90, 100].any()
    trails.add(followed((130, 60, 170, 100), numbers=[2]), 1.25)
    assert trails.lines()[0][2][0].tolist() == [130.0, 80.0], "older than a second is forgotten"
    trails.add(followed((10, 10, 50, 50), numbers=[2]), 0.5)
    assert trails.lines() == [], "going back in time is another way"


def test_objects_masks_are_stretched_over_their_boxes():
    mask = np.zeros((1, 2, 2), np.float32)
    mask[0, :, 0] = 1  # the left half
    record = followed((40, 20, 80, 60), numbers=[1], masks=mask)
    left, top, alpha = object_mask(record, 0)
    assert (left, top, alpha.shape) == (40, 20, (40, 40)) and (alpha[:, :19] > 0.5).all() and (alpha[:, 21:] < 0.5).all()
    look = LiveLook(opacity=1.0, boxes=False, names=False, scores=False, numbers=False, outline=False)
    drawn = draw_detections(np.zeros((200, 300, 3), np.uint8), record, look=look)
    assert tuple(drawn[40, 50]) == label_colour("cup") and not drawn[40, 70].any() and not drawn[70, 50].any()
    outside = followed((-40, 20, -10, 60), numbers=[1], masks=mask)
    assert object_mask(outside, 0)[2].size == 0


def test_the_best_classes_are_written_into_the_picture():
    rgb = np.full((240, 400, 3), 200, np.uint8)
    drawn = draw_top(rgb, TopK((ClassScore(0, "cup", 1.0), ClassScore(1, "cat", 0.0))))
    assert np.array_equal(drawn[:100], rgb[:100]) and (drawn[-5, 100] < 120).all()
    strip = np.argwhere((drawn == label_colour("cup")).all(-1))
    assert len(strip) and strip[:, 1].max() - strip[:, 1].min() >= 255, "a certain class has a whole line"
    assert np.array_equal(draw_records(rgb, (TopK(()),), LiveLook(answers=False)), rgb)


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
    assert set(tables.sources) == {"sample", "file", "files", "folder", "video", "camera", "clip", "stream", "plugin"}
    with pytest.raises(ValueError, match="already"):
        register(tables)
