"""The Picture strip's menu of plugin sources."""

import dataclasses

import pytest
from PySide6.QtWidgets import QMainWindow

from explorer.gui.plugin_sources import PluginSources
from explorer.gui.widgets.picture_strip import PictureStrip
from explorer.host.messages import EngineState
from explorer.records.plugins import PluginRow


@pytest.fixture
def strip(qtbot, desk):
    window = QMainWindow()
    qtbot.addWidget(window)
    strip = PictureStrip(window)
    window.addToolBar(strip)
    strip.sources = PluginSources(desk, strip)
    window.resize(1440, 300)
    window.show()
    yield strip


def ready(desk, child, *rows):
    facts = {"plugins": [dataclasses.asdict(row) for row in rows]}
    desk.engine_changed.emit(EngineState("ready", child=child, facts=facts))


def row(name, *adds, state="loaded", torch=False):
    return PluginRow(name, "user", f"{name}.py", state, adds=adds, needs_torch=torch)


def test_without_plugin_sources_nothing_is_shown(strip, desk, qtbot):
    assert not strip.more.isVisible()
    ready(desk, "calc", row("hill", "surface hill"), row("off", "source off", state="broken"))
    ready(desk, "engine", row("heavy", "source heavy", torch=True))
    qtbot.wait(50)  # a tool bar lays its buttons out later
    assert not strip.more.isVisible()


def test_a_chosen_source_is_opened_and_a_source_that_is_gone_leaves_the_menu(strip, desk, qtbot):
    ready(desk, "engine", row("many", "source star_map", "source ants", "panel sky"))
    ready(desk, "calc", row("many", "source star_map", "source ants", "panel sky"))
    qtbot.waitUntil(strip.more.isVisible)
    assert [action.text() for action in strip.more.menu().actions()] == ["ants", "star map"]
    strip.more.menu().actions()[1].trigger()
    assert (desk.session.picture.kind, desk.session.picture.path) == ("plugin", "star_map")
    ready(desk, "engine")
    ready(desk, "calc")
    qtbot.waitUntil(lambda: not strip.more.isVisible())
    assert not strip.more.menu().actions()
