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
