"""How this room says no: one error type, a stable code, a reason, a hint."""

from __future__ import annotations

from typing import Any

from explorer.records.errors import ModelFileError, Trouble


def refusal(code: str, template: str, hint: str = "", exit_code: int = 4, **values: Any) -> ModelFileError:
    """A ModelFileError whose code is "weights." + `code`. `template` and `hint` are message keys marked with N_."""
    plain = {key: value if isinstance(value, int) else str(value)[:300] for key, value in values.items()}
    return ModelFileError(Trouble(f"weights.{code}", template, plain, hint, exit_code))
