"""Pointing, pinning, the menu of an object, the class filter, counts and figures of the Live panel."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from explorer.gui.panels.live_counts import Counts
from explorer.gui.panels.live_flow import FlowText
from explorer.gui.panels.live_menu import object_menu, part_of
from explorer.gui.panels.live_picks import Picks, same_object
from explorer.gui.panels.live_stats import Latencies, total_text
from explorer.records.network import Timing
from explorer.records.source import SourceInfo
from explorer.records.vision import Detections
from explorer.requests.base import changed

_spec = importlib.util.spec_from_file_location("test_live_panel_parts", Path(__file__).with_name("test_live_panel.py"))
_parts = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_parts)
panel, answer, picture, CUP, CAT = _parts.panel, _parts.answer, _parts.picture, _parts.CUP, _parts.CAT
LABELS = _parts.LABELS


def objects(seq, *rows, track=None):
    found = _parts.objects(seq, *rows)
    return found if track is None else Detections(**{**found.__dict__, "track": np.array(track, np.int64)})


def moved(row, by):
    return (*row[:2], row[2] + by, row[3], row[4] + by, row[5])


# -- following ---------------------------------------------------------------------------------------------------------
def test_a_pinned_object_is_found_again_by_its_number():
    picks = Picks()
    picks.pin(objects(1, CUP, CAT, track=[4, 7]), 1, 0.0)
    picks.follow(objects(2, CAT, moved(CUP, 90), track=[4, 7]), 0.04)
    assert picks.pinned == 1, "the number counts, not class or place"
    picks.follow(objects(3, CUP, track=[4]), 0.08)
    assert picks.pinned is None and picks.has_pin
    picks.follow(objects(4, CUP, CAT, track=[4, 7]), 60.0)
    assert picks.pinned == 1, "it came back"


def test_a_pinned_object_without_number_is_found_again_by_its_place():
    picks = Picks()
    picks.pin(objects(1, CUP, CAT), 0, 0.0)
    picks.follow(objects(2, CAT, moved(CUP, 20)), 0.04)
    assert picks.pinned == 1
    picks.follow(objects(3, moved(CAT, 20)), 0.08)
    assert picks.pinned is None and picks.has_pin, "another class stands there"
    picks.follow(objects(4, moved(CUP, -90)), 1.0)
    assert picks.pinned is None, "too far away to be the same"
    picks.follow(objects(5), 5.0)
    assert not picks.has_pin, "not looked for any longer"
    assert same_object(objects(6), picks._point or picks._pin or _target()) is None


def _target():
    picks = Picks()
    picks.pin(objects(1, CUP), 0)
    return picks._pin


def test_pin_twice_lets_go():
    picks, found = Picks(), objects(1, CUP, CAT)
    assert picks.point(found, 1) and not picks.point(found, 1) and picks.chosen == 1
    assert picks.point(found, 9) and picks.pointed is None
    picks.pin(found, 0)
    assert picks.chosen == 0
    picks.pin(found, 0)
    assert not picks.has_pin and picks.chosen is None


# -- mouse and keys ----------------------------------------------------------------------------------------------------
def test_click_pins_through_pictures_and_escape_lets_go(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP, CAT, track=[3, 5]), picture(1))
    panel.view.clicked.emit(190.0, 140.0)
    assert panel.pointing.picks.pinned == 0 and panel.objects.topLevelItem(0).font(0).bold()
    assert panel.page.details.text().startswith("cup 53 %, 100 x 100 pixels, number 3, seen for 0.0 s")
    answer(desk, qtbot, objects(2, CAT, moved(CUP, 30), track=[5, 3]), picture(2))
    assert panel.pointing.picks.pinned == 1 and panel.objects.topLevelItem(1).font(0).bold()
    assert not panel.objects.topLevelItem(0).font(0).bold()
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
    assert not panel.pointing.picks.has_pin and panel.page.details.text() == ""


def test_keys_in_the_list(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP, CAT), picture(1))
    panel.objects.setFocus()
    qtbot.keyClick(panel.objects, Qt.Key.Key_Down)
    qtbot.keyClick(panel.objects, Qt.Key.Key_Down)
    assert panel.pointing.picks.pointed == 1 and "cat 41 %" in panel.page.details.text()
    qtbot.keyClick(panel.objects, Qt.Key.Key_Return)
    assert panel.pointing.picks.pinned == 1
    qtbot.keyClick(panel.objects, Qt.Key.Key_Escape)
    assert panel.pointing.picks.pinned is None
    panel.pointing.step(1)
    assert panel.pointing.picks.pointed == 0
    panel.pointing.step(-1)
    assert panel.pointing.picks.pointed == 1
    panel.pointing.pin_chosen()
    panel.pointing.point(None)
    panel.pointing.pin_chosen()
    assert not panel.pointing.picks.has_pin


def test_what_lies_under_the_mouse_is_told_as_it_moves_on(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP), picture(1))
    panel.view.hovered.emit((150, 100, (0, 0, 0)))
    assert panel.pointing.picks.pointed == 0
    answer(desk, qtbot, objects(2, moved(CUP, 140)), picture(2))
    assert panel.pointing.picks.pointed is None, "the mouse stands still, the cup went away"


# -- the menu ----------------------------------------------------------------------------------------------------------
def test_menu_of_an_object(panel, desk, qtbot, monkeypatch):
    shown = []
    monkeypatch.setattr("explorer.gui.panels.live_menu.pop_up", lambda menu, place: shown.append(menu))
    answer(desk, qtbot, objects(1, CUP, CAT), picture(1, 90))
    panel.view.menu_asked.emit(QPoint(10, 10), QPointF(140, 80))
    (menu,) = shown
    texts = {action.text(): action for action in menu.actions() if action.text()}
    assert next(iter(texts)) == "cat  41 %"
    texts["Copy the values"].trigger()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "cat\t0.4100\t120.0\t60.0\t160.0\t100.0"
    texts["Only this class"].trigger()
    assert desk.session.detect.only == ("cat",)
    texts["Why? Explain this object"].trigger()
    assert desk.session.panel == "why" and desk.session.network.model == "yolov3_tiny"
    assert desk.session.attribute.box == (120, 60, 160, 100) and desk.session.attribute.class_index == 2
    texts["Pin (Enter)"].trigger()
    assert panel.pointing.picks.pinned == 1
    menu.deleteLater()


def test_menu_with_a_filter(panel, desk, qtbot):
    desk.change(detect=changed(desk.session.detect, only=("cup", "cat"), overlap=0.3))
    desk.host.source(state="playing", info=SourceInfo("street", 300, 200, 30.0, 0, False))
    answer(desk, qtbot, objects(1, CUP, CAT), picture(1))
    menu = object_menu(desk, panel, panel.found, 1, panel.view.image, False, lambda: None)
    texts = {action.text(): action for action in menu.actions() if action.text()}
    texts["Hide this class"].trigger()
    assert desk.session.detect.only == ("cup",)
    texts["Show all classes"].trigger()
    assert desk.session.detect.only == ()
    texts["X-ray: how this box came about"].trigger()
    assert desk.session.panel == "xray" and desk.frozen
    assert desk.session.xray.object is None and desk.session.xray.overlap == 0.3
    assert desk.session.xray.box == tuple(float(edge) for edge in panel.found.xyxy[1])
    menu.deleteLater()


def test_part_of_a_picture(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, (1, 0.5, 10.4, 20.6, 50.2, 60.0), (1, 0.4, -9, 190, 20, 260)), picture(1))
    part = part_of(panel.view.image, panel.found, 0)
    assert (part.width(), part.height()) == (41, 40)
    part = part_of(panel.view.image, panel.found, 1)
    assert (part.width(), part.height()) == (20, 10), "only what is in the picture"


# -- classes and counts ------------------------------------------------------------------------------------------------
def test_class_filter(panel, desk, qtbot):
    classes = panel.classes
    assert "appear with the first picture" in classes.hint.text()
    answer(desk, qtbot, objects(1, CUP, CUP, CAT), picture(1))
    assert classes.list.topLevelItemCount() == 3 and classes.hint.isHidden()
    assert [classes.list.topLevelItem(1).text(column) for column in (0, 1, 2)] == ["cup", "2", "2"]
    answer(desk, qtbot, objects(2, CAT), picture(2))
    assert [classes.list.topLevelItem(1).text(column) for column in (1, 2)] == ["", "2"]
    classes.list.topLevelItem(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert desk.session.detect.only == ("cup", "cat") and desk.host.followed["live"].only == ("cup", "cat")
    assert "2 of 3" in classes.hint.text()
    classes.list.topLevelItem(0).setCheckState(0, Qt.CheckState.Checked)
    assert desk.session.detect.only == (), "all is no filter"
    qtbot.mouseClick(classes.none, Qt.MouseButton.LeftButton)
    assert desk.session.detect.only == () and "at least one" in classes.hint.text()
    classes.list.topLevelItem(2).setCheckState(0, Qt.CheckState.Checked)
    assert desk.session.detect.only == ("cat",)
    desk.undo()
    assert desk.session.detect.only == () and classes.list.topLevelItem(0).checkState(0) == Qt.CheckState.Checked
    classes.list.itemActivated.emit(classes.list.topLevelItem(1), 0)
    assert desk.session.detect.only == ("cup",)
    panel.back_to_start()
    assert desk.session.detect.only == ()


def test_search_and_seen(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP), picture(1))
    classes, hidden = panel.classes, lambda: [panel.classes.list.topLevelItem(n).isHidden() for n in range(3)]
    classes.search.setText("C")
    assert hidden() == [True, False, False]
    classes.seen.setChecked(True)
    assert hidden() == [True, False, True]
    classes.search.clear()
    assert hidden() == [True, False, True]
    qtbot.mouseClick(classes.again, Qt.MouseButton.LeftButton)
    assert hidden() == [True, True, True], "counted anew"


def test_counts():
    counts = Counts()
    counts.add(objects(1, CUP, CUP))
    counts.add(objects(2, CUP, CAT))
    assert (counts.now, counts.so_far) == ({"cup": 1, "cat": 1}, {"cup": 2, "cat": 1}), "the most at once"
    counts.add(objects(3, CUP, CUP, track=[1, 2]))
    counts.add(objects(4, CUP, CUP, track=[2, 3]))
    counts.add(objects(5, CUP, track=[0]))
    assert counts.by_track and counts.so_far == {"cup": 3} and counts.now == {"cup": 1}


# -- figures -----------------------------------------------------------------------------------------------------------
def test_latencies_by_hand():
    figures = Latencies()
    assert figures.totals() is None and total_text(None, True) == ""
    for at in range(100):
        figures.add(at / 20, Timing((("prepare", 1.0), ("forward", 4.0), ("decode", 0.5))), 2.0, 0.0105 + at / 1e5)
    stages = dict(figures.stages())
    assert list(stages) == ["capture", "prepare", "forward", "decode", "draw"]
    assert stages["capture"] == pytest.approx(5.0 + 0.495, abs=0.02) and stages["forward"] == 4.0
    middle, high = figures.totals()
    assert middle == pytest.approx(12.995, abs=0.02) and high == pytest.approx(13.44, abs=0.02)
    assert total_text((middle, high), True) == "13 ms, p95 13 ms" and total_text((4.0, 9.0), False) == "4.0 ms"
    figures.add(99.0, Timing((("forward", 7.0),)), 0.0, None)
    assert figures.stages() == [("forward", 7.0)], "only the last seconds count"


def test_the_bar_tells_each_stage(panel, desk, qtbot):
    desk.host.source(state="playing", info=SourceInfo("street", 300, 200, 30.0, 0, False))
    answer(desk, qtbot, objects(1, CUP), picture(1), fps=30.0, shown_fps=24.0, age=0.041)
    bar = panel.page.latency
    parts = bar.parts()
    assert [name for name, _, _ in parts][:4] == ["capture", "prepare", "forward", "decode"]
    assert all(box.width() >= 3 for _, _, box in parts) and parts[-1][2].right() <= bar.width() + 1
    widest = max(parts, key=lambda part: part[2].width())
    assert widest[0] == "capture"
    tip = bar.tip_at(widest[2].center().x())
    assert tip.startswith("capture 36 ms\nFrom the camera or file") and "network 4.0 ms" in tip
    assert not bar.grab().isNull()


def test_a_frozen_picture_has_no_rates(panel, desk, qtbot):
    desk.host.source(state="playing", info=SourceInfo("street", 300, 200, 30.0, 0, False))
    answer(desk, qtbot, objects(1, CUP), picture(1), fps=30.0, shown_fps=24.0, age=0.041)
    assert "30 in" in panel.page.flow.text()
    desk.freeze(True)
    assert panel.page.flow.text() == "" and panel.page.freeze.isChecked() and panel.page.latency._stale
    desk.freeze(False)
    assert "30 in" in panel.page.flow.text() and not panel.page.latency._stale


def test_a_panel_made_late_shows_how_things_stand(desk, qtbot):
    from explorer.gui.panels.live import LivePanel

    desk.change(live="segment", detect=changed(desk.session.detect, only=("cup",)))
    desk.freeze(True)
    late = LivePanel(desk)
    qtbot.addWidget(late)
    assert late.page.freeze.isChecked() and late.page.tasks.checkedId() == 1 and late.classes._only == ("cup",)


def test_nothing_found_says_why(panel, desk, qtbot):
    answer(desk, qtbot, objects(1), picture(1))
    assert "score of 35 % or more" in panel.page.doing.text() and panel.objects.lines == []
    desk.change(detect=changed(desk.session.detect, only=("cup",)))
    answer(desk, qtbot, objects(2), picture(2))
    assert panel.page.doing.text().startswith("None of the chosen classes")


def test_the_list_of_a_moving_picture_follows_at_a_reader_s_pace(panel, desk, qtbot, monkeypatch):
    from explorer.gui.panels import live

    monkeypatch.setattr(live, "EMPTY_S", 0.05)
    desk.host.source(state="playing", info=SourceInfo("street", 300, 200, 30.0, 0, False))
    answer(desk, qtbot, objects(1, CUP), picture(1))
    qtbot.waitUntil(lambda: not panel._listing.isActive())
    answer(desk, qtbot, objects(2, CUP), picture(2))
    panel._listing.start(10_000)  # whatever the machine is busy with: it is too early for another list
    answer(desk, qtbot, objects(3, CAT, CUP), picture(3))
    assert panel.objects.lines == [("cup", "53 %")] and panel.found.frame_seq == 3 and panel.page.heading.text() == "Objects: 2"
    panel.pointing.point(0)
    answer(desk, qtbot, objects(4, CAT, CUP), picture(4))
    assert [name for name, _ in panel.objects.lines] == ["cat", "cup"], "who points at a line sees the lines of now"
    panel.pointing.point(None)
    answer(desk, qtbot, objects(5), picture(5))
    assert panel.page.doing.text() == "", "nothing for one picture is not worth a word"
    qtbot.wait(60)
    answer(desk, qtbot, objects(6), picture(6))
    assert "score of 35 % or more" in panel.page.doing.text()
    panel._listing.start(1)
    qtbot.waitUntil(lambda: panel.objects.lines == [])


def test_the_line_of_figures_asks_for_room_only_when_it_needs_another_line(qtbot):
    flow, asked = FlowText(), []
    qtbot.addWidget(flow)
    flow.resize(200, 40)
    flow.show()
    flow.updateGeometry = lambda: asked.append(flow.text())
    for text in ("30 in", "29 in, 24 shown", "", "31 in"):
        flow.setText(text)
    one = flow.heightForWidth(200)
    assert asked == [] and flow.accessibleName() == "31 in"
    flow.setText("30 in, 24 shown a second · 12 dropped, and much more")
    assert len(asked) == 1 and flow.heightForWidth(200) > one
    flow.resize(200, flow.heightForWidth(200))
    flow.setText("31 in")
    assert flow.heightForWidth(200) > one, "the lines below do not jump up and down"
    flow.resize(300, 40)
    assert flow.heightForWidth(300) == one and len(asked) == 1


def test_drawing_menu_changes_what_is_drawn(panel, desk, qtbot):
    answer(desk, qtbot, objects(1, CUP), picture(1))
    before = panel.picture()
    menu = panel.page.drawing.menu()
    menu.aboutToShow.emit()
    form = next(action for action in menu.actions() if action.isVisible()).defaultWidget().widget()
    form.fields["names"].set_value(False)
    form.fields["names"].changed.emit()
    assert not desk.session.live_look.names and panel.picture() != before
    desk.undo()
    assert panel.picture() == before
