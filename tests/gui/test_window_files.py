"""What comes into the window and goes out of it: pictures, model files, the strip, the session."""

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QImageReader

from explorer import assets
from explorer.gui import keeping
from explorer.gui.sentinel import Sentinel
from explorer.jobs import Failed, Result
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest
from explorer.requests.ground_look import GroundLook
from explorer.session import Session


def run(program, name):
    program.window.actions_by_name[name].trigger()


def frame(width=60, height=40):
    return Frame(np.full((height, width, 3), 120, np.uint8), source="grey")


def test_no_camera_is_a_sentence_with_a_button(program, qtbot):
    run(program, "open_camera")
    assert program.desk.session.picture.kind == "camera"
    program.desk.host.source(state="failed", trouble=Trouble("camera", "Camera 0 is not available."))
    strip = program.pictures.ways_out.bar
    qtbot.waitUntil(lambda: bool(strip.notices))
    assert [label for label, _ in strip.notices[-1].actions] == ["Try again", "Choose a camera...", "Play the sample clip"]
    assert "Camera 0 is not available." in strip.text.text() and not strip.isHidden()
    assert not program.window.notices.notices  # said once, not by the desk as well
    program.desk.host.source(state="playing")
    qtbot.waitUntil(lambda: not strip.notices)  # a camera that is there again
    program.desk.host.source(state="failed", trouble=Trouble("camera", "Camera 0 is not available."))
    qtbot.waitUntil(lambda: bool(strip.notices))
    next(button for button in strip._actions if button.text() == "Play the sample clip").click()
    assert program.desk.session.picture.kind == "clip"


def test_dropped_files_go_where_they_belong(program, tmp_path):
    window, desk = program.window, program.desk
    (tmp_path / "pictures").mkdir()
    for name, kind in (("a.jpg", "file"), ("b.mp4", "video"), ("pictures", "folder")):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        window.dropEvent(
            QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        )
        assert (desk.session.picture.kind, desk.session.picture.path) == (kind, str(tmp_path / name))


def test_a_model_file_changes_something_only_once_it_is_proven(program, network, qtbot):
    window, desk = program.window, program.desk
    before = desk.session
    window.dropped.emit(["/somewhere/w.safetensors"])
    assert desk.host.requests("desk.trial")[-1].weights == "/somewhere/w.safetensors"
    assert desk.session == before
    desk.host.answer("desk.trial", Failed(Trouble("weights.other-network", "Not the weights.")))
    strip = window.notices
    qtbot.waitUntil(lambda: any(notice.key == "trial" for notice in strip.notices))
    assert desk.session == before
    next(button for button in strip._actions if button.text() == "Load the part that fits").click()
    assert desk.host.requests("desk.trial")[-1].partial
    desk.host.answer("desk.trial", Result(network))
    qtbot.waitUntil(lambda: desk.session != before)
    assert desk.session.network.weights == desk.session.dream.weights == "/somewhere/w.safetensors"
    assert desk.session.network.partial
    desk.undo()
    assert desk.session == before


