"""Text -> tree, by operator precedence. No `ast`, no `eval`; nothing here can call anything but this grammar.

    -x^2 = -(x^2)    2^3^2 = 2^(3^2)    2^-x = 2^(-x)    x^2y = (x^2)*y    x²³ is x^23    |a|b||: as written, inner bars first

A product sign may be left out before a name or a bracket (2x, 3sin(x), (x+1)(y-1), xy); after a division it may not, because
1/2x is read both ways. Any other single name becomes a parameter with a slider: a letter, a letter with digits (a, k2), the
name of a Greek letter, or a word of three and more letters without x and y that means nothing in Python. Everything else is a
FormulaError with its place.
"""

from __future__ import annotations

import builtins
import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from keyword import iskeyword

from explorer.descent.formula_functions import ALIASES, ALL, CONSTANTS, FUNCTIONS
from explorer.descent.formula_tokens import GREEK, FormulaError, Token, tokens
from explorer.descent.formula_tree import Call, Name, Node, Number
from explorer.i18n import N_

NODES, DEPTH, PARAMETERS = 200, 32, 8
EXPONENT = 64.0  # largest constant exponent of what is no constant
COMPARISONS = ("<", "<=", ">", ">=")
VARIABLES = ("x", "y")
# How tightly what stands to the left is held.
SUM, PRODUCT, PREFIX, POWER, RAISED = 10, 20, 30, 40, 50
BINDING = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "^": POWER, "**": POWER}
GROWING = ("^", "*", "exp", "sinh", "cosh")  # what can make a finite constant infinite

_SLIDER = re.compile(r"[A-WZa-wz]\d*|[A-WZa-wz]_[A-Za-z0-9]+|[A-WZa-wz]{3,}\d*")


@dataclass(frozen=True)
class Parsed:
    """A formula that was understood. `parameters`: the sliders it asks for, in the order of their first use."""

    text: str
    tree: Node
    parameters: tuple[str, ...]


