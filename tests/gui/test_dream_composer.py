"""The composer: goals from the selection, by class name, with weights; the channels that respond most."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.gui.panels.dream_composer import Composer
from explorer.gui.panels.dream_form import DreamForm
from explorer.gui.panels.dream_ranking import Ranking
from explorer.gui.panels.dream_words import goal_name
from explorer.jobs import Result
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.records.response import Responses
from explorer.requests.base import changed
from explorer.requests.dream import ChannelsRequest, DreamRequest
from explorer.requests.goals import MOST_GOALS, Goal


@pytest.fixture
def composer(desk, qtbot, network):
    desk.network = NetworkInfo(**{**vars(network), "classes": ("tench", "goldfish", "tabby")})
    desk.change(dream=changed(desk.session.dream, layer="features.0", channel=7))
    made = Composer(desk)
    qtbot.addWidget(made)
    made.show()
    return made


def goals(desk):
    return desk.session.dream.goals


def test_an_empty_list_is_the_one_goal_of_the_form(composer, desk):
    assert composer.cards == [] and "One goal" in composer.hint.text()
    desk.select(layer="features.1", channel=3)
    composer.add.click()
    assert goals(desk) == (Goal(layer="features.0", channel=7), Goal(layer="features.1", channel=3))
    assert len(composer.cards) == 2 and not composer.mix.isHidden()
    composer.add.click()
    assert len(goals(desk)) == 3 and composer.mix.isHidden()
    desk.undo()
    assert len(composer.cards) == 2


def test_weights_and_removal(composer, desk):
    desk.change(dream=changed(desk.session.dream, goals=(Goal(layer="a", channel=1), Goal(layer="b", channel=2))))
    composer.cards[1].weight.spin.setValue(-1.5)
    assert goals(desk)[1] == Goal(layer="b", channel=2, weight=-1.5)
    composer.mix.setCurrentIndex(1)
    composer.mix.activated.emit(1)
    assert desk.session.dream.mix == "interpolate"
    composer.cards[0].remove.click()
    assert goals(desk) == (Goal(layer="b", channel=2, weight=-1.5),) and desk.session.dream.mix == "sum"
    composer.cards[0].remove.click()
    assert goals(desk) == ()


def test_a_class_is_chosen_by_its_name(composer, desk):
    composer.add_class.click()
    card = composer.cards[0]
    assert goals(desk) == (Goal(objective="class", channel=0),)
    assert not card.label.isHidden() and card.layer.isHidden() and card.place.isHidden()
    completer = card.label.completer()
    completer.setCompletionPrefix("abb")
    assert [completer.completionModel().index(row, 0).data() for row in range(completer.completionCount())] == ["tabby"]
    at = card.label.findText("tabby")
    card.label.setCurrentIndex(at)
    card.label.activated.emit(at)
    assert goals(desk)[0].channel == 2 and goal_name(goals(desk)[0], classes=desk.network.classes) == "class tabby"


def test_every_kind_of_goal_can_be_edited(composer, desk):
    composer.add.click()
    card = composer.cards[0]
    at = card.objective.findData("neuron")
    card.objective.setCurrentIndex(at)
    card.objective.activated.emit(at)
    card.row.setValue(4)
    card.column.setValue(5)
    assert goals(desk)[0] == Goal(objective="neuron", layer="features.0", channel=7, y=4, x=5)
    desk.change(dream=changed(desk.session.dream, goals=(Goal(objective="direction", layer="features.1"),)))
    assert not card.direction.isHidden() and card.place.isHidden()
    card.direction.setText("0 1, -0.5")
    card.direction.editingFinished.emit()
    assert goals(desk)[0].direction == (0.0, 1.0, -0.5)
    card.direction.setText("nonsense")
    card.direction.editingFinished.emit()
    assert goals(desk)[0].direction == (0.0, 1.0, -0.5)


def test_a_strong_weight_of_a_recipe_stays_what_it_is(composer, desk):
    wanted = (Goal(layer="a", channel=1, weight=50.0), Goal(layer="b", channel=1))
    desk.change(dream=changed(desk.session.dream, goals=wanted))
    composer.cards[1].weight.spin.setValue(2.0)
    assert goals(desk)[0].weight == 50.0


def test_there_is_an_end_of_goals(composer, desk):
    desk.change(dream=changed(desk.session.dream, goals=tuple(Goal(channel=n) for n in range(MOST_GOALS))))
    assert not composer.add.isEnabled() and len(composer.cards) == MOST_GOALS
    composer.add_goal(Goal(channel=99))
    assert len(goals(desk)) == MOST_GOALS


def test_the_channels_that_respond_most(desk, qtbot):
    ranking = Ranking(desk)
    qtbot.addWidget(ranking)
    ranking.ask(None)
    assert "no picture" in desk.sink.take()[-1].text
    frame = Frame(np.zeros((4, 4, 3), np.uint8))
    ranking.ask(frame)
    asked = desk.host.asked[-1]
    assert isinstance(asked[1], ChannelsRequest) and asked[2] is frame and not ranking.isVisible()
    found = Responses("features.4", np.array([9, 2, 5]), np.float32([4.0, 1.0, -0.5]), np.float32([5.0, 2.0, 0.1]))
    ranking.take(Result(found))
    assert ranking.isVisible() and ranking.list.count() == 3 and ranking.list.item(0).text() == "channel 9\t+4"
    ranking.list.setCurrentRow(1)
    assert (desk.session.selection.layer, desk.session.selection.channel) == ("features.4", 2)
    QTest.keyClick(ranking, Qt.Key.Key_Return)
    assert desk.session.dream == changed(DreamRequest(), layer="features.4", channel=2)
    ranking.goal.click()
    assert goals(desk) == (Goal(layer="features.4", channel=2),)


def test_back_to_start_is_one_step_for_undo(desk, qtbot):
    form = DreamForm(desk)
    qtbot.addWidget(form)
    mine = changed(desk.session.dream, goals=(Goal(channel=1),), steps=9, mask="x.png", start="picture")
    desk.change(dream=mine)
    form.back_to_start()
    assert desk.session.dream == DreamRequest()
    desk.undo()
    assert desk.session.dream == mine
