"""Recipes: what a saved picture or a file says is restored, whole or not at all; nothing inside can do harm."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from explorer.gui.panels import PANELS as WINDOW_PANELS
from explorer.gui.panels.filters_saving import with_facts
from explorer.gui.pictures import png_bytes
from explorer.gui.recipes import recipe_text
from explorer.gui.recipes_reading import MARK, PANELS, read_recipe, recipe_of
from explorer.picture.stills import write_png
from explorer.records.network import CatalogueRow
from explorer.requests.base import Request, changed
from explorer.requests.dream import DreamRequest
from explorer.requests.goals import Goal
from explorer.requests.race import RaceRequest
from explorer.requests.source import SourceRequest
from explorer.requests.surgery import Edit
from explorer.session import Session

HERS = Session().with_(dream=DreamRequest(steps=33, seed=4, goals=(Goal(layer="x", channel=3, weight=-1.0),)), panel="dream")


def image():
    made = QImage(20, 10, QImage.Format.Format_RGB888)
    made.fill(0x336699)
    return made


def saved(path, session, facts=None):
    path.write_bytes(png_bytes(image() if facts is None else with_facts(image(), facts), session.model_dump_json()))
    return path


def text_of(program, qtbot):
    strip = program.window.notices
    qtbot.waitUntil(lambda: any(notice.key == "recipe" for notice in strip.notices))
    return next(notice.text for notice in strip.notices if notice.key == "recipe")


def press(program, name):
    next(button for button in program.window.notices._actions if button.text() == name).click()


def test_dropping_a_picture_with_a_recipe_restores_and_undo_brings_mine_back(program, tmp_path, qtbot):
    desk, mine = program.desk, changed(DreamRequest(), steps=77)
    desk.change(dream=mine)
    path = saved(tmp_path / "hers.png", HERS)
    program.window.dropped.emit([str(path)])
    assert desk.session.dream == HERS.dream and desk.session.picture.path != str(path)
    assert program.window.current == "dream" and "restored" in text_of(program, qtbot)
    desk.undo()
    assert desk.session.dream == mine
    desk.redo()
    press(program, "Undo")
    assert desk.session.dream == mine


def test_it_can_be_used_as_the_picture_instead(program, tmp_path, qtbot):
    path = saved(tmp_path / "hers.png", HERS)
    program.pictures.open_paths([str(path)])
    text_of(program, qtbot)
    press(program, "Use it as the picture instead")
    assert program.desk.session.picture == SourceRequest(kind="file", path=str(path))
    assert program.desk.session.dream == DreamRequest()


def test_a_dream_that_another_request_made_restores_that_one_and_is_shown(program, tmp_path, qtbot):
    made = DreamRequest(steps=9, seed=2, layer="features.3", channel=1)
    facts = {"before": 0.5, "after": 2.0, "request": made.model_dump(mode="json"), "request_type": "DreamRequest"}
    program.pictures.open_paths([str(saved(tmp_path / "a.png", Session().with_(panel="filters"), facts))])
    panel = program.window.panels["dream"]
    assert program.desk.session.dream == made and program.window.current == "dream"
    assert panel.shown.picture.rgb.shape == (10, 20, 3) and panel.shown.picture.rgb[0, 0].tolist() == [0x33, 0x66, 0x99]
    assert panel.shown.facts == {"before": 0.5, "after": 2.0}


def test_surgery_goes_where_it_is_shown(program, tmp_path):
    edit = Edit(kind="mute", layer="features.3", channels=(1,))
    made = DreamRequest(surgery=(edit,))
    facts = {"request": made.model_dump(mode="json"), "request_type": "DreamRequest"}
    program.pictures.open_paths([str(saved(tmp_path / "a.png", Session(), facts))])
    assert program.desk.session.surgery == (edit,) and program.desk.session.dream.surgery == ()


@pytest.mark.parametrize("name", ["filters", "dream", "optimizers"])
def test_every_panel_round_trip(program, name, tmp_path):
    """What "Save picture" writes in a panel restores that panel's own settings."""
    desk = program.desk
    own = {
        "filters": {"filters": changed(desk.session.filters, layer="features.0")},
        "dream": {"dream": DreamRequest(seed=11)},
        "optimizers": {"race": RaceRequest(steps=41)},
    }[name]
    program.window.go_to(name)
    desk.change(**own)
    program.pictures.save_to(tmp_path / "a.png", image())
    desk.change(**{field: type(value)() for field, value in own.items()})
    program.window.go_to("live")
    program.pictures.open_paths([str(tmp_path / "a.png")])
    assert {field: getattr(desk.session, field) for field in own} == own and program.window.current == name


