"""Panels are promised by the table and made when they are first reached for; made late they say the same as made early."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLabel, QLineEdit, QTabBar, QWidget

from explorer import i18n
from explorer.gui.panels import PANELS, ROWS, PanelRow
from explorer.gui.panels.panel import Panel
from explorer.gui.roster import Roster, make_panel
from explorer.jobs import Result, Started
from explorer.records.frame import Frame
from explorer.requests.base import changed
from explorer.requests.surgery import Edit


# -- the roster --------------------------------------------------------------------------------------------------------------
def test_names_are_known_at_once_and_a_panel_is_made_once():
    housed = []
    roster = Roster(housed.append)
    roster.promise("a", lambda: SimpleNamespace(name="a"))
    roster.promise("b", lambda: SimpleNamespace(name="b"))
    assert list(roster) == ["a", "b"] and len(roster) == 2 and "a" in roster and "c" not in roster
    assert roster.made == {} and housed == []
    first = roster["b"]
    assert roster.get("b") is first and housed == [first] and list(roster.made) == ["b"]
    assert roster.get("c") is None
    assert [panel.name for panel in roster.values()] == ["a", "b"] and len(housed) == 2


@pytest.mark.parametrize("row", PANELS, ids=lambda row: row.name)
def test_the_class_of_a_row_takes_its_words_from_it(row):
    kind = getattr(importlib.import_module(row.module), row.kind)
    assert issubclass(kind, Panel)
    assert (kind.name, kind.title, kind.icon) == (row.name, row.title, row.icon)


def test_a_panel_that_cannot_be_made_says_why_in_its_place(desk, qtbot, caplog):
    caplog.set_level("CRITICAL", "explorer.gui.roster")
    panel = make_panel(PanelRow("regions", "NoSuchPanel", "Regions", "regions"), desk)
    qtbot.addWidget(panel)
    assert type(panel).name == "regions" and type(panel).title == ROWS["regions"].title
    (notice,) = desk.sink.take()
    said = panel.findChild(QLabel).text()
    assert said == notice.text and "NoSuchPanel" in said and "Traceback" in notice.detail


# -- in the window -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def still(program):
    """The window, with nothing made in idle moments any more."""
    program.idle.stop()
    return program


def unmade(program):
    return [name for name in program.window.panels if name not in program.window.panels.made]


def tab_of(window, title):
    for bar in window.centre.findChildren(QTabBar):
        for at in range(bar.count()):
            if bar.tabText(at) == title:
                return bar, at
    raise LookupError(title)


def test_every_tab_stands_before_its_panel(still):
    window = still.window
    assert list(window.centre.docks) == list(window.panels) == list(ROWS)
    assert len(unmade(still)) >= len(PANELS) - 1


def test_a_raised_tab_has_its_panel_before_it_is_painted(still, qtbot):
    window = still.window
    window.go_to("network")
    qtbot.waitUntil(lambda: window.panels["network"].active)
    assert "regions" in unmade(still)
    bar, at = tab_of(window, i18n.tr("Regions"))
    bar.setCurrentIndex(at)
    assert "regions" in window.panels.made
    assert window.centre.docks["regions"].widget() is window.panels["regions"]
    qtbot.waitUntil(lambda: window.panels["regions"].active and window.current == "regions")
    assert window.forms.currentWidget().objectName() == "form-regions"


def test_other_layouts_make_only_what_they_show(still, qtbot):
    window = still.window
    window.actions_by_name["layout_2"].trigger()
    qtbot.waitUntil(lambda: {"filters", "live"} <= set(window.panels.made))
    qtbot.wait(20)
    assert {"dream", "surgery", "optimizers", "units"} <= set(unmade(still))
    window.actions_by_name["layout_1"].trigger()
    qtbot.wait(20)
    assert {"dream", "surgery", "optimizers", "units"} <= set(unmade(still))


def test_the_answer_of_a_job_finds_the_panel_that_another_one_sent_it_to(still, qtbot):
    desk = still.desk
    assert "dream" in unmade(still)
    still.window.panels["filters"].deeds.dream("features.0", 5)
    dream = still.window.panels.made["dream"]
    assert still.window.current == "dream" and desk.host.requests("dream")[-1].channel == 5
    desk.host.answer("dream", Started("dream"))
    qtbot.waitUntil(lambda: dream.running)


def test_help_and_palette_know_panels_that_were_not_made(still):
    assert unmade(still)
    still.window.actions_by_name["help"].trigger()
    shown = still.tools._help.text.toPlainText()
    assert all(i18n.tr(row.title) in shown for row in PANELS if still.window.panels[row.name].keys())
    assert not unmade(still)
    still.tools._help.close()


def test_a_layout_that_has_not_come_back_is_not_written_over(still, monkeypatch):
    saved = []
    monkeypatch.setattr(still.arrangement, "save", lambda: saved.append(1))
    still._save_layout()
    del still.times["arranged"]
    still._save_layout()
    assert saved == [1]


def test_nobody_at_it_and_all_are_made(all_panels, qtbot):
    program = all_panels
    assert not unmade(program)
    assert program.window.current == "welcome"
    assert not any(panel.active for panel in program.window.panels.values())


# -- late ---------------------------------------------------------------------------------------------------------------------
def state_of(widget):
    """What a person could read and set in it, in the order of its making."""
    found = []
    for child in widget.findChildren(QWidget):
        mark = [type(child).__name__, child.isEnabledTo(widget), child.isVisibleTo(widget)]
        if isinstance(child, QLabel):
            found.append((*mark, child.text()))
        elif isinstance(child, QAbstractButton):
            found.append((*mark, child.text(), child.isChecked()))
        elif isinstance(child, QComboBox):
            found.append((*mark, child.currentText(), tuple(child.itemText(at) for at in range(child.count()))))
        elif isinstance(child, QAbstractSlider):
            found.append((*mark, child.minimum(), child.maximum()))
        elif isinstance(child, QLineEdit):
            found.append((*mark, child.text()))
    return found


@pytest.mark.parametrize("row", PANELS, ids=lambda row: row.name)
def test_a_panel_made_late_stands_as_one_made_early(desk, network, qtbot, row):
    kind = getattr(importlib.import_module(row.module), row.kind)
    early = kind(desk)
    early.form()
    desk.host.answer("desk.network", Result(network))
    desk.host.frame(Frame(np.full((40, 60, 3), 120, np.uint8), source="grey"))
    desk._drain()
    desk.freeze(True)
    desk.select(layer="features.0", channel=3)
    desk.change(
        surgery=(Edit(kind="mute", layer="features.0", channels=(3,)),),
        dream=changed(desk.session.dream, steps=7, layer="features.0"),
        live="segment",
        attribute=changed(desk.session.attribute, layer="features.0"),
    )
    late = kind(desk)
    for panel in (early, late):
        qtbot.addWidget(panel)
        qtbot.addWidget(panel.form())
        panel.set_active(True)
    assert state_of(late.form()) == state_of(early.form())
    assert state_of(late) == state_of(early)
