import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from explorer import i18n
from explorer.gui import words
from explorer.gui.widgets.picture_strip import PictureStrip


@pytest.fixture
def window(qtbot, desk):
    made = QMainWindow()
    qtbot.addWidget(made)
    made.strip = PictureStrip(made)
    made.addToolBar(made.strip)
    made.strip.fill()
    made.resize(1440, 400)
    made.show()
    return made


def test_the_clip_can_always_be_played_although_no_file_of_it_is_shipped(window, qtbot):
    qtbot.waitUntil(lambda: not window.strip._todo)
    assert window.strip.clip.isEnabled()
    with qtbot.waitSignal(window.strip.clip_chosen, timeout=1000):
        window.strip.clip.click()


def test_labels_stand_beside_the_icons_where_there_is_room(window, qtbot):
    strip = window.strip
    assert strip.file.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon and strip.file.text() == "File"
    window.resize(800, 400)
    qtbot.waitUntil(lambda: strip.file.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly)
    assert strip.file.toolTip() and strip.file.accessibleName()


def test_labels_follow_the_language(window):
    i18n.use_language("hu")
    words.retranslate(window)
    assert [button.text() for button in (window.strip.file, window.strip.folder)] == ["Fájl", "Mappa"]
