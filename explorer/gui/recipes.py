"""Recipes: a saved picture, or a recipe file, brings back the settings it was made with; undo brings yours back."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from explorer import atomic
from explorer.gui.desk import Desk
from explorer.gui.recipes_reading import MARK, VERSION, Recipe, read_recipe
from explorer.gui.window import MainWindow
from explorer.i18n import tr
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest
from explorer.session import Session

KEY = "recipe"


class Recipes(QObject):
    """Owns the commands open_recipe and save_recipe."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk

    def take(self, path: Path) -> bool:
        """Restore what `path` carries, and say so; False where it carries nothing (a picture is then just a picture)."""
        if path.suffix.lower() not in (".png", ".json"):
            return False
        recipe = read_recipe(path, self._desk.session)
        if recipe is None:
            if path.suffix.lower() == ".json":
                self._desk.notify(tr("There is no recipe in {name}.").format(name=path.name), "bad")
            return path.suffix.lower() == ".json"
        known = self._desk.choices("network")
        if known and recipe.network not in known:
            text = tr("The recipe in {name} asks for the network {network}, which is not here.")
            self._desk.notify(text.format(name=path.name, network=recipe.network), "warn", key=KEY)
            return path.suffix.lower() == ".json"
        self._restore(path, recipe)
        return True

    def _restore(self, path: Path, recipe: Recipe) -> None:
        before = self._desk.session
        fields = dict(recipe.fields)
        if fields.get("panel") not in self._window.panels:
            fields["panel"] = before.panel
        self._desk.change(**fields)
        self._window.go_to(str(fields["panel"]))
        panel = self._window.panel
        if panel is not None:
            panel.adopt(path, recipe.facts)
        text = tr("This picture carries a recipe: restored.")
        actions: tuple[tuple[str, Callable[[], None]], ...] = ((tr("Undo"), partial(self._back, before)),)
        if path.suffix.lower() == ".json":
            text = tr("The recipe {name} is restored.").format(name=path.name)
        else:
            actions += ((tr("Use it as the picture instead"), partial(self._as_picture, before, path)),)
        notes = [tr(note).format(**values) for note, values in recipe.notes]
        self._desk.notify(" ".join([text, *notes]), "warn" if notes else "good", key=KEY, stay=True, actions=actions)

    def _back(self, before: Session) -> None:
        self._desk.change(**{name: getattr(before, name) for name in Session.model_fields if name != "version"})
        self._window.go_to(before.panel)

    def _as_picture(self, before: Session, path: Path) -> None:
        source = SourceRequest(kind="file", path=str(path))
        self._back(before.with_(picture=source))

    @Slot()
    def open_recipe(self) -> None:
        """Ask for a recipe file or a saved picture."""
        kinds = tr("Recipes and pictures with one")
        chosen, _ = QFileDialog.getOpenFileName(self._window, tr("Open recipe"), "", f"{kinds} (*.json *.png)")
        if chosen and not self.take(Path(chosen)):
            self._desk.notify(tr("There is no recipe in {name}.").format(name=Path(chosen).name), "bad")

    @Slot()
    def save_recipe(self) -> None:
        """Ask where, and write the settings of now."""
        panel = self._window.panel
        start = f"{panel.name if panel is not None else 'explorer'}.json"
        chosen, _ = QFileDialog.getSaveFileName(self._window, tr("Save recipe"), start, tr("Recipe") + " (*.json)")
        if chosen:
            self.save_to(Path(chosen if chosen.lower().endswith(".json") else chosen + ".json"))

    def save_to(self, path: Path) -> None:
        """Write the settings of now, atomically; says so, or why not."""
        try:
            atomic.write_text(path, recipe_text(self._desk.session))
        except OSError as error:
            self._desk.notify(tr("Could not save {path}: {reason}").format(path=path, reason=error.strerror or error), "bad")
            return
        self._desk.notify(tr("Saved {path}").format(path=path), "good")


def recipe_text(session: Session, facts: dict[str, Any] | None = None) -> str:
    """A recipe file: JSON that a person can read and change. Beside a dream the command line understands it too."""
    body = {MARK: VERSION, "session": session.model_dump(mode="json"), "facts": facts or {}}
    if session.panel == "dream":
        body["request"] = changed(session.dream, surgery=session.surgery).model_dump(mode="json")
        body["picture"] = session.picture.path if session.picture.kind in ("sample", "file") else ""
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
