"""The page of plugins, and the panels that plugins bring, over a host that is told what to say."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QScrollArea

from explorer import i18n
from explorer.assets import config_dir
from explorer.gui.panels.plugin_view import ResultView
from explorer.gui.widgets.fields import SliderField, TextField
from explorer.jobs import CancelledJob, Failed, Preview, Result, Started
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.picture import Picture
from explorer.records.plugins import PluginRow, PluginSurvey
from explorer.records.vision import ClassScore, Detections, Mask, TopK
from explorer.requests.base import ParameterInfo
from explorer.requests.plugins import LatePluginsRequest, PanelRequest, PluginsRequest

EXAMPLE = PluginRow("levy", "example", "/p/levy.py", "loaded", "1.0", ("surface levy",))
GOOD = PluginRow("striped", "user", "/p/striped.py", "loaded", "0.3", ("panel stripes",))
BROKEN = PluginRow("torn", "user", "/p/torn.py", "broken", error="ImportError: no glue", traceback="Traceback\n  line 3")


def parameter(name, kind, **fields):
    empty = dict.fromkeys((field.name for field in dataclasses.fields(ParameterInfo)), "")
    limits = {"low": None, "high": None, "step": None, "options": []}
    flags = dict.fromkeys(("log", "more", "hidden", "optional"), False)
    return {**empty, **limits, **flags, "name": name, "kind": kind, "label": name.title(), "help": "Help.", **fields}


STRIPES = {
    "name": "stripes",
    "plugin": "striped",
    "title": "Stripes & more",
    "result": "Picture",
    "needs_frame": False,
    "parameters": [parameter("count", "int", default=4, low=1, high=32), parameter("angle", "float", default=0.5)],
}


def rows(*found):
    return [dataclasses.asdict(row) for row in found]


def say(program, qtbot, *found, panels=(), child="engine"):
    with qtbot.waitSignal(program.plugins.changed):
        program.desk.host.engine("ready", child=child, facts={"plugins": rows(*found), "panels": list(panels)})


def open_page(program):
    program.window.actions_by_name["show_plugins"].trigger()
    return program.plugins.page


@pytest.fixture
def panel(program, qtbot):
    """The panel of a plugin in the window."""
    say(program, qtbot, GOOD, panels=[STRIPES])
    program.window.go_to("plugin-stripes")
    return program.window.panels["plugin-stripes"]


def answer(program, qtbot, *events):
    for event in events:
        program.desk.host.answer("plugin-stripes", event)
    qtbot.waitUntil(lambda: not program.desk.host._events)


# -- the page --------------------------------------------------------------------------------------------------------------
def test_each_plugin_has_a_line_and_the_broken_ones_say_why(program, qtbot):
    say(program, qtbot, EXAMPLE, BROKEN)
    page = open_page(program)
    assert list(page.lines) == ["levy", "torn"]
    good, bad = page.lines.values()
    assert (good.name.text(), good.state.text()) == ("levy 1.0", "loaded")
    assert good.adds.text() == "comes with Explorer · surface levy"
    assert good.again.isHidden() and good.more.isHidden() and good.error.isHidden()
    assert bad.name.property("kind") == "muted" and bad.state.text() == "does not load"
    assert bad.error.text() == "ImportError: no glue"
    assert bad.details.isHidden()
    bad.more.click()
    assert not bad.details.isHidden() and bad.details.toPlainText() == BROKEN.traceback
    assert page.folder.text() == str(config_dir() / "plugins")
    assert page.empty.isHidden()  # there is one of the person's own
    assert program.desk.host.requests("plugins.page") == [PluginsRequest()]


def test_try_again_forgets_the_past_and_brings_a_mended_plugin_into_the_engine(program, qtbot):
    say(program, qtbot, EXAMPLE, BROKEN)
    page = open_page(program)
    page.lines["torn"].again.click()
    host = program.desk.host
    assert host.requests("plugins.page")[-1] == PluginsRequest(enable="torn")
    mended = dataclasses.replace(BROKEN, state="loaded", error="", traceback="", adds=("panel stripes",))
    with qtbot.waitSignal(program.plugins.changed):
        host.answer("plugins.page", Result(PluginSurvey((EXAMPLE, mended))))
    assert host.requests("plugins.late") == [LatePluginsRequest(names=("user/torn",))]
    with qtbot.waitSignal(program.plugins.changed):
        host.answer("plugins.late", Result(PluginSurvey((mended,), panels=(STRIPES,))))
    assert page.lines["torn"].state.text() == "loaded" and page.lines["torn"].again.isHidden()
    assert "plugin-stripes" in program.window.panels


def test_what_one_child_cannot_load_is_not_called_good(program, qtbot):
    crashed = dataclasses.replace(GOOD, state="crashed", error="It ended the process at loading (SIGSEGV).")
    say(program, qtbot, GOOD)
    say(program, qtbot, crashed, child="calc")
    assert [row.state for row in program.plugins.rows] == ["crashed"]


def test_an_empty_page_says_what_to_do(program, qtbot):
    page = open_page(program)
    assert any(label.text() == "Looking for plugins..." for label in page.area.widget().findChildren(QLabel))
    say(program, qtbot)
    assert any(label.text() == "There are no plugins." for label in page.area.widget().findChildren(QLabel))
    assert not page.empty.isHidden() and "register(tables)" in page.empty.text()


# -- panels of plugins -----------------------------------------------------------------------------------------------------
def test_a_panel_of_a_plugin_is_a_tab_with_its_form(program, qtbot, panel):
    window = program.window
    assert window.centre.docks["plugin-stripes"].windowTitle() == "Stripes && more"
    assert window.current == "plugin-stripes"
    assert window.forms.currentWidget() is window.forms.findChild(QScrollArea, "form-plugin-stripes")
    assert isinstance(panel.fields["count"], SliderField) and isinstance(panel.fields["angle"], TextField)
    assert panel.values() == {"count": 4, "angle": "0.5"}
    qtbot.waitUntil(lambda: panel.active)


def test_run_sends_the_values_and_the_picture_comes_back(program, qtbot, panel):
    panel.fields["count"].set_value(7)
    panel.start.click()
    host = program.desk.host
    assert host.requests("plugin-stripes") == [PanelRequest(panel="stripes", values={"count": 7, "angle": "0.5"})]
    rgb = np.zeros((20, 30, 3), np.uint8)
    answer(program, qtbot, Started("PanelRequest"), Preview(Picture(rgb)))
    assert panel.running and panel.start.text() == "Stop"
    panel.start.click()
    assert host.stopped == ["plugin-stripes"]
    answer(program, qtbot, Result(Picture(rgb, {"stripes": 7})))
    assert not panel.running and panel.demo_ready()
    assert panel.view.picture.image.width() == 30 and panel.how.text() == "stripes: 7"
    panel.back_to_start()
    assert panel.values()["count"] == 4


def test_ends_that_are_no_result_are_said_and_keep_the_picture(program, qtbot, panel):
    answer(program, qtbot, Started("PanelRequest"), Preview(Picture(np.zeros((20, 30, 3), np.uint8))), CancelledJob())
    assert panel.how.text() == "Stopped." and panel.view.picture.image.width() == 30
    trouble = Trouble("panel.value", "The value of {name} cannot be used: {reason}", {"name": "count", "reason": "too big"})
    answer(program, qtbot, Started("PanelRequest"), Failed(trouble))
    assert "count cannot be used: too big" in panel.how.text() and not panel.running


def test_a_job_that_looks_at_the_picture_gets_it(program, qtbot):
    say(program, qtbot, GOOD, panels=[{**STRIPES, "needs_frame": True}])
    panel, host = program.window.panels["plugin-stripes"], program.desk.host
    panel.toggle()
    assert host.requests("plugin-stripes") == []  # nothing to look at yet: a notice
    frame = Frame(np.full((10, 12, 3), 9, np.uint8))
    with qtbot.waitSignal(program.desk.frame_arrived):
        host.frame(frame)
    panel.toggle()
    assert [asked[2] for asked in host.asked if asked[0] == "plugin-stripes"] == [frame]


def test_after_a_restart_there_is_still_one_panel_with_the_new_form(program, qtbot, panel):
    say(program, qtbot, GOOD, panels=[STRIPES])
    before = panel.fields["count"]
    assert program.window.panels["plugin-stripes"] is panel
    newer = {**STRIPES, "parameters": [*STRIPES["parameters"], parameter("dark", "bool", default=True)]}
    say(program, qtbot, GOOD, panels=[newer])
    assert panel.fields["count"] is not before and panel.values()["dark"] is True
    assert list(program.window.panels).count("plugin-stripes") == 1


def test_a_panel_that_cannot_be_built_is_a_notice_and_the_next_one_comes(program, qtbot):
    odd = {"name": "odd", "title": "Odd"}
    say(program, qtbot, GOOD, panels=[odd, STRIPES])
    assert "plugin-odd" not in program.window.panels and "plugin-stripes" in program.window.panels
    qtbot.waitUntil(lambda: any("odd" in notice.text for notice in program.window.notices.notices))


def test_a_saved_layout_does_not_depend_on_plugins(program, qtbot):
    before = program.arrangement.tag
    say(program, qtbot, GOOD, panels=[STRIPES])
    assert program.arrangement.tag == before


def test_the_page_and_the_panel_speak_hungarian(program, qtbot, panel):
    say(program, qtbot, EXAMPLE, BROKEN, panels=[STRIPES])
    page = open_page(program)
    program.looks.language_hu()
    try:
        assert i18n.language() == "hu"
        assert page.windowTitle() == "Bővítmények" and panel.start.text() == i18n.tr("Run") != "Run"
        assert page.lines["torn"].state.text() != "does not load"
    finally:
        program.looks.language_en()


# -- the viewer ------------------------------------------------------------------------------------------------------------
def test_every_kind_of_result_can_be_seen(qtbot, coffee):
    view = ResultView()
    qtbot.addWidget(view)
    height, width = coffee.rgb.shape[:2]
    view.look_at(coffee)
    assert view.show_record(Mask(np.ones((height, width), np.float32)))
    assert view.picture.image.width() == width
    boxes = np.array([[1, 2, 30, 40]], np.float32)
    found = Detections(boxes, np.array([0.9], np.float32), np.array([0]), ("cup",), (height, width))
    assert view.show_record(found) and view.facts_text() == "objects: 1"
    view.resize(300, 200)
    assert not view.grab().isNull()
    assert view.show_record(TopK((ClassScore(0, "cup", 0.75),)))
    assert view.text.text() == "75 %  cup" and view.pages.currentWidget() is view.text
    assert not view.show_record("text")
    assert isinstance(view.record, TopK)
