"""Cards and comparison: what they say, what their keys do, one zoom for all."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from explorer.gui.panels.dream import DreamPanel
from explorer.host.messages import Answer
from explorer.jobs import Preview, Result, Started
from explorer.records.picture import Picture
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest

BASE = DreamRequest(layer="features.7", channel=11)


@pytest.fixture
def panel(desk, qtbot):
    made = DreamPanel(desk)
    for channel in made.channels:
        desk.register(channel, made.take)
    qtbot.addWidget(made)
    qtbot.addWidget(made.form())
    made.resize(1000, 700)
    made.show()
    made.set_active(True)

    def dreamt(value, **fields):
        desk.change(dream=changed(BASE, **fields))
        made.begin()
        facts = {"before": 0.5, "after": float(value), "layer": "features.7", "channel": 11, "seed": fields.get("seed", 0)}
        grey = Picture(np.full((16, 24, 3), value // 2, np.uint8), {**facts, "done": 1})
        last = Picture(np.full((16, 24, 3), value, np.uint8), facts)
        events = (Started("x"), Preview(grey, 1, 2), Result(last))
        desk.host.say(*[Answer("dream", desk.host._generation, event) for event in events])
        qtbot.wait(1)
        return made.runs.items[-1]

    made.dreamt = dreamt
    return made


def test_cards_come_with_the_second_dream_and_fold(panel):
    panel.dreamt(100, seed=1)
    assert panel.body.cards.isHidden()
    panel.dreamt(200, seed=2)
    cards = panel.body.cards
    assert not cards.isHidden() and cards.cards.rowCount() == 2
    said = [cards.cards.index(row).data() for row in range(2)]
    assert said == ["features.7 · channel 11, 0.5 → 100, seed 1", "features.7 · channel 11, 0.5 → 200, seed 2"]
    panel.body.fold.click()
    assert cards.isHidden()
    panel.body.fold.click()
    assert not cards.isHidden() and not cards.grab().toImage().isNull()


def test_a_click_shows_enter_shows_delete_removes(panel, qtbot):
    one, two = panel.dreamt(100, seed=1), panel.dreamt(200, seed=2)
    cards = panel.body.cards
    assert panel.shown is two
    QTest.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=cards.visualRect(cards.cards.index(0)).center())
    assert panel.shown is one and panel.body.picture.image.pixelColor(3, 3).red() == 100
    cards.setCurrentIndex(cards.cards.index(1))
    QTest.keyClick(cards, Qt.Key.Key_Return)
    assert panel.shown is two
    QTest.keyClick(cards, Qt.Key.Key_Delete)
    assert panel.runs.items == [one] and panel.shown is one


def test_stepping_through_how_it_grew(panel, desk):
    run = panel.dreamt(100)
    keys = {key.sequence: key.slot for key in list(panel.keys())}
    keys["Left"]()
    assert panel.newest is run.evolution.shots[0] and panel.body.picture.image.pixelColor(3, 3).red() == 50
    assert panel.body.playhead.count.text() == "picture 1 of 2"
    desk.change(dream=changed(BASE, start="picture", seed=8))
    keys["Shift+C"]()
    channel, request, frame = desk.host.asked[-1]
    assert (channel, request.start, request.seed) == ("dream", "picture", 8) and frame.rgb[0, 0, 0] == 50
    assert len(panel.runs.now.evolution) == 1, "what led there belongs to it"


def test_going_on_takes_the_last_picture_and_the_same_goal(panel, desk):
    run = panel.dreamt(100, seed=4)
    desk.change(dream=changed(BASE, channel=99))
    panel.go_on()
    _, request, frame = desk.host.asked[-1]
    assert (request.channel, request.start, request.octaves) == (11, "picture", 1) and frame.rgb[0, 0, 0] == 100
    assert frame.seq == -1 and len(panel.runs.now.evolution) == len(run.evolution)


def test_a_recipe_goes_back_into_the_form(panel, desk):
    one = panel.dreamt(100, seed=1, steps=17)
    panel.dreamt(200, seed=2)
    menu = QMenu()
    panel.body.cards.fill_menu(menu, one)
    assert [action.text() for action in menu.actions()] == ["Show", "Compare", "Use this recipe", "Save picture...", "Remove"]
    next(action for action in menu.actions() if action.text() == "Use this recipe").trigger()
    assert desk.session.dream == one.request
    desk.undo()
    assert desk.session.dream.seed == 2


def test_comparing_shows_one_place_and_what_differs(panel):
    panel.dreamt(50, seed=1)
    compare = panel.body.compare
    panel.body.compare_button.click()
    assert panel.body.pages.currentWidget() is not compare  # two are needed
    panel.dreamt(100, seed=2, steps=64)
    panel.dreamt(200, seed=3, steps=64)
    cards = panel.body.cards
    cards.selectAll()
    panel.body.compare_button.click()
    assert panel.body.pages.currentWidget() is compare and len(compare.runs) == 3
    assert "Layer features.7" in compare.shared.text() and "Seed" not in compare.shared.text()
    assert "<b" in compare.cells[0].facts.text() and "Seed" in compare.cells[0].facts.text()
    compare.cells[1].view.zoom_by(3.0)
    assert {cell.view.zoom for cell in compare.cells[:3]} == {3.0}
    compare.cells[0].view.fit()
    assert compare.cells[2].view.zoom == 1.0
    assert panel.picture().width() == 3 * 24 + 2 * 4
    panel.body.compare_button.click()
    assert panel.body.pages.currentWidget() is panel.body.picture


def test_a_double_click_compares_with_the_one_before(panel):
    one, two = panel.dreamt(100, seed=1), panel.dreamt(200, seed=2)
    cards = panel.body.cards
    at = cards.visualRect(cards.cards.index(0)).center()
    QTest.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))
    assert panel.body.compare.runs == [two, one]


def test_a_film_is_asked_for_in_the_calc_child(panel, desk):
    run = panel.dreamt(100)
    panel.export_to("/somewhere/x.gif")
    request = desk.host.requests("dream.export")[-1]
    assert request.place == "calc" and request.sizes == ((24, 16), (24, 16)) and request.fps == 15.0
    assert request.pictures[1] == run.picture.rgb.tobytes()


def test_arrows_stay_with_a_slider_and_step_elsewhere(program, qtbot):
    window, panel = program.window, program.window.panels["dream"]
    window.go_to("dream")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for value in (1, 2, 3):
        panel.runs.take(Preview(Picture(np.full((4, 4, 3), value, np.uint8), {"done": value}), value, 9))
    slider = panel.form().fields["steps"].slider.slider
    slider.setFocus()
    before, steps = panel.body.playhead.step, slider.value()
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert slider.value() < steps and panel.body.playhead.step == before == 2
    panel.body.picture.setFocus()
    QTest.keyClick(panel.body.picture, Qt.Key.Key_Left)
    assert panel.body.playhead.step == 1
    panel.body.picture.zoom_by(2.0)
    QTest.keyClick(panel.body.picture, Qt.Key.Key_Left)
    assert panel.body.playhead.step == 1, "an enlarged picture is panned"
