"""What is to grow, as one or more weighted goals: the composer's list."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

MOST_GOALS = 16


class Goal(BaseModel):
    """One term of the sum that a dream makes grow.

    `objective`: a name of the objectives' table ("channel", "neuron", "layer", "class", "direction", ...; "" chooses as
    DreamRequest does). `layer`, `channel`: where ("" and None: the request's). `y`, `x`: the neuron's row and column of the map
    (None: the middle). `direction`: for "direction", one number a channel from channel 0 on (missing ones count as zero).
    `weight` may be negative: away from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    objective: str = Field(default="", max_length=100)
    layer: str = Field(default="", max_length=500)
    channel: int | None = Field(default=None, ge=0, le=65535)
    y: int | None = Field(default=None, ge=0, le=65535)
    x: int | None = Field(default=None, ge=0, le=65535)
    direction: tuple[float, ...] = Field(default=(), max_length=65536)
    weight: float = Field(default=1.0, ge=-100.0, le=100.0)
