"""The Optimizers panel with a host that answers when the test lets it."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu

from explorer.gui import theme
from explorer.gui.panels import optimizers_saving
from explorer.gui.panels.optimizers import EXPORT, PLUGINS, RACE, OptimizersPanel
from explorer.gui.panels.optimizers_legend import Row
from explorer.gui.panels.optimizers_side import STARTS, STEP
from explorer.gui.widgets.contour_view_trails import Trail
from explorer.gui.widgets.swatch import Swatch
from explorer.i18n import use_language
from explorer.jobs import Failed, Result, result_of
from explorer.picture.colour import optimizer_colour
from explorer.picture.race_chart import last_step
from explorer.records.errors import Trouble
from explorer.records.plugins import PluginSurvey
from explorer.requests.base import changed
from explorer.requests.race import SIX, RaceRequest


@pytest.fixture
def panel(desk, qtbot):
    made = OptimizersPanel(desk)
    qtbot.addWidget(made)
    for channel in made.channels:
        desk.register(channel, made.take)
    qtbot.addWidget(made.form())
    made.resize(900, 640)
    made.show()
    made.set_active(True)
    yield made
    made.set_active(False)


def answer(desk, qtbot):
    """Let the host answer the newest race; returns the race."""
    race = result_of(desk.host.requests(RACE)[-1])
    desk.host.answer(RACE, Result(race))
    qtbot.wait(1)
    return race


@pytest.fixture
def ready(panel, desk, qtbot):
    """With its first race, standing at the end."""
    race = answer(desk, qtbot)
    panel.view.playhead.go_to(last_step(race))
    view = panel.view.contour
    qtbot.wait(20)  # the legend takes the room it needs
    qtbot.waitUntil(lambda: not view._settle.isActive())
    view.grab()
    view.contours = 0
    return panel


def test_what_is_not_seen_at_first_is_made_when_it_is_asked_for(ready, desk):
    side, bar, hyper = ready.view.side, ready.view.ground, ready.form().hyper
    assert not side.has(STEP) and not side.has(STARTS) and bar.written is None and ready.view.stage.space is None
    assert len(ready.view.legend.findChildren(Row)) == len(desk.session.race.optimizers) < len(ready.view.legend.rows)
    assert {name for name, _ in hyper.sliders} == set(desk.session.race.optimizers)
    key(ready, "T")
    assert side.page == STEP and side.step.chosen == desk.session.race.optimizers[0]
    assert desk.host.requests("optimizers.step")[-1].optimizer == side.step.chosen
    side.step.forward.emit()
    assert ready.view.playhead.step == 1.0


def test_sections_of_the_form_follow_the_first_paint(panel, desk, qtbot):
    form = panel.form()
    assert len(form.hyper.findChildren(Swatch)) == 1
    form.show()
    qtbot.waitUntil(lambda: len(form.hyper.findChildren(Swatch)) == len(desk.session.race.optimizers))


def key(panel, text):
    table = panel.keys()
    next(one for one in table if one.sequence == text).slot()


def colours(widget):
    """RGB triples of a widget's picture and how often each stands there."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32) & 0xFFFFFF
    found, count = np.unique(pixels, return_counts=True)
    return {(c >> 16, c >> 8 & 255, c & 255): n for c, n in zip(found.tolist(), count.tolist(), strict=True)}


