"""The rail: every panel one click away, names where there is room, the present one marked; no tabs beside it."""

from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QTabBar

from explorer.gui import theme
from explorer.gui.docks import Centre
from explorer.gui.panels import PANELS
from explorer.gui.rail import ABOUT, Rail

STYLES = Qt.ToolButtonStyle


def filled(qtbot):
    rail = Rail(None)
    qtbot.addWidget(rail)
    for row in PANELS:
        rail.add(row.name, row.title, row.icon)
    rail.show()
    return rail


def test_a_click_says_the_name_and_keys_do_too(qtbot, english):
    rail = filled(qtbot)
    with qtbot.waitSignal(rail.chosen) as chosen:
        QTest.mouseClick(rail.button("why"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["why"]
    rail.button("live").setFocus()
    with qtbot.waitSignal(rail.chosen) as chosen:
        QTest.keyClick(rail.button("live"), Qt.Key.Key_Space)
    assert chosen.args == ["live"]


def test_one_button_is_marked(qtbot, english):
    rail = filled(qtbot)
    rail.mark("dream")
    rail.mark("live")
    assert [row.name for row in PANELS if rail.button(row.name).isChecked()] == ["live"]


def test_names_move_beside_the_pictures_and_go_in_small_windows_and_the_tips_stay(qtbot, english):
    rail = filled(qtbot)
    rail.resize(rail.width(), 1000)
    rail.fit(QSize(1440, 1100))
    under = rail.width()
    assert rail.button("live").toolButtonStyle() == STYLES.ToolButtonTextUnderIcon
    rail.resize(rail.width(), 640)
    rail.fit(QSize(1440, 900))
    assert rail.button("live").toolButtonStyle() == STYLES.ToolButtonTextBesideIcon
    assert rail.width() > under
    for small, high in ((QSize(1024, 900), 760), (QSize(1440, 560), 440)):
        rail.fit(small)
        rail.resize(rail.width(), high)
        assert rail.button("live").toolButtonStyle() == STYLES.ToolButtonIconOnly
        assert rail.width() < under
    assert all(rail.button(row.name).toolTip() for row in PANELS)
    assert all(rail.button(row.name).accessibleName() == row.title for row in PANELS)


def test_every_panel_can_be_seen_however_low_the_window_is(qtbot, english):
    window = QMainWindow()
    qtbot.addWidget(window)
    rail = Rail(window)
    for row in PANELS:
        rail.add(row.name, row.title, row.icon)
    window.addToolBar(Qt.ToolBarArea.LeftToolBarArea, rail)
    window.show()
    buttons = [rail.button(row.name) for row in PANELS]
    columns = []
    for high in (1000, 777, 597, 517, 377):
        window.resize(1024, high)
        rail.fit(QSize(1024, high + 123))
        qtbot.waitUntil(lambda: apart(rail, buttons), timeout=2000)
        places = [place_in(rail, button) for button in buttons]
        assert min(place.height() for place in places) >= 24  # the smallest target that is easily hit
        columns.append(len({place.x() for place in places}))
    assert columns == [1, 1, 1, 1, 2]


def apart(rail, buttons):
    """Every button is inside of the rail, and clear of the one before."""
    places = [place_in(rail, button) for button in buttons]
    return all(map(rail.rect().contains, places)) and not any(one.intersects(other) for one, other in pairwise(places))


def place_in(rail, button):
    return QRect(button.mapTo(rail, QPoint()), button.size())


def test_every_panel_is_explained():
    assert {row.name for row in PANELS} <= set(ABOUT)


def test_tabs_give_way_to_the_rail_unless_panels_stand_side_by_side(qtbot, qapp, english):
    theme.apply(qapp, "light")
    centre = Centre(railed=True)
    qtbot.addWidget(centre)
    for name in ("one", "two", "three"):
        centre.add(name, name, "filters")
    centre.resize(900, 400)
    centre.show()
    (bar,) = centre.findChildren(QTabBar)
    qtbot.waitUntil(lambda: bool(bar.property("away")) and bar.height() == 0)
    assert all(dock.title_line.height() > 0 for dock in centre.docks.values())
    centre.arrange(("one", "two"), ("three",))
    qtbot.waitUntil(lambda: any(bar.isVisible() and bar.height() > 10 for bar in centre.findChildren(QTabBar)))
    qapp.setStyleSheet("")
