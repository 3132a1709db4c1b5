"""How a command ends when it does not end well: one readable line on standard error and the right exit code."""

from __future__ import annotations

import os
import sys
import traceback

import click

from explorer.cli.output import ReaderGone
from explorer.i18n import tr
from explorer.jobs import Cancelled
from explorer.records.errors import Trouble, trouble_of
from explorer.tables import UnknownNameError

STOPPED = 130
NOT_THE_FILE = ("weights.", "name.", "network.")  # codes of troubles that would be the same with another picture


def say(message: str) -> None:
    """One line on standard error, in place of a progress bar that may stand there."""
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""
    sys.stderr.write(f"{clear}{message}\n")
    sys.stderr.flush()


def sentence(trouble: Trouble) -> str:
    """Message and hint in the language in use."""
    parts = [tr(trouble.template).format(**trouble.values)]
    if trouble.hint:
        parts.append(tr(trouble.hint).format(**trouble.values))
    return " ".join(parts)


def pointed(trouble: Trouble) -> list[str]:
    """For a formula: itself, and a caret under its first bad character. Nothing for other troubles."""
    if trouble.code != "formula":
        return []
    formula, position = str(trouble.values["formula"]), int(trouble.values["position"])
    first = max(0, position - 60)  # a line of a terminal, with the place in it
    shown = "".join(letter if letter.isprintable() else " " for letter in formula[first : position + 30])
    return [shown, " " * (position - first) + "^"]


def fault(error: BaseException) -> Trouble:
    """The Trouble behind any error of a command."""
    if isinstance(error, UnknownNameError):
        return Trouble("name.unknown", "{text}", {"text": str(error)}, exit_code=2)
    return trouble_of(error)


def report(error: BaseException, about: str = "") -> int:
    """Say what happened (not for a closed pipe) and return the exit code. `about` is the file it happened with."""
    if isinstance(error, ReaderGone):
        return 0
    if isinstance(error, click.exceptions.Exit):
        return int(error.exit_code)
    if isinstance(error, (KeyboardInterrupt, click.Abort, Cancelled)):
        say(tr("Stopped."))
        return STOPPED
    if isinstance(error, click.ClickException):
        error.show()
        return int(error.exit_code)
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    trouble = fault(error)
    said = sentence(trouble)
    named = about.removeprefix("camera:").removeprefix("stream:") in said  # the sentence has the file's name already
    prefix = f"{about}: " if about and not named and not trouble.code.startswith(NOT_THE_FILE) else ""
    for line in pointed(trouble):
        say(line)
    say(prefix + said)
    if trouble.code == "unforeseen" or os.environ.get("EXPLORER_DEBUG"):
        lines = "".join(traceback.format_exception(error))
        if os.environ.get("EXPLORER_DEBUG"):
            say(lines)
        else:
            say(tr("Set EXPLORER_DEBUG=1 to see where it happened."))
    return trouble.exit_code
