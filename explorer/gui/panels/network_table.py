"""The table of a network map as a tree model: built for thousands of rows, sorted and searched without Qt's proxies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.gui import theme
from explorer.gui.numerals import figure, fixed, localised, percent
from explorer.i18n import N_, tr
from explorer.records.network_map import MapRow, NetworkMap

NAME = Qt.ItemDataRole.UserRole + 1
SHARE = Qt.ItemDataRole.UserRole + 2  # of column TIME: 0..1, for a bar behind the number
Index = QModelIndex | QPersistentModelIndex
COLUMNS = (
    N_("Layer"),
    N_("Kind"),
    N_("Output"),
    N_("Weights"),
    N_("Mul-adds"),
    N_("Field"),
    N_("Step"),
    N_("Time"),
)
TIPS = (
    N_("The module's name; a module with others inside can be opened."),
    N_("What the module is."),
    N_("Size of its output for one picture: channels × height × width."),
    N_("Learnable numbers in it and all inside."),
    N_("Multiplications with an addition for one picture, in convolutions and matrix products."),
    N_("Receptive field by formula: how many pixels of the picture, down × across, one value of the output can have seen."),
    N_("How many pixels of the picture lie between two neighbours of the output."),
    N_("Share of one pass's time spent in it and all inside, in torch float32 on this machine."),
)
LAYER, KIND, OUTPUT, WEIGHTS, MACS, FIELD, STEP, TIME = range(len(COLUMNS))
ALL = 1e9  # sorts the whole picture behind every size


def short(number: float) -> str:
    """1,814,073,344 as "1.81 G": at most four characters and a unit."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            value = number / size
            return f"{fixed(value, 2 if value < 10 else 1 if value < 100 else 0)}\u202f{unit}"
    return f"{number:g}"


def full(number: int) -> str:
    """1814073344 as "1 814 073 344"."""
    return f"{number:,}".replace(",", "\u202f")


def threads_text(count: int) -> str:
    """ "2 threads"."""
    return tr("1 thread") if count == 1 else tr("{n} threads").format(n=count)


def sides(pair: tuple[float, float]) -> str:
    """ "11" for a square, "3 × 11" else."""
    return localised(f"{pair[0]:g}" if pair[0] == pair[1] else f"{pair[0]:g} × {pair[1]:g}")


def field_text(row: MapRow) -> str:
    """ "99", "≤ 214", "whole picture", or "" where no formula is known."""
    if row.field is None:
        return ""
    return (
        tr("whole picture") if row.whole else ("≤ " if row.at_most else "") + sides((round(row.field[0]), round(row.field[1])))
    )


