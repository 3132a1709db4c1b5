"""Recipes of dreams: a request in a file of its own, or inside the picture that it made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from explorer import __version__
from explorer.atomic import write_text
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.dream import DreamRequest

# Texts of a PNG that hold facts: of the command line's pictures, and of the window's.
TEXTS = ("Recipe", "explorer-facts")
MOST = 1 << 26  # bytes of a recipe or of a picture that carries one


def read(path: str) -> dict[str, Any]:
    """The facts of a recipe file or of a PNG, with a valid "request". Raises BadRequestError in words."""
    from explorer.picture.stills import png_text, read_file

    data = read_file(path, MOST)
    texts: list[str] = []
    if data.startswith(b"\x89PNG"):
        inside = png_text(data)
        texts = [inside[name] for name in TEXTS if name in inside]
    else:
        texts = [data.decode("utf-8", "replace")]
    for text in texts:
        try:
            facts = json.loads(text)
            DreamRequest.model_validate(facts["request"])
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise _bad(path, f"{where}: {first['msg']}") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        return dict(facts)
    raise _bad(path, "")


def write(path: str, facts: dict[str, Any], picture: str | None) -> None:
    """The request of `facts` and the picture that was dreamt on, as JSON a person can read and edit."""
    kept: dict[str, Any] = {"explorer": __version__, "request": facts["request"]}
    if picture is not None:
        kept |= {"picture": picture, "picture_sha256": facts.get("picture_sha256", "")}
    write_text(path, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def picture_of(facts: dict[str, Any]) -> str | None:
    """The picture that a recipe names, where it is there: a file, or a bundled sample."""
    from explorer.picture.sources import sample_names

    name = str(facts.get("picture") or "")
    return name if name and (name in sample_names() or Path(name).is_file()) else None


def _bad(path: str, why: str) -> BadRequestError:
    template = N_("{name} holds no recipe of a dream: {why}") if why else N_("{name} holds no recipe of a dream.")
    return BadRequestError(Trouble("recipe.none", template, {"name": path, "why": why}))
