"""Who gets what, so that the sum is as large as it can be: the assignment problem, solved exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.vision.boxes import I64


def assign(value: npt.NDArray[np.floating]) -> tuple[I64, I64]:
    """(R, C) values -> rows and columns of the best pairs, min(R, C) of them, rows rising. No row and no column twice.

    Shortest augmenting paths with prices (Jonker and Volgenant 1987): rows enter one by one; a row that wants a column
    that is taken pushes its owner on to the next best, along the path on which the sum loses least. O(R * R * C).
    """
    if value.shape[0] > value.shape[1]:
        columns, rows = assign(value.T)
        order = np.argsort(rows)
        return rows[order], columns[order]
    cost = value.max(initial=0.0) - np.asarray(value, np.float64)
    count, width = cost.shape
    row_price, column_price = np.zeros(count), np.zeros(width)
    owner = np.full(width, -1)  # row of each column
    for entering in range(count):
        distance = np.full(width, np.inf)  # of the cheapest path so far from the entering row to each column
        came_from = np.full(width, -1)  # the column before on that path
        done = np.zeros(width, bool)
        row, column, length = entering, -1, 0.0
        while row >= 0:  # until the path ends at a column that nobody has
            through = length + cost[row] - row_price[row] - column_price
            better = ~done & (through < distance)
            distance[better], came_from[better] = through[better], column
            column = int(np.where(done, np.inf, distance).argmin())
            length = float(distance[column])
            done[column] = True
            row = int(owner[column])
        reached = done.copy()
        reached[column] = False
        row_price[entering] += length
        row_price[owner[reached]] += length - distance[reached]
        column_price[reached] -= length - distance[reached]
        while column >= 0:  # hand the columns on along the path
            before = int(came_from[column])
            owner[column] = owner[before] if before >= 0 else entering
            column = before
    columns = np.full(count, -1)
    taken = np.flatnonzero(owner >= 0)
    columns[owner[taken]] = taken
    return np.arange(count), columns.astype(np.int64)