class MapModel(QAbstractItemModel):
    """The rows of a NetworkMap. An index carries its row's place in the record."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.record: NetworkMap | None = None
        self._rows: tuple[MapRow, ...] = ()
        self._at: dict[str, int] = {}
        self._inner: dict[int, list[int]] = {}
        self._outer: list[int] = []
        self._place: list[int] = []  # among its neighbours; -1: not found by the search
        self.kind_in_name = False  # where there is no room for a column of its own
        self._words = ""
        self._sort = (-1, Qt.SortOrder.AscendingOrder)

    # -- content -----------------------------------------------------------------------------------------------------
    def set_map(self, record: NetworkMap | None) -> None:
        """Show another map; one with the same rows (times came) only repaints."""
        names = [row.name for row in record.rows] if record else []
        same = record is not None and names == [row.name for row in self._rows] and self._words == ""
        self.record = record
        if same and record is not None and self._sort[0] < 0:
            self._rows = record.rows
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, TIME))
            return
        self.beginResetModel()
        self._rows = record.rows if record else ()
        self._at = {name: at for at, name in enumerate(names)}
        self._outer = [self._at.get(row.parent, -1) for row in self._rows]
        self._arrange()
        self.endResetModel()

    def search(self, text: str) -> None:
        """Keep the rows whose name or kind holds `text`, what is inside them, and what they stand in."""
        self.beginResetModel()
        self._words = text.strip().lower()
        self._arrange()
        self.endResetModel()

    def found(self) -> list[str]:
        """Names that the search hit themselves, in order."""
        return [row.name for row in self._rows if self._hit(row)] if self._words else []

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order neighbours by a column; -1 is the order of definition."""
        if (column, order) == self._sort:
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        self._sort = (column, order)
        self._arrange()
        self.changePersistentIndexList(old, [self._index(int(item.internalId()), item.column()) for item in old])
        self.layoutChanged.emit()

    def _hit(self, row: MapRow) -> bool:
        return self._words in row.name.lower() or self._words in row.kind.lower()

    def _arrange(self) -> None:
        shown: Sequence[int] = range(len(self._rows))
        if self._words:
            kept: set[int] = set()
            for at, row in enumerate(self._rows):
                if self._hit(row) or (self._outer[at] in kept and self._hit(self._rows[self._outer[at]])):
                    outer = at
                    while outer >= 0 and outer not in kept:
                        kept.add(outer)
                        outer = self._outer[outer]
            shown = sorted(kept)
        self._inner = defaultdict(list)
        for at in shown:
            self._inner[self._outer[at]].append(at)
        column, order = self._sort
        if column >= 0:
            for inner in self._inner.values():
                inner.sort(key=lambda at: self._key(self._rows[at], column), reverse=order == Qt.SortOrder.DescendingOrder)
        self._place = [-1] * len(self._rows)
        for inner in self._inner.values():
            for place, at in enumerate(inner):
                self._place[at] = place

    def _key(self, row: MapRow, column: int) -> Any:
        if column in (LAYER, KIND):
            return (row.name if column == LAYER else row.kind).lower()
        if column == OUTPUT:
            size = 1
            for side in row.shape:
                size *= side
            return size if row.shape else 0
        if column in (FIELD, STEP):
            pair = row.field if column == FIELD else row.jump
            return -1.0 if pair is None else ALL if pair == (0.0, 0.0) else pair[0] * pair[1]
        return {WEIGHTS: row.weights, MACS: row.macs, TIME: row.milliseconds or 0.0}[column]

    # -- what Qt asks ------------------------------------------------------------------------------------------------
    def _index(self, at: int, column: int = 0) -> QModelIndex:
        return self.createIndex(self._place[at], column, at) if self._place[at] >= 0 else QModelIndex()

    def index_of(self, name: str) -> QModelIndex:
        """The index of a module, invalid where it is not shown."""
        at = self._at.get(name)
        return QModelIndex() if at is None else self._index(at)

    def row_at(self, index: Index) -> MapRow | None:
        """The row of an index."""
        return self._rows[int(index.internalId())] if index.isValid() else None

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's signature
        """See QAbstractItemModel."""
        inner = self._inner.get(int(parent.internalId()) if parent.isValid() else -1, [])
        return self.createIndex(row, column, inner[row]) if 0 <= row < len(inner) else QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008 - Qt's signature
        """See QAbstractItemModel."""
        outer = self._outer[int(index.internalId())] if index.isValid() else -1
        return QModelIndex() if outer < 0 else self._index(outer)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """See QAbstractItemModel."""
        if parent.isValid() and parent.column() > 0:
            return 0
        return len(self._inner.get(int(parent.internalId()) if parent.isValid() else -1, ()))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """See QAbstractItemModel."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles, and what they mean."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section]) + ("\u2002" if section > KIND else "")  # room for the arrow of sorting
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(TIPS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole and section > KIND:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """One cell."""
        row = self.row_at(index)
        if row is None:
            return None
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == NAME:
            return row.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column > KIND:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            t = theme.tokens()
            if row.broken and column == LAYER:
                return theme.colour(t.bad)
            return theme.colour(t.muted) if column in (KIND, STEP) else None
        if role == SHARE and column == TIME and self.record is not None:
            return self.record.share(row)
        return None

    def text(self, row: MapRow, column: int) -> str:
        """What stands in a cell."""
        if column == LAYER:
            name = row.name.rpartition(".")[2]
            return f"{name}  {row.kind}" if self.kind_in_name else name
        if column == KIND:
            return row.kind if row.runs <= 1 else f"{row.kind} × {row.runs}"
        if column == OUTPUT:
            return "×".join(map(str, row.shape))
        if column == FIELD:
            return field_text(row)
        if column == STEP:
            return "" if row.jump is None else sides(row.jump)
        if column == TIME:
            share = self.record.share(row) if self.record is not None else None
            return "" if share is None else percent(share)
        number = row.weights if column == WEIGHTS else row.macs
        return short(number) if number else ""

    def tip(self, row: MapRow, column: int) -> str:
        """The cell in full."""
        lines = [f"{row.name}  {row.kind}"]
        if column == WEIGHTS and row.weights:
            lines.append(tr("{n} weights, {own} of them its own").format(n=full(row.weights), own=full(row.own)))
        elif column == MACS and row.macs:
            lines.append(tr("{n} multiply-adds").format(n=full(row.macs)))
        elif column == TIME and row.milliseconds is not None and self.record is not None:
            where = tr("{where}, {threads}, the middle one of {passes} passes").format(
                where=self.record.runs_on.short(),
                threads=threads_text(self.record.runs_on.threads),
                passes=self.record.passes,
            )
            lines.append(f"{figure(row.milliseconds, 3)} ms ({where})")
        elif column == FIELD and row.field is None and row.runs:
            lines.append(tr("No formula is known for the way to this layer; the lens of the Filters panel probes it."))
        elif column == FIELD and row.at_most:
            lines.append(tr("At most so large: an enlargement lies before it."))
        if row.runs == 0:
            lines.append(tr("It does not run by itself for a blank picture."))
        elif row.runs > 1:
            lines.append(tr("It runs {n} times in one pass.").format(n=row.runs))
        if row.broken:
            lines.append(tr("{count} weights are NaN or infinite.").format(count=row.broken))
        return "\n".join(lines)
