"""Cameras by name, streams by hand, several files at once, and the line that says what to do when a source fails."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from explorer.gui import keeping
from explorer.gui.cameras import camera_request
from explorer.host.messages import PeekSeen
from explorer.jobs import Result
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.source import CameraInfo, CameraList, CameraMode, PeekReport, SourceInfo
from explorer.requests.source import CamerasRequest, SourceRequest
from explorer.session import Session

TWO = CameraList((CameraInfo(0, "Camera 0"), CameraInfo(2, "Desk", (CameraMode(640, 480, 30.0),), known=True)))
SECRET = "rtsp://teacher:secret@10.0.0.7/live?token=abc"


def run(program, name):
    program.window.actions_by_name[name].trigger()


def labels(program):
    bar = program.pictures.ways_out.bar
    return [label for label, _ in bar.notices[-1].actions] if bar.notices else []


def press(program, label):
    next(button for button in program.pictures.ways_out.bar._actions if button.text() == label).click()


@pytest.fixture
def page(program, qtbot):
    """The page of cameras with two on it."""
    run(program, "choose_camera")
    made = program.pictures.cameras._page
    assert isinstance(program.desk.host.requests("cameras")[-1], CamerasRequest)
    program.desk.host.answer("cameras", Result(TWO))
    qtbot.waitUntil(lambda: made.list.count() == 2)
    yield made
    made.hide()


def test_a_camera_is_tried_before_it_is_opened_and_remembered(program, page, qtbot):
    host, desk = program.desk.host, program.desk
    qtbot.waitUntil(lambda: host.asked[-1][0] == "peek")
    page.list.setCurrentRow(1)
    assert host.asked[-1] == ("end peek",)
    qtbot.waitUntil(lambda: host.asked[-1][0] == "peek" and host.asked[-1][1].device == "Desk")
    number = len(host.asked)
    report = PeekReport(640, 480, 29.83, notices=(Trouble("camera.black", "The picture is black."),))
    host.say(PeekSeen(number, "seen", Frame(np.zeros((90, 120, 3), np.uint8)), report))
    qtbot.waitUntil(lambda: page.verdict.text() == "Gives 640 × 480 at 29.8 pictures a second. The picture is black.")
    assert not page.preview.pixmap().isNull()
    host.say(PeekSeen(number - 1, "failed", trouble=Trouble("old", "Of the one before.")))
    page.size_box.setCurrentIndex(page._sizes.index((640, 480)))
    page.mirror.setChecked(False)
    page.open_button.click()
    opened = desk.session.picture
    assert (opened.kind, opened.index, opened.device, opened.width, opened.mirror) == ("camera", 2, "Desk", 640, False)
    assert not page.isVisible()
    assert camera_request(desk.settings) == opened
    run(program, "open_camera")
    assert desk.session.picture.kind == "sample"
    run(program, "open_camera")
    assert desk.session.picture == opened


def test_the_sizes_of_a_camera_are_offered(page, qtbot):
    page.list.setCurrentRow(1)
    assert page._sizes[0] == (640, 480) and (0, 0) in page._sizes
    assert page.request().device == "Desk"
    page.list.setCurrentRow(0)
    assert (1920, 1080) in page._sizes and page.request().device == ""


def test_a_page_that_is_closed_lets_the_camera_go(program, page, qtbot):
    qtbot.waitUntil(lambda: program.desk.host.asked[-1][0] == "peek")
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible() and program.desk.host.asked[-1] == ("end peek",)


def test_a_camera_that_cannot_be_tried_says_why(program, page, qtbot):
    host = program.desk.host
    qtbot.waitUntil(lambda: host.asked[-1][0] == "peek")
    host.say(PeekSeen(len(host.asked), "failed", trouble=Trouble("camera.deaf", "Camera 0 does not answer.")))
    qtbot.waitUntil(lambda: page.verdict.text() == "Camera 0 does not answer.")


def test_no_camera_is_a_sentence_with_the_clip(program, qtbot):
    run(program, "choose_camera")
    page = program.pictures.cameras._page
    program.desk.host.answer("cameras", Result(CameraList()))
    qtbot.waitUntil(lambda: page.pages.currentIndex() == 1)
    assert page.none.text() == "No camera found."
    page.clip.click()
    assert program.desk.session.picture.kind == "clip" and not page.isVisible()


def test_the_mirror_of_the_menu_is_that_of_the_open_camera(program):
    run(program, "open_camera")
    assert program.desk.session.picture.mirror
    program.pictures.cameras.mirror.trigger()
    assert not program.desk.session.picture.mirror and not program.desk.settings.camera_mirror


def test_a_stream_is_opened_by_hand_and_nothing_secret_is_kept(program, qtbot):
    run(program, "open_stream")
    page = program.pictures.streams._page
    for wrong in ("cup.jpg", "file:///etc/passwd", "concat:a|b", "http://"):
        page.edit.setText(wrong)
        page.open_button.click()
        assert page.isVisible() and not page.problem.isHidden(), wrong
    assert program.desk.session.picture.kind == "sample"
    page.edit.setText(SECRET)
    page.open_button.click()
    desk = program.desk
    assert desk.session.picture.path == SECRET and ("allow", SECRET) in desk.host.asked and not page.isVisible()
    assert desk.settings.streams == ["rtsp://10.0.0.7/live"]
    program.keeping.save()
    desk.settings.save()
    for path in (keeping.session_path(0), desk.settings.path):
        assert "secret" not in path.read_text() and "abc" not in path.read_text()
    run(program, "open_stream")
    assert page.edit.text() == "rtsp://10.0.0.7/live" and page.list.count() == 1
    page.list.setCurrentRow(0)
    page.forget.click()
    assert desk.settings.streams == [] and page.list.isHidden()
    page.hide()


def test_a_session_with_a_stream_offers_it_and_shows_a_sample_till_then(program, qtbot):
    desk = program.desk
    desk.adopt(Session(picture=SourceRequest(kind="stream", path="rtsp://10.0.0.7/live")))
    assert not any(asked[0] == "allow" for asked in desk.host.asked)
    desk.host.source(state="closed", trouble=Trouble("stream.asleep", "Not opened."), info=SourceInfo("x", live=True))
    qtbot.waitUntil(lambda: labels(program) == ["Open the stream", "Another address..."])
    qtbot.waitUntil(lambda: desk.session.picture.kind == "sample")
    assert "10.0.0.7" in program.pictures.ways_out.bar.text.text()
    press(program, "Open the stream")
    assert desk.session.picture.kind == "stream" and ("allow", "rtsp://10.0.0.7/live") in desk.host.asked


def test_neither_drop_nor_paste_nor_a_recent_file_opens_a_stream(program, qtbot):
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QDropEvent

    desk = program.desk
    before = desk.session.picture
    data = QMimeData()
    data.setText("rtsp://10.0.0.7/live")
    data.setUrls([QUrl("rtsp://10.0.0.7/live")])
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    QApplication.sendEvent(program.window, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none))
    QGuiApplication.clipboard().setText("rtsp://10.0.0.7/live")
    run(program, "paste_picture")
    assert desk.session.picture == before
    qtbot.waitUntil(lambda: "Open stream" in program.window.notices.text.text())
    program.window.welcome.recent_chosen.emit("rtsp://10.0.0.7/live")
    assert desk.session.picture == before


def test_several_files_are_a_list_and_what_is_no_picture_is_left_out(program, tmp_path, qtbot):
    files = [tmp_path / name for name in ("b.jpg", "a.png", "notes.txt")]
    program.pictures.open_paths([str(path) for path in files])
    picture = program.desk.session.picture
    assert picture.kind == "files" and picture.path.split("\n") == [str(files[0]), str(files[1])]
    qtbot.waitUntil(lambda: "2 of 3 files" in program.window.notices.text.text())
    program.pictures.open_paths([str(tmp_path / "one.jpg"), str(tmp_path / "notes.txt")])
    assert program.desk.session.picture.kind == "file"


def test_the_veil_comes_with_files_and_goes_with_them(program):
    window, veil = program.window, program.pictures.veil
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/somewhere/cup.jpg")])
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, left, none))
    assert veil.isVisible() and veil.accessibleName() == "Drop to open cup.jpg" and veil.geometry() == window.rect()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not veil.isVisible()
    other = QMimeData()
    other.setText("text")
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, other, left, none))
    assert not veil.isVisible()


@pytest.mark.parametrize(
    ("request_", "state", "said", "ways"),
    [
        (
            SourceRequest(kind="camera"),
            {"state": "no signal", "seconds": 3.0},
            "gives no picture for 3 s",
            "Choose a camera...",
        ),
        (SourceRequest(kind="camera"), {"state": "frozen", "seconds": 12.0}, "has not changed for 12 s", "Choose a camera..."),
        (
            SourceRequest(kind="stream", path=SECRET),
            {"state": "no signal", "seconds": 2.0},
            "10.0.0.7 gives",
            "Another address...",
        ),
        (SourceRequest(kind="video", path="a.avi"), {"state": "failed"}, "cannot be shown", "Open another file..."),
        (
            SourceRequest(kind="video", path="a.avi"),
            {"state": "ended", "trouble": Trouble("video.damaged", "72 of 100 pictures can be read.")},
            "72 of 100",
            "Open another file...",
        ),
    ],
)
def test_every_failure_has_its_ways_out_in_one_line(program, qtbot, request_, state, said, ways):
    program.desk.open_source(request_)
    program.desk.host.source(**state)
    bar = program.pictures.ways_out.bar
    qtbot.waitUntil(lambda: said in bar.text.text())
    assert labels(program) == ["Try again", ways, "Play the sample clip"] and "secret" not in bar.text.text()
    assert not program.window.notices.notices
    sources = len(program.desk.host.sources)
    press(program, "Try again")
    assert len(program.desk.host.sources) == sources + 1
    program.desk.host.source(state="opening")
    program.desk.host.source(state="playing")
    qtbot.waitUntil(lambda: not bar.notices)


def test_a_batch_runs_what_live_is_set_to_and_says_how_it_went(program, qtbot, tmp_path):
    from explorer.records.batch import BatchReport, BatchStep
    from explorer.requests.base import changed

    desk = program.desk
    desk.change(live="detect", detect=changed(desk.session.detect, confidence=0.6, track=True))
    desk.open_source(SourceRequest(kind="folder", path=str(tmp_path)))
    run(program, "look_at_all")
    page = program.pictures.batches._page
    page.kinds["pictures"].setChecked(True)
    page.kinds[".csv"].setChecked(False)
    page.start.click()
    request = desk.host.requests("batch")[-1]
    assert (request.path, request.task, request.write) == (str(tmp_path), "detect", ("pictures", ".jsonl"))
    assert request.detect.confidence == 0.6 and not request.detect.track
    assert request.folder == f"{tmp_path} - results"
    assert not page.start.isEnabled()
    step = BatchReport(3, 1, 2, (), (), 1.0, False)
    desk.host.answer(
        "batch", Result(BatchReport(3, 2, 4, (("x.png", Trouble("a", "x.png: incomplete.")),), ("r.jsonl",), 65.0))
    )
    qtbot.waitUntil(lambda: page.verdict.text().startswith("2 of 3 pictures in 1 min 5 s. Objects: 4."))
    assert "x.png: incomplete." in page.verdict.text() and page.show_folder.isVisible() and page.start.isEnabled()
    assert BatchStep(np.zeros((2, 2, 3), np.uint8), "a", "b", step).report.looked == 1
    for box in page.kinds.values():
        box.setChecked(False)
    assert not page.start.isEnabled()
    saved = json.loads(desk.session.model_dump_json())["batch"]
    assert saved["detect"]["confidence"] == 0.35  # the Live panel keeps its settings, not this
    page.hide()


def test_the_line_is_there_without_the_strip_too(program, qtbot):
    """In projector mode, where only the panel is shown."""
    program.desk.open_source(SourceRequest(kind="camera"))
    program.desk.host.source(state="failed", trouble=Trouble("camera.absent", "Camera 0 is not available."))
    bar, strip = program.pictures.ways_out.bar, program.window.strip
    qtbot.waitUntil(bar.isVisible)
    assert strip.isAncestorOf(bar) and bar.width() > program.window.centralWidget().width()
    strip.hide()
    qtbot.waitUntil(lambda: bar.isVisible() and not strip.isAncestorOf(bar))
    strip.show()
    qtbot.waitUntil(lambda: bar.isVisible() and strip.isAncestorOf(bar))
    press(program, "Play the sample clip")
    program.desk.host.source(state="playing")
    qtbot.waitUntil(lambda: not bar.isVisible())
