"""Where to dream: painting, finding the object, the file of the mask."""

import os

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from explorer import assets
from explorer.gui.panels import dream_mask
from explorer.gui.panels.dream import DreamPanel
from explorer.gui.panels.dream_mask import MaskImage, kind_of
from explorer.host.messages import Answer
from explorer.jobs import Failed, Result, Started
from explorer.picture.stills import read_rgb
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.vision import Mask
from explorer.requests.base import changed

FRAME = Frame(np.full((60, 80, 3), 90, np.uint8), seq=3, source="coffee")


@pytest.fixture
def panel(desk, qtbot):
    made = DreamPanel(desk)
    for channel in made.channels:
        desk.register(channel, made.take)
    qtbot.addWidget(made)
    qtbot.addWidget(made.form())
    made.resize(800, 600)
    made.show()
    desk.frame = FRAME
    desk.change(dream=changed(desk.session.dream, start="picture"))
    return made


def found(desk, qtbot, alpha):
    desk.host.say(Answer("dream.mask", desk.host._generation, Started("x")))
    desk.host.say(Answer("dream.mask", desk.host._generation, Result(Mask(alpha))))
    qtbot.wait(1)


def left_half():
    alpha = np.zeros((60, 80), np.float32)
    alpha[:, :40] = 1.0
    return alpha


def test_a_stroke_is_round_and_wiping_undoes_it():
    mask = MaskImage(1280, 640)
    assert (mask.image.width(), mask.image.height()) == (640, 320) and mask.share == 0.0
    mask.stroke(QPointF(0.5, 0.5), QPointF(0.5, 0.5), 0.1, erase=False)
    assert mask.share == pytest.approx(np.pi * 64**2 / (640 * 320), rel=0.02)
    mask.stroke(QPointF(0.2, 0.5), QPointF(0.8, 0.5), 0.2, erase=True)
    assert mask.share == 0.0
    mask.invert()
    assert mask.share == 1.0


def test_a_mask_file_is_grey_and_named_by_its_content(tmp_path):
    path = MaskImage.of(left_half()).save("object")
    assert kind_of(path) == "object" and kind_of("") == "" and kind_of(str(tmp_path / "object-1.png")) == "file"
    rgb = read_rgb(path)
    assert rgb.shape == (60, 80, 3) and rgb[:, :38].min() == 255 and rgb[:, 42:].max() == 0
    assert MaskImage.of(left_half()).save("object") == path
    assert MaskImage.read(path).share == pytest.approx(0.5, abs=0.02)
    assert MaskImage.of(left_half(), invert=True).save("background") != path
    assert MaskImage.read(str(tmp_path / "gone.png")) is None
    assert MaskImage.of(np.full((4, 4), np.nan, np.float32)).share == 0.0


def test_old_masks_are_swept(monkeypatch):
    monkeypatch.setattr(dream_mask, "KEPT_FILES", 3)
    for number in range(6):
        mask = MaskImage(40, 40)
        mask.stroke(QPointF(number / 6, 0.5), QPointF(number / 6, 0.5), 0.1, erase=False)
        os.utime(mask.save("painted"), (number, number + 1))
    assert len(list((assets.state_dir() / "masks").glob("*.png"))) <= 4


def test_painting_with_the_mouse_and_undo(panel, desk, qtbot):
    panel.masking.toggle()
    view = panel.body.brush.view
    assert panel.body.pages.currentWidget() is panel.body.brush and view.image.width() == 80
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    QTest.mouseMove(view, QPoint(400, 200))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(400, 200))
    first = desk.session.dream.mask
    assert kind_of(first) == "painted" and 0.01 < MaskImage.read(first).share < 0.5
    QTest.mouseClick(view, Qt.MouseButton.RightButton, pos=QPoint(350, 200))
    assert MaskImage.read(desk.session.dream.mask).share < MaskImage.read(first).share
    desk.undo()
    assert desk.session.dream.mask == first and view.area.share == pytest.approx(MaskImage.read(first).share)
    panel.masking.toggle()
    assert panel.body.pages.currentWidget() is panel.body.picture


def test_painting_with_keys(panel, desk):
    panel.masking.open()
    page = panel.body.brush
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(page.view, key)
    one = MaskImage.read(desk.session.dream.mask).share
    assert one > 0.0
    page.invert.click()
    assert MaskImage.read(desk.session.dream.mask).share == pytest.approx(1.0 - one, abs=0.01)
    page.clear.click()
    assert desk.session.dream.mask == ""
    page.size_.spin.setValue(20)
    QTest.keyClick(page.view, Qt.Key.Key_Return)
    assert MaskImage.read(desk.session.dream.mask).share > 2 * one


def test_the_object_or_the_background(panel, desk, qtbot):
    section = panel.form().masks
    for kind, share in (("object", 0.5), ("background", 0.5)):
        section.box.setCurrentIndex(section.box.findData(kind))
        section.box.activated.emit(section.box.currentIndex())
        assert desk.host.asked[-1][1] == desk.session.segment and desk.host.asked[-1][2] is FRAME
        found(desk, qtbot, left_half())
        assert kind_of(desk.session.dream.mask) == kind == section.box.currentData()
        assert MaskImage.read(desk.session.dream.mask).share == pytest.approx(share, abs=0.02)
    section.box.setCurrentIndex(0)
    section.box.activated.emit(0)
    assert desk.session.dream.mask == ""


def test_a_mask_of_another_picture_is_searched_anew_before_the_dream(panel, desk, qtbot):
    panel.masking._wanted("object")
    found(desk, qtbot, left_half())
    panel.begin()
    assert len(desk.host.requests("dream")) == 1
    panel.runs.stop()
    desk.host.say(Answer("dream", desk.host._generation, Failed(Trouble("x", "x"))))
    qtbot.wait(1)
    desk.frame = Frame(np.full((60, 80, 3), 10, np.uint8), seq=4)
    panel.begin()
    assert len(desk.host.requests("dream")) == 1 and desk.host.asked[-1][0] == "dream.mask"
    found(desk, qtbot, 1.0 - left_half())
    assert len(desk.host.requests("dream")) == 2
    rgb = read_rgb(desk.host.requests("dream")[-1].mask)
    assert rgb[30, 10, 0] == 0 and rgb[30, 70, 0] == 255


def test_no_object_and_no_disk_are_told(panel, desk, qtbot, monkeypatch):
    panel.masking._wanted("object")
    found(desk, qtbot, np.zeros((60, 80), np.float32))
    assert desk.session.dream.mask == "" and "No object" in desk.sink.take()[-1].text
    monkeypatch.setattr("explorer.atomic.os.fsync", lambda *a: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    panel.masking._wanted("object")
    found(desk, qtbot, left_half())
    assert desk.session.dream.mask == "" and "No space left" in desk.sink.take()[-1].text


def test_without_a_picture_it_says_so(panel, desk):
    desk.frame = None
    panel.masking.open()
    panel.masking._wanted("object")
    assert len(desk.sink.take()) == 2 and desk.host.requests("dream.mask") == []
