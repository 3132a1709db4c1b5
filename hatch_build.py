"""Compiles assets/i18n/LANG/ROOM.po to LC_MESSAGES/ROOM.mo when the package is built or installed, editable too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(root: Path) -> list[Path]:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    written = []
    for source in sorted((root / "assets" / "i18n").glob("*/*.po")):
        folder = source.parent / "LC_MESSAGES"
        folder.mkdir(exist_ok=True)
        with source.open("rb") as handle:
            catalogue = read_po(handle, locale=source.parent.name)
        target = folder / f"{source.stem}.mo"
        with target.open("wb") as out:
            write_mo(out, catalogue)
        written.append(target)
    return written


class CatalogueHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for path in compile_catalogues(root):
            build_data.setdefault("artifacts", []).append(str(path.relative_to(root)))
