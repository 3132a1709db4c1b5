"""Recipes of dreams: a request in a file of its own, or inside the picture that it made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from explorer import __version__
from explorer.atomic import write_text
from explorer.cli.media import printable
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.dream import DreamRequest

# Texts of a PNG that hold facts: of the command line's pictures, and of the window's.
FACTS = ("Recipe", "explorer-facts")
REQUEST = "explorer-request"  # a text that is the request itself
MOST = 1 << 26  # bytes of a recipe or of a picture that carries one


def read(path: str) -> dict[str, Any]:
    """The facts of a recipe file or of a PNG, with a valid "request". Raises BadRequestError in words."""
    from explorer.picture.png_text import png_texts
    from explorer.picture.stills import read_file

    data = read_file(path, MOST)
    if data.startswith(b"\x89PNG"):
        inside = png_texts(path)
        found = [_loaded(inside.get(name, "")) for name in FACTS]
        found.append({"request": _loaded(inside.get(REQUEST, ""))})
    else:  # ours, or the window's, whose facts are one part of it
        whole = _loaded(data.decode("utf-8", "replace"))
        found = [whole, whole["facts"] if isinstance(whole.get("facts"), dict) else {}]
    for facts in found:
        if not (isinstance(facts.get("request"), dict) and facts["request"]):
            continue
        try:
            DreamRequest.model_validate(facts["request"])
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise _bad(path, f"{where}: {first['msg']}") from None
        return facts
    raise _bad(path, "")


def _loaded(text: str) -> dict[str, Any]:
    """The JSON object in `text`; {} where there is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write(path: str, facts: dict[str, Any], picture: str | None) -> None:
    """The request of `facts` and the picture that was dreamt on, as JSON a person can read and edit."""
    kept: dict[str, Any] = {"explorer": __version__, "request": facts["request"]}
    if picture is not None:
        kept |= {"picture": printable(picture), "picture_sha256": facts.get("picture_sha256", "")}
    write_text(path, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def picture_of(facts: dict[str, Any]) -> str | None:
    """The picture that a recipe names, where it is there: a file, or a bundled sample."""
    from explorer.picture.sources import sample_names

    name = str(facts.get("picture") or "")
    return name if name and (name in sample_names() or Path(name).is_file()) else None


def _bad(path: str, why: str) -> BadRequestError:
    template = N_("{name} holds no recipe of a dream: {why}") if why else N_("{name} holds no recipe of a dream.")
    return BadRequestError(Trouble("recipe.none", template, {"name": path, "why": why}))