def test_panels_save_what_they_restore(program, tmp_path):
    """Every panel of the window, whatever it is: its PNG comes back to it, and the Session is what it was."""
    desk = program.desk
    for name in program.window.panels:
        if name.startswith("plugin-"):
            continue
        program.window.go_to(name)
        before, shown = desk.session, program.window.panels[name].picture()
        program.pictures.save_to(tmp_path / f"{name}.png", image() if shown.isNull() else shown)
        program.window.go_to("welcome")
        program.pictures.open_paths([str(tmp_path / f"{name}.png")])
        assert desk.session == before and program.window.current == name


def _requests():
    fields = Session.model_fields.items()
    return [name for name, info in fields if isinstance(info.annotation, type) and issubclass(info.annotation, Request)]


@pytest.mark.parametrize("name", [name for name in _requests() if name not in ("picture", "network")])
def test_the_request_of_every_panel_finds_its_place(name):
    """Pictures whose facts hold a request and the name of its type, whatever panel they come from."""
    request = getattr(Session(), name)
    facts = {"request": request.model_dump(mode="json"), "request_type": type(request).__name__}
    recipe = recipe_of({}, facts, HERS)
    assert recipe.fields[name] == request and HERS.with_(**recipe.fields).panel == PANELS.get(name, name)
    assert recipe.fields["panel"] in {row.name for row in WINDOW_PANELS}


def test_a_race_written_by_the_command_line_comes_back(program, tmp_path):
    race = RaceRequest(surface="saddle", steps=99, optimizers=("adam", "gd"))
    text = json.dumps({**race.model_dump(mode="json"), "frames": 120, "fps": 25.0, "width": 960, "height": 600, "dark": True})
    write_png(tmp_path / "race.png", np.zeros((4, 4, 3), np.uint8), {"explorer-request": text})
    program.pictures.open_paths([str(tmp_path / "race.png")])
    assert program.desk.session.race == race and program.window.current == "optimizers"
    assert program.desk.session.dream == DreamRequest()


def test_another_network_takes_all_panels_along(program, tmp_path):
    made = DreamRequest(model="yolov3_tiny", layer="0.conv")
    facts = {"request": made.model_dump(mode="json"), "request_type": "DreamRequest"}
    path = tmp_path / "cli.png"
    write_png(path, np.zeros((4, 4, 3), np.uint8), {"Recipe": json.dumps(facts)})
    program.pictures.open_paths([str(path)])
    session = program.desk.session
    assert (session.network.model, session.dream, session.filters.model) == ("yolov3_tiny", made, "yolov3_tiny")


def test_a_network_that_is_not_here_changes_nothing(program, tmp_path, qtbot):
    row = CatalogueRow("squeezenet1_1", "S", "classify", "", 224, "cached")
    program.desk.catalogue.rows = (row,)
    session = Session().with_(network={"model": "house_net"}, dream=DreamRequest(model="house_net"), panel="dream")
    program.pictures.open_paths([str(saved(tmp_path / "a.png", session))])
    assert "house_net" in text_of(program, qtbot) and program.desk.session.dream == DreamRequest()
    assert program.desk.session.picture.path == str(tmp_path / "a.png")  # then it is a picture


def test_files_that_are_not_here_are_named_and_left_out(program, tmp_path, qtbot):
    lost = str(tmp_path / "gone" / "mine.safetensors")
    session = HERS.with_(
        network={"weights": lost}, dream=changed(HERS.dream, weights=lost, start="picture", mask=str(tmp_path / "no.png"))
    )
    program.pictures.open_paths([str(saved(tmp_path / "a.png", session))])
    now = program.desk.session
    assert (now.network.weights, now.dream.weights, now.dream.mask, now.dream.steps) == (None, None, "", 33)
    assert "mine.safetensors" in text_of(program, qtbot) and "no.png" in text_of(program, qtbot)


@pytest.mark.parametrize("path", ["\\\\evil\\share\\x.png", "//evil/share/x.png", "/\\evil\\x.png"])
def test_no_other_machine_is_asked_for_a_file(path, monkeypatch):
    asked = []
    monkeypatch.setattr(Path, "is_file", lambda self: asked.append(str(self)) or False)
    raw = {"picture": {"kind": "file", "path": path}, "network": {"weights": path}, "dream": {"mask": path, "weights": path}}
    recipe = recipe_of(raw, {"request": {"mask": path}, "request_type": "DreamRequest"}, Session())
    assert not [name for name in asked if "evil" in name]
    assert "picture" not in recipe.fields and recipe.fields["dream"].mask == "" and recipe.fields["network"].weights is None


