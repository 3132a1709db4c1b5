"""The Teach panel: holding records files, names are folders, a result shows its cells and pictures, nothing is lost."""

import json
import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from explorer.gui.panels.teach import LIVE, STILL, TRAIN, TeachPanel
from explorer.gui.panels.teach_cards import TAKE_IN
from explorer.gui.panels.teach_set import PictureSet
from explorer.jobs import CancelledJob, Failed, Preview, Result
from explorer.records.attribution import Attribution, AttributionSet, Said
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.teach import Collected, Curves, Taught
from explorer.records.vision import ClassScore, TopK
from explorer.requests.attribution import AttributeRequest
from explorer.requests.base import changed
from explorer.requests.network import ClassifyRequest
from explorer.requests.teach import TeachRequest


def frame(seq, shade=90):
    return Frame(np.full((48, 64, 3), shade, np.uint8), seq=seq, source="grey")


@pytest.fixture
def panel(desk, put_up):
    desk.frame = frame(1)
    return put_up(TeachPanel(desk))


def arrive(panel, seq):
    panel.desk.frame = frame(seq, 60 + seq)
    panel.recording._last = 0.0  # time enough went by
    panel.take_frame(panel.desk.frame)


def hold(panel, qtbot, number, seqs):
    card = panel.cards.cards[number]
    wanted = len(panel.pictures.files[card.class_name]) + len(seqs)
    panel.desk.frame = frame(seqs[0], 60 + seqs[0])
    qtbot.mousePress(card.record, Qt.MouseButton.LeftButton)
    for seq in seqs[1:]:
        arrive(panel, seq)
    qtbot.mouseRelease(card.record, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.pictures.files[card.class_name]) == wanted)


def record(panel, **fields):
    """Class A: two right, one taken for B; class B: one right."""
    paths = tuple(str(path.relative_to(panel.pictures.folder)) for files in panel.pictures.files.values() for path in files)
    label = np.array([index for index, files in enumerate(panel.pictures.files.values()) for _ in files])
    scores = np.eye(2, dtype=np.float32)[label] * 0.8 + 0.1
    scores[2] = (0.45, 0.55)
    curve = np.array([0.7, 0.2])
    given = {
        "classes": tuple(panel.pictures.classes),
        "paths": paths,
        "label": label,
        "group": np.arange(len(paths)),
        "held": np.ones(len(paths), bool),
        "scores": scores,
        "curves": Curves(curve, 1 - curve, curve, 1 - curve),
        "check": "folds",
        "folds": 3,
        "facts": {"classes": list(panel.pictures.classes)},
        "model": b"model",
        "notes": (Said("Few pictures."),),
        **fields,
    }
    return Taught(**given)


@pytest.fixture
def full(panel, qtbot):
    hold(panel, qtbot, 0, [2, 3, 4])
    hold(panel, qtbot, 1, [5])
    return panel


def test_holding_records_files_and_letting_go_ends(panel, qtbot):
    assert panel.pictures.classes == ["Class A", "Class B"] and not panel.page.train.isEnabled()
    hold(panel, qtbot, 0, [2, 3, 4])
    arrive(panel, 5)
    names = [path.name for path in panel.pictures.files["Class A"]]
    assert len(names) == 3 and len({name[: name.rindex("-")] for name in names}) == 1 and names[0].endswith("-0001.jpg")
    assert all(path.stat().st_size > 300 for path in panel.pictures.files["Class A"])
    assert panel.cards.cards[0].count.text() == "3 pictures" and panel.cards.cards[0].thumbs.count() == 3
    assert "Class B" in panel.page.ready.text() and not panel.page.train.isEnabled()
    hold(panel, qtbot, 1, [6])
    assert panel.page.train.isEnabled() and "5 more of Class A, 7 more of Class B" in panel.page.ready.text()


def test_a_still_is_recorded_once_a_press(panel, qtbot):
    hold(panel, qtbot, 0, [2])
    panel.recording.begin("Class A")
    for _ in range(5):
        panel.recording._last = 0.0
        panel.recording.frame()
    assert panel.recording.taken == 1
    panel.recording.end()
    qtbot.waitUntil(lambda: len(panel.pictures.files["Class A"]) == 2)


def test_a_figure_key_records_while_it_is_down(panel, qtbot):
    keys = panel.keys()
    {key.sequence: key for key in keys}["2"].slot()
    assert panel.recording.name == "Class B" and panel.cards.cards[1].recording and "Class B" in panel.page.view.recording
    repeat = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_2, Qt.KeyboardModifier.NoModifier, "2", True)
    QApplication.sendEvent(panel, repeat)
    assert panel.recording.name
    qtbot.keyRelease(panel, Qt.Key.Key_2)
    assert not panel.recording.name and not panel.cards.cards[1].recording
    qtbot.waitUntil(lambda: len(panel.pictures.files["Class B"]) == 1)


