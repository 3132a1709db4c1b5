"""Choosing the picture: samples, files, folders, the clip, drop, paste; and saving what a panel shows."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from explorer import assets, atomic
from explorer.gui.batches import Batches
from explorer.gui.cameras import Cameras
from explorer.gui.desk import Desk
from explorer.gui.playing import Playing
from explorer.gui.plugin_sources import PluginSources
from explorer.gui.recipes import Recipes
from explorer.gui.recipes_reading import SESSION
from explorer.gui.source_help import SourceHelp
from explorer.gui.streams import Streams
from explorer.gui.widgets.drop_veil import DropVeil
from explorer.gui.widgets.picture_strip import CLIPS, STILLS, file_filter
from explorer.gui.window import MainWindow
from explorer.host.messages import SourceState
from explorer.i18n import tr
from explorer.requests.source import SourceRequest, is_address
from explorer.session import Session

MODEL_FILES = (".safetensors", ".pth", ".pt", ".ckpt", ".bin", ".weights", ".cfg", ".onnx")
MOST_RECENT = 8
MOST_FILES = 1000


class Pictures(QObject):
    """Owns the commands that open, save, copy and paste, and the Picture strip."""

    def __init__(self, window: MainWindow, desk: Desk, recent: list[str], recipes: Recipes) -> None:
        super().__init__(window)
        self._recipes = recipes
        self._window = window
        self._desk = desk
        self._strip = window.strip
        self.recent = recent
        strip = self._strip
        strip.sample_chosen.connect(self._sample)
        strip.clip_chosen.connect(self.play_clip)
        strip.file_wanted.connect(self.open_picture)
        strip.folder_wanted.connect(self.open_folder)
        window.dropped.connect(self.open_paths)
        window.welcome.recent_chosen.connect(self._recent)
        window.welcome.model_wanted.connect(self.open_model)
        desk.source_changed.connect(self._source_changed)
        self.playing = Playing(window, desk)
        self.cameras = Cameras(window, desk)
        self.streams = Streams(window, desk)
        self.ways_out = SourceHelp(
            window,
            desk,
            cameras=self.cameras.choose_camera,
            file=self.open_picture,
            stream=self.streams.ask,
            open_stream=self.streams.open,
        )
        self.veil = DropVeil(window)
        self.batches = Batches(window, desk)
        self.owners = (self, self.playing, self.cameras, self.streams, self.batches)
        desk.session_changed.connect(self._session_changed)
        strip.show_source(desk.session.picture.kind, desk.session.picture.path)
        window.welcome.set_recent(recent)
        self._plugin_sources = PluginSources(desk, strip)

    # -- choosing ----------------------------------------------------------------------------------------------------
    def _open(self, **fields: object) -> None:
        self._desk.open_source(SourceRequest.model_validate(fields))

    @Slot(str)
    def _sample(self, name: str) -> None:
        self._open(kind="sample", path=name)

    @Slot()
    def play_clip(self) -> None:
        """The bundled clip: what plays when there is no camera."""
        self._open(kind="clip", path="")

    @Slot()
    def open_picture(self) -> None:
        """Ask for a file."""
        title = tr("Open picture or video")
        path, _ = QFileDialog.getOpenFileName(self._window, title, self._folder(), file_filter())
        if path:
            self.open_paths([path])

    @Slot()
    def open_folder(self) -> None:
        """Ask for a folder."""
        path = QFileDialog.getExistingDirectory(self._window, tr("Open folder"), self._folder())
        if path:
            self.open_paths([path])

    @Slot()
    def open_model(self) -> None:
        """Ask for a weights file for the network of the Models panel, or for a Darknet cfg."""
        kinds = " ".join(f"*{ending}" for ending in MODEL_FILES)
        models, everything = tr("Model files"), tr("All files")
        name_filter = f"{models} ({kinds});;{everything} (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, tr("Open model file"), self._folder(), name_filter)
        if path:
            self.use_model_file(path)

    def use_model_file(self, path: str) -> None:
        """Try a weights file; what is loaded stays until it is proven good. Refusals come as notices."""
        self._remember(path)
        self._desk.try_model_file(path)

    def _folder(self) -> str:
        return str(Path(self.recent[0]).parent) if self.recent else str(Path.home())

    @Slot(object)
    def open_paths(self, paths: list[str]) -> None:
        """Files that were dropped, pasted, chosen or given on the command line."""
        if not paths:
            return
        if len(paths) > 1 and self._open_several(paths):
            return
        path = Path(paths[0])
        ending = path.suffix.lower()
        if path.is_dir():
            self._open(kind="folder", path=str(path))
        elif ending in MODEL_FILES:
            self.use_model_file(str(path))
            return
        elif ending in CLIPS:
            self._open(kind="video", path=str(path))
        elif not self._recipes.take(path):
            self._open(kind="file", path=str(path))
        self._remember(str(path))

    def _open_several(self, paths: list[str]) -> bool:
        """Stills among several files become a list to step through; whether there were two at least."""
        stills = [path for path in paths if Path(path).suffix.lower() in STILLS][:MOST_FILES]
        if len(stills) < 2 or any("\n" in path for path in stills):
            return False
        self._open(kind="files", path="\n".join(stills))
        if len(stills) < len(paths):
            text = tr("{count} of {all} files are pictures; the others were left out.")
            self._desk.notify(text.format(count=len(stills), all=len(paths)), "info", key="several")
        return True

    @Slot(str)
    def _recent(self, path: str) -> None:
        if Path(path).exists():
            self.open_paths([path])
            self._window.go_to("filters")
        else:
            self._desk.notify(tr("There is no file {path}.").format(path=path), "warn")

    def _remember(self, path: str) -> None:
        if not path.startswith(tempfile.gettempdir() + os.sep + "explorer-"):
            self.recent[:] = [path, *(old for old in self.recent if old != path)][:MOST_RECENT]
            self._window.welcome.set_recent(self.recent)

    # -- paste, copy, save -------------------------------------------------------------------------------------------
    def paste_picture(self) -> None:
        """A picture or a file from the clipboard."""
        data = QGuiApplication.clipboard().mimeData()
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data else []
        if paths:
            self.open_paths(paths)
            return
        image = QGuiApplication.clipboard().image()
        if image.isNull():
            address = data is not None and is_address(data.text())
            hint = tr("There is no picture on the clipboard. An address is opened by Open stream.")
            self._desk.notify(hint if address else tr("There is no picture on the clipboard."))
            return
        path = assets.state_dir() / "pasted.png"
        atomic.write_bytes(path, png_bytes(image, ""))
        self._open(kind="file", path=str(path))

    def copy_picture(self) -> None:
        """The current panel's picture and its numbers."""
        panel = self._window.panel
        if panel is None:
            return
        data = QMimeData()
        data.setImageData(panel.picture())
        numbers = panel.numbers()
        if numbers:
            data.setText(numbers)
        QGuiApplication.clipboard().setMimeData(data)
        self._desk.notify(tr("Picture and numbers are on the clipboard.") if numbers else tr("Picture is on the clipboard."))

    def save_picture(self) -> None:
        """The current panel's picture as a PNG that carries its recipe."""
        panel = self._window.panel
        if panel is None:
            return
        start = str(Path(self._folder()) / f"{panel.name}.png")
        path, _ = QFileDialog.getSaveFileName(self._window, tr("Save picture"), start, "PNG (*.png)")
        if path:
            self.save_to(Path(path if path.lower().endswith(".png") else path + ".png"), panel.picture())

    def save_to(self, path: Path, image: QImage) -> None:
        """Write atomically; says so, or why not."""
        try:
            atomic.write_bytes(path, png_bytes(image, self._desk.session.model_dump_json()))
        except OSError as error:
            self._desk.notify(tr("Could not save {path}: {reason}").format(path=path, reason=error.strerror or error), "bad")
            return
        self._desk.notify(tr("Saved {path}").format(path=path), "good")

    def back_to_start(self) -> None:
        """The current panel's values as they were at the beginning."""
        if self._window.panel is not None:
            self._window.panel.back_to_start()

    # -- state -------------------------------------------------------------------------------------------------------
    @Slot(object)
    def _source_changed(self, state: SourceState) -> None:
        if state.state == "failed":
            self._strip.camera.setChecked(False)

    @Slot(object, object)
    def _session_changed(self, new: Session, old: Session) -> None:
        if new.picture != old.picture:
            self._strip.show_source(new.picture.kind, new.picture.path)


def png_bytes(image: QImage, recipe: str) -> bytes:
    """A PNG with the Session in its text, so that dropping it on the window can bring the settings back."""
    image = image.copy()
    if recipe:
        image.setText(SESSION, recipe)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not cast(Any, image).save(buffer, "PNG"):  # the stubs say bytes, Qt wants str
        raise OSError("the picture cannot be written as PNG")
    return bytes(data.data())


__all__ = ["STILLS", "Pictures", "png_bytes"]