def test_a_picture_is_pasted(program, tmp_path):
    image = QImage(8, 6, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    run(program, "paste_picture")
    picture = program.desk.session.picture
    assert picture.kind == "file"
    assert QImage(picture.path).pixelColor(3, 3).name() == "#ff0000"


def test_a_saved_picture_carries_its_recipe_and_dropping_it_restores(program, tmp_path, qtbot):
    desk = program.desk
    desk.change(dream=changed(desk.session.dream, steps=33))
    program.window.go_to("dream")
    image = QImage(20, 20, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.blue)
    path = tmp_path / "dream.png"
    program.pictures.save_to(path, image)
    assert json.loads(QImageReader(str(path)).text("explorer-session"))["dream"]["steps"] == 33
    desk.change(dream=changed(desk.session.dream, steps=44))
    program.pictures.open_paths([str(path)])
    assert desk.session.dream.steps == 33 and desk.session.picture.kind == "sample"
    strip = program.window.notices
    qtbot.waitUntil(lambda: any(notice.key == "recipe" for notice in strip.notices))
    next(button for button in strip._actions if button.text() == "Undo").click()
    assert desk.session.dream.steps == 44


def test_a_disk_that_is_full_is_said_and_nothing_breaks(program, tmp_path, monkeypatch, qtbot):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("explorer.atomic.os.fsync", full)
    program.pictures.save_to(tmp_path / "a.png", QImage(5, 5, QImage.Format.Format_RGB888))
    program.keeping.save_quietly()
    program.keeping.save_quietly()
    strip = program.window.notices
    qtbot.waitUntil(lambda: len(strip.notices) >= 2)
    assert [notice.count for notice in strip.notices if notice.key == "session.save"] == [1]
    assert not (tmp_path / "a.png").exists()


def test_the_session_is_saved_a_moment_after_a_change(program, qtbot):
    desk = program.desk
    desk.change(dream=changed(desk.session.dream, steps=12))
    program.keeping.save_quietly()
    session, _, problem = keeping.load(0)
    assert (session.dream.steps, problem) == (12, "")


def test_a_session_with_one_bad_field_keeps_the_others():
    path = keeping.session_path(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = Session().with_(dream=DreamRequest(steps=9)).model_dump(mode="json")
    body["detect"]["confidence"] = "NaN"
    path.write_text(json.dumps({"session": body, "recent": ["a", 3]}))
    session, recent, problem = keeping.load(0)
    assert (session.dream.steps, session.detect.confidence, recent, problem) == (9, 0.35, ["a"], "")


@pytest.mark.parametrize("content", [b"\x00\xff", b"{}", b'{"session": 5}', b"[" * 50_000])
def test_a_session_that_cannot_be_read_is_kept(content):
    path = keeping.session_path(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    session, _, problem = keeping.load(0)
    assert session is None
    assert problem
    assert path.with_name("session.json.bak").read_bytes() == content


def test_the_strip_shows_what_the_source_is(program, qtbot):
    program.desk.host.frame(frame())
    qtbot.waitUntil(lambda: "60 × 40" in program.window.strip.name.text())
    assert not program.window.strip.bar.isVisible()


def test_a_video_can_be_stepped_and_sought(program, qtbot):
    from explorer.records.source import SourceInfo
    from explorer.requests.source import SourceRequest

    desk, strip = program.desk, program.window.strip
    desk.open_source(SourceRequest(kind="video", path="a.mp4"))
    desk.host.source(state="playing", info=SourceInfo("a.mp4", 60, 40, 25.0, 101, True))
    desk.host.frame(frame(), index=50)
    bar = strip.bar
    qtbot.waitUntil(lambda: bar.seek.isVisible() and bar.seek.value() == 50)
    assert bar.time.text() == "0:02.0 / 0:04.0"
    bar.seek.sought.emit(25)
    assert desk.host.asked[-1] == ("seek", 25)
    run(program, "picture_back")
    assert desk.host.asked[-1] == ("step", -1)
    assert strip.freeze.isChecked()


@pytest.mark.parametrize("frames", [-(2**63), 0, 2**62])
def test_absurd_video_lengths_do_not_break_the_slider(program, frames, qtbot):
    from explorer.records.source import SourceInfo
    from explorer.requests.source import SourceRequest

    desk = program.desk
    desk.open_source(SourceRequest(kind="video", path="a.mp4"))
    desk.host.source(state="playing", info=SourceInfo("a.mp4", 60, 40, float("nan"), frames, True))
    desk.host.frame(frame(), index=7)
    qtbot.waitUntil(lambda: "grey" in program.window.strip.name.text())


def test_recent_files_are_offered(program):
    program.pictures.open_paths(["/somewhere/cat.jpg"])
    program.pictures.open_paths(["/somewhere/dog.jpg"])
    assert program.pictures.recent[:2] == ["/somewhere/dog.jpg", "/somewhere/cat.jpg"]
    assert program.window.welcome.recent_label.isVisible()


@pytest.mark.parametrize("program", [{"safe": True}], indirect=True)
def test_a_safe_start_offers_the_session(program, qtbot):
    strip = program.window.notices
    qtbot.waitUntil(lambda: any(notice.key == "safe" for notice in strip.notices))
    labels = [label for notice in strip.notices for label, _ in notice.actions]
    assert "Restore my session" in labels
    assert "Show report" in labels


@pytest.fixture
def left_in_space():
    """A session that was left with the surface in space."""
    session = Session().with_(ground_look=GroundLook(view="both", numbers=True), panel="optimizers")
    assets.state_dir().mkdir(parents=True, exist_ok=True)
    keeping.session_path(0).write_text(json.dumps({"session": session.model_dump(mode="json")}))


@pytest.mark.parametrize("program", [{"sentinel": Sentinel(Path("/nowhere/slot"), 0, ("running",))}], indirect=True)
def test_after_a_crash_nothing_is_drawn_in_space_by_itself(left_in_space, program, qtbot):
    look = program.desk.session.ground_look
    assert program.desk.session.panel == "optimizers" and (look.view, look.numbers) == ("2-D", True)
    assert program.window.panels["optimizers"].view.stage.space is None
    qtbot.waitUntil(lambda: any("surface in 2-D" in notice.text for notice in program.window.notices.notices))


@pytest.mark.parametrize("program", [{"safe": True}], indirect=True)
def test_a_session_that_is_restored_after_a_safe_start_is_not_drawn_in_space(left_in_space, program):
    program.reports._restore()
    assert program.desk.session.panel == "optimizers" and program.desk.session.ground_look.view == "2-D"


def test_state_is_written_only_into_its_own_folders(program):
    program.arrangement.save()
    program.keeping.save()
    assert {path.name for path in assets.state_dir().iterdir()} >= {"layout.json", "session.json"}
    assert not assets.config_dir().exists()
