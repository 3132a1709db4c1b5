"""Numbers as the language writes them."""

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from explorer.gui.numerals import figure, fixed, locale, localised
from explorer.gui.widgets.decimal_box import DecimalBox
from explorer.i18n import use_language


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    yield
    use_language("en")


def test_english_and_hungarian():
    assert [figure(v) for v in (0.0, -0.5, 3.14159, 1234567.0, 1e-7)] == ["0", "−0.5", "3.142", "1.235e6", "1e−7"]
    assert figure(-1412.6, 3) == "−1413" and figure(91.94, 3) == "91.9" and fixed(94.66) == "94.7"
    assert [figure(v) for v in (math.nan, math.inf, -math.inf)] == ["NaN", "∞", "−∞"]
    use_language("hu")
    assert figure(-0.5) == "−0,5" and fixed(94.66) == "94,7" and localised("1.5e-7") == "1,5e−7"


def test_a_number_box_writes_the_mark_of_the_language_and_reads_both(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    box = DecimalBox(parent)
    for spoken, typed, shown in (("hu", "0.5", "0,50"), ("hu", "0,75", "0,75"), ("en", "0,25", "0.25")):
        use_language(spoken)
        parent.setLocale(locale())
        box.selectAll()
        qtbot.keyClicks(box, typed)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert (box.text(), box.value()) == (shown, float(shown.replace(",", ".")))
