import csv
import io
import math

import numpy as np
import pytest

from explorer.descent.ground import Surface, known, surface_named
from explorer.descent.race import trajectory
from explorer.jobs import result_of
from explorer.picture import ink
from explorer.picture.colour import optimizer_colour
from explorer.picture.plot import csv_rows, frame_steps, race_frames, race_picture
from explorer.picture.race_chart import contour, last_step, loss_axis, number, pixels, shown_steps, ticks
from explorer.records.descent import Race
from explorer.requests.race import SIX, RaceRequest


@pytest.fixture(scope="module")
def saddle_race():
    return result_of(RaceRequest(surface="saddle", start=(-1.0, 0.001)))


@pytest.fixture(scope="module")
def bowl_race():
    return result_of(RaceRequest(surface="quadratic"))


def made(value, gradient=lambda x, y: (1.0, 1.0)):
    return Surface("made", "Made", "f", (-1.0, 1.0, -1.0, 1.0), (0.5, 0.5), value, gradient)


def amount(rgb, colour):
    """Pixels of just this colour."""
    return int((rgb == np.array(colour, np.uint8)).all(axis=2).sum())


def test_frames_are_rgb_of_the_size_and_trails_grow(saddle_race):
    pictures = list(race_frames(saddle_race, 6, (640, 400)))
    assert len(pictures) == 6
    assert all(rgb.shape == (400, 640, 3) and rgb.dtype == np.uint8 and rgb.flags.c_contiguous for rgb in pictures)
    adam = [amount(rgb, optimizer_colour("adam")) for rgb in pictures]
    assert adam[0] < adam[1] < adam[2] and adam[-1] > 3 * adam[0]
    np.testing.assert_array_equal(pictures[-1], race_picture(saddle_race, size=(640, 400)))


def test_every_method_is_seen_in_its_colour_in_both_themes(bowl_race):
    for dark in (True, False):
        rgb = race_picture(bowl_race, 20, (960, 600), dark=dark)
        for name in SIX:
            assert amount(rgb, optimizer_colour(name)) > 40, (name, dark)
        assert (rgb[0, 0] < 60).all() if dark else (rgb[0, 0] > 200).all()


def test_the_same_race_gives_the_same_bytes(saddle_race):
    again = result_of(RaceRequest(surface="saddle", start=(-1.0, 0.001)))
    assert race_picture(saddle_race, 50).tobytes() == race_picture(again, 50).tobytes()


def test_who_left_the_plot_is_followed_to_its_edge(saddle_race):
    adagrad = next(run for run in saddle_race.runs if run.optimizer == "adagrad")
    assert adagrad.steps > shown_steps(adagrad) == adagrad.status_step == 25
    assert last_step(saddle_race) == max(run.status_step for run in saddle_race.runs) < 300


def test_small_pictures_and_many_methods_still_draw(bowl_race):
    assert race_picture(bowl_race, size=(320, 240)).shape == (240, 320, 3)
    assert race_picture(bowl_race, size=(10, 10)).shape == (240, 320, 3)  # never smaller than can be read
    many = Race(bowl_race.surface, bowl_race.runs * 3, bowl_race.start)
    assert race_picture(many, size=(640, 360)).shape == (360, 640, 3)


def test_divergence_and_holes_are_drawn_without_harm():
    race = result_of(RaceRequest(surface="rosenbrock", rate=1000.0, steps=50))
    assert {run.status for run in race.runs} <= {"left the plot", "not finite", "running"}
    assert race_picture(race).any()
    surface = Surface(
        "hole", "Hole", "f", (-1.0, 1.0, -1.0, 1.0), (0.5, 0.5), lambda x, y: 1 / x, lambda x, y: (-1 / (x * x), 0.0)
    )
    samples = surface.samples(41)
    run = trajectory(surface, known().optimizers["gd"], {"lr": 0.01}, (-0.5, 0.0), 100)
    assert race_picture(Race(samples, (run,), (-0.5, 0.0))).any()
    nothing = made(lambda x, y: math.nan)
    run = trajectory(nothing, known().optimizers["gd"], {"lr": 0.01}, (0.0, 0.0), 100)
    assert race_picture(Race(nothing.samples(16), (run,), (0.0, 0.0))).any()


def test_contour_is_upright_ordered_and_leaves_holes_in_the_ground_colour():
    samples = surface_named("plateau_cliff").samples(64)
    rgb = contour(samples, 300, 200, dark=True).astype(int)
    assert rgb[100, 20].sum() < rgb[100, 280].sum()  # low left of the cliff, high right of it, as brightness
    tilted = made(lambda x, y: y)
    rgb = contour(tilted.samples(32), 60, 80, dark=True).astype(int)
    assert rgb[2, 30].sum() > rgb[77, 30].sum()  # large y is on top
    half = Surface(
        "h",
        "h",
        "f",
        (-1.0, 1.0, -1.0, 1.0),
        (0.5, 0.5),
        lambda x, y: x**0.5 if x >= 0 else float("nan"),
        lambda x, y: (1.0, 0.0),
    )
    rgb = contour(half.samples(64), 200, 100, dark=False)
    assert (rgb[:, :90] == rgb[0, 0]).all() and len(np.unique(rgb[:, 110:].reshape(-1, 3), axis=0)) > 10
    flat = made(lambda x, y: 3.0)
    assert len(np.unique(contour(flat.samples(16), 50, 50, dark=True).reshape(-1, 3), axis=0)) == 1


