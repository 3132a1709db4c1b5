"""Teach a network new classes from a few pictures: which pictures, on whose features, how checked."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter
from explorer.requests.network import NetworkRequest

Check = Literal["auto", "held-out", "folds"]
CHECKS = (N_("held-out"), N_("folds"))  # as forms name them
LONGEST = 640  # pixels of a kept picture's longer side: no classifier of the zoo looks closer


class TeachRequest(NetworkRequest):
    """Train a head on the frozen features of a classifier. Result: Taught; previews have the head so far.

    `folder`: a folder of class folders; "" is the one that the window records into. `date`: the day written into the model.
    """

    job: ClassVar[str] = "explorer.vision.teach:teach"
    title: ClassVar[str] = N_("Teach")
    model: str = parameter(
        "squeezenet1_1",
        N_("Backbone"),
        N_("Whose features the new classes are told apart by. Its weights stay as they are: only a small head on top learns."),
        choices="classifier",
    )
    folder: str = parameter(
        "", N_("Folder"), N_("A folder with a folder of pictures for each class."), hidden=True, max_length=4096
    )
    hidden: int = parameter(
        0,
        N_("Hidden units"),
        N_("0: one linear layer (softmax regression). Else one hidden layer of so many rectified units before it."),
        ge=0,
        le=512,
        step=8,
    )
    mirror: bool = parameter(
        False,
        N_("Mirror too"),
        N_("Learn from every picture's mirror image as well. Not for things that have a left and right."),
    )
    decay: float = parameter(
        0.01,
        N_("Weight decay"),
        N_("Loss = mean cross entropy + decay / 2 * sum of squared weights, on features of mean 0 and variance 1."),
        ge=1e-5,
        le=10.0,
        step=0.001,
        log=True,
    )
    check: Check = parameter(
        "auto",
        N_("Check"),
        N_(
            "How it is tried on pictures it has not seen. held-out: a part is set aside. folds: every part is left out once "
            "and told by the others. auto: folds where a class has fewer than 20 pictures."
        ),
    )
    share: float = parameter(
        0.25, N_("Held out"), N_("Share of each class that is set aside."), ge=0.1, le=0.5, step=0.05, more=True
    )
    folds: int = parameter(5, N_("Folds"), N_("Into how many parts each class is cut."), ge=2, le=20, step=1, more=True)
    steps: int = parameter(
        300, N_("Steps at most"), N_("It ends by itself where the loss is level."), ge=1, le=5000, step=1, log=True, more=True
    )
    limit: int = parameter(
        2000, N_("Pictures a class"), N_("The most pictures taken of a class."), ge=2, le=20000, step=1, log=True, more=True
    )
    seed: int = parameter(0, N_("Seed"), N_("The same seed gives the same result."), ge=0, le=2**31 - 1, step=1, more=True)
    date: str = parameter(
        "", N_("Date"), N_("Day that is written into the model (YYYY-MM-DD). Empty: today."), hidden=True, max_length=10
    )


class CollectRequest(Request):
    """Take pictures from elsewhere into a folder of class folders, no larger than `side`. Result: Collected.

    `into`: that folder; `name`: the class they belong to, "" where `sources` is one folder of class folders.
    """

    job: ClassVar[str] = "explorer.vision.teach_collect:collect"
    title: ClassVar[str] = N_("Take pictures in")
    place: ClassVar[Place] = "engine"
    sources: tuple[str, ...] = parameter(
        (), N_("Pictures"), N_("Files, or folders of pictures."), hidden=True, max_length=20000
    )
    into: str = parameter("", N_("Folder"), N_("A folder with a folder of pictures for each class."), hidden=True)
    name: str = parameter("", N_("Class"), N_("The class that the pictures show."), hidden=True, max_length=200)
    side: int = parameter(
        LONGEST, N_("Longest side"), N_("Larger pictures are shrunk to it."), ge=64, le=4096, step=16, unit=N_("px")
    )


MOST_NAME = 60
# What a file system somewhere cannot take, and the sign that looks like it: a class's folder is called like the class.
_STRANGE = str.maketrans({"/": "∕", "\\": "⧵", ":": "꞉", "*": "∗", "?": "？", '"': "”", "<": "‹", ">": "›", "|": "∣"})


def class_name(text: str) -> str:
    """`text` as the name of a class and of its folder: one line, no sign that a file system refuses; "" if nothing is left."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text.translate(_STRANGE))
    name = " ".join(plain.split()).strip(". ")[:MOST_NAME].strip(". ")
    while len(name.encode()) > 200:
        name = name[:-1]
    return f"{name}_" if name.split(".")[0].upper() in _RESERVED else name


_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"COM{n}" for n in range(1, 10)), *(f"LPT{n}" for n in range(1, 10))}
