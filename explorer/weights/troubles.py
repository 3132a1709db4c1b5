"""How this room says no: one error type, a stable code, a reason, a hint."""

from __future__ import annotations

from typing import Any

from explorer.i18n import N_
from explorer.records.errors import ModelFileError, Trouble

BROKEN = N_("The file is damaged or is not a table of weights.")


def refusal(code: str, template: str, hint: str = "", exit_code: int = 4, **values: Any) -> ModelFileError:
    """A ModelFileError whose code is "weights." + `code`. `template` and `hint` are message keys marked with N_."""
    plain = {key: value if isinstance(value, int) else str(value)[:300] for key, value in values.items()}
    return ModelFileError(Trouble(f"weights.{code}", template, plain, hint, exit_code))


def damaged(template: str = BROKEN, **values: Any) -> ModelFileError:
    """A file that does not hold together. `template` is a whole sentence; the default is for errors nobody foresaw."""
    return refusal("damaged", template, N_("Get the file again."), **values)