@pytest.mark.parametrize("kind", ["camera", "plugin", "folder"])
def test_no_recipe_opens_a_camera_or_runs_a_plugin(kind):
    recipe = recipe_of({"picture": {"kind": kind, "path": "x"}, "panel": "dream"}, {}, Session())
    assert "picture" not in recipe.fields
    assert recipe_of({"picture": {"kind": "sample", "path": "rocket"}}, {}, Session()).fields["picture"].path == "rocket"


def test_a_recipe_file_there_and_back(program, tmp_path, monkeypatch, qtbot):
    desk, path = program.desk, tmp_path / "mine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: (str(path.with_suffix("")), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: (str(path), ""))
    desk.change(dream=HERS.dream, panel="dream")
    program.window.actions_by_name["save_recipe"].trigger()
    assert json.loads(path.read_text())[MARK] == 1
    desk.change(dream=DreamRequest())
    program.window.actions_by_name["open_recipe"].trigger()
    assert desk.session.dream == HERS.dream and "mine.json" in text_of(program, qtbot)
    desk.change(dream=DreamRequest())
    program.window.dropped.emit([str(path)])
    assert desk.session.dream == HERS.dream


def test_a_file_without_a_recipe_is_told(program, tmp_path, qtbot):
    (tmp_path / "other.json").write_text('{"name": "something else"}')
    before = program.desk.session
    program.pictures.open_paths([str(tmp_path / "other.json")])
    assert program.desk.session == before
    qtbot.waitUntil(lambda: any("no recipe in other.json" in notice.text for notice in program.window.notices.notices))
    (tmp_path / "plain.png").write_bytes(png_bytes(image(), ""))
    program.pictures.open_paths([str(tmp_path / "plain.png")])
    assert program.desk.session.picture.path == str(tmp_path / "plain.png")


def test_the_command_line_reads_what_the_window_writes_and_the_other_way_round(program, tmp_path):
    from explorer.cli import recipe as cli

    program.desk.change(dream=HERS.dream, panel="dream", picture=SourceRequest(kind="sample", path="rocket"))
    program.recipes.save_to(tmp_path / "window.json")
    facts = cli.read(str(tmp_path / "window.json"))
    assert DreamRequest.model_validate(facts["request"]) == HERS.dream and cli.picture_of(facts) == "rocket"
    made = changed(HERS.dream, seed=77)
    cli.write(str(tmp_path / "cli.json"), {"request": made.model_dump(mode="json")}, None)
    program.window.dropped.emit([str(tmp_path / "cli.json")])
    assert program.desk.session.dream == made


def test_a_newer_recipe_gives_what_is_known(tmp_path):
    raw = HERS.model_dump(mode="json")
    raw["dream"] |= {"from_tomorrow": 1, "steps": 0}
    raw["tomorrow"] = {"x": 1}
    (tmp_path / "a.json").write_text(json.dumps({MARK: 9, "session": raw}))
    recipe = read_recipe(tmp_path / "a.json", Session())
    assert recipe.fields["dream"] == changed(HERS.dream, steps=DreamRequest().steps)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4))
FIELD = st.sampled_from([*Session.model_fields, *DreamRequest.model_fields, "request", "request_type"])
DICTS = st.dictionaries(FIELD, JSON | st.dictionaries(FIELD, JSON, max_size=6), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DICTS, DICTS)
def test_any_recipe_gives_a_valid_session_or_nothing(raw, facts):
    recipe = recipe_of(raw, facts, HERS)
    if recipe is not None:
        session = HERS.with_(**recipe.fields)
        assert Session.model_validate_json(session.model_dump_json()) == session


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 5000))
def test_any_damage_to_a_file_is_survived(tmp_path_factory, noise, at):
    path = tmp_path_factory.mktemp("damage") / "a.json"
    data = recipe_text(HERS, {"request": {"steps": 3}, "request_type": "DreamRequest"}).encode()
    path.write_bytes(data[:at] + noise + data[at + len(noise) :])
    recipe = read_recipe(path, Session())
    assert recipe is None or Session().with_(**recipe.fields)
    assert read_recipe(path.with_name("gone.json"), Session()) is None


def test_deep_nests_and_long_files_are_refused(tmp_path):
    (tmp_path / "deep.json").write_text("[" * 200_000)
    (tmp_path / "deep2.json").write_text(json.dumps({MARK: 1, "session": {"dream": {"goals": 1}}})[:-3] + '":' + "[" * 5000)
    for name in ("deep.json", "deep2.json"):
        assert read_recipe(tmp_path / name, Session()) is None
