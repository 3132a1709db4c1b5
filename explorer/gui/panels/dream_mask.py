"""Where to dream: a grey mask as a value, its file, and the choice in the form."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLineF, QPointF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer import assets, atomic
from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.i18n import N_, tr

LONGEST = 640  # pixels of a mask's longer side: it is stretched over the picture
KEPT_FILES = 64
KINDS = (
    ("", N_("everywhere")),
    ("painted", N_("where I paint")),
    ("object", N_("on the object")),
    ("background", N_("on the background")),
)
Grey = npt.NDArray[np.uint8]


class MaskImage:
    """(height, width) grey: white is where to dream, black where the picture stays."""

    def __init__(self, width: int, height: int) -> None:
        scale = min(1.0, LONGEST / max(width, height))
        self.image = QImage(max(1, round(width * scale)), max(1, round(height * scale)), QImage.Format.Format_Grayscale8)
        self.image.fill(0)

    @classmethod
    def of(cls, alpha: npt.NDArray[np.float32], invert: bool = False) -> MaskImage:
        """From a (H, W) float mask in 0..1."""
        grey = np.round(np.nan_to_num(np.clip(alpha, 0.0, 1.0)) * 255).astype(np.uint8)
        grey = np.ascontiguousarray(255 - grey if invert else grey)
        height, width = grey.shape
        made = cls(width, height)
        whole = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
        made.image = _grey(whole.scaled(made.image.size(), mode=Qt.TransformationMode.SmoothTransformation))
        return made

    @classmethod
    def read(cls, path: str) -> MaskImage | None:
        """From its file; None where that is gone."""
        image = QImage(path) if path else QImage()
        if image.isNull():
            return None
        made = cls(image.width(), image.height())
        made.image = _grey(image.scaled(made.image.size()))
        return made

    @property
    def share(self) -> float:
        """How much of the picture is dreamt on, 0..1."""
        return float(_pixels(self.image).mean() / 255)

    def stroke(self, start: QPointF, end: QPointF, radius: float, erase: bool) -> None:
        """A round brush from `start` to `end`, all in parts of the mask (0..1; `radius` of its longer side)."""
        width, height = self.image.width(), self.image.height()
        painter = QPainter(self.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = max(1.0, 2 * radius * max(width, height))
        pen = QPen(QColor("black" if erase else "white"), thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        line = QLineF(start.x() * width, start.y() * height, end.x() * width, end.y() * height)
        if line.isNull():
            painter.drawPoint(line.p1())
        else:
            painter.drawLine(line)
        painter.end()

    def fill(self, value: int) -> None:
        """All of it."""
        self.image.fill(value)

    def invert(self) -> None:
        """Dream where it did not, and the other way round."""
        self.image.invertPixels()

    def veil(self, colour: str, alpha: float) -> QImage:
        """A picture to lay over: `colour` where the picture stays."""
        made = QImage(self.image.size(), QImage.Format.Format_ARGB32)
        made.fill(QColor(colour))
        kept = np.round((255 - _pixels(self.image)) * alpha).astype(np.uint8)
        height, width = kept.shape
        made.setAlphaChannel(QImage(kept.data, width, height, width, QImage.Format.Format_Grayscale8))
        return made

    def save(self, kind: str) -> str:
        """Write it under a name made of its content, so that undo finds every mask again; the path. Raises OSError."""
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        write: Callable[..., bool] = self.image.save  # the stubs say bytes, Qt wants str
        write(buffer, "PNG")
        raw = bytes(data.data())
        folder = assets.state_dir() / "masks"
        path = folder / f"{kind}-{hashlib.sha256(raw).hexdigest()[:16]}.png"
        if not path.exists():
            atomic.write_bytes(path, raw)
            _sweep(folder)
        return str(path)


def kind_of(path: str) -> str:
    """ "", "painted", "object", "background", or "file" for one of another origin."""
    if not path:
        return ""
    kind = Path(path).name.partition("-")[0]
    ours = Path(path).parent == assets.state_dir() / "masks" and kind in {name for name, _ in KINDS}
    return kind if ours else "file"


def _grey(image: QImage) -> QImage:
    return image.convertToFormat(QImage.Format.Format_Grayscale8)


def _pixels(image: QImage) -> Grey:
    """A view of the picture's pixels; it lives as long as the picture is not changed."""
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return raw[:, : image.width()]


def _sweep(folder: Path) -> None:
    with contextlib.suppress(OSError):
        newest_first = sorted(folder.glob("*.png"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in newest_first[KEPT_FILES:]:
            path.unlink()


class MaskSection(QWidget):
    """ "Dream only" and a choice. `wanted(kind)` when a person chooses one, `paint_wanted` to open the brush."""

    wanted = Signal(str)
    paint_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._path = ""
        label = QLabel()
        label.setProperty("kind", "muted")
        words.say(label, N_("Dream only"))
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(6)
        label.setBuddy(self.box)
        tip = N_("Where the picture may change: everywhere, where you paint, or where the object is or is not")
        words.say(self.box, tip, "tip")
        words.say(self.box, N_("Dream only"), "name")
        self.box.activated.connect(self._chosen)
        self.paint = QToolButton()
        self.paint.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        set_icon(self.paint, "brush")
        words.say(self.paint, N_("Paint"))
        words.say(self.paint, N_("Paint where to dream, with the mouse or the arrow keys (M)"), "tip")
        self.paint.clicked.connect(self.paint_wanted)
        line = QHBoxLayout()
        line.setSpacing(theme.px(2))
        line.addWidget(self.box, 1)
        line.addWidget(self.paint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(0.5))
        column.addWidget(label)
        column.addLayout(line)
        self.refresh()

    def show_path(self, path: str) -> None:
        """The mask of the request."""
        if path != self._path:
            self._path = path
            self.refresh()

    def refresh(self, *_: Any) -> None:
        """The choices in the language of now."""
        kind = kind_of(self._path)
        with QSignalBlocker(self.box):
            self.box.clear()
            for name, title in KINDS:
                self.box.addItem(tr(title), name)
            if kind == "file":
                self.box.addItem(Path(self._path).name, "file")
            self.box.setCurrentIndex(self.box.findData(kind))

    def _chosen(self, at: int) -> None:
        kind = str(self.box.itemData(at))
        if kind == "painted":
            self.paint_wanted.emit()
        elif kind != "file":
            self.wanted.emit(kind)
        self.refresh()  # until the request says so, the old one stands
