"""Text that a person reads, in English and Hungarian.

English is the key. `tr("...")` translates now; `N_("...")` only marks a text for translation, for tables and models that
are built before the language is known: translate it with `tr` where it is shown. Catalogues: `assets/i18n/LANG/ROOM.po`,
one per room, compiled to `.mo` when the package is built (hatch_build.py).
Errors carry a code and parameters: the English template is `template`, `tr(template).format(**values)` is shown.
Numbers too follow the language: the places of a Hungarian template are filled with a decimal comma. What is written for
machines (JSON, CSV, the clipboard) is not made from templates and keeps the point.
"""

from __future__ import annotations

import functools
import gettext
import locale
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from explorer.assets import assets_dir

LANGUAGES = {"en": "English", "hu": "Magyar"}

# A number with a point that belongs to no name, version or file ("layer3.1", "1.2.3", "0.5.png").
_POINT = re.compile(r"(?<![\w.])(\d+)\.(\d+(?:e[+\-−]?\d+)?)(?!\w|\.\w)")
_BETWEEN = re.compile(r"(?<=[\d∞–]), (?=[(\-−+]?[\d∞–])")  # a comma that parts two numbers
_NUMBERS = re.compile(r"[\s\d.,;:+\-−·×*/=%°√^()…∞–<>≤≥±|e]*\d[\s\d.,;:+\-−·×*/=%°√^()…∞–<>≤≥±|e]*")
_ARTICLE = re.compile(r"\b([Aa])\(z\)(?=\s+\W*(\w+))")
_VOWELS = "aáeéiíoóöőuúüű"
_CAPITALS = re.compile(r"[A-ZÁÉÍÓÖŐÚÜŰ]{2,}|[A-Za-z](?=\d*$)")  # "SGD", "L" of "L-BFGS", "f6"
_NAMES = {"layer", "name", "file", "path", "version", "key", "model"}  # places that hold names, even where these are digits

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def N_(text: str) -> str:
    """Mark `text` for translation and return it unchanged."""
    return text


@functools.lru_cache(maxsize=8192)  # each of forty catalogues may be the one that has it
def tr(text: str) -> str:
    """`text` in the chosen language; the English text itself where there is no translation."""
    found = _catalogue.gettext(text) if text else ""
    return Sentence(found) if _language == "hu" and "{" in found else found


def figures(text: str) -> str:
    """Every number in `text`, a formula or a row of numbers with a decimal point, as the language in use writes it.

    Hungarian: "(0.5, −1.25)" becomes "(0,5; −1,25)".
    """
    if _language != "hu" or "." not in text:
        return text
    return _POINT.sub(r"\1,\2", _BETWEEN.sub("; ", text))


def listed(numbers: Iterable[str]) -> str:
    """Numbers after each other, parted by what cannot be taken for a decimal mark."""
    return ("; " if _language == "hu" else ", ").join(numbers)


class _Filling(Formatter):
    """Fills places as Python does, with numbers as the language in use writes them."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value, first = super().get_field(field_name, args, kwargs)
        if isinstance(value, str) and field_name not in _NAMES and _NUMBERS.fullmatch(value):
            value = figures(value)
        return value, first

    def format_field(self, value: Any, format_spec: str) -> str:
        text = str(super().format_field(value, format_spec))
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return text
        return text.replace(",", "\u202f").replace(".", ",").replace("-", "−")


_FILLING = _Filling()


def _article(found: re.Match[str]) -> str:
    """ "a" or "az": az öt (5, 50), az egy (1, 1 000), az alma, az L-BFGS (read letter by letter), a momentum."""
    article, word = found[1], found[2]
    capitals = _CAPITALS.match(word)
    if word[0].isdigit():
        digits = len(word) - len(word.lstrip("0123456789"))
        vowel = word[0] == "5" or (word[0] == "1" and digits % 3 == 1)
    elif capitals and not set(word[: capitals.end()]) & set(_VOWELS.upper()):
        vowel = word[0].upper() in "FLMNRSXY"  # ef, el, em, ...
    else:
        vowel = word[0].lower() in _VOWELS
    return article + ("z" if vowel else "")


class Sentence(str):
    """A template of a language with a decimal comma: whatever numbers fill its places are written with it."""

    __slots__ = ()

    def format(self, *args: object, **kwargs: object) -> str:
        """The template with its places filled; "a(z)" becomes the article that fits, “ the Hungarian „."""
        return _ARTICLE.sub(_article, _FILLING.vformat(self, args, kwargs).replace("“", "„"))


def language() -> str:
    """The language in use: "en" or "hu"."""
    return _language


def use_language(name: str) -> str:
    """Switch to `name` ("en", "hu", or "" for the system's) and return what is in use now."""
    global _catalogue, _language
    chosen = name or system_language()
    if chosen not in LANGUAGES:
        chosen = "en"
    merged = gettext.NullTranslations()
    for path in sorted(catalogue_dir(chosen).glob("*.mo")):
        with path.open("rb") as handle:
            translations = gettext.GNUTranslations(handle)
        translations.add_fallback(merged)
        merged = translations
    _catalogue, _language = merged, chosen
    tr.cache_clear()
    return chosen


def system_language() -> str:
    """The first language of the environment that we have, else English."""
    names = [os.environ.get(key, "") for key in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    names.append(locale.getlocale()[0] or "")
    for name in names:
        code = name.split(":")[0].split("_")[0].split(".")[0].lower()
        if code in LANGUAGES:
            return code
        if code.startswith("hungarian"):  # Windows names languages in English
            return "hu"
    return "en"


def catalogue_dir(name: str) -> Path:
    """Folder of the compiled catalogues of a language; may not exist (English has none)."""
    return assets_dir() / "i18n" / name / "LC_MESSAGES"
