"""Twenty thousand formulas on every run: nothing but FormulaError escapes, and what is understood means what it says."""

import math
import random
import string

import fixtures_formulas as written
import numpy as np
import pytest
import sympy

from explorer.descent.formula import formula_surface
from explorer.descent.formula_code import arrays, floats
from explorer.descent.formula_functions import FUNCTIONS
from explorer.descent.formula_parse import parse
from explorer.descent.formula_print import latex, plain, rich
from explorer.descent.formula_rules import Algebra
from explorer.descent.formula_tokens import FormulaError
from explorer.descent.formula_tree import within
from explorer.descent.ground import Surface

X, Y = 0.7310585, -1.2689414
GRAMMAR, CHANGED, RAW = 6000, 7000, 7000


def understood(text):
    """The parsed formula, or None for one that is refused in the one way there is."""
    try:
        return parse(text)
    except FormulaError as error:
        assert 0 <= error.position <= len(text) and error.message and error.trouble.english()
        return None


def bound(parsed):
    return Algebra().bound(parsed.tree, dict.fromkeys(parsed.parameters, 1.0))


def finite(value):
    return value if math.isfinite(value) else math.nan


def test_what_the_grammar_allows_means_what_numpy_says():
    writer, refused, holes = written.Writer(20_241), 0, 0
    for _ in range(GRAMMAR):
        text, python = writer.formula()
        parsed = understood(text)
        if parsed is None:
            refused += 1
            continue
        assert not parsed.parameters
        ours, theirs = finite(floats((bound(parsed),))(X, Y)[0]), written.meaning(python, X, Y)
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12, nan_ok=True), (text, python)
        holes += math.isnan(ours)
    assert refused < 0.06 * GRAMMAR  # constants that are too large, products after a division
    assert holes < 0.4 * GRAMMAR


def test_changed_formulas_are_refused_or_read_the_same_when_printed():
    chance, writer = random.Random(7), written.Writer(99)
    letters = string.printable + "·×−²³π½αхΧ‘’∂√∞\u200b\u0301𝑥ｘ"
    kept = 0
    for _ in range(CHANGED):
        text = list(writer.formula(3)[0])
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text) + 1)
            text[at : at + chance.randint(0, 2)] = chance.choices(letters, k=chance.randint(0, 2))
        parsed = understood("".join(text))
        if parsed is not None:
            kept += 1
            assert parse(plain(parsed.tree)).tree == parsed.tree, "".join(text)
    assert kept > 0.1 * CHANGED


def test_raw_text_is_refused_or_read_the_same_when_printed():
    chance = random.Random(11)
    words = [
        *FUNCTIONS,
        "x",
        "y",
        "pi",
        "e",
        "a",
        "k2",
        "alpha",
        "__import__",
        "lambda",
        "None",
        "self",
        "1",
        "2.5",
        "1e9",
        "9" * 30,
    ]
    signs = [*"+-*/^()|,<>.=!%&@#$~`'\";:?[]{}\\ \t\n", "**", "<=", "²", "⁻", "·", "√", "∫", "\x00", "\ud800", "é", "🙂"]
    for _ in range(RAW):
        kind = chance.random()
        if kind < 0.6:
            text = "".join(chance.choices(words + signs, k=chance.randint(0, 24)))
        elif kind < 0.9:
            text = "".join(map(chr, chance.choices(range(32, 127), k=chance.randint(0, 30))))
        else:
            text = "".join(map(chr, chance.choices(range(0x10FFFF), k=chance.randint(0, 30))))
        parsed = understood(text)
        if parsed is not None:
            assert parse(plain(parsed.tree)).tree == parsed.tree, text


def test_the_picture_and_the_path_see_the_same_surface():
    """Value, gradient and Hessian, in numpy on a grid and in plain floats, also at holes."""
    writer = written.Writer(5)
    x, y = np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-3, 1.5, 4))
    for _ in range(250):
        parsed = understood(writer.formula()[0])
        if parsed is None:
            continue
        algebra = Algebra()
        root = algebra.bound(parsed.tree, {})
        across, up = algebra.slope(root, "x"), algebra.slope(root, "y")
        nodes = (root, across, up, algebra.slope(across, "x"), algebra.slope(across, "y"), algebra.slope(up, "y"))
        one, many, flat = floats(nodes), arrays(nodes)(x, y), arrays(nodes)(x.ravel(), y.ravel())
        for row in range(4):
            for column in range(5):
                alone = [finite(value) for value in one(float(x[row, column]), float(y[row, column]))]
                for values in ([part[row, column] for part in many], [part[5 * row + column] for part in flat]):
                    np.testing.assert_allclose([finite(v) for v in values], alone, rtol=1e-9, atol=1e-9, err_msg=parsed.text)
        assert rich(parsed.tree) and latex(parsed.tree)


