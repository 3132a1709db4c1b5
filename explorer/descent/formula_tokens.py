"""A formula's text cut into tokens, and the one error that a formula can end in.

Every character goes through NFKC and a small table first; what is not ASCII then is refused with its place. So full-width and
mathematical letters work, while letters that only look like x (Cyrillic, Greek capitals) are told apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from explorer.i18n import N_
from explorer.records.errors import ExplorerError, Trouble

LENGTH = 500  # characters of a formula

# Greek letters stand for their names, so that they can be sliders; pi is the number.
GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
SIGNS = {"·": "*", "⋅": "*", "×": "*", "∙": "*", "−": "-", "–": "-", "÷": "/", "∕": "/", "≤": "<=", "≥": ">=", "∣": "|"}
FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": repr(1 / 3), "⅔": repr(2 / 3), "⅛": "0.125"}
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))

_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SIGN = re.compile(r"\*\*|<=|>=|[-+*/^(),|<>]")
_HEAD = re.compile(r"\s*(?:f\s*\(\s*x\s*,\s*y\s*\)|z)\s*=(?!=)")  # "f(x, y) =" may stand before a formula


class FormulaError(ExplorerError):
    """A formula that cannot be understood or is too large. `position`: of the first bad character, from 0; in English
    `message` and `hint`; the Trouble carries all of it, with the formula, to where it is shown."""

    def __init__(self, formula: str, position: int, template: str, hint: str = "", **values: Any) -> None:
        self.position = position
        self.message = template.format(**values)
        self.hint = hint.format(**values)
        kept = formula if len(formula) <= LENGTH + 20 else formula[: LENGTH + 20]
        told = {"formula": kept, "position": position, **values}
        super().__init__(Trouble("formula", template, told, hint))


class Token(NamedTuple):
    """`kind`: "number", "name", "sign", "raised" (superscript digits) or "end"; `position` in the text as written."""

    kind: str
    text: str
    position: int


def tokens(formula: str) -> list[Token]:
    """All tokens, "end" last. Raises FormulaError."""
    if len(formula) > LENGTH:
        template = N_("The formula is too long: {count} characters, at most {most} are read.")
        raise FormulaError(formula, LENGTH, template, count=len(formula), most=LENGTH)
    pieces = list(_pieces(formula))
    text = "".join(piece for piece, _ in pieces)
    places = [place for piece, place in pieces for _ in piece]
    places.append(len(formula))
    found: list[Token] = []
    head = _HEAD.match(text)
    at = head.end() if head else 0
    while at < len(text):
        letter = text[at]
        if letter.isspace():
            at += 1
            continue
        token = _token(text, at)
        if token is None:
            raise _refused(formula, places[at], letter)
        kind, word = token
        found += _named(word, places[at]) if kind == "name" else [Token(kind, word, places[at])]
        at += len(word)
    found = [Token(one.kind, _lowered(one.text), one.position) if one.kind == "raised" else one for one in found]
    return [*found, Token("end", "", len(formula.rstrip()))]


def _token(text: str, at: int) -> tuple[str, str] | None:
    letter = text[at]
    if letter in GREEK:
        return "name", letter
    if letter in RAISED:
        end = at
        while end < len(text) and text[end] in RAISED:
            end += 1
        return "raised", text[at:end]
    for kind, pattern in (("number", _NUMBER), ("name", _NAME), ("sign", _SIGN)):
        match = pattern.match(text, at)
        if match:
            return kind, match.group()
    return None


def _named(word: str, position: int) -> Iterator[Token]:
    """A word, or for "xy" and "xxy" its letters one by one: nobody means a slider by that."""
    if word in GREEK:
        yield Token("name", GREEK[word], position)
    elif len(word) > 1 and set(word) <= {"x", "y"}:
        for index, letter in enumerate(word):
            yield Token("name", letter, position + index)
    else:
        yield Token("name", word, position)


def _lowered(raised: str) -> str:
    return "".join(RAISED[letter] for letter in raised)


def _pieces(formula: str) -> Iterator[tuple[str, int]]:
    """(what a character stands for, its place): ASCII, Greek or superscripts. Fractions like ½ become decimal numbers."""
    for place, letter in enumerate(formula):
        if letter.isascii() or letter in RAISED or letter in GREEK:
            yield letter, place
        elif letter in FRACTIONS:
            yield f" {FRACTIONS[letter]} ", place
        elif letter == "√":
            yield " sqrt ", place
        else:
            for plain in SIGNS.get(letter) or unicodedata.normalize("NFKC", letter):
                plain = SIGNS.get(plain, plain)
                if not (plain.isascii() or plain in GREEK):
                    raise _refused(formula, place, letter)
                yield plain, place


def _refused(formula: str, position: int, letter: str) -> FormulaError:
    template = N_("'{sign}' is not allowed in a formula.")
    if not letter.isascii():
        name = unicodedata.name(letter, f"U+{ord(letter):04X}")
        hint = N_("It is the character {name}.") if letter.isprintable() else ""
        shown = letter if letter.isprintable() else f"U+{ord(letter):04X}"
        return FormulaError(formula, position, template, hint, sign=shown, name=name)
    hint = {
        "=": N_("A comparison is < <= > or >=, inside where(condition, then, otherwise)."),
        "!": N_("A comparison is < <= > or >=, inside where(condition, then, otherwise)."),
        "[": N_("Brackets are round."),
        "{": N_("Brackets are round."),
        "_": N_("A name begins with a letter."),
        ".": N_("A point only belongs into a number, as in 1.5."),
        ";": N_("Numbers have a decimal point, arguments are separated by commas."),
    }.get(letter, "")
    shown = letter if letter.isprintable() else f"U+{ord(letter):04X}"
    return FormulaError(formula, position, template, hint, sign=shown)