def mouse(widget, kind, x, y, button=Qt.MouseButton.LeftButton, held=Qt.MouseButton.NoButton):
    place = QPointF(x, y)
    event = QMouseEvent(kind, place, widget.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


PRESS, MOVE, RELEASE = QMouseEvent.Type.MouseButtonPress, QMouseEvent.Type.MouseMove, QMouseEvent.Type.MouseButtonRelease


# -- first opened ------------------------------------------------------------------------------------------------------
def test_it_asks_for_six_methods_on_the_saddle_and_plays_at_once(panel, desk, qtbot):
    (request,) = desk.host.requests(RACE)
    assert request.surface == "saddle" and request.optimizers == SIX
    race = answer(desk, qtbot)
    head = panel.view.playhead
    assert panel.race is race and head.playing and head.last == last_step(race) and head.step < 20
    qtbot.waitUntil(lambda: head.step > 5, timeout=2000)
    assert head.playing
    head.set_speed(10.0)
    qtbot.waitUntil(lambda: not head.playing, timeout=5000)
    assert head.step == head.last and panel.demo_ready()


def test_nothing_is_asked_before_it_is_shown(desk, qtbot):
    made = OptimizersPanel(desk)
    qtbot.addWidget(made)
    desk.change(race=RaceRequest(surface="beale"))
    assert desk.host.requests(RACE) == []
    made.set_active(True)
    assert [request.surface for request in desk.host.requests(RACE)] == ["beale"]
    made.set_active(False)
    made.set_active(True)
    assert len(desk.host.requests(RACE)) == 1  # coming back asks for nothing that is there


def test_it_stands_while_nobody_looks(panel, desk, qtbot):
    answer(desk, qtbot)
    assert panel.view.playhead.playing
    panel.set_active(False)
    assert not panel.view.playhead.playing


def test_a_race_that_cannot_be_run_says_why_and_the_last_one_stays(panel, desk, qtbot):
    trouble = Trouble("surface.unknown", "{text}", {"text": "no surface is called 'sadle'; did you mean saddle?"})
    desk.host.answer(RACE, Failed(trouble))
    qtbot.wait(1)
    assert "did you mean saddle" in panel.view.contour.message and panel.race is None
    race = answer(desk, qtbot)
    desk.host.answer(RACE, Failed(trouble))
    qtbot.wait(1)
    assert panel.race is race is panel.view.contour.race


# -- playing -----------------------------------------------------------------------------------------------------------
def test_steps_scrubbing_and_keys(ready):
    head = ready.view.playhead
    last = head.last
    key(ready, "Home")
    assert head.step == 0 and ready.view.contour.step == ready.view.chart.step == 0
    key(ready, "Right")
    key(ready, "Right")
    key(ready, "Left")
    assert head.step == 1 and ready.view.chart.step == 1
    head.scrub.setValue(42)
    assert head.step == 42 and "42" in head.count.text() and str(last) in head.count.text()
    key(ready, "End")
    assert head.step == last
    head.forward.click()
    assert head.step == last
    key(ready, "Space")  # at the end: once more from the beginning
    assert head.playing and head.step < 10
    key(ready, "Space")
    assert not head.playing and head.step == round(head.step)
    key(ready, "]")
    assert head.speed == pytest.approx(1.5) == head.rate.value()
    key(ready, "[")
    key(ready, "[")
    assert head.speed < 1.0


def test_playing_draws_only_what_is_new(ready, qtbot):
    layer = ready.view.contour.layer
    key(ready, "Home")
    ready.view.contour.grab()
    whole, pieces = layer.whole, layer.pieces
    for step in (0.4, 1.2, 2.5, 7.0):
        ready.view.playhead._show(step)
        ready.view.contour.grab()
    assert layer.whole == whole and layer.pieces - pieces == 3 * len(SIX)
    assert ready.view.contour.contours == 0  # the contour is a kept picture
    key(ready, "Home")  # backwards: once from the beginning
    ready.view.contour.grab()
    assert layer.whole == whole + 1


def test_trails_are_seen_in_their_colours_and_grow(ready):
    view = ready.view.contour
    seen = []
    for step in (1, 40, 120):
        ready.view.playhead.go_to(step)
        seen.append(colours(view).get(optimizer_colour("momentum"), 0))
    assert seen[0] < seen[1] < seen[2]
    ready.view.playhead.go_to(ready.view.playhead.last)
    for name in SIX:
        assert colours(view).get(optimizer_colour(name), 0) > 15, name
        assert colours(ready.view.chart).get(optimizer_colour(name), 0) > 10, name


def test_news_drawn_piece_by_piece_are_what_is_drawn_at_once(ready):
    view, head = ready.view.contour, ready.view.playhead
    head.go_to(60)
    view.layer.forget()
    at_once = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    head.go_to(0)
    for step in range(0, 61, 5):
        head.go_to(step)
        bit_by_bit = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    one, other = (np.frombuffer(image.constBits(), np.uint8).astype(int) for image in (at_once, bit_by_bit))
    assert (np.abs(one - other) > 60).mean() < 0.002  # joints of antialiased pieces differ by a shade


# -- the start ---------------------------------------------------------------------------------------------------------
def test_a_click_is_a_new_start_for_all_and_plays(ready, desk, qtbot):
    view = ready.view.contour
    at = view.place(0.5, 0.75)
    assert view.cursor().shape() == Qt.CursorShape.PointingHandCursor and view.hint
    mouse(view, PRESS, at.x(), at.y())
    assert not ready.view.playhead.playing
    mouse(view, RELEASE, at.x(), at.y())
    start = desk.session.race.start
    assert start == pytest.approx((0.5, 0.75), abs=0.01) and not view.hint
    assert desk.host.requests(RACE)[-1].start == start
    race = answer(desk, qtbot)
    assert race.start == start and ready.view.playhead.playing
    desk.undo()
    assert desk.session.race.start is None


def test_a_dragged_start_is_one_step_for_undo_and_shows_whole_paths(ready, desk, qtbot):
    view = ready.view.contour
    a, b = view.place(0.5, 0.5), view.place(-0.5, -0.5)
    mouse(view, PRESS, a.x(), a.y())
    for part in (0.2, 0.6, 1.0):
        mouse(view, MOVE, a.x() + part * (b.x() - a.x()), a.y() + part * (b.y() - a.y()), held=Qt.MouseButton.LeftButton)
        answer(desk, qtbot)
        assert not ready.view.playhead.playing and ready.view.playhead.step == ready.view.playhead.last
    mouse(view, RELEASE, b.x(), b.y())
    assert desk.session.race.start == pytest.approx((-0.5, -0.5), abs=0.01)
    assert ready.view.playhead.playing  # the race for it is already here
    desk.undo()
    assert desk.session.race.start is None


def test_the_start_moves_by_keys_too(ready, desk, qtbot):
    key(ready, "Shift+Right")
    key(ready, "Shift+Up")
    assert desk.session.race.start == pytest.approx((-0.94, 0.061))
    for _ in range(60):
        key(ready, "Shift+Left")
    assert desk.session.race.start[0] == -1.5  # stays in the plot


def test_a_click_outside_the_plot_does_nothing(ready, desk):
    mouse(ready.view.contour, PRESS, 2, 2)
    mouse(ready.view.contour, RELEASE, 2, 2)
    assert desk.session.race.start is None and len(desk.host.requests(RACE)) == 1


# -- choosing ----------------------------------------------------------------------------------------------------------
def test_the_rate_runs_live_and_is_one_step_for_undo(ready, desk, qtbot):
    rate = ready.view.rate
    rate.slider.setSliderDown(True)
    for tick in (520, 560, 600):
        rate.slider.setValue(tick)
    assert [request.rate for request in desk.host.requests(RACE)[1:]] == sorted({r.rate for r in desk.host.requests(RACE)[1:]})
    assert len(desk.host.requests(RACE)) == 4
    answer(desk, qtbot)
    assert not ready.view.playhead.playing and ready.view.playhead.step == ready.view.playhead.last
    rate.slider.setSliderDown(False)
    assert desk.session.race.rate == rate.value() > 1.0
    desk.undo()
    assert desk.session.race.rate == 1.0 == rate.value()


def test_surface_chooser_and_formula(ready, desk, qtbot):
    view = ready.view
    assert view.surface.names()[:2] == ["saddle", "quadratic"] and view.surface.itemText(0) == "Classic"
    key(ready, "Shift+Right")
    key(ready, "N")
    assert desk.session.race.surface == "quadratic" and desk.session.race.start is None
    assert "25" in view.formula.text() and view.surface.currentData() == "quadratic"
    race = answer(desk, qtbot)
    assert view.contour.race is race and view.playhead.playing
    assert view.contour.grab().width() and view.contour.contours == 1


def test_boxes_choose_who_takes_part_and_one_always_stays(ready, desk, qtbot):
    rows = ready.view.legend.rows
    rows["gd"].box.setChecked(False)
    rows["momentum"].box.setChecked(False)
    assert desk.session.race.optimizers == ("nesterov", "adagrad", "rmsprop", "adam")
    answer(desk, qtbot)
    assert [trail.name for trail in ready.view.contour.layer.trails] == ["nesterov", "adagrad", "rmsprop", "adam"]
    assert rows["gd"].value.text() == "" and rows["adam"].value.text() != ""
    ready.view.legend.only("adam")
    assert desk.session.race.optimizers == ("adam",)
    rows["adam"].box.setChecked(False)
    assert rows["adam"].box.isChecked() and desk.session.race.optimizers == ("adam",)
    ready.view.legend.everybody()
    assert set(desk.session.race.optimizers) >= set(SIX)


def test_the_legend_says_value_and_verdict(ready):
    row = ready.view.legend.rows["adagrad"]
    assert row.status.text() == "left the plot at step 25"
    ready.view.playhead.go_to(10)
    run = next(run for run in ready.race.runs if run.optimizer == "adagrad")
    assert row.status.text() == "under way" and row.value.text() == f"{run.values[10]:.3g}".replace("-", "−")
    assert "Duchi" in row.toolTip() and "√τ" in row.toolTip()


def test_hyper_parameters_are_edited_and_only_what_differs_is_kept(ready, desk, qtbot):
    sliders = ready.form().hyper.sliders
    assert ("adam", "beta2") in sliders and ("adam", "eps") in sliders and ("gd", "lr") in sliders
    assert sliders["adam", "lr"].value() == pytest.approx(0.015)  # what suits this surface
    sliders["adam", "lr"].spin.setValue(0.2)
    assert desk.session.race.hyper == {"adam": {"lr": 0.2}} == desk.host.requests(RACE)[-1].hyper
    race = answer(desk, qtbot)
    assert next(run for run in race.runs if run.optimizer == "adam").hyper["lr"] == 0.2
    sliders["adam", "lr"].spin.setValue(0.015)
    assert desk.session.race.hyper == {}
    desk.change(race=changed(desk.session.race, surface="beale"))
    assert ready.form().hyper.sliders["adam", "lr"].value() == pytest.approx(0.08)


def test_choices_and_whole_numbers_are_hyper_parameters_too(ready, desk, qtbot):
    desk.change(race=changed(desk.session.race, optimizers=("momentum", "lbfgs", "radam")))
    sliders = ready.form().hyper.sliders
    view = sliders["momentum", "view"].field
    assert [view.box.itemText(at) for at in range(view.box.count())] == ["physics", "low pass"]
    view.box.setCurrentIndex(1)
    view.box.activated.emit(1)
    assert desk.session.race.hyper == {"momentum": {"view": 1.0}}
    sliders["lbfgs", "m"].spin.setValue(3)
    assert desk.session.race.hyper["lbfgs"] == {"m": 3.0}
    assert sliders["radam", "lr"].value() == pytest.approx(sliders["momentum", "lr"].value() * 5)  # gd's rate suits it: 0.02
    race = answer(desk, qtbot)
    assert [run.hyper.get("view") for run in race.runs] == [1.0, None, None] and race.runs[1].hyper["m"] == 3.0
    view.box.setCurrentIndex(0)
    view.box.activated.emit(0)
    assert "momentum" not in desk.session.race.hyper


def test_all_methods_at_once(ready, desk, qtbot):
    ready.view.legend.everybody()
    race = answer(desk, qtbot)
    assert len(race.runs) == len(ready.view.legend.rows) == len(desk.choices("optimizer")) >= 18
    assert all(race.runs) and desk.session.race.optimizers[:6] == SIX
    assert ready.view.legend.rows["lm"].status.text() == "needs a sum of squares"  # the saddle is none


def test_back_to_start(ready, desk, qtbot):
    desk.change(race=changed(desk.session.race, start=(1.0, 1.0), rate=3.0, optimizers=("gd",), hyper={"gd": {"lr": 0.5}}))
    ready.view.reset_button.click()
    assert desk.session.race == RaceRequest()
    answer(desk, qtbot)
    assert ready.view.playhead.playing
    ready.view.playhead.pause()
    ready.view.reset_button.click()  # nothing to change: it plays again
    assert ready.view.playhead.playing and len(desk.host.requests(RACE)) == 3


def test_divergence_is_told_in_words_and_drawn_within_bounds(ready, desk, qtbot):
    desk.change(race=changed(desk.session.race, surface="rosenbrock", rate=100.0))
    race = answer(desk, qtbot)
    ready.view.playhead.go_to(ready.view.playhead.last)
    assert {run.status for run in race.runs} & {"left the plot", "not finite"}
    texts = {row.status.text() for row in ready.view.legend.rows.values()}
    assert any(text.startswith(("left the plot at step", "no number any more")) for text in texts)
    assert not ready.grab().isNull()


# -- linked selection --------------------------------------------------------------------------------------------------
def test_hovering_a_path_marks_the_curve_and_the_row(ready, desk):
    view = ready.view.contour
    trail = next(one for one in view.layer.trails if one.name == "adam")
    x, y = trail.at(40)
    mouse(view, MOVE, x, y, Qt.MouseButton.NoButton)
    assert desk.session.selection.optimizer == "adam" and abs(desk.session.selection.step - 40) <= 1
    assert ready.view.chart.highlight == view.highlight == ("adam", desk.session.selection.step)
    before = colours(view)
    mouse(view, MOVE, view.area().right() - 5, view.area().bottom() - 5, Qt.MouseButton.NoButton)
    assert desk.session.selection.optimizer == "" and view.highlight is None
    assert colours(view) != before


def test_hovering_the_chart_marks_the_path_and_a_click_goes_there(ready, desk):
    chart = ready.view.chart
    chart.grab()
    x = chart.across(30)
    y = float(chart.curves["rmsprop"].down[30])
    mouse(chart, MOVE, x, y, Qt.MouseButton.NoButton)
    assert desk.session.selection.optimizer == "rmsprop" and desk.session.selection.step == 30
    assert ready.view.contour.highlight == ("rmsprop", 30)
    mouse(chart, PRESS, x, y)
    assert ready.view.playhead.step == 30


# -- menus, export, words ----------------------------------------------------------------------------------------------
def test_the_menu_offers_what_can_be_done_with_a_point(ready, desk, qtbot):
    menu = QMenu()
    qtbot.addWidget(menu)
    ready.fill_menu(menu, 0.25, -0.5)
    actions = {action.text(): action for action in menu.actions() if action.text()}
    actions["Copy the point and its value"].trigger()
    x, y, value = (float(text) for text in QGuiApplication.clipboard().text().split("\t"))
    assert (x, y) == (0.25, -0.5) and value == pytest.approx(0.0625 - 0.25, abs=0.02)
    actions["Copy all steps as a table"].trigger()
    assert QGuiApplication.clipboard().text().startswith("optimizer\tstep\tx\ty\tvalue\ngd\t0\t-1.0\t0.001\t")
    actions["Start at (0.25, −0.5)"].trigger()
    assert desk.session.race.start == (0.25, -0.5)
    actions["The surface's own start"].trigger()
    assert desk.session.race.start is None


def test_a_right_click_and_the_menu_key_open_it(ready, qtbot, monkeypatch):
    asked = []
    ready.view.contour.menu_wanted.disconnect()
    ready.view.contour.menu_wanted.connect(lambda x, y, where: asked.append((x, y, where)))
    from PySide6.QtGui import QContextMenuEvent

    at = ready.view.contour.place(0.3, 0.6).toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, ready.view.contour.mapToGlobal(at))
    QApplication.sendEvent(ready.view.contour, event)
    QApplication.sendEvent(ready.view.contour, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0)))
    assert asked[0][:2] == pytest.approx((0.3, 0.6), abs=0.02) and asked[1][:2] == (-1.0, 0.001)