LOCALS = {
    "abs": sympy.Abs, "asin": sympy.asin, "min": sympy.Min, "max": sympy.Max, "floor": sympy.floor, "ceil": sympy.ceiling,
    "log2": lambda v: sympy.log(v, 2), "log10": lambda v: sympy.log(v, 10), "hypot": lambda a, b: sympy.sqrt(a**2 + b**2),
    "sigmoid": lambda v: 1 / (1 + sympy.exp(-v)), "gauss": lambda v: sympy.exp(-(v**2)), "pi": sympy.pi, "e": sympy.E,
    "relu": lambda v: sympy.Max(v, 0), "x": sympy.Symbol("x", real=True), "y": sympy.Symbol("y", real=True),
}  # fmt: skip


def test_values_slopes_and_bends_agree_with_sympy():
    writer, seen = written.Writer(31, smooth=True), 0
    x, y = LOCALS["x"], LOCALS["y"]
    while seen < 45:
        parsed = understood(writer.formula(3)[0])
        if parsed is None or within(parsed.tree, 5):
            continue
        theirs = sympy.sympify(plain(parsed.tree).replace("^", "**"), locals=LOCALS)
        wanted = [theirs, *(theirs.diff(*names) for names in ((x,), (y,), (x, x), (x, y), (y, y)))]
        numbers = [complex(one.evalf(25, subs={x: X, y: Y})) for one in wanted]
        if max(map(abs, numbers)) > 1e12:
            continue
        surface = quick(parsed)
        ours = [surface.value(X, Y), *surface.gradient(X, Y), *surface.hessian(X, Y)]
        np.testing.assert_allclose(ours, [number.real for number in numbers], rtol=1e-9, atol=1e-9, err_msg=parsed.text)
        seen += 1


def quick(parsed):
    """A surface without the search for landmarks."""
    algebra = Algebra()
    root = bound(parsed)
    root = algebra.bound(root, {})
    across, up = algebra.slope(root, "x"), algebra.slope(root, "y")
    value, gradient = floats((root,)), floats((across, up))
    hessian = floats((algebra.slope(across, "x"), algebra.slope(across, "y"), algebra.slope(up, "y")))
    return Surface(
        "quick", "", "", (-3.0, 3.0, -3.0, 3.0), (0.0, 0.0), lambda x, y: value(x, y)[0], gradient, curvature=hessian
    )  # fmt: skip


def test_slopes_and_bends_agree_with_differences():
    """Every function, kinks included, at places that are none."""
    writer, seen = written.Writer(77), 0
    for _ in range(900):
        parsed = understood(writer.formula(3)[0])
        if parsed is None:
            continue
        surface = quick(parsed)
        step = 1e-5
        here = [(X + step, Y), (X - step, Y), (X, Y + step), (X, Y - step)]
        heights, slopes = [surface.value(*place) for place in here], [surface.gradient(*place) for place in here]
        (gx, gy), (xx, xy, yy) = surface.gradient(X, Y), surface.hessian(X, Y)
        numbers = [*heights, gx, gy, xx, xy, yy, *(one for pair in slopes for one in pair)]
        if not all(map(math.isfinite, numbers)) or max(map(abs, numbers)) > 1e4:
            continue
        bent = 1e-3 * max(1.0, *(abs(one) for one in numbers))
        differences = [(slopes[0][k] - slopes[1][k]) / (2 * step) for k in (0, 1)] + [
            (slopes[2][1] - slopes[3][1]) / (2 * step)
        ]
        if max(abs(one - two) for one, two in zip((xx, xy, yy), differences, strict=True)) > bent and any(
            word in parsed.text
            for word in ("sign", "abs", "|", "floor", "ceil", "min", "max", "where", "clip", "relu", "tan", "/")
        ):
            continue  # a kink or a pole may be here: that it is one is not this test's question
        np.testing.assert_allclose((xx, xy, yy), differences, rtol=1e-3, atol=bent, err_msg=parsed.text)
        near = [(heights[0] - heights[1]) / (2 * step), (heights[2] - heights[3]) / (2 * step)]
        np.testing.assert_allclose((gx, gy), near, rtol=1e-4, atol=1e-5 * max(1.0, *map(abs, heights)), err_msg=parsed.text)
        seen += 1
    assert seen > 300


def test_a_formula_surface_is_one_like_any_other():
    surface = formula_surface("x^2 + a y^2", {"a": 10.0})
    assert (
        surface.value(1.0, 2.0) == 41.0
        and surface.gradient(1.0, 2.0) == (2.0, 40.0)
        and surface.hessian(0, 0) == (2.0, 0.0, 20.0)
    )
