"""YOLOv3-tiny: fifteen million multiplications less than YOLOv3, good enough for a live picture (Redmon and Farhadi 2018).

Six times convolve and halve, then two heads: 13 x 13 cells for large things, 26 x 26 for small ones.
"""

from __future__ import annotations

from explorer.zoo.darknet import DarknetNetwork, from_cfg


def conv(filters: int, size: int) -> str:
    """A convolution with batch norm and leaky ReLU."""
    return f"[convolutional]\nbatch_normalize=1\nfilters={filters}\nsize={size}\nstride=1\npad=1\nactivation=leaky\n"


def pool(stride: int) -> str:
    """Max pooling over 2 x 2."""
    return f"[maxpool]\nsize=2\nstride={stride}\n"


def head(mask: str) -> str:
    """Three anchors, eighty classes: 3 * (4 + 1 + 80) maps."""
    return (
        "[convolutional]\nsize=1\nstride=1\npad=1\nfilters=255\nactivation=linear\n"
        f"[yolo]\nmask={mask}\nanchors=10,14, 23,27, 37,58, 81,82, 135,169, 344,319\nclasses=80\nnum=6\n"
    )


CFG = "".join(
    [
        "[net]\nwidth=416\nheight=416\nchannels=3\n",
        *(conv(filters, 3) + pool(2) for filters in (16, 32, 64, 128, 256)),
        conv(512, 3) + pool(1),
        conv(1024, 3) + conv(256, 1) + conv(512, 3),
        head("3,4,5"),
        "[route]\nlayers=-4\n",
        conv(128, 1) + "[upsample]\nstride=2\n[route]\nlayers=-1,8\n" + conv(256, 3),
        head("0,1,2"),
    ]
)


def build() -> DarknetNetwork:
    """The network with random numbers."""
    return from_cfg(CFG)
