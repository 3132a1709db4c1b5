"""The dreams as a row of cards: thumbnail, goal, before and after or the state, seed, progress."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from explorer.gui import icons, theme, words
from explorer.gui.panels.dream_runs import Run, Runs, Shot
from explorer.gui.panels.dream_words import card_text, card_title, ending_text, title_of
from explorer.gui.widgets.picture_view import image_of
from explorer.i18n import N_, tr

Index = QModelIndex | QPersistentModelIndex
THUMB = 14  # of the grid: the side of a thumbnail
OWN_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Delete, Qt.Key.Key_Return)


class CardModel(QAbstractListModel):
    """The runs as rows."""

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self.rows: list[Run] = []
        self._runs = runs

    def sync(self) -> None:
        """Take the order of the runs; a row that stays keeps its selection."""
        for row in range(len(self.rows) - 1, -1, -1):
            if self.rows[row] not in self._runs.items:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self.rows[row]
                self.endRemoveRows()
        for row, run in enumerate(self._runs.items):
            if row < len(self.rows) and self.rows[row] is run:
                continue
            if run in self.rows:
                at = self.rows.index(run)
                self.beginMoveRows(QModelIndex(), at, at, QModelIndex(), row)
                self.rows.insert(row, self.rows.pop(at))
                self.endMoveRows()
            else:
                self.beginInsertRows(QModelIndex(), row, row)
                self.rows.insert(row, run)
                self.endInsertRows()
        if self.rows:
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def touch(self, run: Run) -> None:
        """A run has a new picture."""
        if run in self.rows:
            at = self.index(self.rows.index(run))
            self.dataChanged.emit(at, at)

    def rowCount(self, parent: Index | None = None) -> int:
        """How many."""
        return len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What screen readers and tooltips say."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        run = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return ", ".join((title_of(run), card_text(run), tr("seed {seed}").format(seed=run.request.seed)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (title_of(run), card_text(run), ending_text(run)) if part)
        return None


class CardPaint(QStyledItemDelegate):
    """Draws a card. `shown` is the run whose picture stands in the middle."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.shown: Run | None = None
        self._thumbnails: WeakKeyDictionary[Run, tuple[Shot, int, QPixmap]] = WeakKeyDictionary()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As tall as its thumbnail."""
        words_width = QFontMetrics(QGuiApplication.font()).horizontalAdvance("00.000 → 00.000")
        return QSize(theme.px(THUMB + 5) + words_width, theme.px(THUMB + 3))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, thumbnail, three lines, progress."""
        model, view = index.model(), option
        if not isinstance(model, CardModel):
            return
        run, t = model.rows[index.row()], theme.tokens()
        rect = style_rect(view).adjusted(2, 2, -2, -2)
        state = style_state(view)
        chosen, focused = bool(state & QStyle.StateFlag.State_Selected), bool(state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(t.accent_soft if chosen else t.surface))
        painter.setPen(QPen(QColor(t.accent if focused or run is self.shown else t.line), 2 if run is self.shown else 1))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        side = theme.px(THUMB) - 6
        box = QRect(rect.left() + 5, rect.top() + (rect.height() - side) // 2, side, side)
        self._thumbnail(painter, run, box)
        left = box.right() + theme.px(2)
        text = QRect(left, rect.top() + theme.px(1), rect.right() - left - theme.px(1.5), rect.height() - theme.px(2))
        seed = tr("seed {seed}").format(seed=run.request.seed)
        colours = (t.text, t.bad if run.phase == "failed" else t.text, t.muted)
        height = text.height() // 3
        for line, (words_, colour) in enumerate(zip((card_title(run), card_text(run), seed), colours, strict=True)):
            painter.setPen(QColor(colour))
            row = QRect(text.left(), text.top() + line * height, text.width(), height)
            short = painter.fontMetrics().elidedText(
                words_, Qt.TextElideMode.ElideMiddle if line == 0 else Qt.TextElideMode.ElideRight, row.width()
            )
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, short)
        if run.phase in ("running", "paused") and run.total:
            bar = QRectF(left, rect.bottom() - 5, text.width(), 3)
            painter.fillRect(bar, QColor(t.line))
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * run.done / run.total, 3), QColor(t.accent))
        painter.restore()

    def _thumbnail(self, painter: QPainter, run: Run, box: QRect) -> None:
        picture = run.picture
        if picture is None:
            name = {"waiting": "clock", "failed": "warn"}.get(run.phase, "dream")
            side = box.width() // 2
            spot = QRect(0, 0, side, side)
            spot.moveCenter(box.center())
            painter.fillRect(box, QColor(theme.tokens().canvas))
            ratio = painter.device().devicePixelRatio() if painter.device() is not None else 1.0
            painter.drawPixmap(spot, icons.pixmap(name, side, theme.tokens().muted, ratio))
            return
        side = round(box.width() * (painter.device().devicePixelRatioF() if painter.device() is not None else 1.0))
        known = self._thumbnails.get(run)
        if known is None or known[0] is not picture or known[1] != side:
            known = self._thumbnails[run] = (picture, side, _square(picture, side))
        painter.drawPixmap(box, known[2])


