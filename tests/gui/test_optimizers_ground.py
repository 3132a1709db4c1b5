"""The surface side of the Optimizers panel with a host that answers when the test lets it."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QGuiApplication,
    QImage,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from explorer.descent.formula import facts
from explorer.gui.panels.optimizers import RACE, OptimizersPanel
from explorer.gui.panels.optimizers_formula import EXAMPLES
from explorer.gui.panels.optimizers_ground import FORMULA, POINTS, PROBE, SLOPES
from explorer.gui.panels.optimizers_ground_choice import OWN
from explorer.gui.panels.optimizers_overlays import PanOverlay, SlopesOverlay, arrows, asymptotes, level_curves, number_rows
from explorer.gui.panels.optimizers_points import CLASS_PRESETS, LINE_PRESETS, ready_made
from explorer.gui.widgets.contour_overlay import SurfaceMap
from explorer.gui.widgets.surface_3d_mesh import TALL, behind, mesh_of, met, on_screen
from explorer.gui.widgets.typeset import draw, fitted, typeset
from explorer.jobs import Failed, Result, result_of
from explorer.picture.race_chart import BANDS, bands, levels_of
from explorer.records.errors import ExplorerError, Trouble
from explorer.requests.race import ProbeRequest, SlopesRequest, SurfaceRequest


@pytest.fixture
def panel(desk, qtbot):
    made = OptimizersPanel(desk)
    qtbot.addWidget(made)
    for channel in made.channels:
        desk.register(channel, made.take)
    qtbot.addWidget(made.form())
    made.resize(900, 640)
    made.show()
    made.set_active(True)
    answer(desk, qtbot)
    made.view.playhead.pause()
    yield made
    made.set_active(False)


def answer(desk, qtbot, channel=RACE):
    """Let the host answer the newest request of a channel; what it answered."""
    request = desk.host.requests(channel)[-1]
    try:
        record = result_of(request)
    except ExplorerError as error:
        desk.host.answer(channel, Failed(error.trouble))
        record = error.trouble
    else:
        desk.host.answer(channel, Result(record))
    qtbot.wait(1)
    return record


def race(desk):
    return desk.session.race


def key(panel, text):
    table = panel.keys()
    next(one for one in table if one.sequence == text).slot()


def point_at(panel, qtbot, x, y):
    """The cursor stands at a point of the surface."""
    view = panel.view.contour
    at = view.place(x, y)
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, at, view.mapToGlobal(at), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
    qtbot.wait(25)


# -- choosing and shaping ------------------------------------------------------------------------------------------------
def test_surfaces_stand_in_families(panel, desk, qtbot):
    choice = panel.view.surface
    heads = [choice.itemText(row) for row in range(choice.count()) if choice.itemData(row) is None]
    assert heads == ["Classic", "Rough", "From data", "Neural networks", "Your own"]
    assert choice.names()[0] == "saddle" and choice.names()[-1] == OWN
    assert {"least_squares", "mlp_plane", "rastrigin"} <= set(choice.names())
    choice.setCurrentIndex(choice.findData("ravine"))
    choice.activated.emit(choice.currentIndex())
    assert race(desk).surface == "ravine" and set(panel.view.ground.sliders.sliders) == {"bend", "walls"}
    choice.activated.emit(0)  # a head is no surface
    assert race(desk).surface == "ravine"


def test_sliders_of_a_preset_reshape_it_at_once(panel, desk, qtbot):
    panel.ground.pick("quadratic")
    slider = panel.view.ground.sliders.sliders["rotation"]
    slider.slider.setSliderDown(True)
    slider.slider.setValue(750)
    assert race(desk).values == {"rotation": slider.value()} and slider.value() == pytest.approx(45.0)
    shown = answer(desk, qtbot)
    assert shown.surface.facts["values"] == {"condition": 25.0, "rotation": 45.0}
    slider.slider.setSliderDown(False)
    assert "13 x²" in panel.view.formula.text() and panel.view.formula.text() == shown.surface.formula
    condition = panel.view.ground.sliders.sliders["condition"]
    condition.spin.setValue(400.0)
    shown = answer(desk, qtbot)
    # the rates follow the shape: those in the form are the ones of the race
    rates = {run.optimizer: run.hyper["lr"] for run in shown.runs}
    for name, rate in rates.items():
        assert panel.form().hyper.default(name, "lr") == pytest.approx(rate)
    assert rates["gd"] < 0.01
    desk.undo()
    assert race(desk).values == {"rotation": 45.0} and condition.value() == 25.0


def test_many_numbers_wait_under_more(panel, desk, qtbot):
    panel.ground.pick("sigmoid_network")
    sliders = panel.view.ground.sliders
    assert len(sliders.sliders) == 7 and [cell.isVisible() for cell in sliders._cells] == [True] * 3 + [False] * 4
    sliders.more.setChecked(True)
    assert [cell.isVisible() for cell in sliders._cells] == [False] * 3 + [True] * 4  # a low window has no room for all
    panel.resize(900, 900)
    sliders.retranslate()
    assert all(cell.isVisible() for cell in sliders._cells)
    sliders.sliders["response"].field.set_value("its own")
    sliders.sliders["response"].field.changed.emit()
    assert race(desk).values == {"response": 1.0}


# -- own formulas --------------------------------------------------------------------------------------------------------
def typed(panel, qtbot, text):
    editor = panel.view.ground.editor
    editor.field.setText(text)
    editor.field.textEdited.emit(text)
    qtbot.waitUntil(lambda: not editor._pause.isActive())
    qtbot.wait(1)
    return editor


def test_a_formula_is_tried_after_a_pause_and_becomes_the_surface(panel, desk, qtbot):
    panel.ground.pick(OWN)
    answer(desk, qtbot)
    assert race(desk).formula == "x^2 + a y^2" and panel.view.ground.editor.field.text() == "x^2 + a y^2"
    before = len(desk.host.requests(FORMULA))
    editor = typed(panel, qtbot, "x^2 + b*y^2/(1+x^2)")
    assert len(desk.host.requests(FORMULA)) == before + 1 and race(desk).formula == "x^2 + a y^2"
    answer(desk, qtbot, FORMULA)
    assert race(desk).formula == "x^2 + b*y^2/(1+x^2)"
    shown = answer(desk, qtbot)
    assert shown.surface.name == "formula" and list(panel.view.ground.sliders.sliders) == ["b"]
    assert editor.shown._latex == facts(race(desk).formula)["latex"] and editor.shown.isVisible()
    editor.field.returnPressed.emit()
    answer(desk, qtbot, FORMULA) if desk.host.requests(FORMULA)[-1].formula != race(desk).formula else None
    panel.view.ground.sliders.sliders["b"].spin.setValue(-3.0)
    assert race(desk).values == {"b": -3.0}
    answer(desk, qtbot)
    panel.ground._ranged("b", 0.0, 2.0)  # a range that the value is outside of shows its end
    slider = panel.view.ground.sliders.sliders["b"]
    assert desk.session.ground_look.ranges == {"b": (0.0, 2.0)} and slider.spin.maximum() == 2.0


def test_a_wrong_formula_is_told_under_its_place_and_the_surface_stays(panel, desk, qtbot):
    panel.ground.pick(OWN)
    good = answer(desk, qtbot)
    editor = typed(panel, qtbot, "x^2 + $y")
    notices = len(desk.sink.take())
    trouble = answer(desk, qtbot, FORMULA)
    assert trouble.code == "formula" and editor.field.bad == 6 == trouble.values["position"]
    assert "'$' is not allowed" in editor.fault.text and editor.fault.isVisible()
    assert race(desk).formula == "x^2 + a y^2" and panel.race is good
    assert not desk.sink.take() and notices == 0  # said at the field, not in a banner
    field = editor.field
    assert field.place_of(6) - field.place_of(0) == pytest.approx(field.fontMetrics().horizontalAdvance("x^2 + "), abs=2)
    caret = editor.fault.grab().toImage()
    assert caret.width() and editor.fault.heightForWidth(80) > editor.fault.heightForWidth(800)
    typed(panel, qtbot, "x^2 + y")
    answer(desk, qtbot, FORMULA)
    assert not editor.fault.text and editor.field.bad == -1 and race(desk).formula == "x^2 + y"


def test_what_was_typed_meanwhile_wins(panel, desk, qtbot):
    panel.ground.pick(OWN)
    answer(desk, qtbot)
    editor = typed(panel, qtbot, "x^2 + 2y^2")
    first = desk.host.requests(FORMULA)[-1]
    typed(panel, qtbot, "x^2 + 2y^2 +")  # waits for the first answer
    assert desk.host.requests(FORMULA)[-1] is first
    desk.host.answer(FORMULA, Result(result_of(first)))
    qtbot.wait(1)
    assert race(desk).formula == "x^2 + a y^2" and editor.field.text() == "x^2 + 2y^2 +"
    answer(desk, qtbot, FORMULA)
    assert editor.field.bad >= 0 and editor.field.text() == "x^2 + 2y^2 +" and race(desk).formula == "x^2 + a y^2"
    panel.view.ground.sliders.sliders["a"].spin.setValue(2.0)
    assert editor.fault.text and editor.field.text() == "x^2 + 2y^2 +"  # another slider is no other formula
    editor.choose("x^4 + y^4")
    answer(desk, qtbot, FORMULA)
    assert race(desk).formula == editor.field.text() == "x^4 + y^4" and not editor.fault.text
    desk.undo()
    assert race(desk).formula == editor.field.text() == "x^2 + a y^2"


def test_a_formula_of_a_scene_that_is_wrong_is_told_at_the_field(panel, desk, qtbot):
    panel._change(formula="x +* y")
    answer(desk, qtbot)
    assert panel.view.ground.editor.field.bad == 3 and panel.view.ground.editor.fault.text


def test_examples_are_good_and_history_is_kept(panel, desk, qtbot):
    assert all(facts(text)["latex"] for _, text in EXAMPLES)
    panel.ground.pick(OWN)
    answer(desk, qtbot)
    editor = panel.view.ground.editor
    for _, text in EXAMPLES[1:4]:
        editor.choose(text)
        answer(desk, qtbot, FORMULA)
        answer(desk, qtbot)
    assert desk.settings.formulas == [text for _, text in reversed(EXAMPLES[1:4])]
    editor._fill()
    shown = [action.text() for action in editor._menu.actions() if action.text()]
    assert len(shown) == len(EXAMPLES) + 3 and EXAMPLES[3][1] in shown[-3]
    panel.ground.pick("saddle")
    panel.ground.pick(OWN)
    assert race(desk).formula == EXAMPLES[3][1]
    panel.back_to_start()
    assert race(desk).formula == EXAMPLES[3][1]


@pytest.mark.parametrize(
    "text", [text for _, text in EXAMPLES] + ["x^y^2", "((x+1)/(y+2))^(1/3)", "where(x<y, where(x<0,1,x), y)"]
)
def test_typeset_boxes_hold_their_ink(qapp, text):
    font = QFont()
    font.setPixelSize(20)
    box = typeset(facts(text)["latex"], font)
    image = QImage(math.ceil(box.width) + 40, math.ceil(box.height) + 40, QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    draw(painter, box, 20, 20 + box.up, QPen(Qt.GlobalColor.black))
    painter.end()
    ink = np.argwhere(np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)[:, : image.width()] < 128)
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0)
    assert top >= 14 and left >= 16 and bottom <= 26 + box.height and right <= 24 + box.width
    assert right - left > 0.6 * box.width and bottom - top > 0.4 * box.height
    small = fitted(facts(text)["latex"], font, QRectF(0, 0, box.width / 2, box.height))
    assert small.width < box.width


def test_a_fraction_is_higher_than_a_line_and_a_power_stands_higher(qapp):
    font = QFont()
    font.setPixelSize(20)
    heights = {text: typeset(facts(text)["latex"], font) for text in ("x + y", "x/y", "x^2", "sqrt(x)")}
    assert heights["x/y"].height > 1.5 * heights["x + y"].height and heights["x^2"].up > heights["x + y"].up
    assert heights["x/y"].width < heights["x + y"].width and heights["sqrt(x)"].up > heights["x + y"].up


# -- the part that is shown ----------------------------------------------------------------------------------------------
def test_the_wheel_zooms_at_the_cursor_and_the_middle_button_drags(panel, desk, qtbot):
    view = panel.view.contour
    at = view.place(0.5, -0.25)
    wheel = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(0, 0), QPoint(0, 240), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    start = panel.race.start
    QApplication.sendEvent(view, wheel)
    x0, x1, y0, y1 = race(desk).domain
    assert x1 - x0 == pytest.approx(3.0 / 1.0015**240, rel=1e-3) and (0.5 - x0) / (x1 - x0) == pytest.approx(2 / 3, abs=0.01)
    assert (-0.25 - y0) / (y1 - y0) == pytest.approx(1.25 / 3, abs=0.01) and race(desk).start == start
    shown = answer(desk, qtbot)
    assert (shown.surface.x[0], shown.surface.x[-1]) == (x0, x1) and panel.view.ground.fit.isVisible()
    view.grab()
    middle = QMouseEvent(
        QMouseEvent.Type.MouseButtonPress, at, at, Qt.MouseButton.MiddleButton, Qt.MouseButton.MiddleButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(view, middle)
    moved = QPointF(at.x() + view.area().width() / 4, at.y())
    drag = QMouseEvent(
        QMouseEvent.Type.MouseMove, moved, moved, Qt.MouseButton.NoButton, Qt.MouseButton.MiddleButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(view, drag)
    assert isinstance(view._taken, PanOverlay)
    assert race(desk).domain[0] == pytest.approx(x0 - (x1 - x0) / 4, abs=1e-3) and race(desk).domain[2] == pytest.approx(y0)
    key(panel, "+")
    assert race(desk).domain[1] - race(desk).domain[0] == pytest.approx((x1 - x0) / 1.25, rel=1e-3)
    for _ in range(200):
        key(panel, "+")  # it ends before the plot is a point
    width = race(desk).domain[1] - race(desk).domain[0]
    assert 0 < width < 1e-3
    answer(desk, qtbot)
    x0, x1, y0, y1 = race(desk).domain
    key(panel, "Ctrl+Shift+Up")
    assert race(desk).domain == pytest.approx((x0, x1, y0 + 0.1 * (y1 - y0), y1 + 0.1 * (y1 - y0)), abs=1e-6)
    key(panel, "0")
    assert race(desk).domain is None and not panel.view.ground.fit.isVisible()


def test_the_domain_can_be_typed(panel, desk, qtbot):
    panel.ground.pick(OWN)
    answer(desk, qtbot)
    boxes = panel.view.ground.domain.boxes
    assert [box.value() for box in boxes] == [-3.0, 3.0, -3.0, 3.0]
    boxes[1].setValue(5.0)
    boxes[1].editingFinished.emit()
    assert race(desk).domain == (-3.0, 5.0, -3.0, 3.0)
    answer(desk, qtbot)
    boxes[0].setValue(9.0)  # from above to: waits for the other one
    boxes[0].editingFinished.emit()
    assert race(desk).domain == (-3.0, 5.0, -3.0, 3.0)


# -- what is asked at the cursor -----------------------------------------------------------------------------------------
def test_the_probe_follows_cursor_path_and_start(panel, desk, qtbot):
    assert not desk.host.requests(PROBE)
    key(panel, "V")
    qtbot.waitUntil(lambda: len(desk.host.requests(PROBE)) == 1)
    assert desk.host.requests(PROBE)[-1].at == panel.race.start  # nobody points anywhere
    answer(desk, qtbot, PROBE)
    point_at(panel, qtbot, 0.8, 0.7)
    x, y = desk.host.requests(PROBE)[-1].at
    assert (x, y) == (pytest.approx(0.8, abs=0.02), pytest.approx(0.7, abs=0.02))
    found = answer(desk, qtbot, PROBE)
    assert panel.ground.numbers.probe is found and found.shape == "saddle"
    rows = dict(number_rows(found))
    assert rows["f"] and rows["λ₁; λ₂"] == "−2; 2" and rows["Newton"] == "(0; 0)"
    menu = QMenu()
    panel.fill_menu(menu, *found.at)
    next(action for action in menu.actions() if action.text() == "Copy value, slope and curvature").trigger()
    assert "λ₁; λ₂\t−2; 2" in QApplication.clipboard().text()
    panel.view.contour.left.emit()
    panel._hovered("adam", 5)
    qtbot.wait(25)
    run = next(run for run in panel.race.runs if run.optimizer == "adam")
    assert desk.host.requests(PROBE)[-1].at == tuple(run.points[5].tolist())
    seen = len(desk.host.requests(PROBE))
    for step in range(40):  # one question at a time, the newest place wins
        panel._hovered("adam", step)
    qtbot.wait(25)
    assert len(desk.host.requests(PROBE)) <= seen + 1
    key(panel, "V")
    assert not panel.ground.numbers.visible


@pytest.mark.parametrize(("name", "at"), [("quadratic", (1.0, 0.5)), ("saddle", (0.7, 0.3)), ("ackley", (1.0, 1.0))])
def test_level_curves_are_those_of_the_parabola(name, at):
    probe = result_of(ProbeRequest(surface=name, at=at))
    xx, xy, yy = probe.hessian
    middle = np.array(probe.target)

    def height(points):
        d = points - middle
        return 0.5 * (xx * d[:, 0] ** 2 + 2 * xy * d[:, 0] * d[:, 1] + yy * d[:, 1] ** 2)

    here = float(height(np.array([at]))[0])
    for part in (1.0, 0.25):
        curves = level_curves(probe, part, 10.0)
        assert curves and all(np.allclose(height(curve), part * here, rtol=1e-6, atol=1e-9) for curve in curves)
    closed = np.allclose(curves[0][0], curves[0][-1])
    assert closed == (probe.shape in ("bowl", "dome")) and len(asymptotes(probe)) == (2 if probe.shape == "saddle" else 0)
    for u, v in asymptotes(probe):
        assert xx * u * u + 2 * xy * u * v + yy * v * v == pytest.approx(0.0, abs=1e-9 * abs(xx))


def test_arrows_point_downhill(panel, desk, qtbot):
    key(panel, "D")
    request = desk.host.requests(SLOPES)[-1]
    assert isinstance(request, SlopesRequest) and request.surface == "saddle" and request.columns >= 4
    field = answer(desk, qtbot, SLOPES)
    view = panel.view.contour
    view.grab()
    to = view.map()
    shafts, _ = arrows(field, to)
    ends = [(shafts.elementAt(i).x, shafts.elementAt(i).y) for i in range(shafts.elementCount())]
    for (ax, ay), (bx, by) in zip(ends[::2], ends[1::2], strict=True):
        high, low = to.to_surface(QPointF(ax, ay)), to.to_surface(QPointF(bx, by))
        assert low[0] ** 2 - low[1] ** 2 < high[0] ** 2 - high[1] ** 2 + 1e-9
    assert SlopesOverlay.counts(QRectF(0, 0, 340, 170)) == (10, 5)
    before = view.contours
    key(panel, "D")
    view.grab()
    assert view.contours == before  # an overlay makes no contour anew


def test_levels_by_key_are_the_request_s(panel, desk, qtbot):
    key(panel, "L")
    assert race(desk).levels == "linear" and panel.view.ground.spacing["linear"].isChecked()
    view = panel.view.contour
    view.grab()
    made = view.contours
    answer(desk, qtbot)
    view.grab()
    assert view.contours == made + 1


# -- points --------------------------------------------------------------------------------------------------------------
def test_points_are_added_dragged_and_taken_away(panel, desk, qtbot):
    panel.ground.pick("least_squares")
    shown = answer(desk, qtbot)
    plot = panel.view.stage.pane.plot
    assert plot.points == tuple(shown.surface.facts["points"]) and len(plot.points) == 12 and not plot.classes
    run = shown.runs[0]
    x, y = run.points[min(int(panel.view.playhead.step), run.steps)]
    assert plot._lines[0][1:] == pytest.approx((x, -1.0, y))  # the line v = x u + y
    at = plot.place(0.4, -0.9).toPoint()
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=at)
    assert len(race(desk).points) == 13
    qtbot.mouseMove(plot, plot.place(0.5, 0.9).toPoint())
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=plot.place(0.5, 0.9).toPoint())
    assert race(desk).points[-1] == pytest.approx((0.5, 0.9), abs=0.03)
    moved = answer(desk, qtbot)
    fit = np.polyfit(*np.array(race(desk).points).T, 1)
    (mark,) = moved.surface.landmarks
    assert (mark.x, mark.y) == pytest.approx(tuple(fit), abs=1e-9)
    qtbot.mouseClick(plot, Qt.MouseButton.RightButton, pos=plot.place(*race(desk).points[-1]).toPoint())
    assert len(race(desk).points) == 12
    qtbot.keyClick(plot, Qt.Key.Key_Insert)
    qtbot.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert len(race(desk).points) == 13 and race(desk).points[-1][0] < sum(plot._domain[:2]) / 2
    qtbot.keyClick(plot, Qt.Key.Key_Delete)
    assert len(race(desk).points) == 12
    desk.undo()
    assert len(race(desk).points) == 13
    panel.ground.pick("saddle")
    answer(desk, qtbot)
    assert race(desk).points == () and not panel.view.stage.pane.isVisible()


def test_two_classes_and_ready_made_points(panel, desk, qtbot):
    panel.ground.pick("logistic")
    answer(desk, qtbot)
    pane = panel.view.stage.pane
    assert pane.plot.classes and pane.kind.isVisible()
    pane.kind.setChecked(False)
    qtbot.mouseClick(pane.plot, Qt.MouseButton.LeftButton, pos=pane.plot.place(1.9, -1.5).toPoint())
    assert race(desk).points[-1][2] == 0.0
    pane._chosen("crosswise")
    shown = answer(desk, qtbot)
    assert len(race(desk).points) == 32 and abs(shown.surface.landmarks[0].x) < 0.5  # no line parts a cross
    pane._chosen("")
    assert race(desk).points == ()
    for rows, presets in ((2, LINE_PRESETS), (3, CLASS_PRESETS)):
        for _, name in presets[1:]:
            assert all(len(point) == rows for point in ready_made(name)) and ready_made(name) == ready_made(name)


# -- in space ------------------------------------------------------------------------------------------------------------
def test_a_table_of_one_s_own_is_pasted_dropped_or_opened(panel, desk, qtbot, qapp, monkeypatch, tmp_path):
    panel.ground.pick("logistic")
    answer(desk, qtbot)
    pane = panel.view.stage.pane
    QGuiApplication.clipboard().setText("x;y;kind\n1,5;2;cat\n-1;0,5;dog\n0;1;cat\n")
    pane.plot.setFocus()
    qtbot.keyClick(pane.plot, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    asked = desk.host.requests(POINTS)[-1]
    assert asked.classes and not asked.path
    desk.host.answer(POINTS, Result(result_of(asked)))
    qtbot.waitUntil(lambda: race(desk).points == ((1.5, 2.0, 0.0), (-1.0, 0.5, 1.0), (0.0, 1.0, 0.0)))
    assert any("class 0: cat, class 1: dog" in notice.text for notice in desk.sink.take())
    answer(desk, qtbot)

    path = tmp_path / "mine.csv"
    path.write_text("1,2,0\n2,3,1\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, actions = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    where = QPointF(20, 20)
    enter = QDragEnterEvent(where.toPoint(), actions, data, buttons, Qt.KeyboardModifier.NoModifier)
    qapp.sendEvent(pane.plot, enter)
    assert enter.isAccepted()
    qapp.sendEvent(pane.plot, QDropEvent(where, actions, data, buttons, Qt.KeyboardModifier.NoModifier))
    assert desk.host.requests(POINTS)[-1].path == str(path)

    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    count = len(desk.host.requests(POINTS))
    qtbot.mouseClick(pane.open, Qt.MouseButton.LeftButton)
    assert len(desk.host.requests(POINTS)) == count + 1
    before = race(desk).points
    desk.host.answer(
        POINTS, Failed(Trouble("points.few", "A table needs two points at least; here are {count}.", {"count": 0}))
    )
    qtbot.wait(30)
    assert race(desk).points == before  # a wrong table leaves what is there


def test_without_opengl_the_contour_stays_and_says_so(panel, desk, qtbot):
    key(panel, "3")  # the offscreen platform has none
    stage = panel.view.stage
    assert desk.session.ground_look.view == "3-D" and panel.view.contour.isVisible() and stage.said.isVisible()
    assert "no OpenGL" in stage.said.text() and stage.space is None
    key(panel, "3")
    assert panel.view.contour.isVisible() and stage.said.isVisible()
    key(panel, "3")
    assert not stage.said.isVisible() and desk.session.ground_look.view == "2-D"


def test_the_mesh_has_the_colours_and_levels_of_the_contour():
    samples = result_of(SurfaceRequest(surface="himmelblau", resolution=64))
    mesh = mesh_of(samples, dark=True)
    level = levels_of(samples)
    np.testing.assert_allclose(mesh.vertices[:, 2].reshape(64, 64), level / BANDS * TALL, atol=1e-6)
    table, _ = bands("cividis", True)
    wanted = table[np.clip(level, 0, BANDS - 1e-3).astype(int)].reshape(-1, 3) / 255
    ratio = mesh.colours[:, :3].sum(axis=1) / wanted.sum(axis=1)  # light changes how bright, not which colour
    assert ratio.min() > 0.55 and ratio.max() < 1.3
    heights = mesh.lines[:, 2] / TALL * BANDS
    assert np.abs(heights - np.rint(heights)).max() < 0.1 and len(mesh.faces) == 2 * 63 * 63
    holes = mesh_of(result_of(SurfaceRequest(formula="log(x)", resolution=64)), dark=False)
    assert len(holes.faces) < 0.51 * len(mesh.faces) and np.isfinite(holes.vertices).all()
    nothing = mesh_of(result_of(SurfaceRequest(formula="log(-1)", resolution=32)), dark=False)
    assert not len(nothing.faces) and not len(nothing.lines) and not len(nothing.grid)


def test_what_is_met_in_space_is_the_nearest_to_the_eye():
    eye = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, -1, 3]])  # looks down along z from z = 3
    places = np.array([[0.0, 0, 0], [0.001, 0, 1], [0.9, 0.9, 0]], np.float32)
    pixels, depth = on_screen(places, eye, 100, 100)
    assert pixels[0].tolist() == [50.0, 50.0] and depth.tolist() == [3.0, 2.0, 3.0]
    assert met(places, eye, (100, 100), (50, 50), 5) == 1 and met(places, eye, (100, 100), (5, 5), 5) is None
    assert behind(places[1:2], places[:1], eye, (100, 100)) == [True]
    assert behind(places[:1], places[1:2], eye, (100, 100)) == [False]


def test_surface_map_of_an_overlay_and_of_the_view_agree(panel):
    view = panel.view.contour
    to = view.map()
    assert isinstance(to, SurfaceMap) and to.to_screen(0.3, 0.2) == view.place(0.3, 0.2)
