"""Following objects: the filter by hand, the assignment against all permutations, and films whose truth is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.vision import tracking
from explorer.vision.assignment import assign
from explorer.vision.tracking import born, correct, nobody, predict, step, to_place, to_xyxy


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def run(film, sure=0.5, fps=10.0, start=nobody):
    """Numbers of the boxes frame by frame; a frame is a list of (box, score, class), or None for one that was dropped."""
    tracks, said = start(), []
    for index, frame in enumerate(film):
        if frame is None:
            continue
        xyxy, score = boxes(*(one[0] for one in frame)), np.array([one[1] for one in frame], np.float32)
        kind = np.array([one[2] for one in frame], np.int64)
        tracks, numbers = step(tracks, index / fps + 1, xyxy, score, kind, sure)
        said.append(numbers.tolist())
    return said


def test_place_and_back():
    place = to_place(boxes([10, 20, 50, 40]))
    assert place.tolist() == [[30, 30, 800, 2]]
    np.testing.assert_allclose(to_xyxy(place), [[10, 20, 50, 40]])


def one_at(x, y, side=20.0):
    return born(boxes([x - side / 2, y - side / 2, x + side / 2, y + side / 2]), np.array([0]), nobody())


def test_a_new_track_rests_where_its_box_is():
    track = one_at(100, 60)
    assert track.place.tolist() == [[100, 60, 400, 1]] and not track.speed.any() and not track.ps.any()
    np.testing.assert_allclose(track.pp, [[(0.05 * 20) ** 2, 1, (0.1 * 400) ** 2, 0.01]])
    np.testing.assert_allclose(track.ss, [[60**2, 60**2, 1200**2, 0]])


def test_prediction_by_hand():
    """x: place 100, speed 30; variances 1, 3600; half a second, pushed by 5 * 20 = 100 pixels / s^2."""
    track = one_at(100, 60)
    track.speed[0, 0] = 30
    track.ps[0, 0] = 2
    later = predict(track, 0.5)
    assert later.place[0, 0] == 115 and later.speed[0, 0] == 30
    assert later.pp[0, 0] == pytest.approx(1 + 2 * 0.5 * 2 + 0.25 * 3600 + 100**2 * 0.5**4 / 4)
    assert later.ps[0, 0] == pytest.approx(2 + 0.5 * 3600 + 100**2 * 0.5**3 / 2)
    assert later.ss[0, 0] == pytest.approx(3600 + 100**2 * 0.25)
    assert later.pp[0, 3] == track.pp[0, 3], "the aspect ratio does not move"
    assert track.place[0, 0] == 100, "the tracks before stay as they were"


def test_correction_by_hand():
    """Place 100 with variance 3, the box says 104 with (0.05 * 20)^2 = 1: gain 3/4; the speed by 6 / 4."""
    track = one_at(100, 60)
    track.pp[0, 0], track.ps[0, 0], track.ss[0, 0] = 3, 6, 50
    seen = correct(track, np.array([0]), boxes([94, 50, 114, 70]))
    assert seen.place[0, 0] == pytest.approx(103) and seen.speed[0, 0] == pytest.approx(6)
    assert seen.pp[0, 0] == pytest.approx(0.75) and seen.ps[0, 0] == pytest.approx(1.5)
    assert seen.ss[0, 0] == pytest.approx(50 - 1.5 * 6)


def test_the_four_filters_are_one_kalman_filter_with_matrices():
    """The textbook's equations with 8 x 8 matrices (place and speed of four quantities) give the same numbers."""
    rng = np.random.default_rng(1)
    track = one_at(200, 150, 40)
    state, cov = np.concatenate([track.place[0], track.speed[0]]), np.diag(np.concatenate([track.pp[0], track.ss[0]]))
    see = np.eye(4, 8)
    for _ in range(6):
        seconds = float(rng.uniform(0.02, 0.2))
        scale = np.array([np.sqrt(state[2]), np.sqrt(state[2]), state[2], 1.0])
        move = np.eye(8) + seconds * np.eye(8, k=4)
        way = np.concatenate([np.full(4, seconds**2 / 2), np.full(4, seconds)])
        push = np.concatenate([tracking.PUSHED * scale] * 2) * way
        noise = np.diag(push**2) + np.diag((push[:4] * push[4:]), 4) + np.diag((push[:4] * push[4:]), -4)
        state, cov = move @ state, move @ cov @ move.T + noise
        track = predict(track, seconds)
        box = boxes(np.array([180, 130, 220, 170]) + rng.uniform(-3, 3, 4))
        seen = to_place(box)[0]
        unsure = np.diag((tracking.MEASURED * np.array([np.sqrt(seen[2]), np.sqrt(seen[2]), seen[2], 1.0])) ** 2)
        gain = cov @ see.T @ np.linalg.inv(see @ cov @ see.T + unsure)
        state = state + gain @ (seen - see @ state)
        cov = (np.eye(8) - gain @ see) @ cov
        track = correct(track, np.array([0]), box)
        np.testing.assert_allclose(np.concatenate([track.place[0], track.speed[0]]), state, rtol=1e-9)
        np.testing.assert_allclose(track.pp[0], np.diag(cov)[:4], rtol=1e-9)
        np.testing.assert_allclose(track.ps[0], np.diag(cov, 4), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(track.ss[0], np.diag(cov)[4:], rtol=1e-9)


def test_assignment_by_hand():
    # The greedy choice 9 + 1 = 10 is worse than 8 + 7 = 15.
    assert [list(side) for side in assign(np.array([[9.0, 8.0], [7.0, 1.0]]))] == [[0, 1], [1, 0]]
    assert [list(side) for side in assign(np.array([[1.0], [3.0], [2.0]]))] == [[1], [0]]
    assert [len(side) for side in assign(np.zeros((0, 3)))] == [0, 0]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 5))
