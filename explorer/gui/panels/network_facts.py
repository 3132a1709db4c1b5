"""What is known of the chosen module, in words and full numbers, under the form of the Network panel."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.numerals import figure, percent
from explorer.gui.panels.network_table import field_text, full, sides
from explorer.i18n import N_, tr
from explorer.records.network_map import MapRow, NetworkMap


class ModuleFacts(QWidget):
    """A heading and a list of facts; `show_row` fills it."""

    def __init__(self) -> None:
        super().__init__()
        self.heading, self.text = QLabel(), QLabel()
        self.heading.setProperty("kind", "heading")
        for label in (self.heading, self.text):
            label.setWordWrap(True)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        words.say(self.text, N_("Facts of the chosen module"), "name")
        self.text.setTextFormat(Qt.TextFormat.RichText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(2), 0, 0)
        column.setSpacing(theme.px(2))
        column.addWidget(self.heading)
        column.addWidget(self.text)

    def show_row(self, record: NetworkMap | None, row: MapRow | None) -> None:
        """All about one module."""
        self.setVisible(record is not None and row is not None)
        if record is None or row is None:
            return
        self.heading.setText(row.name.replace(".", ".\u200b"))
        muted = theme.tokens().muted
        lines = "".join(
            f"<p style='margin: 0 0 6px 0'><span style='color: {muted}'>{escape(name)}</span><br>{escape(value)}</p>"
            for name, value in self.facts(record, row)
            if value
        )
        self.text.setText(lines)

    def facts(self, record: NetworkMap, row: MapRow) -> list[tuple[str, str]]:
        """(what, value) pairs, in the chosen language; "" for what does not apply."""
        share = record.share(row)
        weights = full(row.weights) if row.weights else ""
        if row.weights and record.weights:
            weights += f" ({percent(row.weights / record.weights)})"
        macs = full(row.macs) if row.macs else ""
        if row.macs and record.macs:
            macs += f" ({percent(row.macs / record.macs)})"
        reads = record.feeding().get(row.name, ())
        fed = [name for name, sources in record.feeding().items() if row.name in sources]
        time = ""
        if share is not None and row.milliseconds is not None:
            time = f"{figure(row.milliseconds, 3)} ms ({percent(share)})"
        step = "" if row.jump is None else tr("{step} pixels").format(step=sides(row.jump))
        field = field_text(row)
        return [
            (tr("Kind"), row.kind if row.runs <= 1 else tr("{kind}, runs {n} times").format(kind=row.kind, n=row.runs)),
            (tr("Output"), " × ".join(map(str, row.shape))),
            (tr("Weights"), weights),
            (tr("Multiply-adds"), macs),
            (tr("Receptive field"), field if row.whole or not field else tr("{step} pixels").format(step=field)),
            (tr("Step between neighbours"), step),
            (tr("Time of one pass"), time),
            (tr("Reads from"), ", ".join(tr(name) if name == "picture" else name for name in reads)),
            (tr("Read by"), ", ".join(fed)),
            (tr("Not finite"), tr("{count} weights are NaN or infinite.").format(count=row.broken) if row.broken else ""),
        ]
