"""Random formulas with what they mean in Python: written by hand here, so that a slip in our parser shows."""

import math
import random

import numpy as np

ONE = ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log2", "log10", "sqrt", "abs",
       "sign", "floor", "ceil", "sigmoid", "relu", "gauss"]  # fmt: skip
TWO = ["atan2", "min", "max", "pow", "hypot"]
SMOOTH = ["sin", "cos", "atan", "sinh", "cosh", "tanh", "exp", "sigmoid", "gauss"]
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
SUM, PRODUCT, PREFIX, POWER, ATOM = 10, 20, 30, 40, 60


def power(a, b):
    with np.errstate(all="ignore"):
        return np.power(np.float64(a), np.float64(b))


# The same functions from numpy and the textbook, not from the program.
MEANING = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "exp": np.exp, "log": np.log, "log2": np.log2, "log10": np.log10,
    "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign, "floor": np.floor, "ceil": np.ceil, "atan2": np.arctan2,
    "min": np.minimum, "max": np.maximum, "pow": power, "hypot": np.hypot, "pi": math.pi, "e": math.e, "P": power,
    "sigmoid": lambda v: 1 / (1 + np.exp(-v)), "relu": lambda v: np.maximum(v, 0.0), "gauss": lambda v: np.exp(-(v**2)),
    "where": lambda c, a, b: a if c else b, "clip": lambda v, a, b: np.minimum(np.maximum(v, a), b),
    "D": lambda a, b: np.divide(np.float64(a), np.float64(b)),
}  # fmt: skip


class Writer:
    """Random (formula, level, Python) triples; `smooth`: no kinks, no holes, small numbers."""

    def __init__(self, seed, smooth=False):
        self.random = random.Random(seed)
        self.smooth = smooth

    def formula(self, depth=4):
        text, _, python = self.node(depth)
        return text, python

    def blank(self):
        return self.random.choice(("", "", "", " ", "  "))

    def held(self, triple, level):
        text, own, python = triple
        if own < level or self.random.random() < 0.1:
            left, right = "()"
            return f"{left}{self.blank()}{text}{self.blank()}{right}", python
        return text, python

    def atom(self):
        pick = self.random.random()
        if pick < 0.6:
            name = self.random.choice("xxxyyy")
            return name, ATOM, name
        if pick < 0.68:
            return (name := self.random.choice(("pi", "e", "π"))), ATOM, name.replace("π", "pi")
        value = self.random.choice(("0.5", "2", "3", ".25", "1.5", "7", "1e-1", "12", "0"))
        if self.smooth and value in ("12", "0", "7"):
            value = "2"
        return value, ATOM, f"np.float64({value})"

    def node(self, depth):
        pick = self.random.random()
        if depth == 0 or pick < 0.12:
            return self.atom()
        if pick < 0.42:
            return self.sum_or_product(depth)
        if pick < 0.50:
            inner, python = self.held(self.node(depth - 1), PREFIX)
            return f"-{self.blank()}{inner}", PREFIX, f"(-({python}))"
        if pick < 0.62:
            return self.raised(depth)
        if pick < 0.70:
            return self.without_sign(depth)
        return self.called(depth)

    def sum_or_product(self, depth):
        sign = self.random.choice("+-**/" if not self.smooth else "+-+-**")
        level = SUM if sign in "+-" else PRODUCT
        left, one = self.held(self.node(depth - 1), level)
        right, two = self.held(self.node(depth - 1), level + 1)
        shown = {"*": ("*", "·", "×"), "-": ("-", "−"), "+": ("+",), "/": ("/", "÷")}[sign]
        text = f"{left}{self.blank()}{self.random.choice(shown)}{self.blank()}{right}"
        return text, level, f"D({one}, {two})" if sign == "/" else f"(({one}) {sign} ({two}))"

    def raised(self, depth):
        base, one = self.held(self.node(depth - 1), ATOM)
        if self.smooth or self.random.random() < 0.6:
            exponent = str(self.random.choice((2, 3, 2, 4)))
            if self.random.random() < 0.4 and base[-1] not in "0123456789.":
                return base + exponent.translate(RAISED), POWER, f"P({one}, {exponent})"
            return f"{base}{self.random.choice(('^', '**'))}{exponent}", POWER, f"P({one}, {exponent})"
        exponent, two = self.held(self.node(1), PREFIX)
        return f"{base}^{exponent}", POWER, f"P({one}, {two})"

    def without_sign(self, depth):
        number = self.random.choice(("2", "3", "0.5"))
        right, two = self.held(self.node(depth - 1), PREFIX + 1)
        if not (right[0].isalpha() or right[0] == "("):
            right = f"({right})"
        elif right[0] in "eE" or right[0] == "π":
            right = " " + right
        return number + right, PRODUCT, f"(np.float64({number}) * ({two}))"

    def called(self, depth):
        pick = self.random.random()
        inside = [self.node(depth - 1) for _ in range(3)]
        if self.smooth or pick < 0.7:
            name = self.random.choice(SMOOTH if self.smooth else ONE)
            if name == "abs" and self.random.random() < 0.5 and "|" not in inside[0][0]:
                return f"|{inside[0][0]}|", ATOM, f"abs({inside[0][2]})"
            return f"{name}({inside[0][0]})", ATOM, f"{name}({inside[0][2]})"
        if pick < 0.88:
            name = self.random.choice(TWO)
            return f"{name}({inside[0][0]},{self.blank()}{inside[1][0]})", ATOM, f"{name}({inside[0][2]}, {inside[1][2]})"
        if pick < 0.95:
            sign = self.random.choice(("<", "<=", ">", ">="))
            left = self.random.choice(("x", "2x"))
            text = f"where({left}{sign}y, {inside[0][0]}, {inside[1][0]})"
            return text, ATOM, f"where({left.replace('2x', '2*x')} {sign} y, {inside[0][2]}, {inside[1][2]})"
        return f"clip({inside[0][0]}, -1, {inside[1][0]})", ATOM, f"clip({inside[0][2]}, -1.0, {inside[1][2]})"


def meaning(python, x, y):
    """The value that the Python text has at (x, y), by numpy; NaN for none."""
    with np.errstate(all="ignore"):
        value = float(eval(python, {"np": np, "__builtins__": {}}, {**MEANING, "x": np.float64(x), "y": np.float64(y)}))
    return value if math.isfinite(value) else math.nan
