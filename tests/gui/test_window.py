"""The whole window over a host that is told what to say."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
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

from explorer import i18n
from explorer.gui import theme
from explorer.gui.commands import COMMANDS
from explorer.gui.palette_page import PalettePage
from explorer.gui.panels import PANELS
from explorer.jobs import Failed, Result
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest
from explorer.session import Session

NAMES = tuple(row.name for row in PANELS)
OFFERED = ("filters", "dream", "live", "optimizers")  # by the first page


def run(program, name):
    program.window.actions_by_name[name].trigger()


def frame(width=60, height=40):
    return Frame(np.full((height, width, 3), 120, np.uint8), source="grey")


def test_everything_is_there(program, all_panels):
    window = program.window
    assert tuple(window.panels) == NAMES
    assert window.current == "welcome"
    assert window.stack.currentWidget() is window.welcome
    assert set(window.welcome.buttons) == set(OFFERED)
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


@pytest.mark.parametrize("name", sorted(OFFERED))
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


def test_the_language_is_switched_while_running_and_nothing_stays_english(program, all_panels, network, qtbot):
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


def test_the_theme_is_switched_while_running(program, all_panels):
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
    run(program, "command_palette")
    QTest.keyClicks(page.edit, "zzz")
    assert "Nothing is called like that" in page.list.topLevelItem(0).text(0)
    QTest.keyClick(page.edit, Qt.Key.Key_Return)
    assert page.isVisible()
    page.hide()


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


def test_every_button_has_a_name_for_screen_readers(program, all_panels):
    nameless = []
    for button in program.window.findChildren(QAbstractButton):
        own = button.objectName().startswith("qt_") or not button.isVisibleTo(program.window)  # Qt's, or in a folded page
        if not own and not (button.text() or button.accessibleName() or button.toolTip()):
            nameless.append(f"{type(button).__name__} in {type(button.parent()).__name__}")
    assert not nameless


CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QTreeView, QListWidget)
PARTS = (QAbstractSpinBox, QComboBox, QLineEdit, QTabBar, QMenuBar)  # what Qt puts into these is not a control of its own


@pytest.mark.parametrize("language", ["en", "hu"])
def test_every_control_has_a_name_and_every_icon_a_tooltip(program, all_panels, network, qtbot, language):
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
