"""YOLOv3: Darknet-53 and three heads (Redmon and Farhadi 2018, arXiv:1804.02767).

Five times halve, with 1, 2, 8, 8, 4 residual blocks (table 1 of the paper); then heads on 13 x 13, 26 x 26 and 52 x 52 cells,
each of the finer ones seeing the coarser one's features enlarged beside its own.
"""

from __future__ import annotations

from explorer.zoo.darknet import DarknetNetwork, from_cfg


def conv(filters: int, size: int, stride: int = 1) -> str:
    """A convolution with batch norm and leaky ReLU."""
    return f"[convolutional]\nbatch_normalize=1\nfilters={filters}\nsize={size}\nstride={stride}\npad=1\nactivation=leaky\n"


def stage(filters: int, blocks: int) -> str:
    """Halve the picture, then `blocks` residual blocks."""
    block = conv(filters // 2, 1) + conv(filters, 3) + "[shortcut]\nfrom=-3\nactivation=linear\n"
    return conv(filters, 3, stride=2) + block * blocks


def head(filters: int, mask: str) -> str:
    """Three times 1 x 1 and 3 x 3, then the raw map of three anchors and eighty classes."""
    return (
        (conv(filters, 1) + conv(2 * filters, 3)) * 3
        + "[convolutional]\nsize=1\nstride=1\npad=1\nfilters=255\nactivation=linear\n"
        + f"[yolo]\nmask={mask}\nclasses=80\nnum=9\n"
        + "anchors=10,13, 16,30, 33,23, 30,61, 62,45, 59,119, 116,90, 156,198, 373,326\n"
    )


def finer(filters: int, beside: int) -> str:
    """Go back before the head's last 3 x 3, enlarge, put the features of layer `beside` next to it."""
    return "[route]\nlayers=-4\n" + conv(filters, 1) + f"[upsample]\nstride=2\n[route]\nlayers=-1,{beside}\n"


CFG = "".join(
    [
        "[net]\nwidth=416\nheight=416\nchannels=3\n",
        conv(32, 3),
        *(stage(filters, blocks) for filters, blocks in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))),
        head(512, "6,7,8"),
        finer(256, beside=61),
        head(256, "3,4,5"),
        finer(128, beside=36),
        head(128, "0,1,2"),
    ]
)


def build() -> DarknetNetwork:
    """The network with random numbers."""
    return from_cfg(CFG)