def test_level_lines_follow_the_levels():
    slope = made(lambda x, y: x + 2.0)
    rgb = contour(slope.samples(200), 400, 100, dark=True).astype(int)
    np.testing.assert_array_equal(rgb[10], rgb[90])  # straight lines stay straight
    steps = np.abs(np.diff(rgb[50].sum(axis=1)))
    assert (steps > 8).sum() >= 13  # the band edges are there


@pytest.mark.parametrize(
    ("low", "high", "about", "expected"),
    [
        (0, 300, 4, [0, 100, 200, 300]),
        (-1.5, 1.5, 6, [-1.5, -1, -0.5, 0, 0.5, 1, 1.5]),
        (-4.5, 4.5, 4, [-4, -2, 0, 2, 4]),
        (2.0, 2.0, 5, [2.0]),
    ],
)
def test_ticks_are_round(low, high, about, expected):
    assert ticks(low, high, about) == pytest.approx(expected)


def test_numbers_for_people():
    assert (
        number(-0.25) == "−0.25"
        and number(1.58e-29) == "1.58e−29"
        and number(float("nan")) == "–"
        and number(100000.0) == "1e5"
    )


def test_loss_axis_is_logarithmic_above_a_known_minimum_and_linear_without(bowl_race, saddle_race):
    bowl = loss_axis(bowl_race)
    assert bowl.logarithmic and bowl.floor == 0.0 and bowl.low == -10
    assert bowl.place(np.array([1.0, 100.0])) == pytest.approx([0.0, 2.0])
    assert [text for _, text in bowl.marks()] == ["1e−10", "1e−8", "1e−6", "1e−4", "0.01", "1", "100"]
    saddle = loss_axis(saddle_race)
    assert not saddle.logarithmic and saddle.low == pytest.approx(-2.25, abs=1e-3) and saddle.high > 1.0
    assert np.isfinite(saddle.place(np.array([np.nan, -1e300, 1e300]))).all()


def test_points_far_outside_are_clipped_to_drawable_pixels(bowl_race):
    places = pixels(np.array([[0.0, 0.0], [1e300, -1e300]]), bowl_race, 10, 20, 300, 200)
    assert places[0] == pytest.approx([160.0, 120.0]) and np.abs(places).max() < 2000


def test_csv_is_exact(saddle_race):
    text = io.StringIO()
    csv.writer(text).writerows(csv_rows(saddle_race))
    rows = list(csv.reader(io.StringIO(text.getvalue())))
    assert rows[0] == ["optimizer", "step", "x", "y", "value"]
    assert len(rows) == 1 + sum(run.steps + 1 for run in saddle_race.runs)
    adam = [row for row in rows if row[0] == "adam"]
    run = next(run for run in saddle_race.runs if run.optimizer == "adam")
    np.testing.assert_array_equal(
        np.array([[float(v) for v in row[2:]] for row in adam]), np.column_stack([run.points, run.values])
    )


def test_frame_steps_go_from_start_to_end():
    assert frame_steps(10, 3) == [0, 5, 10] and frame_steps(10, 1) == [10] and frame_steps(0, 4) == [0, 0, 0, 0]


def test_dashes_cover_their_share_of_the_line():
    points = np.array([[0.0, 0.0], [30.0, 40.0], [60.0, 80.0]])
    pieces = ink.dashes(points, [6, 4])
    length = sum(float(np.hypot(*np.diff(piece, axis=0).T).sum()) for piece in pieces)
    assert len(pieces) == 10 and length == pytest.approx(60.0)
    assert all(np.allclose(piece[:, 1], piece[:, 0] * 4 / 3) for piece in pieces)


def test_text_is_drawn_with_its_accents_or_a_plain_spelling(monkeypatch):
    rgb = np.zeros((40, 300, 3), np.uint8)
    ink.text(rgb, "x² − őŰ", 5, 28, (255, 255, 255), 20)
    assert rgb.any() and ink.text_width("wide") > ink.text_width("i") > 0 == ink.text_width("")
    monkeypatch.setattr(ink, "_FACE", None)  # OpenCV 4
    plain = np.zeros((40, 300, 3), np.uint8)
    ink.text(plain, "x² − őŰ", 5, 28, (255, 255, 255), 20)
    assert plain.any() and ink.text_width("wide") > ink.text_width("i")
