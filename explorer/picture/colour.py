"""Colours of data: palettes, class colours, optimizer colours. No cv2 here: the window imports it.

viridis, magma (Smith, van der Walt, Firing) and cividis (Nuñez, Anderton, Renslow) are the published tables, CC0. The
diverging map is Moreland's (2009) from blue over light grey to red in Msh space, with its centre exactly at index 128.
All are even in lightness and keep their order for colour-blind viewers. The class colours are Okabe and Ito's.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from explorer.assets import asset
from explorer.records.frame import RGB

Colour = tuple[int, int, int]
ZERO_OF_DIVERGING = 128

_TABLES = {
    "viridis": (
        "44015444025645045745055946075a46085c460a5d460b5e470d60470e6147106347116447136548146748166848176948186a481a6c481b6d"
        "481c6e481d6f481f70482071482173482374482475482576482677482878482979472a7a472c7a472d7b472e7c472f7d46307e46327e46337f"
        "463480453581453781453882443983443a83443b84433d84433e85423f854240864241864142874144874045884046883f47883f48893e4989"
        "3e4a893e4c8a3d4d8a3d4e8a3c4f8a3c508b3b518b3b528b3a538b3a548c39558c39568c38588c38598c375a8c375b8d365c8d365d8d355e8d"
        "355f8d34608d34618d33628d33638d32648e32658e31668e31678e31688e30698e306a8e2f6b8e2f6c8e2e6d8e2e6e8e2e6f8e2d708e2d718e"
        "2c718e2c728e2c738e2b748e2b758e2a768e2a778e2a788e29798e297a8e297b8e287c8e287d8e277e8e277f8e27808e26818e26828e26828e"
        "25838e25848e25858e24868e24878e23888e23898e238a8d228b8d228c8d228d8d218e8d218f8d21908d21918c20928c20928c20938c1f948c"
        "1f958b1f968b1f978b1f988b1f998a1f9a8a1e9b8a1e9c891e9d891f9e891f9f881fa0881fa1881fa1871fa28720a38620a48621a58521a685"
        "22a78522a88423a98324aa8325ab8225ac8226ad8127ad8128ae8029af7f2ab07f2cb17e2db27d2eb37c2fb47c31b57b32b67a34b67935b779"
        "37b87838b9773aba763bbb753dbc743fbc7340bd7242be7144bf7046c06f48c16e4ac16d4cc26c4ec36b50c46a52c56954c56856c66758c765"
        "5ac8645cc8635ec96260ca6063cb5f65cb5e67cc5c69cd5b6ccd5a6ece5870cf5773d05675d05477d1537ad1517cd2507fd34e81d34d84d44b"
        "86d54989d5488bd6468ed64590d74393d74195d84098d83e9bd93c9dd93ba0da39a2da37a5db36a8db34aadc32addc30b0dd2fb2dd2db5de2b"
        "b8de29bade28bddf26c0df25c2df23c5e021c8e020cae11fcde11dd0e11cd2e21bd5e21ad8e219dae319dde318dfe318e2e418e5e419e7e419"
        "eae51aece51befe51cf1e51df4e61ef6e620f8e621fbe723fde725"
    ),
    "cividis": (
        "00224e00234f00245100255300255400265600275800285900285b00295d002a5f002a61002b62002c64002c66002d68002e6a002e6c002f6d"
        "00306f0030700031700031710132710533710833700c34700f357012357014367016377018376f1a386f1c396f1e3a6f203a6f213b6e233c6e"
        "243c6e263d6e273e6e293f6e2a3f6d2b406d2d416d2e416d2f426d31436d32436d33446d34456c35456c36466c38476c39486c3a486c3b496c"
        "3c4a6c3d4a6c3e4b6c3f4c6c404c6c414d6c424e6c434e6c444f6c45506c46516c47516c48526c49536c4a536c4b546c4c556c4d556c4e566c"
        "4f576c50576c51586d52596d535a6d545a6d555b6d555c6d565c6d575d6d585e6d595e6e5a5f6e5b606e5c616e5d616e5e626e5e636f5f636f"
        "60646f61656f62656f636670646770656870656870666970676a71686a71696b716a6c716b6d726c6d726c6e726d6f726e6f736f7073707173"
        "7172747272747273747374757474757575757676767777767777777878777979777a7a787b7a787c7b787d7c787e7c787e7d787f7e78807f78"
        "817f788280798381798482798582798683798784788885788985788a86788b87788c88788d88788e89788f8a78908b78918b78928c78928d78"
        "938e78948e77958f779690779791779892779992779a93769b94769c95769d95769e96769f9775a09875a19975a29975a39a74a49b74a59c74"
        "a69c74a79d73a89e73a99f73aaa073aba072aca172ada272aea371afa471b0a571b1a570b3a670b4a76fb5a86fb6a96fb7a96eb8aa6eb9ab6d"
        "baac6dbbad6dbcae6cbdae6cbeaf6bbfb06bc0b16ac1b26ac2b369c3b369c4b468c5b568c6b667c7b767c8b866c9b965cbb965ccba64cdbb63"
        "cebc63cfbd62d0be62d1bf61d2c060d3c05fd4c15fd5c25ed6c35dd7c45cd9c55cdac65bdbc75adcc859ddc858dec958dfca57e0cb56e1cc55"
        "e2cd54e4ce53e5cf52e6d051e7d150e8d24fe9d34eead34cebd44bedd54aeed649efd748f0d846f1d945f2da44f3db42f5dc41f6dd3ff7de3e"
        "f8df3cf9e03afbe138fce236fde334fee434fee535fee636fee838"
    ),
    "magma": (
        "00000401000501010601010802010902020b02020d03030f03031204041405041606051806051a07061c08071e0907200a08220b09240c0926"
        "0d0a290e0b2b100b2d110c2f120d31130d34140e36150e38160f3b180f3d19103f1a10421c10441d11471e114920114b21114e221150241253"
        "25125527125829115a2a115c2c115f2d11612f116331116533106734106936106b38106c390f6e3b0f703d0f713f0f72400f74420f75440f76"
        "4510774710784910784a10794c117a4e117b4f127b51127c52137c54137d56147d57157e59157e5a167e5c167f5d177f5f187f601880621980"
        "641a80651a80671b80681c816a1c816b1d816d1d816e1e81701f81721f817320817521817621817822817922827b23827c23827e2482802582"
        "8125818326818426818627818827818928818b29818c29818e2a81902a81912b81932b80942c80962c80982d80992d809b2e7f9c2e7f9e2f7f"
        "a02f7fa1307ea3307ea5317ea6317da8327daa337dab337cad347cae347bb0357bb2357bb3367ab5367ab73779b83779ba3878bc3978bd3977"
        "bf3a77c03a76c23b75c43c75c53c74c73d73c83e73ca3e72cc3f71cd4071cf4070d0416fd2426fd3436ed5446dd6456cd8456cd9466bdb476a"
        "dc4869de4968df4a68e04c67e24d66e34e65e44f64e55064e75263e85362e95462ea5661eb5760ec5860ed5a5fee5b5eef5d5ef05f5ef1605d"
        "f2625df2645cf3655cf4675cf4695cf56b5cf66c5cf66e5cf7705cf7725cf8745cf8765cf9785df9795df97b5dfa7d5efa7f5efa815ffb835f"
        "fb8560fb8761fc8961fc8a62fc8c63fc8e64fc9065fd9266fd9467fd9668fd9869fd9a6afd9b6bfe9d6cfe9f6dfea16efea36ffea571fea772"
        "fea973feaa74feac76feae77feb078feb27afeb47bfeb67cfeb77efeb97ffebb81febd82febf84fec185fec287fec488fec68afec88cfeca8d"
        "fecc8ffecd90fecf92fed194fed395fed597fed799fed89afdda9cfddc9efddea0fde0a1fde2a3fde3a5fde5a7fde7a9fde9aafdebacfcecae"
        "fceeb0fcf0b2fcf2b4fcf4b6fcf6b8fcf7b9fcf9bbfcfbbdfcfdbf"
    ),
    "diverging": (
        "3b4cc03b4cc03c4ec23d50c33e51c54053c64155c84257c94358cb445acc455cce475dcf485fd14961d24a63d34b64d54d66d64e68d74f69d9"
        "506bda526ddb536edd5470de5572df5773e05875e15977e35a78e45c7ae55d7ce65e7de7607fe86181e96282ea6484eb6585ec6687ed6789ee"
        "698aef6a8cf06b8df06d8ff16e90f26f92f37193f47295f47496f57598f67699f6789bf7799cf87a9df87c9ff97da0f97fa2fa80a3fa81a4fb"
        "83a6fb84a7fc85a8fc87aafc88abfd8aacfd8baefd8caffe8eb0fe8fb1fe91b3fe92b4fe93b5ff95b6ff96b7ff98b9ff99baff9abbff9cbcff"
        "9dbdff9ebeffa0bfffa1c0ffa3c1ffa4c2fea5c3fea7c4fea8c5fea9c6feabc7fdacc8fdadc9fdafcafcb0cbfcb1cbfcb3ccfbb4cdfbb5cefa"
        "b7cffab8cff9b9d0f9bad1f8bcd1f7bdd2f7bed3f6bfd3f6c1d4f5c2d5f4c3d5f3c4d6f3c6d6f2c7d7f1c8d7f0c9d8efcad8efccd9eecdd9ed"
        "ced9eccfdaebd0daead1dae9d2dbe8d3dbe7d4dbe6d6dce5d7dce4d8dce3d9dce1dadce0dbdcdfdcdddedddddddedcdbdfdcdae0dbd8e1dbd7"
        "e2dad6e3dad4e4d9d3e5d8d1e6d8d0e7d7cee8d7cde9d6cbe9d5caead4c8ebd4c7ecd3c5edd2c4edd1c2eed0c1efd0bfefcfbef0cebcf0cdbb"
        "f1ccb9f2cbb7f2cab6f3c9b4f3c8b3f3c7b1f4c6b0f4c5aef5c4adf5c3abf5c2a9f6c1a8f6c0a6f6bea5f6bda3f7bca1f7bba0f7ba9ef7b89d"
        "f7b79bf7b69af7b598f7b396f7b295f7b193f7af92f7ae90f7ac8ef7ab8df7aa8bf7a88af7a788f7a587f6a485f6a283f6a182f69f80f59e7f"
        "f59c7df59b7cf4997af49779f39677f39475f29374f29172f28f71f18e6ff08c6ef08a6cef886bef8769ee8568ed8366ed8165ec8063eb7e62"
        "eb7c60ea7a5fe9785ee8765ce7755be67359e67158e56f56e46d55e36b54e26952e16751e0654fdf634ede614ddd5f4bdc5d4adb5b49da5947"
        "d95746d75545d65243d55042d44e41d34c40d24a3ed0473dcf453cce433bcc4039cb3e38ca3b37c83936c73635c63433c43132c32e31c12b30"
        "c0282fbf252ebd222cbc1e2bba1a2ab91629b71128b60b27b40426"
    ),
}
PALETTES = ("viridis", "cividis", "magma", "grey", "diverging")


@cache
def palette(name: str) -> RGB:
    """(256, 3) uint8 RGB of one of PALETTES; read-only. Raises KeyError for another name."""
    if name == "grey":
        table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    else:
        table = np.frombuffer(bytes.fromhex(_TABLES[name]), np.uint8).reshape(256, 3)
    table.setflags(write=False)
    return table


def paint(indices: npt.NDArray[np.uint8], name: str) -> RGB:
    """(..., 3) uint8 RGB of (...) uint8 palette indices."""
    return np.take(palette(name), indices, axis=0)


def to_index(values: npt.NDArray[np.floating], low: float, high: float, *, diverging: bool = False) -> npt.NDArray[np.uint8]:
    """Palette indices of `values`: low -> 0, high -> 255, clipped; NaN and inf -> 0.

    `diverging`: 0 -> 128 and the larger of |low|, |high| -> the end of its side; finite values start at index 1, so that
    index 0 stays a mark of NaN and inf.
    """
    good = np.isfinite(values)
    finite = np.where(good, values, 0.0).astype(np.float32)
    if diverging:
        reach = max(abs(low), abs(high)) or 1.0
        scaled = np.clip(np.rint(finite * (127.0 / reach)) + ZERO_OF_DIVERGING, 1, 255)
    else:
        scaled = np.clip(np.rint((finite - low) * (255.0 / ((high - low) or 1.0))), 0, 255)
    return np.where(good, scaled, 0).astype(np.uint8)


# Okabe and Ito (2008), orange first; their black is a light grey here, which is seen on photographs and in both themes.
CLASS_COLOURS: tuple[Colour, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
    (187, 187, 187),
)


def class_colour(index: int) -> Colour:
    """RGB of class `index`: the eight colours again and again, always the same for the same class."""
    return CLASS_COLOURS[index % len(CLASS_COLOURS)]


@dataclass(frozen=True)
class ClassLook:
    """How a class is drawn everywhere. Never colour alone: `frame` is the kind of its boxes, `marker` stands on its label."""

    colour: Colour
    frame: str
    marker: str


FRAMES = ("solid", "corners", "dashes", "double")
CLASS_MARKERS = ("disc", "square", "triangle", "diamond", "star", "pentagon", "wedge", "cross", "ring", "plus")
# Names that other data sets give to classes of COCO.
_SYNONYMS = {
    "aeroplane": "airplane",
    "motorbike": "motorcycle",
    "sofa": "couch",
    "pottedplant": "potted plant",
    "diningtable": "dining table",
    "tvmonitor": "tv",
}


@cache
def class_look(name: str) -> ClassLook:
    """The look of the class called `name`, the same in every network and every session.

    The 80 classes of COCO have 80 looks, in their order; another name gets one by its letters.
    """
    key = " ".join(name.lower().split())
    key = _SYNONYMS.get(key, key)
    place = _coco().get(key)
    number = zlib.crc32(key.encode()) % (len(CLASS_COLOURS) * len(CLASS_MARKERS)) if place is None else place
    turn = number // len(CLASS_COLOURS)
    return ClassLook(class_colour(number), FRAMES[turn % len(FRAMES)], CLASS_MARKERS[turn % len(CLASS_MARKERS)])


def label_colour(name: str) -> Colour:
    """RGB of the class called `name`: that of its look."""
    return class_look(name).colour


@cache
def _coco() -> dict[str, int]:
    lines = asset("classes", "coco.txt").read_text(encoding="utf-8").splitlines()
    return {name.strip().lower(): place for place, name in enumerate(lines)}


def ink_on(colour: Colour) -> Colour:
    """Black or white, whichever reads better on `colour` (by relative luminance, WCAG)."""
    linear = [((v / 255 + 0.055) / 1.055) ** 2.4 if v > 10 else v / 255 / 12.92 for v in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if luminance > 0.179 else (255, 255, 255)


@dataclass(frozen=True)
class Look:
    """How one optimizer is drawn everywhere: RGB, marker (pyqtgraph's symbol names), dash in line widths (empty: solid)."""

    colour: Colour
    marker: str
    dash: tuple[int, ...] = ()


MARKERS = ("o", "s", "t", "d", "p", "h", "star", "+", "x", "t1", "t2", "t3")
DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2), (8, 3, 2, 3))
_LOOKS = {
    "gd": Look((187, 187, 187), "o"),
    "momentum": Look((86, 180, 233), "s"),
    "nesterov": Look((0, 114, 178), "t", (6, 3)),
    "adagrad": Look((240, 228, 66), "d"),
    "rmsprop": Look((0, 158, 115), "p"),
    "adam": Look((213, 94, 0), "star"),
    "adadelta": Look((230, 159, 0), "h", (6, 3)),
    "adamw": Look((213, 94, 0), "x", (2, 2)),
    "nadam": Look((204, 121, 167), "t2"),
    "amsgrad": Look((204, 121, 167), "+", (6, 3)),
    "adamax": Look((230, 159, 0), "t3", (2, 2)),
    "sgd": Look((187, 187, 187), "+", (2, 2)),
    "polyak": Look((86, 180, 233), "d", (2, 2)),
    "radam": Look((204, 121, 167), "p", (2, 2)),
    "lion": Look((240, 228, 66), "star", (6, 3)),
    "newton": Look((0, 158, 115), "t1", (6, 3)),
    "bfgs": Look((0, 114, 178), "s", (8, 3, 2, 3)),
    "lbfgs": Look((86, 180, 233), "h", (8, 3, 2, 3)),
    "cg": Look((230, 159, 0), "d", (8, 3, 2, 3)),
    "lm": Look((0, 158, 115), "x", (8, 3, 2, 3)),
}


def optimizer_look(name: str) -> Look:
    """Colour, marker and dash of an optimizer; a name nobody foresaw gets its own by its letters, always the same."""
    if name in _LOOKS:
        return _LOOKS[name]
    key = zlib.crc32(name.encode())
    dash = DASHES[key // 97 % len(DASHES)]
    return Look(CLASS_COLOURS[key % len(CLASS_COLOURS)], MARKERS[key // 8 % len(MARKERS)], dash)


def optimizer_colour(name: str) -> Colour:
    """RGB of an optimizer, the same on trail, curve, legend and table."""
    return optimizer_look(name).colour


def optimizer_marker(name: str) -> str:
    """Marker of an optimizer (never colour alone)."""
    return optimizer_look(name).marker
