"""The first page: four big pictures, one for each job, "Open model file..." and recent work. Bare Qt: it is the first paint."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import pixmap, set_icon
from explorer.i18n import N_, tr

JOBS = (
    ("filters", N_("Filters & Activations"), N_("What does each layer look for, and what does it find in this picture?")),
    ("dream", N_("Dream"), N_("Which picture would excite this channel most?")),
    ("live", N_("Live"), N_("Camera or video in, objects and outlines out.")),
    ("optimizers", N_("Optimizers"), N_("Six methods leave a saddle. Who gets out first?")),
)


class BigButton(QAbstractButton):
    """A picture that is a button. `set_picture` shows what the job really made; until then its icon stands there."""

    def __init__(self, name: str, title: str, line: str) -> None:
        super().__init__()
        self.name = name
        self._icon = name
        self._line_key = line
        self._picture = QImage()
        self._title = title
        words.say(self, title, "name")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(170, 110)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_picture(self, image: QImage) -> None:
        """Show a thumbnail; the image must own its pixels."""
        self._picture = image
        self.update()

    @property
    def picture(self) -> QImage:
        """The thumbnail, null while there is none."""
        return self._picture

    def sizeHint(self) -> QSize:
        """Four of them fill a small window."""
        return QSize(340, 220)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card: picture above, name and one line below."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        card = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(card, 8, 8)
        lit = self.underMouse() or self.hasFocus()
        painter.fillPath(shape, QColor(t.window))
        text_height = self._text_height()
        picture = QRectF(card.left(), card.top(), card.width(), card.height() - text_height)
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(picture, QColor(t.sunken))
        if self._picture.isNull():
            self._paint_icon(painter, picture)
        else:
            painter.drawImage(picture, self._picture, _cover(self._picture, picture))
        painter.restore()
        self._paint_text(painter, QRectF(card.left(), picture.bottom(), card.width(), text_height), lit)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(t.accent if lit else t.line), 2 if lit else 1))
        painter.drawPath(shape)

    def _text_height(self) -> int:
        return (
            self.fontMetrics().height() * 3 + theme.px(5) if self.height() > 180 else self.fontMetrics().height() + theme.px(4)
        )

    def _paint_icon(self, painter: QPainter, box: QRectF) -> None:
        size = round(min(box.height() * 0.5, 72))
        if size < 8:
            return
        drawn = pixmap(self._icon, size, theme.tokens().strong_line, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(box.center().x() - size / 2, box.center().y() - size / 2), drawn)

    def _paint_text(self, painter: QPainter, box: QRectF, lit: bool) -> None:
        t = theme.tokens()
        inner = box.adjusted(theme.px(3), theme.px(2), -theme.px(3), -theme.px(1))
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(t.accent if lit else t.text))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, tr(self._title))
        if self.height() > 180:
            painter.setFont(self.font())
            painter.setPen(QColor(t.muted))
            below = inner.adjusted(0, self.fontMetrics().height() + theme.px(1), 0, 0)
            painter.drawText(below, int(Qt.TextFlag.TextWordWrap), tr(self._line_key))


def _cover(image: QImage, box: QRectF) -> QRectF:
    """The middle part of `image` that has the shape of `box`."""
    width, height = image.width(), image.height()
    shape = box.width() / max(1.0, box.height())
    if width / height > shape:
        part = height * shape
        return QRectF((width - part) / 2, 0, part, height)
    part = width / shape
    return QRectF(0, (height - part) / 2, width, part)


class Welcome(QWidget):
    """Signals say what was chosen; the window does it."""

    chosen = Signal(str)  # name of a job
    model_wanted = Signal()
    recent_chosen = Signal(str)  # a path
    painted = Signal()  # once, with the first paint

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("welcome")
        self.buttons: dict[str, BigButton] = {}
        head = QLabel()
        head.setProperty("kind", "big")
        words.say(head, N_("See deep learning work"))
        self.warming = QLabel()
        self.warming.setProperty("kind", "muted")
        grid = QGridLayout()
        grid.setSpacing(theme.px(4))
        for at, (name, title, line) in enumerate(JOBS):
            button = BigButton(name, title, line)
            button.clicked.connect(self._clicked)
            self.buttons[name] = button
            grid.addWidget(button, at // 2, at % 2)
        self.open_model = QPushButton()
        words.say(self.open_model, N_("Open model file..."))
        set_icon(self.open_model, "open")
        self.open_model.clicked.connect(self.model_wanted)
        self.recent_label = QLabel()
        self.recent_label.setProperty("kind", "muted")
        words.say(self.recent_label, N_("Recent:"))
        self._recent = QHBoxLayout()
        self._recent.setSpacing(theme.px(1))
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(2))
        foot.addWidget(self.open_model)
        foot.addSpacing(theme.px(3))
        foot.addWidget(self.recent_label)
        foot.addLayout(self._recent)
        foot.addStretch(1)
        top = QHBoxLayout()
        top.addWidget(head)
        top.addStretch(1)
        top.addWidget(self.warming, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(6), theme.px(4), theme.px(6), theme.px(4))
        column.setSpacing(theme.px(4))
        column.addLayout(top)
        column.addLayout(grid, 1)
        column.addLayout(foot)
        self.set_recent([])

    _seen = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground; tells of the first time."""
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            self.painted.emit()

    def _clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, BigButton):
            self.chosen.emit(sender.name)

    def set_recent(self, paths: list[str]) -> None:
        """The last files, newest first; at most four are shown."""
        while self._recent.count():
            item = self._recent.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for path in paths[:4]:
            button = QPushButton(Path(path).name)
            button.setProperty("kind", "quiet")
            button.setProperty("path", path)
            button.setToolTip(path)
            button.clicked.connect(self._recent_clicked)
            self._recent.addWidget(button)
        self.recent_label.setVisible(bool(paths))

    def _recent_clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.recent_chosen.emit(str(sender.property("path")))


STEPS = (
    ("picture", N_("Choose a picture above, or drop one anywhere: every panel looks at it.")),
    ("models", N_("Choose a network on the left. Its layers can be searched and clicked.")),
    ("home", N_("Open one of the four jobs in the middle.")),
    ("form", N_("Its settings then stand here. Undo brings back whatever you change.")),
    ("keyboard", N_("F1 shows all keys, F11 is for the projector.")),
)


class FirstSteps(QWidget):
    """What the right dock says while no panel is open."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "ground")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(4), theme.px(3), theme.px(3))
        column.setSpacing(theme.px(4))
        self._signs: list[tuple[QLabel, str]] = []
        for icon_name, text in STEPS:
            sign, label = QLabel(), QLabel()
            label.setWordWrap(True)
            label.setProperty("kind", "muted")
            words.say(label, text)
            line = QHBoxLayout()
            line.setSpacing(theme.px(2))
            line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(label, 1)
            column.addLayout(line)
            self._signs.append((sign, icon_name))
        column.addStretch(1)
        self.restyle()

    def restyle(self) -> None:
        """The theme changed."""
        for sign, icon_name in self._signs:
            sign.setPixmap(pixmap(icon_name, 18, theme.tokens().accent, self.devicePixelRatioF()))