def test_the_lock_records_without_holding_and_leaving_ends_it(panel, qtbot):
    panel.cards.cards[0].lock.click()
    assert panel.recording.name == "Class A"
    panel.set_active(False)
    assert not panel.recording.name and not panel.cards.cards[0].lock.isChecked()
    qtbot.waitUntil(lambda: len(panel.pictures.files["Class A"]) == 1)


def test_classes_are_named_added_removed_and_come_back(full, qtbot):
    card = full.cards.cards[0]
    card.name.setText(" mug / cup? ")
    card.name.editingFinished.emit()
    assert full.pictures.classes == ["mug ∕ cup？", "Class B"] and len(full.pictures.files["mug ∕ cup？"]) == 3
    for wrong in ("class b", "  "):
        card = full.cards.cards[0]
        card.name.setText(wrong)
        card.name.editingFinished.emit()
        assert full.pictures.classes[0] == "mug ∕ cup？" and full.cards.cards[0].name.text() == "mug ∕ cup？"
    full.page.add.click()
    assert len(full.cards.cards) == 3 and full.pictures.classes[2] == "Class A"
    full.cards.cards[1].wanted.emit("Class B", "remove")
    assert full.pictures.classes == ["mug ∕ cup？", "Class A"]
    full.pictures.bring_back()
    assert set(full.pictures.classes) == {"mug ∕ cup？", "Class A", "Class B"} and len(full.pictures.files["Class B"]) == 1
    again = PictureSet(full.pictures.folder)  # as after a crash
    assert again.classes == full.pictures.classes and again.files == full.pictures.files


def test_pictures_are_deleted_and_brought_back(full, qtbot):
    thumbs = full.cards.cards[0].thumbs
    thumbs.setCurrentRow(0)
    newest = full.pictures.files["Class A"][-1]
    assert thumbs.chosen == [newest]
    qtbot.keyClick(thumbs, Qt.Key.Key_Delete)
    assert len(full.pictures.files["Class A"]) == 2 and not newest.exists()
    notice = full.desk.sink.take()[-1]
    notice.actions[0][1]()
    assert newest.exists() and len(full.pictures.files["Class A"]) == 3


def test_a_full_disk_ends_the_recording_in_words(panel, qtbot, monkeypatch):
    def full_disk(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("explorer.gui.panels.teach_set.atomic.write_bytes", full_disk)
    panel.cards.cards[0].held.emit("Class A", True)
    qtbot.waitUntil(lambda: not panel.recording.name)
    assert any("No space left" in notice.text for notice in panel.desk.sink.take())


def test_training_shows_how_it_goes_and_the_model_answers(full, desk, qtbot):
    full.page.train.click()
    assert desk.host.requests(TRAIN) == [TeachRequest()]
    full.take(TRAIN, Preview(record(full)))
    assert full.page.verdict.text() == "3 of 4 unseen pictures right" and full.keeping.model is None
    full.take(TRAIN, Result(record(full)))
    assert full.keeping.model.read_bytes() == b"model" and full.keeping.names == ("Class A", "Class B")
    assert desk.host.followed[LIVE] == ClassifyRequest(model=str(full.keeping.model), exact=True, top=100)
    assert "Few pictures." in full.page.notes.text() and "75 %" in full.page.detail.text()
    full.take(LIVE, Result(TopK((ClassScore(1, "Class B", 0.9), ClassScore(0, "Class A", 0.1)))))
    assert full.page.view.bars == [(0, "Class A", 0.1), (1, "Class B", 0.9)]
    full.grab()
    assert full.page.stale.isHidden()
    hold(full, qtbot, 1, [9])
    assert not full.page.stale.isHidden()
    full.take(TRAIN, CancelledJob(record(full, stopped=True)))
    assert full.numbers().splitlines()[1] == "Class A\t2\t1"


def test_a_cell_shows_its_pictures_and_a_click_looks_at_one(full, desk, qtbot):
    full.take(TRAIN, Result(record(full)))
    results = full.page.results
    assert results.wall.count() == 4  # least sure first
    at = results.matrix.rect_of((0, 1)).center().toPoint()
    qtbot.mouseClick(results.matrix, Qt.MouseButton.LeftButton, pos=QPoint(at))
    assert results.heading.text() == "Class A taken for Class B: 1" and results.wall.count() == 1
    assert results.wall.item(0).text() == "Class B 55 %"
    qtbot.keyClick(results.matrix, Qt.Key.Key_Left)
    assert results.matrix.cell == (0, 0) and results.wall.count() == 2
    full.page.heat.click()
    assert isinstance(desk.host.followed[LIVE], AttributeRequest)
    results.wall.itemClicked.emit(results.wall.item(0))
    assert desk.host.followed[LIVE] is None and full.looking is not None
    asked = desk.host.requests(STILL)[-1]
    assert asked.methods == ("gradcam",) and asked.model == str(full.keeping.model)
    heat = Attribution("gradcam", "Grad-CAM", np.ones((4, 4), np.float32), False, (48, 64), 1.0)
    answer = AttributionSet((heat,), "class", Said("x"), "probability", 1.0, top=(ClassScore(0, "Class A", 1.0),))
    full.take(LIVE, Result(answer))  # late: another picture is on the screen
    assert full.page.view.item is None
    full.take(STILL, Result(answer))
    assert full.page.view.item is heat and full.page.view.bars[0][1] == "Class A"
    full.grab()
    full.page.back.click()
    assert full.looking is None and full.page.view.item is None and full.page.back.isHidden()


def test_saving_opening_and_using_elsewhere(full, desk, tmp_path, monkeypatch):
    full.take(TRAIN, Result(record(full)))
    target = tmp_path / "mine.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target.with_suffix("")), ""))
    full.page.save.click()
    assert target.read_bytes() == b"model" and json.loads(target.with_suffix(".json").read_text())["classes"][0] == "Class A"
    assert str(target) in (full.keeping.folder.parent / "recent.json").read_text()
    full.page.use.click()
    assert desk.session.classify.model == str(full.keeping.model) and desk.session.live == "classify"
    full.page.inside.click()
    assert desk.session.network.model == str(full.keeping.model)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(target), ""))
    full.page.load.click()
    assert full.keeping.model == target and desk.host.followed[LIVE].model == str(target)
    monkeypatch.setattr("explorer.gui.panels.teach_keeping.atomic.write_bytes", _no_room)
    full.page.save.click()
    assert any("No space" in notice.text for notice in desk.sink.take())