def test_export_is_a_job_of_the_calc_child_and_says_where_it_wrote(ready, desk, qtbot, monkeypatch, tmp_path):
    path = tmp_path / "race"
    monkeypatch.setattr(optimizers_saving.QFileDialog, "getSaveFileName", lambda *_: (str(path), "Table of all steps (*.csv)"))
    key(ready, "E")
    (request,) = desk.host.requests(EXPORT)
    assert request.path == f"{path}.csv" and request.place == "calc" and request.surface == "saddle"
    desk.host.answer(EXPORT, Result(result_of(request)))
    qtbot.wait(1)
    assert Path(request.path).read_text(encoding="utf-8").startswith("optimizer,step,x,y,value\n")
    assert request.path in " ".join(notice.text for notice in desk.sink.take())
    monkeypatch.setattr(optimizers_saving.QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    ready.view.export_button.click()
    assert len(desk.host.requests(EXPORT)) == 1


def test_plugins_appear_in_the_lists(ready, desk, qtbot):
    assert desk.host.requests(PLUGINS)
    surface = {"title": "Hill", "formula": "h", "rates": {}, "about": ""}
    hyper = [{"name": "lr", "label": "Learning rate", "help": "", "default": 0.1, "low": 1e-4, "high": 1.0, "log": True}]
    method = {"title": "Mine", "formula": "m", "paper": "", "hyper": hyper}
    survey = PluginSurvey((), {"surfaces": {"hill": surface}, "optimizers": {"mine": method}})
    desk.host.answer(PLUGINS, Result(survey))
    qtbot.wait(1)
    assert ready.view.surface.findData("hill") >= 0
    assert ready.view.legend.rows["mine"].box.text() == "Mine" and not ready.view.legend.rows["mine"].box.isChecked()
    ready.view.legend.rows["mine"].box.setChecked(True)
    assert desk.session.race.optimizers[-1] == "mine" and ("mine", "lr") in ready.form().hyper.sliders


def test_both_themes_hungarian_and_small_windows_are_drawn(ready, desk, qtbot):
    app = QApplication.instance()
    try:
        for mode in ("dark", "light"):
            theme.apply(app, mode)
            ready.view.playhead.go_to(30)
            brightness = {name: sum(sum(c) * n for c, n in colours(ready.view.contour).items()) for name in ("now",)}["now"]
            assert (brightness > 3 * 128 * ready.view.contour.width() * ready.view.contour.height()) == (mode == "light")
        use_language("hu")
        desk.language_changed.emit("hu")
        ready.retranslate()
        assert (
            ready.view.surface.itemText(1) == "Nyereg"
            and ready.view.legend.rows["adagrad"].status.text() != "left the plot at step 25"
        )
        for size in ((420, 700), (700, 400), (1300, 800)):
            ready.resize(*size)
            qtbot.wait(5)
            assert not ready.grab().isNull()
            wide = ready.view.split.orientation() == Qt.Orientation.Horizontal
            assert wide == (size[0] > size[1])
    finally:
        use_language("en")
        theme.apply(app, "light")


def test_while_the_window_is_resized_the_contour_is_stretched_and_drawn_once_it_rests(ready, qtbot):
    view = ready.view.contour
    view.grab()
    drawn = view.contours
    view._settle.setInterval(60_000)
    for width in range(900, 1000, 10):
        ready.resize(width, 640)
        qtbot.wait(1)
        view.grab()
    assert view.contours == drawn
    view._settle.setInterval(1)
    qtbot.waitUntil(lambda: view.contours == drawn + 1, timeout=2000)


def test_long_paths_are_thinned_for_drawing_but_not_for_reading():
    turn = np.linspace(0, 40 * np.pi, 100_001)
    trail = Trail("gd", np.stack([300 + 5 * np.cos(turn), 300 + 5 * np.sin(turn)], axis=1))
    assert len(trail.points) == 100_001 and len(trail.drawn) < 2000
    assert trail.reached(100_000) == len(trail.drawn) - 1 and trail.at(50_000.5) == pytest.approx(
        tuple(trail.points[50_000]), abs=0.01
    )
