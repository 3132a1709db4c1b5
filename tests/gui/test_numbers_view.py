"""NumbersView: grids, rows and curves from records, the mouse and the keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from explorer.gui import theme
from explorer.gui.widgets.numbers_text import as_table, filled_text, formula_text, result_text, signed, softmax_text, sum_text
from explorer.gui.widgets.numbers_view import NumbersView
from explorer.records.numbers import Numbers, Part, Softmax, Term, Window, Worked


def window(n=3, h=3, w=3, weights=True, **fields):
    made = np.random.default_rng(n).normal(size=(2, n, h, w)).astype(np.float32)
    sums = (made[0].astype(np.float64) * made[1]).sum((1, 2)) if weights else made[0].astype(np.float64).sum((1, 2))
    inside = np.ones((h, w), bool)
    inside[0] = False
    rows, columns = np.arange(h) - 1, np.arange(w) + 4
    kernel = made[1] if weights else np.zeros((0, 0, 0), np.float32)
    return Window(made[0], kernel, inside, rows, columns, np.arange(n) + 10, sums, (8, 8), int(np.abs(sums).argmax()), **fields)


def numbers(worked, value=1.0, **fields):
    return Numbers("conv1", "Conv2d", 2, 3, 4, (8, 8), 6, value, worked, **fields)


def convolution(n=3):
    made = window(n)
    total = float(made.sums.sum())
    terms = (Term("sum", total), Term("bias", -0.5))
    return numbers(Worked("sum", "the sum of {count}", total - 0.5, {"count": n}, terms, made), total - 0.5 + 1e-6)


def softmax():
    logits = np.array([1.0, 3.0, 2.0], np.float32)
    powers = np.exp(logits.astype(np.float64) - 3.0)
    return Softmax(logits, 1, 3.0, powers, float(powers.sum()))


@pytest.fixture
def view(qtbot, qapp, english):
    theme.apply(qapp, "light")
    made = NumbersView()
    qtbot.addWidget(made)
    made.resize(760, 520)
    made.show()
    return made


def painted(view):
    """Distinct colours on the widget: more than a ground and text."""
    image = view.grab().toImage()
    return {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}


def test_window_kernel_and_products_stand_side_by_side(view):
    record = convolution()
    view.set_record(record)
    assert len(painted(view)) > 20
    at = record.worked.window.chosen
    assert [table.values.shape for table in view.tables] == [(3, 3)] * 3
    np.testing.assert_allclose(view.tables[2].values, view.tables[0].values * view.tables[1].values)
    assert view.tables[2].values.sum() == pytest.approx(record.worked.window.sums[at])
    places = {view.cell_at(area.topLeft() + QPointF((x + 0.5) * area.width() / 3, (y + 0.5) * area.height() / 3))
              for area, *_ in view._hits for y in range(3) for x in range(3)}  # fmt: skip
    assert places == {(table, row, column) for table in range(3) for row in range(3) for column in range(3)}
    assert view.cell_text(0, 0, 0).startswith("padding:") and view.cell_text(0, 1, 2).startswith("y 0, x 6: ")
    assert view.cell_text(1, 2, 1).startswith("kernel row 2, column 1: ")
    assert view.cell_at(QPointF(1, 1)) is None


def test_another_input_channel_by_a_click_on_its_bar(view, qtbot):
    record = convolution(5)
    view.set_record(record)
    view.grab()
    box, second = view._lines[1]
    with qtbot.waitSignal(view.slice_chosen) as chosen:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert chosen.args == [second] == [record.worked.window.order()[1]]
    view.set_slice(second)
    assert view.at == second and view.tables[0].title == f"Input, channel {10 + second}"


def test_arrows_and_the_way_back(view, qtbot):
    view.set_record(convolution())
    moves = []
    view.moved.connect(lambda y, x: moves.append((y, x)))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right):
        qtbot.keyClick(view, key)
    assert moves == [(-1, 0), (1, 0), (0, -1), (0, 1)]
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
        asks = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        asks.ignore()
        view.event(asks)
        assert asks.isAccepted()  # so that Esc stops no job
        with qtbot.waitSignal(view.closed):
            qtbot.keyClick(view, key)


RECORDS = {
    "linear": numbers(Worked("sum", "sum", 1.0, {}, (Term("sum", 1.0),), window(40, 1, 1))),
    "maximum": numbers(Worked("pool", "largest", 1.0, {}, (Term("largest", 1.0),), window(1, 2, 2, False, winner=(1, 0)))),
    "large window": numbers(Worked("pool", "mean", 1.0, {}, (Term("sum", 1.0),), window(1, 80, 80, False))),
    "curve": numbers(Worked("steps", "max(0, x)", 0.0, {}, (Term("x", -2.0),),
                            curve=np.stack([np.linspace(-4, 4, 41), np.maximum(np.linspace(-4, 4, 41), 0)])), 0.0),
    "not finite": numbers(Worked("steps", "max(0, x)", float("nan"), {}, (Term("x", float("nan")),),
                                 curve=np.array([[-1.0, 1.0], [np.nan, np.nan]])), float("nan")),
    "normal": numbers(Worked("steps", "(x - mean)", 1.0, {}, (Term("x", 2.0), Term("mean", 1.0)))),
    "softmax": numbers(Worked("softmax", "exp", 0.66, {}, (), softmax=softmax())),
    "same": numbers(Worked("same", "passed on unchanged", 1.0, parts=(Part("relu", 3, 1.0),))),
    "add": numbers(Worked("add", "the sum of {count}", 1.0, {"count": 2}, parts=(Part("", 2, 0.4), Part("bn", 2, 0.6)))),
    "none": numbers(Worked("none", "How a {kind} computes is not shown here.", None, {"kind": "Odd"})),
    "class": numbers(Worked("sum", "sum", 1.0, {}, (Term("sum", 1.0),), window()), probability=softmax()),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("size", [(760, 520), (270, 210)])
def test_every_kind_of_record_can_be_painted_and_read(view, name, size):
    view.resize(*size)
    view.set_record(RECORDS[name], classes=("cup", "cat", "dog"))
    assert len(painted(view)) > 3
    assert formula_text(RECORDS[name]) in view.accessibleDescription()
    assert as_table(RECORDS[name], 0).startswith("layer\tconv1\n")


def test_numbers_that_are_no_numbers_are_written_as_such(view):
    record = convolution()
    record.worked.window.values[record.worked.window.chosen, 1, 1] = np.nan
    view.set_record(record)
    assert len(painted(view)) > 10 and "NaN" in view.cell_text(0, 1, 1)


def test_the_arithmetic_in_words():
    record = convolution()
    assert formula_text(record) == "Conv2d: the sum of 3"
    text = sum_text(record)
    assert text.count(" + ") + text.count(" − ") == 3 and text.endswith(f"{record.worked.total:.6g}".replace("-", "−"))
    assert "− bias 0.5" in text and "apart by" in result_text(record)
    assert "8 more" in sum_text(convolution(16)) and sum_text(RECORDS["normal"]) == ""
    assert signed(["1", "-2", "−3", "4"]) == "1 − 2 − 3 + 4"
    bn = [
        Term(name, value)
        for name, value in zip(
            ("x", "mean", "variance", "eps", "normalised", "gamma", "beta"), (1, -2, 4, 0, 1.5, 2, -1), strict=True
        )
    ]
    assert filled_text(numbers(Worked("steps", "", 2.0, {}, tuple(bn)))) == "(1 − (−2)) / √(4 + 0) × 2 + (−1)"
    assert "the very same" in result_text(RECORDS["curve"])
    assert softmax_text(softmax(), "cat") == "Softmax of cat: exp(3 − 3) / 1.503 = 1 / 1.503 = 66.52 %"


def test_the_table_for_the_clipboard_has_every_number():
    record = convolution()
    lines = as_table(record, 1).splitlines()
    head = lines.index("input channel\ty\tx\tvalue\tweight\tproduct\tpadding")
    rows = [line.split("\t") for line in lines[head + 1 : head + 10]]
    assert [row[0] for row in rows] == ["11"] * 9 and [row[6] for row in rows] == ["1"] * 3 + ["0"] * 6
    np.testing.assert_allclose([float(row[5]) for row in rows], record.worked.window.products(1).reshape(-1))
    sums = [line.split("\t") for line in lines[lines.index("input channel\tsum") + 1 :]]
    assert [int(row[0]) - 10 for row in sums] == record.worked.window.order().tolist()
    assert len(as_table(RECORDS["softmax"], 0).splitlines()) == 8 + 2 + 3
