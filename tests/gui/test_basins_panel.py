"""The Basins panel over records made here: what it asks, what it says, what a click does."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from explorer.gui.panels.basins import EXPORT, BasinsPanel
from explorer.gui.panels.basins_asking import Pace
from explorer.jobs import CancelledJob, Failed, Preview, Progress, Result, result_of, run
from explorer.records.errors import Trouble
from explorer.requests.base import changed
from explorer.requests.basins import BasinsExportRequest, BasinsRequest, StabilityRequest
from explorer.requests.race import RaceRequest

MAP, PATH, STABLE = "basins.map", "basins.path", "basins.stability"
SMALL = BasinsRequest(grid=48, steps=60)


@pytest.fixture
def panel(desk, qtbot):
    desk.change(race=RaceRequest(surface="himmelblau"), basins=SMALL, stability=StabilityRequest(grid=16, steps=40))
    made = BasinsPanel(desk)
    qtbot.addWidget(made)
    qtbot.addWidget(made.form())
    made.resize(900, 600)
    made.show()
    made.set_active(True)
    return made


def asked(desk, channel=MAP):
    return [entry[1] for entry in desk.host.asked if entry[0] == channel]


def answer(panel, desk, channel=MAP):
    """Run what was asked last and hand over what comes."""
    request = asked(desk, channel)[-1]
    for event in run(request):
        if isinstance(event, (Preview, Result, Failed)):
            panel.take(channel, event)
    return request


def test_it_follows_the_race_s_surface(panel, desk):
    first = asked(desk)[-1]
    assert first.surface == "himmelblau" and first.grid == 48 and first.optimizers == ("gd", "adam")
    desk.change(race=changed(desk.session.race, surface="beale", hyper={"adam": {"lr": 0.3}}))
    panel.take(MAP, CancelledJob())
    assert asked(desk)[-1].surface == "beale" and asked(desk)[-1].hyper == {"adam": {"lr": 0.3}}
    page = panel.starts
    page.surface.picked.emit("saddle")
    assert desk.session.race.surface == "saddle" and desk.session.race.hyper == {"adam": {"lr": 0.3}}
    desk.change(race=changed(desk.session.race, formula="x^2 + y^4"))
    assert page.formula.text() == "x^2 + y^4"
    desk.change(race=changed(desk.session.race, formula=""))
    assert page.surface.currentData() == "saddle" and "x²" in page.formula.text()
    page.step_surface(1)
    assert desk.session.race.surface == page.surface.names()[1] == page.surface.currentData()


def test_schedule_noise_and_clipping_are_the_race_s_and_can_be_set_here(panel, desk):
    page, rules = panel.starts, {"schedule": "cosine", "shape": {"floor": 0.1}, "noise": 0.5, "clip": 3.0, "seed": 7}
    assert page.rules.chance.isHidden() and page.rules.schedule.curve.isHidden()
    desk.change(race=changed(desk.session.race, **rules))
    assert page.rules.schedule.box.currentData() == "cosine" and not page.rules.chance.isHidden()
    panel.take(MAP, CancelledJob())
    request = answer(panel, desk)
    assert {name: getattr(request, name) for name in rules} == rules
    assert page.said.text().startswith("cosine, noise 0.5, seed 7, gradients no longer than 3")
    assert page.rules.schedule.curve.course["factor"][-1] == pytest.approx(0.1, abs=0.01)
    page._pointed(0, 0.3, 0.6)
    path = asked(desk, PATH)[-1]
    assert {name: getattr(path, name) for name in rules} == rules and path.start == page.record.start(*page._at)
    panel.pages.turn(1)
    answer(panel, desk, STABLE)
    assert panel.stability.said.text().startswith("cosine, noise 0.5")
    assert any("constant μ" in text for _, text in panel.stability.theory.rows)
    field = page.rules.form.fields["noise"]
    field.set_value(0.25)
    field.changed.emit()
    assert desk.session.race.noise == 0.25


def test_a_drag_asks_again_only_when_something_was_seen(desk):
    pace = Pace(desk, MAP)
    requests = [BasinsRequest(rate=rate) for rate in (1.0, 1.1, 1.2, 1.3)]
    for request in requests:
        pace.want(request)
    assert asked(desk) == requests[:1]
    pace.heard(Progress(1, 2))
    assert asked(desk) == requests[:1]
    pace.heard(Preview(None))
    assert asked(desk) == [requests[0], requests[3]]  # the newest; those between never ran
    pace.want(requests[3])
    pace.heard(Result(None))
    assert len(asked(desk)) == 2
    pace.forget()
    pace.want(requests[3])
    assert len(asked(desk)) == 3


def test_maps_legends_and_the_words_of_a_start(panel, desk, qtbot):
    request = answer(panel, desk)
    page = panel.starts
    assert panel.demo_ready() and page.views[0].isVisible() and not page.views[2].isVisible()
    assert len(page.legends[0].rows) >= 4 and "%" in page.legends[0].rows[0][1]
    record = result_of(request)
    view = page.views[1]
    qtbot.wait(20)
    row, column = 30, 12
    across, up = (column + 0.5) / 48, (row + 0.5) / 48
    qtbot.mouseMove(view, view.place(across, up).toPoint())
    x, y = record.start(1, row, column)
    path = asked(desk, PATH)[-1]
    assert path.start == (x, y) and path.optimizers == ("gd", "adam") and path.rate == 1.0
    answer(panel, desk, PATH)
    assert np.allclose(view.path[0], (across, up)) and len(view.path) == 61
    said = page.said.text()
    run_ = next(one for one in result_of(path).runs if one.optimizer == "adam")
    assert f"{run_.status_step}" in said and "Adam: " in said and "Gradient descent: " in said
    view.leave()
    assert view.path is None and "Click a start" in page.said.text()


def test_a_click_starts_the_race_there(panel, desk, qtbot):
    answer(panel, desk)
    page = panel.starts
    view = page.views[0]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place(0.25, 0.75).toPoint())
    start = desk.session.race.start
    assert start is not None and abs(start[0] + 2.5) < 0.3 and abs(start[1] - 2.5) < 0.3
    assert view.start is not None and abs(view.start[0] - 0.25) < 0.03
    desk.change(basins=changed(desk.session.basins, rate=2.0))
    panel.keys()[0].slot()
    race = desk.session.race
    assert desk.session.panel == "optimizers" and race.rate == 2.0 and race.start == start
    assert race.optimizers[:2] == ("gd", "adam") and race.steps == 60


def test_the_keyboard_can_do_it_too(panel, desk, qtbot):
    answer(panel, desk)
    view = panel.starts.views[0]
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert asked(desk, PATH) and view.looked_at == ((25 + 0.5) / 48, (34 + 0.5) / 48)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert desk.session.race.start is not None
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.looked_at is None and view.path is None


def test_dragging_the_rate_is_one_step_back(panel, desk):
    page = panel.starts
    for value in (1.5, 1.7, 2.0):
        page.rate.changed.emit(value)
    panel.take(MAP, CancelledJob())
    assert asked(desk)[-1].rate == 2.0
    page.rate.set_value(2.0)
    page.rate.settled.emit()
    desk.undo()
    assert desk.session.basins.rate == 1.0


def test_stability_of_a_method(panel, desk, qtbot):
    desk.change(race=changed(desk.session.race, surface="quadratic"))
    panel.tabs.setCurrentIndex(1)
    request = answer(panel, desk, STABLE)
    page = panel.stability
    assert request.surface == "quadratic" and request.optimizer == "momentum"
    assert [name for name, _ in page.view.lines] == ["1/L", "2/L", "2(1+β)/L"] and page.view.marks
    assert any("L = 25" in text for _, text in page.theory.rows)
    qtbot.mouseMove(page.view, page.view.place(0.5, 0.5).toPoint() + QPoint(2, 2))
    assert "Learning rate" in page.said.text() and "Momentum" in page.said.text()
    qtbot.mouseClick(page.view, Qt.MouseButton.LeftButton, pos=page.view.place(0.53, 0.52).toPoint())
    own = desk.session.race.hyper["momentum"]
    assert own["lr"] == pytest.approx(float(page.record.x[8]), rel=1e-5) and own["momentum"] == pytest.approx(page.record.y[8])
    assert page.view.start is not None and abs(page.view.start[0] - 8.5 / 16) < 1e-4
    page.method.setCurrentIndex(page.method.findData("adam"))
    page.method.activated.emit(page.method.currentIndex())
    panel.take(STABLE, CancelledJob())
    answer(panel, desk, STABLE)
    assert not page.view.lines and [page.second.itemData(at) for at in range(page.second.count())] == ["beta1", "beta2", "eps"]
    page.second.setCurrentIndex(1)
    page.second.activated.emit(1)
    assert asked(desk, STABLE)[-1].second == "beta2"


def test_failures_files_and_the_clipboard(panel, desk, tmp_path):
    assert panel.numbers() == ""
    answer(panel, desk)
    assert panel.numbers().count("\n") == 2 * 48 * 48 and panel.numbers().startswith("optimizer\tx\ty")
    panel.starts.export_to(str(tmp_path / "map.npz"))
    wish = asked(desk, EXPORT)[-1]
    assert isinstance(wish, BasinsExportRequest) and wish.surface == "himmelblau" and wish.path.endswith("map.npz")
    assert panel.picture().text("explorer-facts")
    panel.take(MAP, Failed(Trouble("x", "It is broken.", {})))
    assert panel.starts.record is None and panel.starts.views[0].empty == "It is broken."
    panel.back_to_start()
    assert desk.session.basins == BasinsRequest()


def test_a_saved_map_brings_its_surface_back(panel, desk, tmp_path):
    from explorer.gui.recipes_reading import read_recipe

    desk.change(race=changed(desk.session.race, surface="rastrigin", values={"depth": 5.0}))
    image = panel.picture()
    path = tmp_path / "map.png"
    assert image.save(str(path))
    desk.change(race=RaceRequest())
    recipe = read_recipe(path, desk.session)
    assert recipe is not None and recipe.fields["panel"] == "basins"
    desk.change(**{name: value for name, value in recipe.fields.items() if name in ("basins", "panel")})
    panel.adopt(path, recipe.facts)
    assert desk.session.race.surface == "rastrigin" and desk.session.race.values == {"depth": 5.0}
