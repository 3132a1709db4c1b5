"""Text that a person reads, in English and Hungarian.

English is the key. `tr("...")` translates now; `N_("...")` only marks a text for translation, for tables and models that
are built before the language is known: translate it with `tr` where it is shown. Catalogues: `assets/i18n/LANG/ROOM.po`,
one per room, compiled to `.mo` when the package is built (hatch_build.py).
Errors carry a code and parameters: the English template is `template`, `tr(template).format(**values)` is shown.
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

from explorer.assets import assets_dir

LANGUAGES = {"en": "English", "hu": "Magyar"}

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def N_(text: str) -> str:
    """Mark `text` for translation and return it unchanged."""
    return text


def tr(text: str) -> str:
    """`text` in the chosen language; the English text itself where there is no translation."""
    return _catalogue.gettext(text) if text else ""


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
