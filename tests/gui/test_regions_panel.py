"""The Regions panel over records made here: the map, its cursor, its words, its zoom."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from explorer.gui.panels.regions import MAP, RegionsPanel
from explorer.gui.panels.regions_view import facts_lines, place_text, zoom_to
from explorer.jobs import Failed, Preview, Result
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.records.regions import AnswerChange, Regions
from explorer.requests.base import changed
from explorer.requests.regions import RegionsRequest

FRAME = Frame(np.full((8, 8, 3), 100, np.uint8), source="grey")


def record(size=9, step=1, reach=(0.5, 0.25, 1.0, 2.0), **fields):
    """Class 3 on the left and in the middle, 7 on the right; two pieces on the left."""
    answer = np.full((size, size), 3, np.int32)
    answer[:, size // 2 + 2 :] = 7
    pattern = (answer == 7).astype(np.int32)
    pattern[:2] += 2
    ones = np.ones((4, 4, 3), np.float32)
    given = {
        "labels": {3: "cup", 7: "cat"},
        "names": ("to cat", "random"),
        "model": "toy",
        "source": "grey",
        "switches": 12,
        "nearest": AnswerChange(0.9, 0.9, 0.0, 7, "cat"),
        **fields,
    }
    return Regions(
        answer, np.full((size, size), 0.75, np.float32), pattern, 4.0, step, 100 * ones, 2 * ones, -ones, reach=reach, **given
    )


@pytest.fixture
def panel(desk, qtbot):
    made = RegionsPanel(desk)
    qtbot.addWidget(made)
    qtbot.addWidget(made.form())
    desk.network = NetworkInfo("squeezenet1_1", "Toy", "classify", "by hand", 8, (), ("a", "b"))
    desk.frame = FRAME
    made.resize(900, 600)
    made.show()
    return made


def asked(desk):
    return [entry for entry in desk.host.asked if entry[0] == MAP]


def test_the_first_picture_is_looked_around_at_once_and_only_it(panel, desk):
    panel.set_active(True)
    assert len(asked(desk)) == 1 and asked(desk)[0][1] == RegionsRequest() and asked(desk)[0][2] is FRAME
    panel.take(MAP, Result(record()))
    panel.take_frame(Frame(FRAME.rgb, seq=2, source="another"))
    assert len(asked(desk)) == 1
    panel.draw.click()
    assert len(asked(desk)) == 2


def test_the_cursor_says_what_is_there(panel, desk, qtbot):
    panel.take(MAP, Result(record()))
    assert (
        panel.map.cell == (4, 4)
        and "the picture's own linear piece" in panel.place.text()
        and "cup, 75.0 %" in panel.place.text()
    )
    qtbot.keyClick(panel.map, Qt.Key.Key_Right)
    qtbot.keyClick(panel.map, Qt.Key.Key_Right)
    assert "cat, 75.0 %" in panel.place.text() and panel.place.text().startswith("2 right, 0 down")
    assert panel.point._rgb[0, 0].tolist() == [104, 104, 104]  # 100 + 2 levels of 2 each
    qtbot.keyClick(panel.map, Qt.Key.Key_Up)
    assert panel.point._rgb[0, 0].tolist() == [105, 105, 105]
    qtbot.keyClick(panel.map, Qt.Key.Key_Home)
    assert panel.map.cell == (4, 4)
    at = panel.map.transform().map(QPoint(panel.map._side // 2, panel.map._side // 2))
    qtbot.mouseMove(panel.map, at)
    qtbot.waitUntil(lambda: panel.map.cell == (0, 0))
    panel.grab()


def test_the_facts_are_sentences(panel):
    said = " ".join(facts_lines(record()))
    assert (
        "cat, 0.9 levels" in said and "0.5 to the left, 0.25 right, 1 up, 2 down" in said and "4 linear pieces among 81" in said
    )
    assert "where linear pieces meet" in " ".join(facts_lines(record(on_edge=True)))
    same = Regions(
        np.full((5, 5), 3, np.int32),
        np.ones((5, 5), np.float32),
        np.full((5, 5), -1, np.int32),
        1.0,
        1,
        *[np.zeros((2, 2, 3), np.float32)] * 3,
    )
    assert facts_lines(same) == ["The answer is the same in all of this plane."]
    assert "linear piece" not in place_text(same, (0, 0))


def test_coarse_maps_are_shown_as_they_come(panel):
    panel.take(MAP, Preview(record(step=4)))
    assert not panel.demo_ready() and not panel.map._image.isNull()
    panel.take(MAP, Result(record()))
    assert panel.demo_ready() and panel.picture().width() == 9 * panel.map._side
    assert panel.numbers().count("\n") == 81


def test_zooming_asks_again_with_another_extent(panel, desk):
    panel.take(MAP, Result(record()))
    panel.closer.click()
    assert desk.session.regions.extent == zoom_to(record()) == 6.0 and len(asked(desk)) == 1
    panel.wider.click()
    assert desk.session.regions.extent == 48.0
    panel.wider.click()
    panel.wider.click()
    assert desk.session.regions.extent == 255.0
    assert zoom_to(record(reach=(0.0, 0.0, 0.0, 0.0))) == 4.0 / 64 and zoom_to(record(reach=())) == 4.0 / 64


def test_another_question_makes_the_map_stale_until_it_is_drawn(panel, desk):
    panel.set_active(True)
    panel.take(MAP, Result(record()))
    assert panel.map._stale == ""
    desk.change(regions=changed(desk.session.regions, seed=4))
    assert "again" in panel.map._stale
    panel.start()
    assert panel.map._stale == ""


def test_a_failure_is_said_in_place_of_the_map(panel):
    panel.take(MAP, Result(record()))
    panel.take(MAP, Failed(Trouble("x", "No map can be drawn.")))
    assert panel.record is None and panel.map._empty == "No map can be drawn." and not panel.closer.isEnabled()
    panel.grab()
