"""All methods, as rows of the table `optimizers`, and the names that a plugin needs to add one.

A method of one gradient is one `make(hyper, surface)` that returns its step in plain floats; one that asks more is a `plan`.
The forms are those of torch.optim, equal to it step by step in float64 where it has the method
(tests/descent/test_against_torch.py), because that is what a person meets afterwards; where the lecture writes another form,
`care` says what the difference is.
"""

from __future__ import annotations

from explorer.descent import methods_adaptive, methods_first, methods_second, methods_squares
from explorer.descent.ground import Parameter
from explorer.descent.method import Move, Numbers, Optimizer, Plan
from explorer.descent.oracle import Oracle
from explorer.tables import Tables

__all__ = ["BUILT_IN", "Move", "Numbers", "Optimizer", "Oracle", "Parameter", "Plan", "register"]

BUILT_IN = (*methods_first.ROWS, *methods_adaptive.ROWS, *methods_second.ROWS, *methods_squares.ROWS)


def register(tables: Tables) -> None:
    """Enter the built-in methods, by the same door as a plugin."""
    for optimizer in BUILT_IN:
        tables.optimizers.add(optimizer.name, optimizer)
