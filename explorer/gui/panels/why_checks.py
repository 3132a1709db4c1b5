"""Curves of trust and the network that forgets: what stands below the tiles when a person asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.gui import theme
from explorer.gui.notices import trouble_text
from explorer.gui.numerals import fixed
from explorer.gui.panels import why_asking as asking
from explorer.gui.panels.why_tile import HeatView
from explorer.gui.panels.why_view import empty_layout
from explorer.gui.panels.why_words import verdict
from explorer.i18n import tr
from explorer.jobs import Event, Failed, Preview, Result
from explorer.records.attribution import Attribution, Randomisation, TrustCurves

if TYPE_CHECKING:
    from explorer.gui.panels.why import WhyPanel

SURE = 0.5  # a rank correlation above this with a network that forgot everything: the heat hardly asks the network


class Checks(QObject):
    """Owned by the panel; asks, keeps and shows the two checks. One of them is shown at a time."""

    def __init__(self, panel: WhyPanel, trust_channel: str, forget_channel: str) -> None:
        super().__init__(panel)
        self.panel = panel
        self.curves: TrustCurves | None = None
        self.forgotten: Randomisation | None = None
        self._trust, self._forget = trust_channel, forget_channel
        self._trouble: dict[str, str] = {}
        view = panel.view
        view.trust.toggled.connect(self._trust_toggled)
        view.forget.toggled.connect(self._forget_toggled)

    def _trust_toggled(self, on: bool) -> None:
        if on:
            self.panel.view.forget.setChecked(False)
        else:
            self.panel.desk.stop(self._trust)
        self.show()
        self.renew()

    def _forget_toggled(self, on: bool) -> None:
        if on:
            self.panel.view.trust.setChecked(False)
        else:
            self.panel.desk.stop(self._forget)
        self.show()
        self.renew()

    def forget_old(self) -> None:
        """Another question or picture: what was measured is about something else."""
        self.curves = self.forgotten = None
        self._trouble.clear()
        self.show()

    def renew(self) -> None:
        """Ask for the check that is open, if what there is does not fit what is shown."""
        panel, view = self.panel, self.panel.view
        found = panel.found
        if found is None or panel.frame is None or panel.running or panel.moving or not panel.active:
            return
        if view.trust.isChecked():
            measured = {curve.method for curve in self.curves.items} if self.curves is not None else set()
            if not {item.method for item in found.items} <= measured:
                panel.desk.submit(
                    self._trust, asking.trust_of(panel.desk.session, panel.checks_form.trust_value()), panel.frame
                )
        elif view.forget.isChecked():
            about = "" if self.forgotten is None else self.forgotten.original.method
            if panel.current and about != panel.current:
                request = asking.forgetting_of(panel.desk.session, panel.checks_form.forgetting_value(), panel.current)
                panel.desk.submit(self._forget, request, panel.frame)

    def take(self, channel: str, event: Event) -> None:
        """What came of it."""
        if isinstance(event, Failed):
            self._trouble[channel] = trouble_text(event.trouble)
        elif isinstance(event, (Preview, Result)):
            self._trouble.pop(channel, None)
            if isinstance(event.record, TrustCurves):
                self.curves = event.record
            elif isinstance(event.record, Randomisation):
                self.forgotten = event.record
        self.show()

    # -- showing -----------------------------------------------------------------------------------------------------
    def show(self) -> None:
        """The part below the tiles as it should be now."""
        view = self.panel.view
        trust, forget = view.trust.isChecked(), view.forget.isChecked()
        view.below.setVisible(trust or forget)
        if trust:
            view.below.setCurrentIndex(0)
            view.chart.set_curves(self.curves, self.panel.current)
            view.trust_title.setText(self._trust_title())
            view.trust_title.setToolTip(
                tr("Blocks of the picture are removed (deletion) or shown (insertion), those first that the heat calls strong.")
                + "\nPetsiuk et al. 2018, arXiv:1806.07421"
            )
        elif forget:
            view.below.setCurrentIndex(1)
            self._show_stages()

    def _trust_title(self) -> str:
        if self._trust in self._trouble:
            return self._trouble[self._trust]
        curve = self.panel.view.chart.curve
        return tr("Can this heat be trusted?") if curve is None else f"{tr(curve.title)}: {verdict(curve)}"

    def _show_stages(self) -> None:
        view, check = self.panel.view, self.forgotten
        empty_layout(view.stages)
        if self._forget in self._trouble:
            view.forget_title.setText(self._trouble[self._forget])
            return
        view.forget_title.setText(self._forget_title())
        view.forget_title.setToolTip(
            tr("Layers of a copy get random numbers, from the last to the first. ρ: rank correlation with the trained heat.")
            + "\nAdebayo et al. 2018, arXiv:1810.03292"
        )
        if check is None:
            return
        view.stages.addWidget(self._stage(check.original, tr("trained") + "\n"))
        for stage in check.stages:
            said = tr("{layers} layers random").format(layers=stage.layers) if stage.layers > 1 else tr("last layer random")
            rank = "–" if stage.correlation is None else fixed(stage.correlation, 2)
            view.stages.addWidget(self._stage(stage.attribution, f"{said}\nρ = {rank}", stage.layer))
        view.stages.addStretch(1)

    def _forget_title(self) -> str:
        check = self.forgotten
        if check is None or not check.stages:
            return tr("Does the heat notice when the network forgets?")
        title, last = tr(check.original.title), check.stages[-1].correlation
        if last is not None and last > SURE:
            said = tr("{title}: it hardly changes while the network forgets, so it shows the picture more than the network.")
        else:
            said = tr("{title}: it changes when the network forgets, so it shows the network.")
        return said.format(title=title)

    def _stage(self, item: Attribution, said: str, layer: str = "") -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(0.5))
        picture = HeatView()
        picture.set_look(self.panel.view.opacity.value() / 100, str(self.panel.view.colours.currentData()))
        frame = self.panel.frame
        picture.set_heat(None if frame is None else frame.rgb, item)
        label = QLabel(said)
        label.setFont(theme.tabular(label.font()))
        label.setProperty("kind", "muted")
        if layer:
            tip = tr("From the last layer down to {layer}").format(layer=layer)
            label.setToolTip(tip)
            picture.setToolTip(tip)
        column.addWidget(picture, 1)
        column.addWidget(label)
        holder.setMinimumWidth(theme.px(36))
        return holder
