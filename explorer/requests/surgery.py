"""Edits of a network: channels muted, kept alone, scaled or swapped, kernels replaced. A list of them is the surgery."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

EditKind = Literal["mute", "keep", "scale", "swap", "kernel"]
MOST_EDITS = 256
MOST_NUMBERS = 4096  # of one kernel slice: 64 x 64


class Edit(BaseModel):
    """One entry of a surgery. Edits of outputs act in the order of their list, each on what the earlier ones left.

    `kind`: "mute" sets the output `channels` of `layer` to zero, "keep" all others, "scale" multiplies them by `factor`,
    "swap" exchanges exactly two of them, "kernel" replaces weights of a convolution: of kernel `channels[0]`, the slice of
    input channel `input_channel` (None: every slice gets the same numbers) by the `rows` x `columns` numbers `numbers`, row by
    row. Channels are counted from 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: EditKind
    layer: str = Field(min_length=1, max_length=500)
    channels: tuple[int, ...] = Field(min_length=1, max_length=65536)
    factor: float = Field(default=1.0, ge=-100.0, le=100.0)
    input_channel: int | None = Field(default=None, ge=0, le=65535)
    rows: int = Field(default=0, ge=0, le=64)
    columns: int = Field(default=0, ge=0, le=64)
    numbers: tuple[float, ...] = Field(default=(), max_length=MOST_NUMBERS)

    @model_validator(mode="after")
    def _complete(self) -> Edit:
        if any(channel < 0 for channel in self.channels):
            raise ValueError("channels are counted from 0")
        if self.kind == "swap" and (len(self.channels) != 2 or self.channels[0] == self.channels[1]):
            raise ValueError("a swap needs two different channels")
        if self.kind == "kernel" and (len(self.channels) != 1 or not self.numbers):
            raise ValueError("a kernel edit needs one channel and its numbers")
        if len(self.numbers) != self.rows * self.columns:
            raise ValueError("numbers must be rows x columns many")
        return self


def cuts(surgery: tuple[Edit, ...]) -> int:
    """How many edits a person counts: every channel that is muted or scaled is one, else every entry."""
    return sum(len(set(edit.channels)) if edit.kind in {"mute", "scale"} else 1 for edit in surgery)


def silent(surgery: tuple[Edit, ...], layer: str, count: int) -> tuple[int, ...]:
    """The channels of `layer`, of `count`, that the edits leave at zero, in order."""
    quiet: set[int] = set()
    for edit in surgery:
        if edit.layer != layer:
            continue
        if edit.kind == "mute" or (edit.kind == "scale" and edit.factor == 0):
            quiet |= set(edit.channels)
        elif edit.kind == "keep":
            quiet |= set(range(count)) - set(edit.channels)
        elif edit.kind == "swap":
            one, other = edit.channels
            quiet = {other if channel == one else one if channel == other else channel for channel in quiet}
    return tuple(sorted(channel for channel in quiet if channel < count))


def muted(surgery: tuple[Edit, ...], layer: str, channels: tuple[int, ...]) -> tuple[Edit, ...]:
    """`surgery` with `channels` of `layer` muted too: joined to its last entry where that mutes the same layer."""
    last = surgery[-1] if surgery else None
    if last is not None and last.kind == "mute" and last.layer == layer:
        joined = tuple(sorted({*last.channels, *channels}))
        return (*surgery[:-1], last.model_copy(update={"channels": joined}))
    return (*surgery, Edit(kind="mute", layer=layer, channels=tuple(sorted(set(channels)))))


def unmuted(surgery: tuple[Edit, ...], layer: str, channel: int) -> tuple[Edit, ...]:
    """`surgery` without any mute of that channel; entries that become empty go."""
    left: list[Edit] = []
    for edit in surgery:
        if edit.kind == "mute" and edit.layer == layer and channel in edit.channels:
            rest = tuple(one for one in edit.channels if one != channel)
            if rest:
                left.append(edit.model_copy(update={"channels": rest}))
        else:
            left.append(edit)
    return tuple(left)


def is_muted(surgery: tuple[Edit, ...], layer: str, channel: int) -> bool:
    """Whether an entry mutes that channel."""
    return any(edit.kind == "mute" and edit.layer == layer and channel in edit.channels for edit in surgery)


def toggled(surgery: tuple[Edit, ...], layer: str, channel: int) -> tuple[Edit, ...]:
    """What a click on a channel does: muted, or not muted any more."""
    without = unmuted(surgery, layer, channel)
    return without if without != surgery else muted(surgery, layer, (channel,))


class SurgeryFile(BaseModel):
    """A surgery on disk: {"model": "squeezenet1_1", "surgery": [{"kind": "mute", ...}]}. `model`: what it was made for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str = ""
    surgery: tuple[Edit, ...] = Field(max_length=MOST_EDITS)

    def text(self) -> str:
        """The file's content, short: fields at their default are left out."""
        return self.model_dump_json(indent=1, exclude_defaults=True) + "\n"
