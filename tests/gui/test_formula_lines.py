"""Updates of methods set as in a book."""

import pytest

from explorer.gui.widgets.formula_lines import FormulaLines, latex


@pytest.mark.parametrize(
    ("plain", "wanted"),
    [
        ("θ ← θ − μ g / (√τ′ + ε)", r"θ \, ← \, θ − \frac{μ \, g}{\sqrt{τ′} + ε}"),
        ("v′ = v / (1 − β₁ᵏ)", r"v′ = \frac{v}{1 − β_{1}^{k}}"),
        ("μ √(δ + ε) / √(τ + ε) g", r"\frac{μ \, \sqrt{δ + ε}}{\sqrt{τ + ε}} \, g"),
        ("c (f − f*) / |g|²", r"\frac{c \, \left(f − f^{*}\right)}{\left|g\right|^{2}}"),
        ("(JᵀJ + λ D)⁻¹ Jᵀr", r"\left(J^{T} \, J + λ \, D\right)^{-1} \, J^{T} \, r"),
        ("sign(c)", r"\operatorname{sign} \, \left(c\right)"),
        ("(a + b) (c + d)", r"\left(a + b\right) \, \left(c + d\right)"),
        ("", ""),
        ("a /", r"a \, /"),
        ("(a", r"\left(a\right)"),
        ("√", "√"),
    ],
)
def test_plain_signs_become_fractions_roots_and_scripts(plain, wanted):
    assert latex(plain) == wanted


def test_every_formula_of_the_tables_is_set_and_fits(qtbot, desk):
    for name, entry in desk.catalogue.entries("optimizer").items():
        line = FormulaLines(str(entry["formula"]))
        qtbot.addWidget(line)
        assert len(line._boxes) == str(entry["formula"]).count(";") + 1, name
        assert line.sizeHint().height() > 10 and line.text() == entry["formula"] == line.accessibleName()
        line.resize(160, line.sizeHint().height())
        line.show()
        assert max(box.width for box in line._boxes) <= 160 and line.grab().width() == 160
