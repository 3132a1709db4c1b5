"""Numbers as the chosen language writes them: Hungarian has a decimal comma. Files and the clipboard keep the point."""

from __future__ import annotations

import math

from PySide6.QtCore import QLocale

from explorer.i18n import figures, language, tr


def localised(text: str) -> str:
    """`text`, a number as Python writes it, with the language's decimal mark and a real minus sign."""
    return figures(text.replace("-", "−"))


def locale() -> QLocale:
    """The language's way to write numbers, for boxes that take them; no marks between thousands."""
    found = QLocale(QLocale.Language.Hungarian if language() == "hu" else QLocale.Language.English)
    found.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return found


def figure(value: float, figures: int = 4) -> str:
    """A number with so many figures that count (whole numbers below a million with all of theirs); NaN and infinity by name."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if 10**figures <= abs(value) < 1e6:
        return localised(f"{value:.0f}")
    return localised(f"{value:.{figures}g}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e"))


def fixed(value: float, digits: int = 1) -> str:
    """A number with so many digits behind the decimal mark."""
    return localised(f"{value:.{digits}f}")


def percent(share: float, digits: int = 1) -> str:
    """A share as "12.3 %", in Hungarian "12,3%"."""
    return tr("{number} %").format(number=fixed(100 * share, digits))
