"""The dreams of a window: one after the other, each with how it grew, in bounded memory."""

import numpy as np
import pytest

from explorer.gui.panels import dream_runs, dream_saving
from explorer.gui.panels.dream_runs import Evolution, FilmPicture, Runs
from explorer.gui.panels.dream_saving import film_request, film_shots
from explorer.host.messages import Answer
from explorer.jobs import CancelledJob, Failed, Preview, Result, Started
from explorer.picture.stills import jpeg_bytes
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.picture import Picture
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest
from explorer.requests.surgery import Edit


def shot(value, side=8, **facts):
    return Picture(np.full((side, side, 3), value, np.uint8), {"before": 0.5, **facts})


@pytest.fixture
def runs(desk, qtbot):
    made = Runs(desk)
    desk.register("dream", lambda channel, event: made.take(event))

    def say(*events):
        desk.host.say(*[Answer("dream", desk.host._generation, event) for event in events])
        qtbot.wait(1)

    made.say = say
    return made


def phases(runs):
    return [run.phase for run in runs.items]


def requests(desk):
    return desk.host.requests("dream")


def test_one_runs_the_others_wait_their_turn(runs, desk):
    one, two, three = (runs.add(DreamRequest(seed=seed)) for seed in (1, 2, 3))
    assert phases(runs) == ["running", "waiting", "waiting"] and requests(desk) == [one.request]
    runs.say(Started("x"), Preview(shot(1, done=3), 3, 9))
    assert (one.done, one.total) == (3, 9)
    runs.say(Result(shot(2, after=1.0)))
    assert phases(runs) == ["done", "running", "waiting"] and requests(desk)[-1] is two.request
    runs.say(Started("x"), Failed(Trouble("dream.no-gradient", "Nothing grows.")))
    assert phases(runs) == ["done", "failed", "running"] and two.trouble.trouble.code == "dream.no-gradient"
    runs.say(Started("x"), Preview(shot(3, done=1), 1, 9), CancelledJob(shot(4, done=2)))
    assert phases(runs) == ["done", "failed", "stopped"] and three.picture.rgb[0, 0, 0] == 4 and runs.now is None


def test_order_and_removal(runs, desk):
    first, two, three = (runs.add(DreamRequest(seed=seed)) for seed in (1, 2, 3))
    assert runs.move(three, -1) and runs.items == [first, three, two]
    assert not runs.move(three, -1) and not runs.move(first, 1) and not runs.move(two, 1)
    runs.remove(two)
    assert runs.items == [first, three]
    runs.remove(first)
    assert desk.host.stopped == ["dream"] and runs.items == [first, three]
    runs.say(Started("x"), CancelledJob(None))
    assert runs.items == [three] and runs.now is three  # there was nothing to keep


def test_a_pause_holds_the_job(runs, desk):
    run = runs.add(DreamRequest())
    runs.say(Started("x"))
    runs.hold(True)
    assert run.phase == "paused" and desk.host.held == {"dream": True}
    runs.say(Preview(shot(1), 1, 9))
    assert run.phase == "paused", "the last preview before the pause"
    runs.hold(False)
    assert run.phase == "running" and desk.jobs.get("dream").held is None


def test_the_dream_of_another_panel_replaces_ours_and_is_kept(runs, desk):
    ours = runs.add(DreamRequest(seed=1))
    runs.say(Started("x"), Preview(shot(7), 1, 9))
    theirs = DreamRequest(seed=2, layer="features.3")
    desk.submit("dream", theirs)
    runs.say(Started("x"), Result(shot(9, after=2.0)))
    assert phases(runs) == ["stopped", "done"] and ours.picture.rgb[0, 0, 0] == 7
    assert runs.items[1].request is theirs and runs.items[1].picture.rgb[0, 0, 0] == 9


def test_every_preview_is_kept_and_the_result_takes_the_place_of_its_own_preview(runs):
    run = runs.add(DreamRequest())
    runs.say(Started("x"))
    for value in (1, 2, 3):
        runs.say(Preview(shot(value, done=value, total=3), value, 3))
    runs.say(Result(shot(3, after=4.0)))
    assert [s.rgb[0, 0, 0] for s in run.evolution.shots] == [1, 2, 3]
    assert run.facts["after"] == 4.0 and run.facts["done"] == 3


