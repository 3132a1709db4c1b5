"""A tree as text that reads back as the same tree, as LaTeX, and as the rich text that a Qt label shows."""

from __future__ import annotations

import html as markup
from collections.abc import Callable

from explorer.descent.formula_parse import PREFIX, PRODUCT, SUM
from explorer.descent.formula_parse import RAISED as ATOM
from explorer.descent.formula_tokens import GREEK
from explorer.descent.formula_tree import Call, Name, Node, Number, ordered, within

LONGEST = 400  # nodes of what is still worth showing
POWER = 40
LETTERS = {name: letter for letter, name in GREEK.items()}
SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
TOO_LONG = "…"
RULE = "#888888"  # of a fraction: Qt would draw it black, also on a dark ground
SMALL = 9  # nodes of what is still readable as an exponent


def holds(node: Node) -> int:
    """How tightly a node holds together: what stands next to something tighter needs brackets."""
    if isinstance(node, Call):
        return {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "neg": PREFIX, "^": POWER}.get(node.head, ATOM)
    return ATOM


def decimal(value: float) -> str:
    """All digits of a number, the shortest form."""
    text = repr(value)
    return text.removesuffix(".0")


def plain(node: Node) -> str:
    """Text whose parse is `node` again: "-x^2+2*sin(x)". "…" when it would be too long."""
    return _plain(node) if within(node, LONGEST) else TOO_LONG


def _plain(node: Node) -> str:
    if isinstance(node, Number):
        return decimal(node.value)
    if isinstance(node, Name):
        return node.name
    if node.head in SIGNS:
        return f"{_plain(node.args[0])}{node.head}{_plain(node.args[1])}"
    if node.head == "neg":
        return "-" + _beside(_plain, node.args[0], PREFIX)
    if node.head == "^":
        # what comes before ^ is bracketed unless it is one thing; after it a sign or another power may follow
        return f"{_beside(_plain, node.args[0], ATOM)}^{_beside(_plain, node.args[1], PREFIX)}"
    if node.head in "+-*/":
        level = holds(node)
        return f"{_beside(_plain, node.args[0], level)}{node.head}{_beside(_plain, node.args[1], level + 1)}"
    return f"{node.head}({','.join(map(_plain, node.args))})"


def shown(node: Node) -> str:
    """Text for people: as `plain`, with fewer brackets where the value is the same. "…" when it would be too long."""
    return _shown(node) if within(node, LONGEST) else TOO_LONG


def _shown(node: Node) -> str:
    if isinstance(node, Call) and node.head == "neg":
        return "-" + _beside(_shown, node.args[0], PRODUCT)
    if isinstance(node, Call) and node.head in ("+", "-", "*", "/"):
        return _beside(_shown, node.args[0], holds(node)) + node.head + _right(_shown, node)
    if isinstance(node, Call) and node.head == "^":
        return f"{_beside(_shown, node.args[0], ATOM)}^{_beside(_shown, node.args[1], POWER)}"
    if isinstance(node, Call) and node.head not in SIGNS:
        return f"{node.head}({','.join(map(_shown, node.args))})"
    return _plain(node)


def _right(write: Callable[[Node], str], node: Call, around: tuple[str, str] = ("(", ")")) -> str:
    """What stands to the right of + - * /: a*(b*c) and a+(b-c) need no brackets, a*(-b) is easier to read with them."""
    right = node.args[1]
    if isinstance(right, Call) and right.head == "neg":
        return f"{around[0]}{write(right)}{around[1]}"
    own = holds(node)
    return _beside(write, right, own if node.head in "+*" else own + 1, around)


def _beside(write: Callable[[Node], str], node: Node, level: int, around: tuple[str, str] = ("(", ")")) -> str:
    text = write(node)
    return text if holds(node) >= level else f"{around[0]}{text}{around[1]}"


