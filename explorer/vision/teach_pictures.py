"""A dataset is nothing but a folder of class folders: which pictures of which classes are in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from explorer.assets import state_dir
from explorer.i18n import N_
from explorer.picture.listing import natural, stills_in
from explorer.records.errors import BadRequestError, MediaError, Trouble

ORDER = "classes.json"  # beside the class folders: their names in the order in which they were made


@dataclass(frozen=True)
class Dataset:
    """`folder`; `classes`: names; `files`: the pictures of each class, in natural order of their names."""

    folder: Path
    classes: tuple[str, ...]
    files: tuple[tuple[Path, ...], ...]


def recorded() -> Path:
    """Where the window records."""
    return state_dir() / "teach" / "pictures"


def class_folders(folder: Path) -> list[Path]:
    """The class folders, in the order of `classes.json` where there is one, the others after in natural order."""
    found = {path.name: path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")}
    try:
        noted = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        noted = []
    first = [name for name in noted if isinstance(name, str) and name in found] if isinstance(noted, list) else []
    names = [*dict.fromkeys(first), *sorted(found.keys() - set(first), key=natural)]
    return [found[name] for name in names]


def dataset(folder: str, limit: int) -> Dataset:
    """What is in `folder` ("": the window's own), at most `limit` pictures a class.

    Raises MediaError for a folder that is not there, BadRequestError where there are fewer than two classes or an empty one.
    """
    place = Path(folder) if folder else recorded()
    try:
        if not place.is_dir():
            raise MediaError(Trouble("folder.missing", N_("There is no folder {path}."), {"path": str(place)}))
        folders = class_folders(place)
    except OSError as error:
        values = {"name": str(place), "reason": error.strerror or str(error)}
        raise MediaError(Trouble("media.unreadable", N_("{name} cannot be read: {reason}."), values)) from None
    names = [path.name for path in folders]
    if len(folders) < 2:
        raise BadRequestError(
            Trouble(
                "teach.one-class",
                N_("There are not two classes in {path}."),
                {"path": str(place), "names": ", ".join(names) or "-"},
                N_("Make a folder of pictures for each class. There is: {names}."),
            )
        )
    files = []
    for path in folders:
        try:
            files.append(tuple(stills_in(path, inside=True, limit=limit)))
        except MediaError as error:
            if error.trouble.code != "folder.empty":
                raise
            raise empty_class(path.name) from None
    return Dataset(place, tuple(names), tuple(files))


def empty_class(name: str) -> BadRequestError:
    """A class without a picture cannot be learnt."""
    return BadRequestError(
        Trouble(
            "teach.empty-class",
            N_("There is no picture of {name}."),
            {"name": name},
            N_("Record some, or take the class away."),
        )
    )
