"""Makes assets/samples from the pictures that come with scikit-image. Run: python recipes/samples.py

Only pictures that scikit-image's own notes (skimage/data/_fetchers.py) name as CC0 or public domain are taken. Each is cut to
whole pixels as it is (no resampling below 640 pixels) and written as JPEG, quality 88. `LIST.toml` says where each is from.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import skimage.data
from PIL import Image

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "samples"
LONGEST = 640


def main() -> None:
    """Write every picture of LIST.toml."""
    rows = tomllib.loads((FOLDER / "LIST.toml").read_text(encoding="utf-8"))["sample"]
    for row in rows:
        rgb = getattr(skimage.data, row["made_from"])()[..., :3]
        picture = Image.fromarray(rgb)
        picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        target = FOLDER / row["file"]
        picture.save(target, quality=88, subsampling=0, optimize=True)
        print(f"{target.name}: {picture.width} x {picture.height}, {target.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