def test_thinning_keeps_the_ends_and_an_even_spread():
    made = Evolution(shot(value % 251, done=value) for value in range(100))
    each = made.shots[0].rgb.nbytes
    made.thin(11 * each)
    kept = [s.facts["done"] for s in made.shots]
    assert len(kept) == 11 and (kept[0], kept[-1]) == (0, 99)
    assert max(np.diff(kept)) <= 4 * min(np.diff(kept))
    made.thin(0)
    assert [s.facts["done"] for s in made.shots] == [0, 99]


def test_memory_is_bounded_and_old_dreams_lose_their_middle_first(runs, monkeypatch):
    monkeypatch.setattr(dream_runs, "BUDGET", 20 * shot(0).rgb.nbytes)
    old = runs.add(DreamRequest(seed=1))
    new = runs.add(DreamRequest(seed=2))
    for _ in (old, new):
        runs.say(Started("x"))
        for value in range(15):
            runs.say(Preview(shot(value, done=value), value, 15))
        runs.say(Result(shot(15, after=1.0)))
    assert len(old.evolution) < len(new.evolution) == 16 and len(old.evolution) + len(new.evolution) <= 20
    assert old.evolution.shots[0].rgb[0, 0, 0] == 0 and old.picture.rgb[0, 0, 0] == 15


def test_only_so_many_finished_dreams_are_kept(runs, monkeypatch):
    monkeypatch.setattr(dream_runs, "MOST_RUNS", 3)
    for seed in range(5):
        runs.add(DreamRequest(seed=seed))
        runs.say(Started("x"), Result(shot(seed, after=1.0)))
    assert [run.request.seed for run in runs.items] == [2, 3, 4]


def test_the_recipe_of_a_picture_is_complete(runs, desk):
    edit = Edit(kind="mute", layer="features.3", channels=(1,))
    desk.change(surgery=(edit,))
    run = runs.add(DreamRequest(start="picture"), Frame(np.zeros((4, 4, 3), np.uint8), source="coffee"))
    runs.say(Started("x"), Result(shot(1, after=2.0)))
    recipe = run.recipe()
    assert recipe["after"] == 2.0 and recipe["picture"] == "coffee" and recipe["request_type"] == "DreamRequest"
    assert DreamRequest.model_validate(recipe["request"]) == changed(run.request, surgery=(edit,))


def test_a_finished_film_is_its_pictures(runs):
    run = runs.add(DreamRequest(frames=3))
    pictures = [np.full((16, 16, 3), value, np.uint8) for value in (10, 90, 200)]
    film = tuple(jpeg_bytes(rgb) for rgb in pictures)
    runs.say(Started("x"), Preview(shot(5, 16), 1, 9), Result(Picture(pictures[-1], {"before": 1.0, "after": 2.0}, film)))
    assert len(run.evolution) == 3 and isinstance(run.evolution.shots[0], FilmPicture)
    assert abs(int(run.evolution.shots[1].rgb[8, 8, 0]) - 90) < 4
    assert [s.facts["frame"] for s in run.evolution.shots] == [1, 2, 3]
    request = film_request(run.evolution.shots, "x.mp4")
    assert request.fps == 25.0 and request.sizes == ((0, 0), (0, 0), (16, 16)) and request.pictures[:2] == film[:2]


def test_a_long_evolution_makes_a_film_of_evenly_chosen_pictures(monkeypatch):
    shots = [shot(value % 251, done=value) for value in range(1000)]
    chosen = [one.facts["done"] for one in film_shots(shots)]
    assert len(chosen) == 300 and (chosen[0], chosen[-1]) == (0, 999) and max(np.diff(chosen)) <= 4
    monkeypatch.setattr(dream_saving, "MOST_BYTES", 10 * shots[0].rgb.nbytes)
    assert len(film_shots(shots)) == 10
