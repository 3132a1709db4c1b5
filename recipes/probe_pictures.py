"""Makes assets/probe.npz: three small real pictures on which fast runtimes are compared with the reference.

Run: python recipes/probe_pictures.py. All three come with scikit-image and are free of rights (see assets/samples/LIST.toml for
their sources): coffee and chelsea are CC0, astronaut is NASA's, public domain. Longest side 320, area-averaged.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import skimage.data

OUT = Path(__file__).resolve().parent.parent / "assets" / "probe.npz"
LONGEST = 320


def main() -> None:
    """Write the file."""
    pictures = {}
    for name in ("coffee", "chelsea", "astronaut"):
        rgb = getattr(skimage.data, name)()[..., :3]
        ratio = LONGEST / max(rgb.shape[:2])
        size = (round(rgb.shape[1] * ratio), round(rgb.shape[0] * ratio))
        pictures[name] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    np.savez_compressed(OUT, **pictures)
    print(OUT, OUT.stat().st_size)


if __name__ == "__main__":
    main()
