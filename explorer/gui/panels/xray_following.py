"""Choosing what an X-ray follows: every choice is a change of the Session's request, never a step for undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.gui.desk import Desk
from explorer.gui.panels.xray_paint import grid_of
from explorer.records.xray import BoxesStage, CandidatesStage, Cell, XrayRecord
from explorer.requests.base import changed

NOTHING: dict[str, Any] = {"cell": None, "object": None, "box": None, "class_index": None}


class Following:
    """`record()` gives the record that is shown."""

    def __init__(self, desk: Desk, record: Callable[[], XrayRecord | None]) -> None:
        self._desk, self._record = desk, record

    def set(self, **fields: Any) -> None:
        """Change fields of the request."""
        self._desk.change(undoable=False, xray=changed(self._desk.session.xray, **fields))

    def nothing(self) -> bool:
        """Forget what was chosen; whether there was anything."""
        chosen = any(getattr(self._desk.session.xray, name) is not None for name in NOTHING)
        if chosen:
            self.set(**NOTHING)
        return chosen

    def object(self, number: int) -> None:
        """An object, through all stages; its class is shown."""
        self.set(**{**NOTHING, "object": number})

    def cell(self, cell: Cell) -> None:
        """What a cell says."""
        self.set(cell=cell, object=None, box=None)

    def candidate(self, row: int) -> None:
        """A candidate: the cell that said it; without cells, the object that it became."""
        record = self._record()
        boxes = record.first(CandidatesStage) if record is not None else None
        if boxes is None or record is None or not 0 <= row < len(boxes):
            return
        cells = boxes.link("grid")
        if cells is not None:
            scale, at_row, column, anchor = cells[row].tolist()
            self.set(**{**NOTHING, "cell": (scale, at_row, column, anchor)})
            return
        rows = self._objects()
        if row in rows:
            self.object(rows.index(row))

    def _objects(self) -> list[int]:
        """The candidate of every object."""
        record = self._record()
        result = record.first(BoxesStage) if record is not None else None
        rows = result.link("candidates") if result is not None else None
        return [] if rows is None else rows.tolist()

    def next_object(self) -> None:
        """The next object of the result, from the last on the first."""
        record, rows = self._record(), self._objects()
        if record is not None and rows:
            self.object(0 if record.object is None else (record.object + 1) % len(rows))

    def next_anchor(self) -> None:
        """The next anchor of the followed cell."""
        record = self._record()
        cell = record.cell if record is not None else None
        grid = grid_of(record, cell[0]) if record is not None and cell is not None else None
        if grid is not None and cell is not None:
            self.cell((*cell[:3], (cell[3] + 1) % len(grid.anchors)))

    def move(self, down: int, across: int) -> None:
        """A neighbour of the followed cell."""
        record = self._record()
        cell = record.cell if record is not None else None
        grid = grid_of(record, cell[0]) if record is not None and cell is not None else None
        if grid is not None and cell is not None:
            row, column = cell[1] + down, cell[2] + across
            if 0 <= row < grid.rows and 0 <= column < grid.columns:
                self.cell((cell[0], row, column, cell[3]))

    def left(self) -> None:
        """The cell to the left."""
        self.move(0, -1)

    def right(self) -> None:
        """The cell to the right."""
        self.move(0, 1)

    def up(self) -> None:
        """The cell above."""
        self.move(-1, 0)

    def down(self) -> None:
        """The cell below."""
        self.move(1, 0)