def _square(shot: Shot, side: int) -> QPixmap:
    """The middle of a picture, `side` x `side` device pixels."""
    image = image_of(shot.rgb)
    short = min(image.width(), image.height())
    part = image.copy((image.width() - short) // 2, (image.height() - short) // 2, short, short)
    way, quality = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(part.scaled(side, side, way, quality))


def style_rect(option: Any) -> QRect:
    """Where an item is drawn; the stubs do not know the fields of a style option."""
    return QRect(option.rect)


def style_state(option: Any) -> QStyle.StateFlag:
    """Chosen, focused, ..."""
    found: QStyle.StateFlag = option.state
    return found


class Cards(QListView):
    """Click or Enter shows a run, a double-click compares it, Delete removes, Alt+Left and Alt+Right move what waits."""

    shown = Signal(object)
    compared = Signal(object)
    removed = Signal(object)
    recipe_wanted = Signal(object)
    save_wanted = Signal(object)
    moved = Signal(object, int)

    def __init__(self, runs: Runs) -> None:
        super().__init__()
        self.cards = CardModel(runs)
        self.paint_ = CardPaint(self)
        self.setModel(self.cards)
        self.setItemDelegate(self.paint_)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.fit()
        words.say(self, N_("Dreams: finished, running, waiting"), "name")
        self.clicked.connect(lambda at: self.shown.emit(self.cards.rows[at.row()]))
        self.doubleClicked.connect(lambda at: self.compared.emit(self.cards.rows[at.row()]))
        runs.changed.connect(self.cards.sync)
        runs.grown.connect(self.cards.touch)

    def fit(self) -> None:
        """As tall as a card and its scroll bar."""
        self.setFixedHeight(theme.px(THUMB + 3) + self.horizontalScrollBar().sizeHint().height() + 2 * self.frameWidth())
        self.setMinimumWidth(theme.px(20))

    def chosen(self) -> list[Run]:
        """The selected runs, in their order."""
        return [self.cards.rows[row] for row in sorted(at.row() for at in self.selectedIndexes()) if row < len(self.cards.rows)]

    def mark(self, run: Run | None) -> None:
        """This one stands in the middle now."""
        if run is not self.paint_.shown:
            self.paint_.shown = run
            if run in self.cards.rows and not self.hasFocus():
                self.setCurrentIndex(self.cards.index(self.cards.rows.index(run)))
            self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with this dream."""
        at = self.indexAt(event.pos()) if event.reason() == QContextMenuEvent.Reason.Mouse else self.currentIndex()
        if at.isValid():
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.fill_menu(menu, self.cards.rows[at.row()])
            menu.popup(event.globalPos())

    def fill_menu(self, menu: QMenu, run: Run) -> None:
        """The actions of a run."""
        entries: list[tuple[str, Callable[[], None]]] = [(tr("Use this recipe"), partial(self.recipe_wanted.emit, run))]
        if run.picture is not None:
            entries = [
                (tr("Show"), partial(self.shown.emit, run)),
                (tr("Compare"), partial(self.compared.emit, run)),
                *entries,
                (tr("Save picture..."), partial(self.save_wanted.emit, run)),
            ]
        if run.phase == "waiting":
            entries += [(tr("Earlier"), partial(self.moved.emit, run, -1)), (tr("Later"), partial(self.moved.emit, run, 1))]
        ending = tr("Stop") if run.phase in ("running", "paused") else tr("Remove")
        for text, call in (*entries, (ending, partial(self.removed.emit, run))):
            menu.addAction(text).triggered.connect(call)

    def event(self, event: QEvent) -> bool:
        """Its own keys stay its own while it has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Delete, Alt with arrows."""
        at = self.currentIndex()
        run = self.cards.rows[at.row()] if at.isValid() else None
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if run is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.shown.emit(run)
        elif run is not None and event.key() == Qt.Key.Key_Delete:
            for one in self.chosen() or [run]:
                self.removed.emit(one)
        elif run is not None and alt and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.moved.emit(run, 1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)
