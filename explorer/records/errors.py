"""What went wrong, in a form that can cross a process and be translated where it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Trouble:
    """A fault a person reads.

    `code` is stable ("weights.code-inside"); `template` and `hint` are English message keys with `{name}` places, filled from
    `values` after translation. `exit_code` is the command line's: 2 usage, 3 bad input, 4 refused, 5 resources, 6 engine.
    """

    code: str
    template: str
    values: dict[str, Any] = field(default_factory=dict)
    hint: str = ""
    exit_code: int = 3

    def english(self) -> str:
        """The message and the hint in English, for logs."""
        text = self.template.format(**self.values)
        return f"{text} {self.hint.format(**self.values)}".strip()


class ExplorerError(Exception):
    """The base of every error we raise on purpose. Subclasses only name the room: ModelFileError, MediaError, ..."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble

    def __str__(self) -> str:
        return self.trouble.english()


class ModelFileError(ExplorerError):
    """A weights or model file that cannot be used. The only error a loader lets out."""


class MediaError(ExplorerError):
    """A picture, video or camera that cannot be used. The only error a source lets out."""


class BadRequestError(ExplorerError):
    """A request that names something which is not there: a layer, a channel, a class."""


def trouble_of(error: BaseException) -> Trouble:
    """A Trouble for an error nobody foresaw; memory errors are recognised, the rest is named as it is."""
    if isinstance(error, ExplorerError):
        return error.trouble
    text = str(error) or type(error).__name__
    kind = type(error).__name__
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError" or "can't allocate memory" in text:
        return Trouble(
            "memory",
            "Not enough memory for this.",
            {},
            "Choose a smaller picture or network, or close other programs.",
            exit_code=5,
        )
    if isinstance(error, (OSError, KeyError)) and type(error).__module__ != "builtins":
        return Trouble("input", "{text}", {"text": text})
    if isinstance(error, FileNotFoundError):
        return Trouble("file.missing", "There is no file {path}.", {"path": error.filename or text})
    if isinstance(error, OSError):
        return Trouble("file", "{text}", {"text": text}, exit_code=5)
    return Trouble("unforeseen", "{kind}: {text}", {"kind": kind, "text": text}, exit_code=6)
