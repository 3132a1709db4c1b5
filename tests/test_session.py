import pytest
from pydantic import ValidationError

from explorer.requests.base import changed
from explorer.session import History, Selection, Session


def test_a_session_survives_json():
    session = Session().with_(selection=Selection(layer="features.0", channel=3), panel="dream")
    assert Session.model_validate_json(session.model_dump_json()) == session


def test_unknown_fields_of_a_newer_version_do_not_stop_it():
    assert Session.model_validate({"version": 9, "tomorrow": 1}).panel == "welcome"


def test_bad_values_are_refused():
    with pytest.raises(ValidationError):
        Session().with_(selection={"channel": "red"})


def test_undo_and_redo():
    history = History(Session(), limit=5)
    states = [history.now]
    for steps in (10, 20, 30):
        states.append(history.now.with_(dream=changed(history.now.dream, steps=steps)))
        history.push(states[-1])
    history.push(states[-1])  # equal: no step of its own
    assert history.undo() == states[2]
    assert history.undo() == states[1]
    assert history.redo() == states[2]
    history.push(states[2].with_(panel="live"))
    assert not history.can_redo and history.can_undo
    for _ in range(10):
        history.undo()
    assert history.now == states[0] and not history.can_undo


def test_history_is_bounded_and_a_moving_slider_is_one_step():
    history = History(Session(), limit=4)
    for steps in range(1, 50):
        history.push(history.now.with_(dream=changed(history.now.dream, steps=steps)))
    history.replace(history.now.with_(panel="live"))
    assert history.now.panel == "live"
    undone = 0
    while history.can_undo:
        history.undo()
        undone += 1
    assert undone == 3
