"""The race side of the Optimizers panel: changes under way, schedules, curves, steps in words, many starts, verdicts."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from explorer.descent.ground import optimizer_named, surface_named
from explorer.descent.walk import trajectory
from explorer.gui.panels.optimizers import RACE, OptimizersPanel
from explorer.gui.panels.optimizers_chooser import grouped
from explorer.gui.panels.optimizers_companions import STARTS_CHANNEL, STEP_CHANNEL
from explorer.gui.panels.optimizers_verdicts import ensemble_sentence, sentence
from explorer.gui.widgets.contour_overlay import SurfaceMap
from explorer.gui.widgets.loss_curves import curves_of
from explorer.jobs import Failed, Result, result_of
from explorer.picture.colour import optimizer_colour
from explorer.picture.race_series import QUANTITIES, axis_of, places, series
from explorer.records.errors import ExplorerError
from explorer.requests.base import changed
from explorer.requests.race import SIX, RaceRequest

THREE = ("gd", "adam", "bfgs")


@pytest.fixture
def panel(desk, qtbot):
    desk.change(race=RaceRequest(surface="himmelblau", optimizers=THREE, steps=120, resolution=48))
    made = OptimizersPanel(desk)
    qtbot.addWidget(made)
    for channel in made.channels:
        desk.register(channel, made.take)
    qtbot.addWidget(made.form())
    made.resize(900, 640)
    made.show()
    made.set_active(True)
    answer(desk, qtbot)
    made.view.playhead.go_to(made.view.playhead.last)
    yield made
    made.set_active(False)


def answer(desk, qtbot, channel=RACE):
    """Let the host answer the newest request of a channel; returns the record."""
    record = result_of(desk.host.requests(channel)[-1])
    desk.host.answer(channel, Result(record))
    qtbot.wait(1)
    return record


def painted(overlay, to, ground=0xFF000000):
    """RGB triples of what an overlay paints on black."""
    image = QImage(400, 400, QImage.Format.Format_RGB32)
    image.fill(ground)
    painter = QPainter(image)
    overlay.paint(painter, to)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32) & 0xFFFFFF
    found, count = np.unique(pixels, return_counts=True)
    return {(c >> 16, c >> 8 & 255, c & 255): n for c, n in zip(found.tolist(), count.tolist(), strict=True)}


def square(race):
    s = race.surface
    return SurfaceMap(QRectF(0, 0, 400, 400), *(float(one) for one in (s.x[0], s.x[-1], s.y[0], s.y[-1])))


# -- changes under way -------------------------------------------------------------------------------------------------
def test_a_slider_moved_while_it_plays_changes_what_comes(panel, desk, qtbot):
    head, form = panel.view.playhead, panel.form()
    head.go_to(40)
    before = panel.race
    head.start()
    assert form.changes.switch.isChecked() and not form.changes.switch.isEnabled()
    form.hyper.sliders["adam", "lr"].spin.setValue(1.5)
    (change,) = desk.session.race.changes
    assert change[1:] == ("adam", "lr", 1.5) and 41 <= change[0] <= 45 and desk.session.race.hyper == {}
    race = answer(desk, qtbot)
    assert head.playing and head.step < 60  # it goes on from where it is
    step = change[0]
    old, new = (next(run for run in one.runs if run.optimizer == "adam") for one in (before, race))
    assert np.array_equal(old.points[:step], new.points[:step]) and not np.array_equal(old.points[step], new.points[step])
    head.pause()
    panel.companions.marks.step = 100.0
    assert painted(panel.companions.marks, square(race)).get(optimizer_colour("adam"), 0) > 10
    head.go_to(20)
    assert form.hyper.sliders["adam", "lr"].value() == pytest.approx(form.hyper.default("adam", "lr"))
    head.go_to(step)
    assert form.hyper.sliders["adam", "lr"].value() == 1.5  # what holds there
    desk.undo()
    assert desk.session.race.changes == ()


def test_from_here_on_and_the_list_of_changes(panel, desk, qtbot):
    head, form = panel.view.playhead, panel.form()
    assert not form.changes.switch.isEnabled()  # at the end nothing comes any more
    form.hyper.sliders["gd", "lr"].spin.setValue(0.01)
    assert desk.session.race.hyper == {"gd": {"lr": 0.01}} and desk.session.race.changes == ()
    answer(desk, qtbot)
    head.go_to(30)
    form.changes.switch.click()
    form.hyper.sliders["gd", "lr"].spin.setValue(0.02)
    assert desk.session.race.changes == ((31, "gd", "lr", 0.02),) and head.playing
    head.go_to(60)
    form.hyper.sliders["adam", "beta1"].spin.setValue(0.5)
    head.pause()
    answer(desk, qtbot)
    assert head.step == 60  # a race that goes on from here does not jump
    assert [change for change, _ in form.changes.rows] == [(31, "gd", "lr", 0.02), (61, "adam", "beta1", 0.5)]
    form.changes.dropped.emit((61, "adam", "beta1", 0.5))
    assert desk.session.race.changes == ((31, "gd", "lr", 0.02),)
    form.changes.made_start.emit((31, "gd", "lr", 0.02))
    assert desk.session.race.changes == () and desk.session.race.hyper == {"gd": {"lr": 0.02}} and not form.changes.rows


# -- schedules ---------------------------------------------------------------------------------------------------------
def test_a_schedule_its_shape_its_curve_and_its_snapshots(panel, desk, qtbot):
    part = panel.form().schedule
    part.box.setCurrentIndex(part.box.findData("restarts"))
    part.box.activated.emit(part.box.currentIndex())
    assert desk.session.race.schedule == "restarts" and set(part.sliders) == {"period", "growth", "floor"}
    part.sliders["period"].spin.setValue(20)
    part.sliders["growth"].spin.setValue(1)
    assert desk.session.race.shape == {"period": 20.0, "growth": 1.0}
    race = answer(desk, qtbot)
    assert part.curve.course is race.facts["course"] and part.snapshots.isVisibleTo(part)
    run = race.runs[0]
    assert race.runs[0].snapshots == (20, 40, 60, 80, 100, 120)
    told = race.facts["ensembles"]["gd"]
    assert f"6 snapshots: their mean point ({told['x']:.3g}".replace("-", "−") in ensemble_sentence(race, "gd")
    panel.view.playhead.go_to(120)
    at = square(race).many(run.points[[120]])[0]
    image = painted(panel.companions.marks, square(race))
    assert image.get(optimizer_colour("gd"), 0) > 10 and 0 <= at[0] <= 400
    part.box.setCurrentIndex(part.box.findData("onecycle"))
    part.box.activated.emit(part.box.currentIndex())
    assert desk.session.race.shape == {}  # another schedule has other parameters
    assert "momentum" in answer(desk, qtbot).facts["course"] and part.curve.grab().width() > 0
    assert not part.snapshots.isVisibleTo(part)  # a single snapshot is the end itself


# -- curves ------------------------------------------------------------------------------------------------------------
def test_curves_are_the_numbers_of_the_record():
    race = result_of(RaceRequest(surface="himmelblau", optimizers=THREE, steps=40, resolution=32))
    run = race.runs[1]
    minima = [mark for mark in race.surface.landmarks if mark.kind == "minimum"]
    nearest = min(np.hypot(*(run.points[7] - (mark.x, mark.y))) for mark in minima)
    wanted = {
        "loss": run.values[7],
        "slope": np.hypot(*run.gradients[7]),
        "rate": run.hyper["lr"],
        "distance": nearest,
        "length": np.hypot(*(run.points[7] - run.points[6])),
    }
    assert set(wanted) == set(QUANTITIES)
    for quantity, value in wanted.items():
        assert series(race, run, quantity)[7] == pytest.approx(value)
        for log in (False, True):
            axis = axis_of(race, quantity, log)
            assert axis.logarithmic == log and axis.low < axis.high
    bfgs = race.runs[2]
    assert places(bfgs, "gradients").tolist() == bfgs.evaluations.tolist() != places(bfgs, "steps").tolist()
    area = QRectF(0, 0, 100, 100)
    steps = curves_of(race, "loss", "steps", axis_of(race, "loss", True), area)
    asked = curves_of(race, "loss", "gradients", axis_of(race, "loss", True), area)
    assert {curve.group for curve in steps} == {0} and len({curve.group for curve in asked}) == 2
    assert asked[2].across[-1] == pytest.approx(100.0 * bfgs.evaluations[-1] / max(run.evaluations[-1] for run in race.runs))
    newton = result_of(RaceRequest(surface="saddle", optimizers=("newton",), steps=3, resolution=32))
    assert curves_of(newton, "distance", "steps", axis_of(newton, "distance", True), area) == []  # the saddle has no minimum


def test_the_chart_shows_what_is_chosen_and_clicks_find_the_step(panel, desk, qtbot):
    chart, part = panel.view.chart, panel.view.side.curves
    for quantity in QUANTITIES:
        for against in ("steps", "gradients"):
            desk.change(race_look=changed(desk.session.race_look, quantity=quantity, against=against))
            assert part.quantity.currentData() == quantity and part.against.isChecked() == (against == "gradients")
            assert chart.grab().width() and set(chart.curves) == set(THREE)
    curve = chart.curves["bfgs"]
    assert chart.nearest(curve.across[5], curve.down[5]) == ("bfgs", 5)
    part.log.click()
    assert not desk.session.race_look.logarithmic and not chart.axis.logarithmic
    part.arrows.click()
    assert desk.session.race_look.arrows and panel.companions.memories.visible
    panel.companions.memories.step = 10.0
    assert painted(panel.companions.memories, square(panel.race)).get(optimizer_colour("adam"), 0) > 20


# -- step by step ------------------------------------------------------------------------------------------------------
def test_a_step_is_told_with_its_numbers_and_drawn(panel, desk, qtbot):
    side, head = panel.view.side, panel.view.playhead
    panel.companions.tell("adam")
    assert side.page == "step" and head.step == 0 and [run.optimizer for run in panel.view.contour.race.runs] == ["adam"]
    head.go_to(6)
    told = answer(desk, qtbot, STEP_CHANNEL)
    run = panel.race.runs[1]
    assert told.step == 7 and told.before == tuple(run.points[6]) and told.after == tuple(run.points[7])
    assert side.step.title.text().startswith("Step 7: from (") and "β₁" in side.step.formula.text()
    image = painted(panel.companions.arrows, square(panel.race))
    assert image.get(optimizer_colour("adam"), 0) > 5 and len(image) > 4
    side.step.to_forward.click()
    assert head.step == 7 and desk.host.requests(STEP_CHANNEL)[-1].step == 8
    head.start()
    assert not panel.companions.arrows.visible  # nobody can read that fast
    head.pause()
    head.go_to(7)
    assert panel.companions.arrows.visible
    side.step.slow.click()
    assert head.playing and head.pace < 2
    qtbot.wait(60)
    assert 7 < head.step < 7.5
    side.go_to("race")
    assert not head.playing and head.pace == 0 and len(panel.view.contour.race.runs) == 3
    assert not panel.companions.arrows.visible


# -- many starts -------------------------------------------------------------------------------------------------------
def test_many_starts_are_counted_and_drawn(panel, desk, qtbot):
    side = panel.view.side
    side.go_to("starts")
    (request,) = desk.host.requests(STARTS_CHANNEL)
    assert request.surface == "himmelblau" and request.optimizers == THREE and request.steps == 120
    desk.change(starts=changed(desk.session.starts, starts="cloud", count=8))
    swarm = answer(desk, qtbot, STARTS_CHANNEL)
    page = side.starts
    assert len(swarm.starts) == 8 and "8 starts, 3 methods" in page.summary.text() and "seed 0" in page.summary.text()
    for row, name in enumerate(swarm.optimizers):
        shown = {key: label.text() for (who, key), label in page.cells.items() if who == name}
        assert {key: int(text) for key, text in shown.items() if text != "·"} == swarm.counts(row)
    assert panel.companions.thin.visible and painted(panel.companions.thin, square(panel.race)).keys() != {(0, 0, 0)}
    assert "A: minimum (3, 2), f = 0" in page._places.text()
    with pytest.raises(ExplorerError) as caught:
        result_of(changed(request, formula="x +"))
    desk.host.answer(STARTS_CHANNEL, Failed(caught.value.trouble))
    qtbot.wait(1)
    assert page.summary.text() and page.swarm is swarm  # the last one stays
    desk.change(starts=changed(desk.session.starts, count=9))
    side.go_to("race")
    assert desk.host.stopped == [STARTS_CHANNEL]  # nobody waits for it any more
    side.go_to("starts")
    assert desk.host.requests(STARTS_CHANNEL)[-1].count == 9


# -- who takes part, how it ended --------------------------------------------------------------------------------------
def test_methods_are_chosen_by_groups(panel, desk, qtbot):
    names = desk.choices("optimizer")
    groups = grouped(names)
    assert sorted(name for _, group in groups for name in group) == sorted(names) and len(groups) >= 4
    button = panel.view.side.methods
    button.make_page()
    assert button.page.ticked() == THREE
    button.page.boxes["lion"].click()
    assert desk.session.race.optimizers == ("gd", "adam", "lion", "bfgs")
    button.page._take(("gd",))
    button.page.boxes["gd"].click()
    assert desk.session.race.optimizers == ("gd",) and button.page.boxes["gd"].isChecked()  # somebody has to run
    button.page._take(SIX)
    assert desk.session.race.optimizers == SIX
    legend = panel.view.legend
    assert [name for name, row in legend.rows.items() if not row.isHidden()] == list(SIX)
    legend.rows["adam"].box.click()
    assert not legend.rows["adam"].isHidden()  # it can be ticked again


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"surface": "quadratic", "optimizers": ("gd",), "rate": 1000.0}, "diverged"),
        ({"surface": "saddle", "optimizers": ("gd",)}, "downhill out of the plot"),
        ({"surface": "saddle", "optimizers": ("newton",)}, "near a saddle"),
        ({"surface": "saddle", "optimizers": ("lm",)}, "sum of squares"),
        ({"surface": "quadratic", "optimizers": ("momentum",), "steps": 2000}, "arrived at the minimum near"),
        ({"formula": "1/x", "domain": (-2, 2, -2, 2), "start": (0.0, 1.0), "optimizers": ("gd",)}, "start lies in a hole"),
        ({"formula": "log(x) + y^2", "domain": (-2, 2, -2, 2), "start": (0.4, 1.0), "optimizers": ("gd",),
          "hyper": {"gd": {"lr": 0.2}}}, "led into a hole"),
        ({"surface": "quadratic", "optimizers": ("gd",), "hyper": {"gd": {"lr": 1e300}}}, "could not be computed any more"),
        ({"surface": "rosenbrock", "optimizers": ("gd",), "hyper": {"gd": {"lr": 1e-9}}}, "hardly moves"),
    ],
)  # fmt: skip
def test_every_end_is_explained(fields, words):
    race = result_of(RaceRequest(**{"resolution": 32, "steps": 200, **fields}))
    assert words in sentence(race, race.runs[0])


def test_a_rate_that_is_no_number_is_refused_and_would_be_explained():
    with pytest.raises(ValueError, match="finite"):
        RaceRequest(hyper={"gd": {"lr": float("nan")}})
    race = result_of(RaceRequest(surface="quadratic", optimizers=("gd",), resolution=32, steps=5))
    run = trajectory(surface_named("quadratic"), optimizer_named("gd"), {"lr": float("nan")}, (1.0, 1.0), 5)
    assert "is no number, so there is no step 1" in sentence(race, run)


def test_a_million_steps_leave_the_window_alive(panel, desk, qtbot):
    panel._change(steps=1_000_000, optimizers=("gd",), surface="quadratic")
    assert desk.host.requests(RACE)[-1].kept == 20_000
    race = result_of(RaceRequest(surface="quadratic", optimizers=("gd",), steps=200_000, resolution=32, kept=20_000))
    panel._play_next = False
    desk.host.answer(RACE, Result(race))
    qtbot.wait(1)
    head = panel.view.playhead
    assert head.last == race.runs[0].steps <= 20_000 and "200000" in head.count.text()
    for step in (0, 3000.5, head.last):
        head._show(step)
        assert panel.view.contour.grab().width() and panel.view.chart.grab().width()
    assert panel.view.chart.step_at(panel.view.chart.area().right()) == head.last
    assert panel.view.chart.curves["gd"].units[-1] == 200_000