def factors_touch(left: Node, right: Node) -> bool:
    """Whether a product may be written without its sign, as people do: 2x, 3 sin x, x (y + 1), but not x·2 or 2·3."""
    while isinstance(right, Call) and right.head in ("*", "/", "^"):
        right = right.args[0]
    if isinstance(left, Call) and left.head == "/":
        return False
    return not isinstance(right, Number)


# -- LaTeX -----------------------------------------------------------------------------------------------------------
def latex(node: Node) -> str:
    """LaTeX of the inside of a formula; "…" when it would be too long."""
    return _latex(node) if within(node, LONGEST) else r"\dots"


_BRACKETS = (r"\left(", r"\right)")
_UPRIGHT = {
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "log": r"\ln",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
}
_KNOWN = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "min", "max")
_AROUND = {"abs": ("|", "|"), "floor": (r"\lfloor ", r" \rfloor"), "ceil": (r"\lceil ", r" \rceil")}


def _latex(node: Node) -> str:
    if isinstance(node, Number):
        mantissa, _, exponent = decimal(node.value).partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
    if isinstance(node, Name):
        if node.name in LETTERS:
            return "\\" + node.name
        letter, digits = _parts(node.name)
        letter = letter if len(letter) == 1 else rf"\mathrm{{{letter}}}"
        return f"{letter}_{{{digits}}}" if digits else letter
    args = node.args
    match node.head:
        case "neg":
            return "-" + _beside(_latex, args[0], PRODUCT, _BRACKETS)
        case "+" | "-":
            return f"{_latex(args[0])} {node.head} {_right(_latex, node, _BRACKETS)}"
        case "*":
            joint = r" \, " if factors_touch(*args) else r" \cdot "
            return _beside(_latex, args[0], PRODUCT, _BRACKETS) + joint + _right(_latex, node, _BRACKETS)
        case "/":
            return rf"\frac{{{_latex(args[0])}}}{{{_latex(args[1])}}}"
        case "^":
            return f"{_beside(_latex, args[0], ATOM, _BRACKETS)}^{{{_latex(args[1])}}}"
        case "sqrt":
            return rf"\sqrt{{{_latex(args[0])}}}"
        case "where":
            then, otherwise = _latex(args[1]), _latex(args[2])
            return rf"\begin{{cases}} {then} & {_latex(args[0])} \\ {otherwise} & \text{{else}} \end{{cases}}"
        case "<" | "<=" | ">" | ">=":
            sign = {"<=": r"\le", ">=": r"\ge"}.get(node.head, node.head)
            return f"{_latex(args[0])} {sign} {_latex(args[1])}"
        case "abs" | "floor" | "ceil":
            left, right = _AROUND[node.head]
            return rf"\left{left}{_latex(args[0])}\right{right.strip()}"
    name = _UPRIGHT.get(node.head) or (f"\\{node.head}" if node.head in _KNOWN else rf"\operatorname{{{node.head}}}")
    return rf"{name}\left({', '.join(map(_latex, args))}\right)"


def _parts(name: str) -> tuple[str, str]:
    """A name and its index: k2 -> k, 2."""
    if "_" in name:
        letter, _, index = name.partition("_")
        return letter, index
    letter = name.rstrip("0123456789")
    return letter, name[len(letter) :]


# -- rich text -------------------------------------------------------------------------------------------------------
def rich(node: Node, before: str = "") -> str:
    """HTML for a Qt label: fractions of the outermost level stand upright, powers are raised, names are Greek and slanted.

    `before`: HTML in front, as "f(x, y) = ". Qt knows no inline fraction, so the line is a table of one row.
    """
    if not within(node, LONGEST):
        return before + TOO_LONG
    cells: list[str] = [before] if before else []
    _row(node, 0, cells)
    if len(cells) == 1 or not any(cell.startswith("<table") for cell in cells):
        return "".join(cells)
    joined: list[str] = []
    for cell in cells:
        if joined and not cell.startswith("<table") and not joined[-1].startswith("<table"):
            joined[-1] += cell
        else:
            joined.append(cell)
    row = "".join(f'<td style="vertical-align: middle; white-space: pre">{cell}</td>' for cell in joined)
    return f'<table cellspacing="0" cellpadding="0"><tr>{row}</tr></table>'


