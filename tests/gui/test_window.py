"""The whole window over a host that is told what to say."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QImageReader, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenuBar,
    QPushButton,
    QScrollBar,
    QTabBar,
    QToolButton,
    QTreeView,
    QWidget,
)

from explorer import assets, i18n
from explorer.gui import keeping, theme
from explorer.gui.commands import COMMANDS
from explorer.gui.palette_page import PalettePage
from explorer.gui.pictures import RECIPE
from explorer.jobs import Failed, Result
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest
from explorer.session import Session

NAMES = ("filters", "dream", "live", "optimizers")


def run(program, name):
    program.window.actions_by_name[name].trigger()


def frame(width=60, height=40):
    return Frame(np.full((height, width, 3), 120, np.uint8), source="grey")


def test_everything_is_there(program):
    window = program.window
    assert tuple(window.panels) == NAMES
    assert window.current == "welcome"
    assert window.stack.currentWidget() is window.welcome
    assert set(window.welcome.buttons) == set(NAMES)
    assert program.desk.host.sources == [Session().picture]
    assert ("start", "engine") in program.desk.host.asked
    assert all(action.isEnabled() for name, action in window.actions_by_name.items() if name not in ("undo", "redo"))


def test_no_two_commands_or_panel_keys_collide(program):
    window = program.window
    for panel in window.panels.values():
        taken = {}
        for command, action in window.commands():
            for key in action.shortcuts():
                assert taken.setdefault(key.toString(), command.name) == command.name
        keys = panel.keys()
        for key in keys:
            sequence = QKeySequence(key.sequence)
            assert not sequence.isEmpty(), key
            assert taken.setdefault(sequence.toString(), f"{panel.name}: {key.text}") == f"{panel.name}: {key.text}", key


@pytest.mark.parametrize("name", NAMES)
def test_a_big_button_opens_its_panel_with_its_form(program, name, qtbot):
    window = program.window
    window.welcome.buttons[name].click()
    assert window.current == name
    assert window.forms.currentWidget().objectName() == f"form-{name}"
    qtbot.waitUntil(lambda: window.panels[name].active)
    assert [other for other in NAMES if window.panels[other].active] == [name]
    assert program.desk.session.panel == name


def test_only_the_shown_panel_works(program, qtbot):
    window = program.window
    window.go_to("live")
    qtbot.waitUntil(lambda: window.panels["live"].active)
    window.go_to("welcome")
    qtbot.waitUntil(lambda: not window.panels["live"].active)


def test_two_panels_side_by_side_both_work(program, qtbot):
    run(program, "layout_2")
    window = program.window
    qtbot.waitUntil(lambda: window.panels["filters"].active and window.panels["live"].active)
    assert not window.panels["dream"].active


def test_layouts_are_kept_apart(program, qtbot):
    window = program.window
    run(program, "layout_4")
    assert window.current == "optimizers"
    assert not window.models.isVisible()
    window.log.show()
    run(program, "layout_1")
    assert window.models.isVisible()
    run(program, "layout_4")
    assert window.log.isVisible()
    run(program, "reset_layout")
    assert not window.log.isVisible()


def test_dock_all_brings_back_what_floats_or_hides(program, qtbot):
    window = program.window
    window.go_to("dream")
    window.centre.docks["dream"].setFloating(True)
    window.centre.docks["live"].close()
    window.models.close()
    run(program, "dock_all")
    assert not any(dock.isFloating() for dock in window.all_docks())
    assert not window.models.isHidden()
    assert not window.centre.docks["live"].isHidden()


def arrangement(window):
    """What a person sees of a layout: which docks are there, which share tabs."""
    docks = window.centre.docks
    return {
        name: (
            dock.isHidden(),
            dock.isFloating(),
            sorted(other.name for other in window.centre.tabifiedDockWidgets(dock)),
        )
        for name, dock in docks.items()
    }


def test_the_layout_is_saved_and_restored(program):
    window = program.window
    run(program, "layout_3")
    window.models.show()
    program.arrangement.save()
    before = arrangement(window)
    run(program, "reset_layout")
    run(program, "layout_1")
    assert program.arrangement.restore()
    assert arrangement(window) == before
    assert window.models.isVisible()


def test_projector_mode_shows_only_the_panel_and_large_type(program, qapp):
    window = program.window
    window.go_to("optimizers")
    size = qapp.font().pixelSize()
    run(program, "projector")
    hidden = [window.strip, window.status, window.menuBar(), *window.side_docks]
    assert not any(part.isVisible() for part in hidden)
    assert window.panels["optimizers"].isVisible()
    assert qapp.font().pixelSize() >= 1.4 * size
    QTest.keyClick(window, Qt.Key.Key_Escape)  # nothing runs: Esc leaves
    program.desk.jobs.__init__()
    if window.actions_by_name["projector"].isChecked():
        run(program, "projector")
    assert window.strip.isVisible()
    assert window.form.isVisible()
    assert qapp.font().pixelSize() == size


def test_esc_stops_the_newest_job(program):
    program.desk.submit("dream", DreamRequest())
    run(program, "stop_job")
    assert program.desk.host.stopped[-1] == "dream"


def texts(widget):
    found = set()
    for child in widget.findChildren(QWidget):
        if isinstance(child, (QLabel, QAbstractButton)) and child.text():
            found.add(child.text())
        for text in (child.toolTip(), child.accessibleName()):
            if text:
                found.add(text)
    return found


def test_the_language_is_switched_while_running_and_nothing_stays_english(program, network, qtbot):
    window = program.window
    program.desk.host.answer("desk.network", Result(network))
    qtbot.waitUntil(lambda: program.desk.network is network)
    english = texts(window)
    run(program, "language_hu")
    assert program.desk.host.language == "hu"
    translated = {text for text in english if i18n.tr(text) != text}
    assert len(translated) > 60
    left = {text for text in texts(window) if text in translated}
    assert not left
    assert window.actions_by_name["quit"].text() == i18n.tr("Quit")
    run(program, "language_en")
    assert translated <= texts(window) | english


def test_the_theme_is_switched_while_running(program):
    window = program.window
    run(program, "theme_dark")
    dark = window.grab().toImage().pixelColor(5, window.height() // 2)
    assert theme.tokens().name == "dark"
    assert window.actions_by_name["theme_dark"].isChecked()
    run(program, "theme_light")
    assert window.grab().toImage().pixelColor(5, window.height() // 2).lightness() > dark.lightness() + 100
    assert program.settings.theme == "light"


def test_help_is_drawn_from_the_real_key_table(program):
    run(program, "help")
    page = program.tools._help
    shown = page.text.toPlainText()
    for command in COMMANDS:
        for key in command.keys:
            assert QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) in shown, command
    for panel in program.window.panels.values():
        keys = panel.keys()
        for key in keys:
            assert i18n.tr(key.text).replace("...", "…") in shown
    page.close()


def test_a_key_can_be_changed_and_a_taken_one_is_refused(program):
    run(program, "change_keys")
    page = program.tools._keys
    assert not page.choose("undo", QKeySequence("Ctrl+Q"))
    assert "Ctrl+Q" in page.problem.text()
    assert page.choose("undo", QKeySequence("Ctrl+U"))
    assert program.window.actions_by_name["undo"].shortcut() == QKeySequence("Ctrl+U")
    assert program.settings.shortcuts == {"undo": "Ctrl+U"}
    page.close()


@pytest.mark.qt_log_ignore("This plugin does not support grabbing the keyboard", extend=True)
def test_the_command_palette_finds_and_runs(program, network, qtbot):
    program.desk.host.answer("desk.network", Result(network))
    qtbot.waitUntil(lambda: program.desk.network is network)
    run(program, "command_palette")
    page = program.tools._palette
    assert isinstance(page, PalettePage)
    QTest.keyClicks(page.edit, "optimizers")
    QTest.keyClick(page.edit, Qt.Key.Key_Return)
    assert program.window.current in ("optimizers", "welcome")
    run(program, "command_palette")
    QTest.keyClicks(page.edit, "classifier.1")
    QTest.keyClick(page.edit, Qt.Key.Key_Return)
    assert program.desk.session.selection.layer == "classifier.1"


def test_the_layer_tree_can_be_searched_and_selects(program, network, qtbot):
    models = program.models
    program.desk.host.answer("desk.network", Result(network))
    qtbot.waitUntil(lambda: models.model.rowCount() > 0)
    models.search.setText("relu")
    assert models.filter.rowCount() == 1
    leaf = models.filter.index(0, 0, models.filter.index(0, 0))
    models.tree.setCurrentIndex(leaf)
    qtbot.waitUntil(lambda: program.desk.session.selection.layer == "features.1")


def test_undo_and_redo_by_their_keys(program):
    desk = program.desk
    assert not program.window.actions_by_name["undo"].isEnabled()
    desk.change(dream=changed(desk.session.dream, steps=5))
    run(program, "undo")
    assert desk.session.dream.steps == DreamRequest().steps
    run(program, "redo")
    assert desk.session.dream.steps == 5


def test_the_engine_banner_and_its_ways_out(program, qtbot):
    strip, host = program.window.notices, program.desk.host
    host.engine("restarting", restarts=1, detail="signal 9")
    qtbot.waitUntil(lambda: bool(strip.notices))
    assert "engine restarted (1)" in strip.text.text()
    host.engine("slow", job="dream", seconds=5.0)
    qtbot.waitUntil(lambda: "still working" in strip.text.text())
    next(button for button in strip._actions if button.text() == "Stop").click()
    assert ("restart", "engine") in host.asked
    host.engine("dead", log="the last words")
    qtbot.waitUntil(lambda: "three times" in strip.text.text())
    next(button for button in strip._actions if button.text() == "Show the log").click()
    assert "the last words" in program.log_panel.text.toPlainText()
    assert program.window.log.isVisible()


def test_a_failed_job_says_why_in_the_language_of_now(program, qtbot):
    run(program, "language_hu")
    program.desk.host.answer("dream", Failed(Trouble("file.missing", "There is no file {path}.", {"path": "x.png"})))
    qtbot.waitUntil(lambda: bool(program.window.notices.notices))
    assert program.window.notices.text.text() == i18n.tr("There is no file {path}.").format(path="x.png")


def test_no_camera_is_a_sentence_with_a_button(program, qtbot):
    run(program, "open_camera")
    assert program.desk.session.picture.kind == "camera"
    program.desk.host.source(state="failed", trouble=Trouble("camera", "Camera 0 is not available."))
    strip = program.window.notices
    qtbot.waitUntil(
        lambda: any("Play the sample clip" in label for label, _ in strip.notices[-1].actions) if strip.notices else False
    )
    assert len(strip.notices) == 1  # said once, not by the desk as well
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
    assert json.loads(QImageReader(str(path)).text(RECIPE))["dream"]["steps"] == 33
    desk.change(dream=changed(desk.session.dream, steps=44))
    program.pictures.open_paths([str(path)])
    strip = program.window.notices
    qtbot.waitUntil(lambda: any(notice.key == "recipe" for notice in strip.notices))
    next(button for button in strip._actions if button.text() == "Restore the settings").click()
    assert desk.session.dream.steps == 33


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
    assert not program.window.strip.seek.isVisible()


def test_a_video_can_be_stepped_and_sought(program, qtbot):
    from explorer.records.source import SourceInfo
    from explorer.requests.source import SourceRequest

    desk, strip = program.desk, program.window.strip
    desk.open_source(SourceRequest(kind="video", path="a.mp4"))
    desk.host.source(state="playing", info=SourceInfo("a.mp4", 60, 40, 25.0, 101, True))
    desk.host.frame(frame(), index=50)
    qtbot.waitUntil(lambda: strip.seek.isVisible() and strip.seek.value() == 500)
    strip.sought.emit(0.25)
    assert desk.host.asked[-1] == ("seek", 25)
    strip.stepped.emit(-1)
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


def test_every_button_has_a_name_for_screen_readers(program):
    nameless = []
    for button in program.window.findChildren(QAbstractButton):
        own = button.objectName().startswith("qt_") or not button.isVisibleTo(program.window)  # Qt's, or in a folded page
        if not own and not (button.text() or button.accessibleName() or button.toolTip()):
            nameless.append(f"{type(button).__name__} in {type(button.parent()).__name__}")
    assert not nameless


CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QTreeView, QListWidget)
PARTS = (QAbstractSpinBox, QComboBox, QLineEdit, QTabBar, QMenuBar)  # what Qt puts into these is not a control of its own


@pytest.mark.parametrize("language", ["en", "hu"])
def test_every_control_has_a_name_and_every_icon_a_tooltip(program, network, qtbot, language):
    program.desk.host.answer("desk.network", Result(network))
    qtbot.waitUntil(lambda: program.desk.network is network)
    run(program, f"language_{language}")
    nameless, seen = [], 0
    for control in program.window.findChildren(QWidget):
        part = control.objectName().startswith("qt_") or isinstance(control, QScrollBar) or isinstance(control.parent(), PARTS)
        folded = type(control) is QPushButton and not control.isVisibleTo(program.window)
        if part or folded or not isinstance(control, CONTROLS):
            continue
        seen += 1
        shown = control.text() if isinstance(control, QAbstractButton) else ""
        wordless = isinstance(control, QToolButton) and not shown and not control.toolTip()
        if not (control.accessibleName() or shown) or wordless:
            nameless.append(f"{type(control).__name__} in {type(control.parent()).__name__}")
    assert seen > 60
    assert not nameless


def test_layouts_give_the_side_docks_their_width_back(program, qtbot):
    window = program.window
    window.resize(1280, 800)
    qtbot.wait(20)
    before = window.models.width(), window.form.width()
    for number in (2, 3, 1):
        run(program, f"layout_{number}")
        qtbot.wait(20)
    assert (window.models.width(), window.form.width()) == before


def test_a_new_theme_reaches_the_layer_tree_and_the_open_help(program, network, qtbot):
    program.desk.host.answer("desk.network", Result(network))
    qtbot.waitUntil(lambda: program.desk.network is network)
    run(program, "theme_dark")
    shape = program.models.model.item(0).child(0, 1)
    assert shape.foreground().color().name() == theme.tokens().muted
    run(program, "help")
    run(program, "language_hu")
    page = program.tools._help
    qtbot.waitUntil(lambda: i18n.tr("Undo") in page.text.toPlainText() and "Redo" not in page.text.toPlainText())
    page.close()
    run(program, "language_en")
    run(program, "theme_light")


def test_the_window_fits_a_small_projector(program, qtbot):
    window = program.window
    for name in NAMES:
        window.go_to(name)
        window.resize(1024, 640)
        qtbot.wait(20)
        assert window.width() <= 1024, f"{name} needs {window.width()} px"
        assert window.height() <= 640, f"{name} needs {window.height()} px"


@pytest.mark.parametrize("program", [{"safe": True}], indirect=True)
def test_a_safe_start_offers_the_session(program, qtbot):
    strip = program.window.notices
    qtbot.waitUntil(lambda: any(notice.key == "safe" for notice in strip.notices))
    labels = [label for notice in strip.notices for label, _ in notice.actions]
    assert "Restore my session" in labels
    assert "Show report" in labels


def test_state_is_written_only_into_its_own_folders(program):
    program.arrangement.save()
    program.keeping.save()
    assert {path.name for path in assets.state_dir().iterdir()} >= {"layout.json", "session.json"}
    assert not assets.config_dir().exists()


def test_the_welcome_pages_pictures_are_alive(program, network, qtbot):
    from explorer.gui.thumbnails import CHANNEL
    from explorer.picture.colour import palette
    from explorer.records.picture import Grid, Mosaic

    desk, buttons = program.desk, program.window.welcome.buttons
    assert not any(button.picture.isNull() for button in buttons.values())  # bundled ones at the first start
    desk.host.frame(frame())
    qtbot.waitUntil(lambda: buttons["live"].picture.pixelColor(5, 5).getRgb()[:3] == (120, 120, 120))
    desk.host.answer("desk.network", Result(network))
    qtbot.waitUntil(lambda: bool(desk.host.requests(CHANNEL)))
    ones = np.ones(1, np.float32)
    grid = Grid(1, 4, 4, 1)
    sheet, order = np.full((4, 4), 255, np.uint8), np.zeros(1, np.int64)
    desk.host.answer(
        CHANNEL, Result(Mosaic(grid, sheet, np.ones((1, 4, 4), np.float32), order, 0 * ones, ones, order, "viridis"))
    )
    last = tuple(int(v) for v in palette("viridis")[255])
    qtbot.waitUntil(lambda: buttons["filters"].picture.pixelColor(5, 5).getRgb()[:3] == last)
    desk.host.frame(frame())
    assert len(desk.host.requests(CHANNEL)) == 1


def test_qts_own_texts_speak_the_language_too(program, qapp):
    from PySide6.QtCore import QCoreApplication

    def cancel():
        return QCoreApplication.translate("QPlatformTheme", "Cancel")

    assert cancel() == "Cancel"
    program.looks.set_language("hu")
    assert cancel() == "Mégse"
    program.looks.set_language("en")
    assert cancel() == "Cancel"