def parse(text: str) -> Parsed:
    """The tree of `text`. Raises FormulaError, and nothing else."""
    parser = _Parser(text)
    tree = parser.whole()
    return Parsed(text, tree, tuple(parser.parameters))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0
        self.level = 0
        self.count = 0
        self.bars = 0  # absolute values open at this level of brackets
        self.parameters: dict[str, None] = {}
        self.constants: dict[Node, float] = {}

    # -- tokens ------------------------------------------------------------------------------------------------------
    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.now
        self.at += token.kind != "end"
        return token

    def sees(self, *signs: str) -> bool:
        return self.now.kind == "sign" and self.now.text in signs

    def error(self, token: Token, template: str, hint: str = "", **values: object) -> FormulaError:
        return FormulaError(self.text, token.position, template, hint, **values)

    # -- grammar -----------------------------------------------------------------------------------------------------
    def whole(self) -> Node:
        if self.now.kind == "end":
            raise self.error(self.now, N_("There is no formula."), N_("As in x^2 + 10 y^2."))
        tree = self.expression(0)
        if self.now.kind != "end":
            raise self.unexpected()
        return tree

    def expression(self, limit: int) -> Node:
        """All that is held together more tightly than `limit`."""
        left = self.operand()
        divided = False
        while True:
            token = self.now
            if token.kind == "raised" and limit < RAISED:
                self.take()
                left = self.raised(left, token)
            elif token.kind == "sign" and token.text in BINDING:
                binding = BINDING[token.text]
                if binding <= limit:
                    return left
                self.take()
                divided = token.text == "/"
                left = self.operation(token, left, binding)
            elif self.goes_on() and limit < PRODUCT:
                if divided:
                    template = N_("A product without a sign after a division can be read in two ways.")
                    raise self.error(token, template, N_("Write a/(b*c) or (a/b)*c."))
                left = self.call("*", token, left, self.expression(PRODUCT))
            else:
                return left

    def goes_on(self) -> bool:
        """Whether a factor without a sign begins here."""
        return self.now.kind == "name" or self.sees("(") or (self.sees("|") and not self.bars)

    def operation(self, token: Token, left: Node, binding: int) -> Node:
        if binding != POWER:
            return self.call(token.text, token, left, self.expression(binding))
        self.deeper(token)
        right = self.expression(POWER - 1)  # 2^3^2 = 2^(3^2)
        self.level -= 1
        return self.call("^", token, left, right)

    def raised(self, left: Node, token: Token) -> Node:
        digits = token.text
        if not re.fullmatch(r"-?\d{1,3}", digits):
            raise self.error(token, N_("This exponent cannot be read."), N_("Write ^ and the exponent."))
        self.deeper(token)
        exponent: Node = self.number(token, digits.lstrip("-"))
        self.level -= 1
        if digits.startswith("-"):
            exponent = self.call("neg", token, exponent)
        return self.call("^", token, left, exponent)

    def operand(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return self.number(token, token.text)
        if token.kind == "name":
            return self.named(token)
        if token.kind == "sign" and token.text in ("-", "+"):
            self.deeper(token)
            inner = self.expression(PREFIX)
            self.level -= 1
            return self.call("neg", token, inner) if token.text == "-" else inner
        if token.kind == "sign" and token.text == "(":
            inner = self.enclosed(token)
            self.close(token)
            return inner
        if token.kind == "sign" and token.text == "|":
            return self.bar(token)
        self.at -= token.kind != "end"
        raise self.unexpected()

    def bar(self, opening: Token) -> Node:
        self.deeper(opening)
        self.bars += 1
        inner = self.expression(0)
        self.bars -= 1
        self.level -= 1
        if not self.sees("|"):
            raise self.error(self.now, N_("The bar | opened at {place} is not closed."), place=opening.position + 1)
        self.take()
        return self.call("abs", opening, inner)

    def enclosed(self, token: Token) -> Node:
        """What stands in brackets; bars outside of them do not count inside."""
        self.deeper(token)
        bars, self.bars = self.bars, 0
        inner = self.expression(0)
        self.bars = bars
        self.level -= 1
        return inner

    def close(self, opening: Token) -> None:
        if self.sees(")"):
            self.take()
        elif self.now.kind == "end":
            raise self.error(self.now, N_("The bracket opened at {place} is not closed."), place=opening.position + 1)
        else:
            raise self.unexpected()

    def named(self, token: Token) -> Node:
        word = token.text
        head = ALIASES.get(word, word)
        if head in FUNCTIONS:
            return self.function(token, head)
        if word in VARIABLES or word in CONSTANTS:
            self.counted(token)
            node = Name(word)
            if word in CONSTANTS:
                self.constants[node] = CONSTANTS[word]
            return node
        if self.sees("("):
            hint = _near(word) or N_("The functions are: {names}.")
            template = N_("There is no function '{word}'.")
            raise self.error(token, template, hint, word=word, near=_near_name(word), names=" ".join(FUNCTIONS))
        return self.slider(token)

    def slider(self, token: Token) -> Node:
        word = token.text
        near = _near_name(word)
        if word not in GREEK.values() and (near or not _SLIDER.fullmatch(word) or word in dir(builtins) or iskeyword(word)):
            hint = _near(word) or N_("Write products with *, as in a*x. A slider is a letter, as in a or k2, or alpha.")
            raise self.error(token, N_("'{word}' is not known."), hint, word=word, near=near)
        if word not in self.parameters and len(self.parameters) == PARAMETERS:
            raise self.error(token, N_("Too many sliders: at most {most}."), most=PARAMETERS)
        if len(word) > 32:
            raise self.error(token, N_("This name is too long."))
        self.parameters[word] = None
        self.counted(token)
        return Name(word)

    def function(self, token: Token, head: str) -> Node:
        arity = FUNCTIONS[head].arity
        if not self.sees("("):
            raise self.error(self.now, N_("'{word}' needs its argument in brackets."), N_("As in {word}(x)."), word=token.text)
        opening = self.take()
        if self.sees(")"):
            raise self.counting(self.now, token, 0)
        arguments = [self.condition(opening) if head == "where" else self.enclosed(opening)]
        while self.sees(","):
            comma = self.take()
            if len(arguments) == arity:
                raise self.counting(comma, token, arity + 1)
            arguments.append(self.enclosed(opening))
        if self.sees(")") and len(arguments) < arity:
            raise self.counting(self.now, token, len(arguments))
        self.close(opening)
        return self.call("^" if head == "pow" else head, token, *arguments)

    def counting(self, place: Token, token: Token, count: int) -> FormulaError:
        template = N_("'{word}' wants {wanted} in its brackets, separated by commas; here are {count}.")
        wanted = FUNCTIONS[ALIASES.get(token.text, token.text)].arity
        if wanted == 1:
            template = N_("'{word}' wants one thing in its brackets; here are {count}.")
        return self.error(place, template, word=token.text, wanted=wanted, count=count)

    def condition(self, opening: Token) -> Node:
        left = self.enclosed(opening)
        if not self.sees(*COMPARISONS):
            hint = N_("As in where(x < 0, y, x*y).")
            raise self.error(self.now, N_("'where' begins with a comparison: < <= > or >=."), hint)
        sign = self.take()
        return self.call(sign.text, sign, left, self.enclosed(opening))

    def unexpected(self) -> FormulaError:
        token = self.now
        if token.kind == "end":
            return self.error(token, N_("The formula ends too early."), N_("Here a number, a name or a bracket is missing."))
        hint = ""
        if token.text == ",":
            hint = N_("Numbers have a decimal point: 1.5. Commas separate the arguments of a function.")
        elif token.text in COMPARISONS:
            hint = N_("A comparison only stands inside where(condition, then, otherwise).")
        elif token.kind == "number":
            hint = N_("A sign is missing before it.")
        elif token.text == ")":
            hint = N_("No bracket is open here, or it is empty.")
        return self.error(token, N_("'{sign}' is not expected here."), hint, sign=token.text)

    # -- nodes and limits --------------------------------------------------------------------------------------------
    def deeper(self, token: Token) -> None:
        self.level += 1
        if self.level > DEPTH:
            raise self.error(token, N_("The formula is nested too deeply: at most {most} levels."), most=DEPTH)

    def counted(self, token: Token) -> None:
        self.count += 1
        if self.count > NODES:
            raise self.error(token, N_("The formula has too many parts: at most {most}."), most=NODES)

    def number(self, token: Token, digits: str) -> Node:
        self.counted(token)
        value = float(digits)  # to a float at once: there are no large integers here
        if not math.isfinite(value):
            raise self.error(token, N_("This number is too large."))
        node = Number(value)
        self.constants[node] = value
        return node

    def call(self, head: str, token: Token, *args: Node) -> Node:
        head = "^" if head == "**" else head
        self.counted(token)
        node = Call(head, args)
        constants = [self.constants.get(part) for part in args]
        if head == "^" and constants[0] is None and constants[1] is not None and abs(constants[1]) > EXPONENT:
            raise self.error(token, N_("This exponent is too large: at most {most} for a constant one."), most=int(EXPONENT))
        known = [value for value in constants if value is not None]
        if len(known) == len(args):
            value = ALL[head].plain(*known)
            too_large = math.isinf(value) and all(map(math.isfinite, known)) and not (head == "^" and known[0] == 0.0)
            if too_large and head in GROWING:
                raise self.error(token, N_("This number is too large."))
            self.constants[node] = value
        return node


def _near_name(word: str) -> str:
    known = [*FUNCTIONS, *ALIASES]
    if word.lower() in {"x", "y", "pi", *known}:
        return word.lower()
    return next(iter(get_close_matches(word.lower(), known, 1, 0.75)), "") if len(word) > 2 else ""


def _near(word: str) -> str:
    return N_("Did you mean {near}?") if _near_name(word) else ""