def _row(node: Node, level: int, cells: list[str]) -> None:
    """Append the pieces of a sum or product; a fraction is a piece of its own."""
    head = node.head if isinstance(node, Call) else ""
    if not isinstance(node, Call) or head not in ("+", "-", "*", "/", "neg") or (holds(node) < level):
        cells.append(_beside(_rich, node, level))
    elif head == "neg":
        cells.append("−")
        _row(node.args[0], PRODUCT, cells)
    elif head == "/":
        above, below = (_rich(part) for part in node.args)
        rule = f"border-bottom-width: 1px; border-bottom-style: solid; border-bottom-color: {RULE}"
        cells.append(
            f'<table cellspacing="0" cellpadding="1"><tr><td align="center" style="{rule}">{above}</td></tr>'
            f'<tr><td align="center">{below}</td></tr></table>'
        )
    else:
        own = SUM if head in "+-" else PRODUCT
        _row(node.args[0], own, cells)
        cells.append(_between(node))
        right = node.args[1]
        negative = isinstance(right, Call) and right.head == "neg"
        _row(right, ATOM if negative else own if head in "+*" else own + 1, cells)


def _fits_above(node: Node) -> bool:
    """Whether it may stand raised: it is short, and nothing in it is raised or lowered again (Qt has one step only)."""
    parts = ordered([node])
    flat = all(part.head in ("+", "-", "*", "/", "neg") for part in parts if isinstance(part, Call))
    return flat and within(node, SMALL) and not any(isinstance(part, Name) and _parts(part.name)[1] for part in parts)


def _between(node: Call) -> str:
    if node.head == "*":
        return " " if factors_touch(*node.args) else " · "
    return " + " if node.head == "+" else " − "


def _rich(node: Node) -> str:
    if isinstance(node, Number):
        mantissa, _, exponent = decimal(node.value).partition("e")
        return f"{mantissa} · 10<sup>{int(exponent)}</sup>".replace("-", "−") if exponent else mantissa
    if isinstance(node, Name):
        letter, digits = _parts(node.name)
        written = LETTERS.get(node.name) or f"<i>{markup.escape(letter)}</i>"
        return f"{written}<sub>{digits}</sub>" if digits and node.name not in LETTERS else written
    args = node.args
    match node.head:
        case "neg":
            return "−" + _beside(_rich, args[0], PRODUCT)
        case "+" | "-":
            return _rich(args[0]) + _between(node) + _right(_rich, node)
        case "*":
            return _beside(_rich, args[0], PRODUCT) + _between(node) + _right(_rich, node)
        case "/":
            return f"{_beside(_rich, args[0], PRODUCT)} / {_beside(_rich, args[1], PRODUCT + 1)}"
        case "^":
            if _fits_above(args[1]):
                return f"{_beside(_rich, args[0], ATOM)}<sup>{_rich(args[1])}</sup>"
            return f"{_beside(_rich, args[0], ATOM)}^{_beside(_rich, args[1], ATOM)}"
        case "sqrt":
            return f'√<span style="text-decoration: overline">{_rich(args[0])}</span>'
        case "abs":
            return f"|{_rich(args[0])}|"
        case "floor" | "ceil":
            left, right = "⌊⌋" if node.head == "floor" else "⌈⌉"
            return left + _rich(args[0]) + right
        case "exp" if _fits_above(args[0]):
            return f"<i>e</i><sup>{_rich(args[0])}</sup>"
        case "<" | "<=" | ">" | ">=":
            return f"{_rich(args[0])} {markup.escape(SIGNS[node.head])} {_rich(args[1])}"
        case "log":
            return f"ln({_rich(args[0])})"
        case "log2" | "log10":
            return f"log<sub>{node.head[3:]}</sub>({_rich(args[0])})"
    return f"{node.head}({', '.join(map(_rich, args))})"