def test_assignment_is_the_best_of_all(seed, rows, columns):
    rng = np.random.default_rng(seed)
    value = np.round(rng.uniform(0, 1, (rows, columns)), rng.integers(0, 4))
    left, right = assign(value)
    assert len(set(left.tolist())) == len(set(right.tolist())) == min(rows, columns)
    wide = value if rows <= columns else value.T
    best = max(sum(wide[k, c] for k, c in enumerate(way)) for way in itertools.permutations(range(wide.shape[1]), len(wide)))
    assert value[left, right].sum() == pytest.approx(best)


def cup(x, y=50.0, score=0.9, kind=0, side=40.0):
    return ((x - side / 2, y - side / 2, x + side / 2, y + side / 2), score, kind)


def test_numbers_from_one_at_once_at_the_beginning_and_after_three_frames_later():
    film = [[cup(50), cup(200)]] * 2 + [[cup(50), cup(200), cup(350)]] * 4
    assert run(film) == [[1, 2], [1, 2], [1, 2, 0], [1, 2, 0], [1, 2, 3], [1, 2, 3]]


def test_a_box_seen_once_gets_no_number():
    film = [[cup(50)], [cup(50), cup(200)], [cup(50)], [cup(50), cup(200)], [cup(50), cup(200)], [cup(50), cup(200)]]
    assert run(film) == [[1], [1, 0], [1], [1, 0], [1, 0], [1, 2]]


def test_crossing_objects_keep_their_numbers():
    """Two of one class cross at 120 pixels a second, in opposite directions and one above the other by half their size."""
    film = [[cup(40 + 12 * k, 40), cup(280 - 12 * k, 62)] for k in range(21)]
    assert run(film) == [[1, 2]] * 21
    assert run([list(reversed(frame)) for frame in film]) == [[1, 2]] * 21


def test_an_object_hidden_for_a_while_is_the_same_afterwards():
    film = [[cup(40 + 10 * k)] for k in range(20)]
    for hidden in (9, 10, 11, 12):
        film[hidden] = []
    assert [numbers for numbers in run(film) if numbers] == [[1]] * 16


def test_dropped_frames_do_no_harm_because_time_is_the_frames_own():
    film = [[cup(40 + 10 * k, 40), cup(280 - 10 * k, 70)] for k in range(24)]
    for dropped in (5, 6, 11, 12, 13, 17):
        film[dropped] = None
    assert run(film) == [[1, 2]] * 18


def test_death_after_a_second_and_three_frames():
    for pause, number in ((9, 1), (12, 0)):  # frames at 10 a second
        film = [[cup(50)]] * 5 + [[]] * pause + [[cup(50)]]
        assert run(film)[-1] == [number]
    slow = [[cup(50)]] * 3 + [[]] * 2 + [[cup(50)]]
    assert run(slow, fps=1.0)[-1] == [1], "two frames of a slow camera are no absence"


def test_a_class_is_never_taken_for_another():
    assert run([[cup(50, kind=0)]] * 3 + [[cup(50, kind=1)]] * 3) == [[1]] * 3 + [[0], [0], [2]]


def test_faint_boxes_keep_a_known_object_but_make_nobody_known():
    faint = run([[cup(50)]] * 3 + [[cup(50, score=0.3)]] * 20 + [[cup(50)]])
    assert faint == [[1]] * 24, "two seconds of faint boxes: still number 1"
    assert run([[cup(50, score=0.3)]] * 6) == [[0]] * 6


def test_another_scene_begins_at_one():
    tracks, numbers = step(nobody(), 5.0, boxes([0, 0, 9, 9]), np.float32([0.9]), np.array([0]), 0.5)
    tracks, numbers = step(tracks, 5.1, boxes([50, 0, 59, 9]), np.float32([0.9]), np.array([0]), 0.5)
    assert numbers.tolist() == [0]
    for later in (5.0, 5.1, 9.0):  # back, the same time again, a jump
        _, numbers = step(tracks, later, boxes([70, 0, 79, 9]), np.float32([0.9]), np.array([0]), 0.5)
        assert numbers.tolist() == [1]
    slow = nobody()
    for k in range(4):
        slow, numbers = step(slow, 4.0 * k, boxes([0, 0, 9, 9]), np.float32([0.9]), np.array([0]), 0.5)
    assert numbers.tolist() == [1] and slow.frames > 1, "a film with a frame every four seconds is one film"


@given(st.integers(0, 2**32 - 1))
def test_numbers_are_unique_whatever_comes(seed):
    rng = np.random.default_rng(seed)
    tracks, time = nobody(), 0.0
    for _ in range(12):
        time += float(rng.choice([0.04, 0.04, 0.5, 3.0, -1.0]))
        count = int(rng.integers(0, 6))
        corner = rng.uniform(0, 50, (count, 2))
        xyxy = np.concatenate([corner, corner + rng.uniform(0, 40, (count, 2))], 1).astype(np.float32)
        score, kind = rng.uniform(0, 1, count).astype(np.float32), rng.integers(0, 2, count)
        tracks, numbers = step(tracks, time, xyxy, score, kind, 0.5)
        given_ = numbers[numbers > 0].tolist()
        assert len(set(given_)) == len(given_) and max(given_, default=0) <= tracks.given
        assert np.isfinite(tracks.xyxy).all() and (tracks.pp >= 0).all() and (tracks.ss >= 0).all()
