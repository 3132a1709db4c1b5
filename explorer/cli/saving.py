"""Writing results by the ending of the file's name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from explorer import __version__
from explorer.atomic import write_bytes, write_text
from explorer.cli.operating import edits_of
from explorer.cli.output import plain
from explorer.i18n import tr

if TYPE_CHECKING:
    import numpy as np

    from explorer.records.frame import RGB

PICTURE = (".png", ".jpg", ".jpeg")
VECTOR = (".svg",)
VIDEO = (".mp4", ".gif")
TABLE = (".csv",)
LINES = (".jsonl",)
FOUND = (".jsonl", ".csv", ".json")  # what was found, without a picture; .json is COCO's
ARRAYS = (".npz",)


def ending(output: str | None, *allowed: Sequence[str]) -> str:
    """The lower-case ending of `output` ("" for None), checked before any work is done. Raises click.UsageError."""
    if output is None:
        return ""
    known = [item for group in allowed for item in group]
    found = Path(output).suffix.lower()
    if found not in known:
        raise click.UsageError(
            tr("{file}: the ending says what is written; here it can be {endings}.").format(
                file=output, endings=" ".join(known)
            )
        )
    return found


class Outputs:
    """Where the answers about several files go: drawings one for each file, lines, tables and annotations all into one.

    `default`: the ending of a drawing in a folder. Raises click.UsageError before any work is done.
    """

    def __init__(self, outputs: Sequence[str], default: str, *allowed: Sequence[str]) -> None:
        self._default = default
        self.folders = [one for one in outputs if one.endswith(("/", "\\")) or Path(one).is_dir()]
        self.files = [one for one in outputs if one not in self.folders]
        for one in self.files:
            ending(one, *allowed)
        if len(set(outputs)) < len(outputs):
            raise click.UsageError(tr("The same output is given twice."))
        self.joint = [one for one in self.files if Path(one).suffix.lower() in FOUND]

    def targets(self, names: Sequence[str]) -> dict[str, list[str]]:
        """The drawings of each input: the outputs themselves for one, files named after the inputs in the folders."""
        drawn = [one for one in self.files if one not in self.joint]
        if drawn and len(names) > 1:
            raise click.UsageError(tr("For several files -o must be a folder: -o {folder}/").format(folder=Path(drawn[0]).stem))
        found = {name: list(drawn) for name in names}
        for folder in self.folders:
            for name in names:
                found[name].append(str(Path(folder) / (Path(name).stem + _fitting(name, self._default))))
        return found


def _fitting(name: str, default: str) -> str:
    from explorer.cli.media import is_video

    return ".mp4" if is_video(name) and default in PICTURE else default


def picture(path: str, rgb: RGB, facts: dict[str, Any] | None = None) -> None:
    """Write (H, W, 3) uint8 RGB as PNG or JPEG; the PNG carries `facts` (its recipe) as text, with the command's surgery."""
    from explorer.picture.stills import write_jpeg, write_png

    told = {**surgery_facts(), **(facts or {})}
    recipe = {"Software": f"explorer {__version__}", "Recipe": json.dumps(plain(told))}
    if Path(path).suffix.lower() == ".png":
        write_png(path, rgb, recipe)
    else:
        write_jpeg(path, rgb, recipe)


def surgery_facts() -> dict[str, Any]:
    """{"surgery": [...]} of the options of the running command; {} without any."""
    context = click.get_current_context(silent=True)
    edits = edits_of(context.params) if context is not None else ()
    return {"surgery": [edit.model_dump(mode="json", exclude_defaults=True) for edit in edits]} if edits else {}


def table(path: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write CSV with a header line; numbers with a point, all their digits."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, buffer.getvalue())


def arrays(path: str, **named: np.ndarray[Any, Any]) -> None:
    """Write named arrays as a compressed NPZ that numpy.load reads without pickle."""
    import numpy as np

    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **named)
    write_bytes(path, buffer.getvalue())


class Film:
    """MP4 or GIF by the ending, as large as its first frame, finished atomically; nothing remains after an error."""

    def __init__(self, path: str, fps: float) -> None:
        self._path = path
        self._fps = fps
        self._writer: Any = None

    def __enter__(self) -> Film:
        return self

    def write(self, rgb: RGB) -> None:
        """Append a frame: (H, W, 3) uint8 RGB, the size of the first one."""
        if self._writer is None:
            from explorer.picture.video import VideoWriter

            writer = VideoWriter(self._path, self._fps, (rgb.shape[1], rgb.shape[0]))
            self._writer = writer.__enter__()
        self._writer.write(rgb)

    def __exit__(self, *error: Any) -> None:
        if self._writer is not None:
            self._writer.__exit__(*error)
