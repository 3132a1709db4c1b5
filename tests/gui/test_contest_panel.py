"""The fair race panel with a host that answers when the test lets it."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from explorer.gui.panels import contest_race
from explorer.gui.panels.contest import ContestPanel
from explorer.gui.panels.contest_race import EXPORT, RACE, asked
from explorer.gui.panels.contest_tasks import TASK
from explorer.gui.panels.contest_turned import TURNED
from explorer.i18n import use_language
from explorer.jobs import CancelledJob, Failed, Preview, Result, result_of, run
from explorer.records.errors import Trouble
from explorer.requests.base import changed
from explorer.requests.contest import ContestRequest

SMALL = {"trials": 6, "seeds": 3, "tuning_seeds": 2, "budget": 80, "optimizers": ("gd", "adam")}


@pytest.fixture
def panel(desk, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr("explorer.assets.state_dir", lambda: tmp_path)
    race = changed(desk.session.race, surface="quadratic")
    contest, turned = changed(desk.session.contest, **SMALL), changed(desk.session.turned, **SMALL, angles=2)
    desk.change(race=race, contest=contest, turned=turned)
    made = ContestPanel(desk)
    qtbot.addWidget(made)
    qtbot.addWidget(made.form())
    for channel in made.channels:
        desk.register(channel, made.take)
    made.resize(900, 700)
    made.show()
    made.set_active(True)
    qtbot.waitUntil(lambda: bool(desk.host.requests(RACE)))  # it waits for the first paint
    yield made
    made.set_active(False)


def answer(desk, qtbot, channel):
    """Let the host answer the newest request of a channel; returns the record."""
    qtbot.waitUntil(lambda: bool(desk.host.requests(channel)))
    record = result_of(desk.host.requests(channel)[-1])
    desk.host.answer(channel, Result(record))
    qtbot.wait(10)
    return record


def test_it_races_by_itself_on_the_surface_of_the_optimizers(panel, desk, qtbot):
    (request,) = desk.host.requests(RACE)
    assert request == asked(desk.session) and request.surface == "quadratic" and request.optimizers == ("gd", "adam")
    record = answer(desk, qtbot, RACE)
    page = panel.race
    rows = [line.split("\t") for line in page.table.lines()]
    assert [row[0] for row in rows] == [desk.title_of("optimizer", one.optimizer) for one in record.ordered()]
    assert rows[0][1] == "1." and "lr = " in rows[0][4] and record.ordered()[0].title in page.detail.text()
    assert "Surface" in page.card.label.text() and "6 trials" in page.card.label.text()
    assert "searched: lr 1e−05 … 10 log" in page.card.label.text()
    assert {line.name for line in page.chart.plot.lines} == {"gd", "adam"} and "gradients" in page.numbers()
    desk.change(race=changed(desk.session.race, surface="rosenbrock"))
    assert "Changed" in page.detail.text() and page.surface.currentData() == "rosenbrock"
    page.start()
    assert desk.host.requests(RACE)[-1].surface == "rosenbrock"


def test_a_page_is_made_when_it_is_first_seen_and_shows_what_holds_then(panel, desk, qtbot):
    assert panel.made() == [panel.race] and panel.form().count() == 1
    desk.change(turned=changed(desk.session.turned, optimizers=("gd", "cg"), condition=50.0))
    panel.tabs.setCurrentIndex(1)
    assert panel.made() == [panel.race, panel.turned] and panel.form().currentWidget() is panel.turned.form()
    assert [line.split("\t")[0] for line in panel.turned.table.lines()] == ["Gradient descent", "Conjugate gradients"]
    assert panel.turned.form().fields["condition"].value() == 50.0
    qtbot.waitUntil(lambda: bool(desk.host.requests(TURNED)))
    assert desk.host.requests(TURNED)[-1].condition == 50.0 and not desk.host.requests(TASK)


def test_own_formulas_are_followed(panel, desk):
    desk.change(race=changed(desk.session.race, formula="x^2 + 9 y^2", start=(1.0, 1.0)))
    assert panel.race.formula.text() == "x^2 + 9 y^2" and panel.race.surface.currentData() == ""
    request = asked(desk.session)
    assert (request.formula, request.start) == ("x^2 + 9 y^2", (1.0, 1.0))
    panel.race.surface.setCurrentIndex(panel.race.surface.findData("beale"))
    panel.race.surface.activated.emit(panel.race.surface.currentIndex())
    assert (desk.session.race.surface, desk.session.race.formula, desk.session.race.start) == ("beale", "", None)


def test_the_search_is_watched_and_stopped(panel, desk, qtbot):
    request = changed(desk.session.contest, surface="quadratic", trials=200, budget=400, optimizers=("gd", "momentum", "adam"))
    events = [event for event in run(request) if isinstance(event, Preview)]
    assert events and events[0].record.stage == "tuning"
    desk.host.answer(RACE, events[0])
    qtbot.wait(10)
    page = panel.race
    assert [bar.name for bar in page.chart.plot.bars] == ["gd", "momentum", "adam"]
    assert "/ 200" in page.chart.plot.bars[0].text or "of 200" in page.chart.plot.bars[0].text
    assert not page.save.isEnabled() and not page.chart.grab().isNull()
    desk.host.answer(RACE, CancelledJob(events[0].record))
    qtbot.wait(10)
    assert "Stopped" in page.detail.text() and not page.show_paths.isEnabled()
    desk.host.answer(RACE, Failed(Trouble("contest.target", "nobody has to move", {})))
    qtbot.waitUntil(lambda: page.record is None)
    assert "nobody has to move" in page.chart.empty


def test_who_takes_part_is_ticked_in_the_table(panel, desk, qtbot):
    answer(desk, qtbot, RACE)
    item = next(one for one in panel.race.table.items() if one.data(0, Qt.ItemDataRole.UserRole) == "cg")
    item.setCheckState(0, Qt.CheckState.Checked)
    qtbot.wait(5)
    assert desk.session.contest.optimizers == ("gd", "adam", "cg") and "Changed" in panel.race.detail.text()
    for one in panel.race.table.items():
        one.setCheckState(0, Qt.CheckState.Unchecked)
    qtbot.wait(5)
    assert len(desk.session.contest.optimizers) == 1  # somebody must run


def test_space_ticks_and_presses_where_it_has_the_focus(panel, desk, qtbot):
    panel.tabs.setCurrentIndex(2)
    answer(desk, qtbot, TASK)
    for widget in (panel.race.table, panel.tasks.answers[1]):
        asking = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)
        asking.ignore()
        QApplication.sendEvent(widget, asking)
        assert asking.isAccepted()
    qtbot.keyClick(panel.tasks.answers[1], Qt.Key.Key_Space)
    assert panel.tasks.chosen == 1


def test_the_tuned_methods_go_to_the_optimizers(panel, desk, qtbot):
    record = answer(desk, qtbot, RACE)
    panel.race.show_paths.click()
    race = desk.session.race
    assert desk.session.panel == "optimizers" and race.hyper == {one.optimizer: one.hyper for one in record.contenders}
    assert (race.seed, race.start, race.noise, race.budget) == (record.seeds[0], record.starts[0], 0.1, 80)
    for path in result_of(race).runs:  # the race there is the first reported run, to the last digit
        one = next(one for one in record.contenders if one.optimizer == path.optimizer)
        there = path.values <= record.target
        assert not there.any() or path.evaluations[there.argmax()] <= one.costs[0]


def test_a_card_is_saved_by_the_child(panel, desk, qtbot, monkeypatch, tmp_path):
    record = answer(desk, qtbot, RACE)
    monkeypatch.setattr(contest_race.QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), "Card (*.json)"))
    assert contest_race.QFileDialog is QFileDialog
    panel.race.save.click()
    request = desk.host.requests(EXPORT)[-1]
    assert request.path == str(tmp_path / "mine.json")
    mine = {name: getattr(request, name) for name in ContestRequest.model_fields}
    assert ContestRequest(**mine).model_dump(mode="json", exclude={"resolution", "levels"}) == record.request


def test_the_chart_is_read_with_the_mouse_and_with_keys(panel, desk, qtbot):
    record = answer(desk, qtbot, RACE)
    chart = panel.race.chart
    chart.keyPressEvent(type("E", (), {"key": lambda self: Qt.Key.Key_Down})())
    assert chart.highlight == record.contenders[0].optimizer
    assert panel.race.table.currentItem().data(0, Qt.ItemDataRole.UserRole) == chart.highlight
    chart.point("adam", 0.0)
    from explorer.gui.panels.contest_words import fair_place

    assert "Adam, 0 gradients" in fair_place(record, "adam", 0.0) and not chart.grab().isNull()
    chart.leaveEvent(None)
    assert chart.highlight == ""


def test_the_turned_valley(panel, desk, qtbot):
    panel.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: bool(desk.host.requests(TURNED)))
    assert desk.host.requests(TURNED) == [desk.session.turned]
    record = answer(desk, qtbot, TURNED)
    page = panel.turned
    assert "45°" in page.told.label.text() and len(page.numbers().splitlines()) == 1 + 2 * 2
    assert [line.split("\t")[0] for line in page.table.lines()] == [run_.title for run_ in record.runs]
    desk.change(turned=changed(desk.session.turned, condition=10.0))
    assert "Changed" in page.detail.text()
    panel.keys()[0].slot()
    assert desk.host.requests(TURNED)[-1].condition == 10.0
    assert panel.form().currentWidget() is page.form()


def test_a_task_is_answered_before_it_is_run(panel, desk, qtbot):
    panel.tabs.setCurrentIndex(2)
    task = answer(desk, qtbot, TASK)
    page = panel.tasks
    assert (
        len(page.contour.race.runs) == 0 and page.contour.race.surface is task.race.surface and not page.verdict.text().strip()
    )
    found = panel.keys()
    keys = {key.sequence: key.slot for key in found}
    keys[str((task.answer + 1) % 4 + 1)]()  # a wrong one
    assert "No. It is" in page.verdict.text() and len(page.contour.race.runs) == 3 and page.playhead.playing
    keys[str(task.answer + 1)]()  # too late
    assert (page.score.right, page.score.streak, len(page.score.answers)) == (0, 0, 1) and page.score.path.exists()
    keys["Space"]()
    assert not page.playhead.playing
    keys["N"]()
    second = answer(desk, qtbot, TASK)
    assert second.number == 2
    page.answers[second.answer].click()
    assert "Right" in page.verdict.text() and "1 of 2" in page.counted.text() and page.reasons.label.text()
    page.reset.click()
    assert len(page.score.answers) == 0 and not page.reset.isEnabled()
    again = ContestPanel(desk)
    qtbot.addWidget(again)
    assert again.tasks.score.next_task == (0, 2)


def test_everything_changes_language(panel, desk, qtbot):
    answer(desk, qtbot, RACE)
    panel.tabs.setCurrentIndex(2)
    answer(desk, qtbot, TASK)
    use_language("hu")
    panel.retranslate()
    assert panel.tabs.tabText(2) == "Feladatok" and panel.race.table.headerItem().text(0) == "Módszer"
    assert "Melyik" in panel.tasks.question.text() and "egyértelmű" in panel.race.detail.text()
