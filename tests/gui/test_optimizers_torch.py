"""Classes of torch.optim in the Optimizers panel, with a host that answers when the test lets it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.gui.panels.optimizers import EXPORT, RACE, OptimizersPanel
from explorer.gui.panels.optimizers_torch import TORCH
from explorer.host.troubles import child_is_dead
from explorer.jobs import Failed, Result, Work, result_of
from explorer.records.errors import Trouble
from explorer.requests.race import RaceExportRequest, TorchRaceExportRequest


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
    ours(desk, qtbot)
    yield made
    made.set_active(False)


def enter(panel, text):
    page = panel.view.side.methods.make_page()
    page.entry.setText(text)
    QTest.keyClick(page.entry, Qt.Key.Key_Return)


def ours(desk, qtbot):
    desk.host.answer(RACE, Result(result_of(desk.host.requests(RACE)[-1])))
    qtbot.wait(1)


def theirs(desk, qtbot):
    race = result_of(desk.host.requests(TORCH)[-1], Work(None, None))
    desk.host.answer(TORCH, Result(race))
    qtbot.wait(1)
    return race


def test_a_class_that_is_entered_races_with_the_others_and_goes_when_unticked(panel, desk, qtbot):
    before = len(panel.race.runs)
    enter(panel, "SGD(lr=0.01)")
    assert desk.session.race.torch == ("SGD(lr=0.01)",)
    ours(desk, qtbot)
    other = theirs(desk, qtbot)
    assert [run.optimizer for run in panel.race.runs][before:] == ["torch.SGD(lr=0.01)"]
    np.testing.assert_array_equal(panel.race.runs[-1].points, other.runs[0].points)
    row = panel.view.legend.guests["torch.SGD(lr=0.01)"]
    assert row.value.text() and row.box.isChecked()
    row.box.click()
    assert desk.session.race.torch == ()
    ours(desk, qtbot)
    assert len(panel.race.runs) == before and not panel.view.legend.guests


def test_their_answer_may_come_first_and_an_old_one_is_not_joined(panel, desk, qtbot):
    enter(panel, "Adamax")
    theirs(desk, qtbot)
    assert panel.race.runs[-1].optimizer == "torch.Adamax"
    panel._change(start=(-0.5, 0.2))
    ours(desk, qtbot)
    assert all(not run.optimizer.startswith("torch.") for run in panel.race.runs), "theirs from the new start is not there yet"
    assert list(panel.view.legend.guests) == ["torch.Adamax"], "the row stays meanwhile"
    theirs(desk, qtbot)
    assert tuple(panel.race.runs[-1].points[0]) == (-0.5, 0.2)


def test_what_cannot_run_goes_again_and_the_others_stay(panel, desk, qtbot):
    enter(panel, "SGD(lr=0.01)")
    ours(desk, qtbot)
    theirs(desk, qtbot)
    enter(panel, "Nothing")
    desk.host.answer(
        TORCH, Failed(Trouble("torch.class", "torch.optim has no class {name}. Near: {near}.", {"name": "N", "near": ""}))
    )
    qtbot.wait(1)
    assert desk.session.race.torch == ("SGD(lr=0.01)",)
    ours(desk, qtbot)
    theirs(desk, qtbot)
    assert panel.race.runs[-1].optimizer == "torch.SGD(lr=0.01)"


def test_a_saved_race_has_them_and_says_who_is_missing_where_the_engine_is_gone(panel, desk, qtbot, tmp_path):
    enter(panel, "SGD(lr=0.01)")
    panel.export_to(str(tmp_path / "race.csv"))
    asked = desk.host.requests(EXPORT)[-1]
    assert isinstance(asked, TorchRaceExportRequest) and asked.torch == ("SGD(lr=0.01)",)
    desk.host.answer(EXPORT, Failed(child_is_dead("engine")))
    desk.host.answer(TORCH, Failed(child_is_dead("engine")))
    qtbot.wait(1)
    assert desk.session.race.torch == ("SGD(lr=0.01)",), "it may run when the engine is back"
    asked = desk.host.requests(EXPORT)[-1]
    assert type(asked) is RaceExportRequest and asked.torch == () and asked.place == "calc"
    desk.host.answer(EXPORT, Result(asked.path))
    qtbot.wait(1)
    assert any("without SGD(lr=0.01)" in one.text and one.level == "warn" for one in desk.sink.take())