def _no_room(path, data):
    raise OSError(28, "No space left on device")


def test_pictures_from_elsewhere_go_through_the_engine(panel, desk, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    panel.page.take_in.click()
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(tmp_path)), QUrl("https://example.org/cup.jpg")])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), copy, dropped, left, none)
    QApplication.sendEvent(panel.cards.cards[1], enter)
    assert enter.isAccepted() and panel.cards.cards[1]._over
    QApplication.sendEvent(panel.cards.cards[1], QDropEvent(QPoint(9, 9), copy, dropped, left, none))
    assert not panel.cards.cards[1]._over
    whole, one = desk.host.requests(TAKE_IN)
    assert whole.sources == (str(tmp_path),) and whole.name == "" and one.name == "Class B"
    panel.take(TAKE_IN, Result(Collected({"Class B": 2}, (("x/broken.jpg", "damaged"),))))
    said = [notice.text for notice in desk.sink.take()]
    assert "Pictures taken in: 2" in said and any("broken.jpg" in text for text in said)


def test_failures_are_said_where_the_result_would_be(full):
    full.take(TRAIN, Failed(Trouble("x", "There is no picture of {name}.", {"name": "B"})))
    assert full.page.detail.text() == "There is no picture of B." and full.page.verdict.text() == "Not trained."
    full.demo()
    assert full.demo_ready()


def test_the_backbone_may_change_while_pictures_come(full, desk):
    full.take(TRAIN, Result(record(full)))
    full._asked = desk.session.teach
    full._trained_on = full._state()
    full._say()
    assert full.page.stale.isHidden()
    full.recording.begin("Class A")
    desk.change(teach=changed(desk.session.teach, model="resnet18"))
    assert full.recording.name == "Class A" and not full.page.stale.isHidden()
    full.recording.end()


def test_a_new_panel_goes_on_where_the_last_one_was(full, desk, put_up):
    full.take(TRAIN, Result(record(full)))
    again = put_up(TeachPanel(desk))
    assert again.keeping.model == full.keeping.model and again.pictures.files == full.pictures.files
    assert desk.host.followed[LIVE].model == str(again.keeping.model)


def test_a_thousand_pictures_are_a_row_in_no_time(panel, qtbot):
    hold(panel, qtbot, 0, [2])
    first = panel.pictures.files["Class A"][0]
    for number in range(1000):
        first.with_name(f"file-{number:04d}.jpg").hardlink_to(first)
    began = time.process_time()
    panel.pictures.read()
    assert panel.cards.cards[0].count.text() == "1001 pictures" and panel.cards.cards[0].thumbs.count() == 120
    assert time.process_time() - began < 1.0
