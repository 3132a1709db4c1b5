"""Surgery: what happens without a channel, and what a kernel does. Two pages: the bench and the kernel studio."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, ClassVar

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.notices import trouble_text
from explorer.gui.panels.filters_saving import with_facts
from explorer.gui.panels.filters_words import layer_text
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.panels.surgery_bench import Bench
from explorer.gui.panels.surgery_compare import CompareView
from explorer.gui.panels.surgery_studio import Studio
from explorer.gui.panels.surgery_words import edit_text, edits_text
from explorer.gui.widgets.picture_view import image_of
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result
from explorer.picture.grid import mosaic_rgb
from explorer.records.ablation import Ablation, Comparison
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.records.picture import Mosaic, Picture
from explorer.requests.ablation import AblateRequest, CompareRequest
from explorer.requests.base import Request, changed
from explorer.requests.kernel import KernelRequest
from explorer.requests.look import ActivationsRequest
from explorer.requests.surgery import muted, silent
from explorer.session import Session

MAPS, COMPARE, RANK, KERNEL = "surgery.maps", "surgery.compare", "surgery.rank", "surgery.kernel"
KERNEL_FIELDS = ("size", "sigma", "wavelength", "angle", "phase", "normalise", "colours", "display")
FRAMES_KEPT = 8
LIVE_VALUES = 800_000  # numbers of a live picture: about what a screen can show


class SurgeryPanel(Panel):
    """Everything chosen here is the Session's: `surgery`, `ablate`, `compare`, `kernel`, and the one selection."""

    name: ClassVar[str] = "surgery"
    channels: ClassVar[tuple[str, ...]] = (MAPS, COMPARE, RANK, KERNEL)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._maps_asked: ActivationsRequest | None = None
        self.bench = Bench(desk)
        self._studio: Studio | None = None
        self.pages = QStackedWidget()
        self.pages.addWidget(self.bench)
        self.switch = QButtonGroup(self)
        self.mark = QLabel()
        self.mark.setProperty("kind", "muted")
        line = QHBoxLayout()
        line.setSpacing(theme.px(1))
        for number, (text, tip) in enumerate(
            (
                (N_("Bench"), N_("Mute, keep, scale and swap channels; rank those that carry the answer (1)")),
                (N_("Kernel studio"), N_("Change a kernel by hand, see it on the picture, put it into the network (2)")),
            )
        ):
            button = QPushButton()
            button.setCheckable(True)
            words.say(button, text)
            words.say(button, tip, "tip")
            self.switch.addButton(button, number)
            line.addWidget(button)
        self.switch.button(0).setChecked(True)
        self.switch.idClicked.connect(self.show_page)
        line.addStretch(1)
        line.addWidget(self.mark)
        line.addWidget(self.bench.edits.load)
        line.addWidget(self.bench.edits.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(line)
        column.addWidget(self.pages, 1)
        self._forms = QStackedWidget()
        self._pages_of_forms: list[list[Form]] = []
        self._add_forms(
            (AblateRequest, "ablate", ("by", "together")),
            (CompareRequest, "compare", ("top",)),
            (CompareRequest, "compare", ("confidence",)),
        )
        self._connect()
        self._network_changed(desk.network)

    def _connect(self) -> None:
        bench, desk = self.bench, self.desk
        bench.layer.activated.connect(lambda index: self.choose_layer(str(bench.layer.itemData(index))))
        bench.maps.selected.connect(lambda channel: desk.select(layer=self.layer_now(), channel=channel))
        bench.rank.wanted.connect(self.rank)
        bench.rank.mute.connect(self.mute_channels)
        bench.rank.chosen.connect(lambda channel: desk.select(layer=self.layer_now(), channel=channel))
        bench.rank.progress.stopped.connect(desk.stop)
        bench.compare.class_chosen.connect(self.measure_class)
        bench.compare.box_chosen.connect(lambda found: self.measure(box=found[0], class_index=found[1]))
        desk.session_changed.connect(self._session_changed)
        desk.network_changed.connect(self._network_changed)
        desk.jobs_changed.connect(self._show_jobs)

    @property
    def studio(self) -> Studio:
        """The second page, made when somebody first turns to it: it shows how things stand now."""
        if self._studio is None:
            studio = self._studio = Studio(self.desk)
            self.pages.addWidget(studio)
            self._add_forms((KernelRequest, "kernel", KERNEL_FIELDS))
            studio.show_network(self.desk.network)
            record = self.bench.compare.record
            studio.compare.set_record(record, None if record is None else self._frames.get(record.frame_seq))
            self._say_surgery()
        return self._studio

    def _comparisons(self) -> list[CompareView]:
        """Wherever the answer before and after is shown."""
        return [page.compare for page in (self.bench, self._studio) if page is not None]

    def _add_forms(self, *parts: tuple[type[Request], str, tuple[str, ...]]) -> None:
        """The right dock of one more page."""
        holder = QWidget(self._forms)
        holder.setProperty("kind", "ground")
        self._forms.addWidget(holder)
        self._pages_of_forms.append([])
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        for kind, field, only in parts:
            both = QWidget(holder)
            column.addWidget(both)
            title = QLabel(both)
            title.setProperty("kind", "heading")
            words.say(title, kind.title)
            title.setIndent(theme.px(3))  # margins of its own are lost when it is styled later
            form = Form(kind, self.desk, field, only=only, back=False)
            self._pages_of_forms[-1].append(form)
            box = QVBoxLayout(both)
            box.setContentsMargins(0, theme.px(3), 0, 0)
            box.addWidget(title)
            box.addWidget(form)
        column.addStretch(1)

    def form(self) -> QWidget:
        """How to rank and compare; on the other page the kernel's parameters."""
        return self._forms

    def back_to_start(self) -> None:
        """The network as it was, and every value of the page's forms."""
        if self.pages.currentIndex() == 0:
            self.desk.change(surgery=())
        for form in self._pages_of_forms[self.pages.currentIndex()]:
            form.back_to_start()

    def show_page(self, number: int) -> None:
        """Bench or studio."""
        self.pages.setCurrentWidget(self.studio if number else self.bench)
        self._forms.setCurrentIndex(number)
        self.switch.button(number).setChecked(True)
        self._follow()

    # -- live work ---------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """Ask for what the page shows, on every newest picture."""
        self._follow()

    def deactivate(self) -> None:
        """Nothing is computed for a panel that nobody sees."""
        for channel in (MAPS, COMPARE, KERNEL):
            self.desk.follow(channel, None)
        self._maps_asked = None

    def _follow(self) -> None:
        if not self.active:
            return
        bench, session = self.pages.currentIndex() == 0, self.desk.session
        self._follow_maps()
        self.desk.follow(COMPARE, session.compare)
        self.desk.follow(KERNEL, None if bench else session.kernel)

    def _follow_maps(self) -> None:
        wanted: ActivationsRequest | None = None
        if self.pages.currentIndex() == 0 and self.layer_now():
            shared = {
                name: getattr(self.desk.session.activations, name) for name in ("model", "weights", "device", "precision")
            }
            wanted = ActivationsRequest(**shared, layer=self.layer_now(), live_values=LIVE_VALUES)
        if wanted != self._maps_asked:
            self._maps_asked = wanted
            self.desk.follow(MAPS, wanted)

    def take_frame(self, frame: Frame) -> None:
        """Remember the picture until its answers arrive."""
        self._frames[frame.seq] = frame
        while len(self._frames) > FRAMES_KEPT:
            self._frames.popitem(last=False)

    def take(self, channel: str, event: Event) -> None:
        """Paint what came."""
        record = getattr(event, "record", None)
        if isinstance(event, Failed):
            self._failed(channel, event)
        elif channel == RANK and isinstance(record, Ablation) and isinstance(event, (Preview, Result, CancelledJob)):
            self.bench.rank.set_record(record)
        elif not isinstance(event, Result):
            return
        elif isinstance(record, Mosaic) and record.facts.get("layer") == self.layer_now():
            self.bench.maps.set_mosaic(record)
            self._say_layer()
        elif isinstance(record, Comparison):
            frame = self._frames.get(record.frame_seq)
            for view in self._comparisons():
                view.set_record(record, frame)
        elif isinstance(record, Picture) and self.desk.session.kernel.preset == record.facts.get("preset"):
            self.studio.take_answer(record, self._frames.get(record.facts["frame_seq"]))

    def _failed(self, channel: str, event: Failed) -> None:
        if channel == MAPS:
            self.bench.maps.set_mosaic(None)
            self.bench.maps.set_empty_text(trouble_text(event.trouble))
        elif channel == COMPARE:
            for view in self._comparisons():
                view.set_record(None, None)

    # -- choosing ----------------------------------------------------------------------------------------------------
    def layer_now(self) -> str:
        """The layer on the bench: the selected one, else the last one with maps before the answer."""
        network, selected = self.desk.network, self.desk.session.selection.layer
        if network is None:
            return ""
        if any(layer.name == selected for layer in network.layers):
            return selected
        return network.feature_layer

    def choose_layer(self, name: str) -> None:
        """Operate on another layer; the whole program looks at it."""
        if name != self.layer_now():
            self.desk.select(layer=name, channel=None)

    def step_layer(self, by: int) -> None:
        """The layer `by` places after the present one."""
        network = self.desk.network
        name = network.neighbour(self.layer_now(), by) if network is not None else ""
        if name:
            self.choose_layer(name)

    def measure_class(self, index: int) -> None:
        """Rank by this class from now on; the same one again: by the best."""
        self.measure(class_index=None if index == self.desk.session.ablate.class_index else index, box=None)

    def measure(self, **fields: Any) -> None:
        """What the ranking measures."""
        self.desk.change(ablate=changed(self.desk.session.ablate, **fields))

    def rank(self) -> None:
        """Begin to rank the layer's channels; again while it runs: stop."""
        running = [job for job in self.desk.jobs.running() if job.channel == RANK]
        if running:
            self.desk.stop(RANK)
            return
        self.bench.rank.set_record(None)
        self.desk.submit(RANK, changed(self.desk.session.ablate, layer=self.layer_now()))

    def mute_channels(self, channels: tuple[int, ...]) -> None:
        """Mute channels of the ranked layer all at once; one step for undo."""
        record = self.bench.rank.record
        if record is not None and channels:
            self.desk.change(surgery=muted(self.desk.session.surgery, record.layer, channels))

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.surgery != old.surgery:
            self._say_surgery()
        if new.selection.layer != old.selection.layer and self.layer_now() != self.bench.layer_name:
            self.bench.maps.set_mosaic(None)
            self._say_layer()
        if new.selection.channel != old.selection.channel:
            self.bench.maps.select(new.selection.channel)
        if new.kernel != old.kernel and self._studio is not None:
            self._studio.show_request()
        if new.ablate.class_index != old.ablate.class_index:
            self.bench.compare.bars.mark(new.ablate.class_index)
        self.bench.edits.show_surgery()  # undo may have become possible
        changes = (new.selection.layer, new.kernel, new.compare) != (old.selection.layer, old.kernel, old.compare)
        if self.active and changes:
            self._follow()

    def _network_changed(self, network: NetworkInfo | None) -> None:
        bench = self.bench
        bench.layer.blockSignals(True)
        bench.layer.clear()
        for layer in () if network is None else network.layers:
            bench.layer.addItem(layer.name, layer.name)
        bench.layer.blockSignals(False)
        bench.maps.set_mosaic(None)
        bench.rank.set_record(None)
        top, confidence = (form.parentWidget() for form in self._pages_of_forms[0][1:])
        for widget, task in ((top, "classify"), (confidence, "detect")):
            if widget is not None:
                widget.setVisible(network is None or network.task == task)
        for view in self._comparisons():
            view.set_record(None, None)
        if self._studio is not None:
            self._studio.show_network(network)
        self._maps_asked = None
        self.retranslate()
        self._follow()

    def _show_jobs(self) -> None:
        running = [job for job in self.desk.jobs.running() if job.channel == RANK]
        self.bench.rank.progress.show_job(running[-1] if running else None)

    # -- words -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Texts that are put together here."""
        self.bench.say()
        self.bench.rank.retranslate()
        if self._studio is not None:
            self._studio.retranslate()
        self._say_surgery()
        self._say_layer()

    def _say_surgery(self) -> None:
        surgery = self.desk.session.surgery
        self.mark.setText(edits_text(surgery) if surgery else tr("as it was trained"))
        self.mark.setToolTip("\n".join(edit_text(edit) for edit in surgery[:20]))
        said = tr("The answer before and after") if surgery else tr("What the network says")
        for page in (self.bench, self._studio):
            if page is not None:
                page.says.setText(said)
        self.bench.edits.show_surgery()
        self._mark_muted()

    def _mark_muted(self) -> None:
        surgery, mosaic, record = self.desk.session.surgery, self.bench.maps.mosaic, self.bench.rank.record
        self.bench.maps.mark((), () if mosaic is None else silent(surgery, self.layer_now(), mosaic.grid.count))
        self.bench.rank.mark(() if record is None else silent(surgery, record.layer, record.total))

    def _say_layer(self) -> None:
        name, network, maps = self.layer_now(), self.desk.network, self.bench.maps.mosaic
        self.bench.layer_name = name
        self.bench.layer.setCurrentIndex(self.bench.layer.findData(name))
        layer = next((item for item in network.layers if item.name == name), None) if network is not None else None
        self._mark_muted()
        self.bench.detail.setText(layer_text(layer, name, maps, len(self.bench.maps.muted), paused=False))

    # -- actions -----------------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("1", N_("The bench"), lambda: self.show_page(0)),
            Key("2", N_("The kernel studio"), lambda: self.show_page(1)),
            Key("M", N_("Mute the selected channel, or let it speak again"), lambda: self._on_selected(self.bench.mute)),
            Key("K", N_("Keep only the selected channel"), lambda: self._on_selected(self.bench.keep)),
            Key("A", N_("Rank the channels that carry the answer, or stop"), self.rank),
            Key("X", N_("Mute the first channels of the ranking"), self.bench.rank.mute_shown),
            Key("PgDown", N_("Next layer"), lambda: self.step_layer(1)),
            Key("PgUp", N_("Layer before"), lambda: self.step_layer(-1)),
        ]

    def _on_selected(self, call: Any) -> None:
        if self.pages.currentIndex() == 0 and self.bench.maps.channel is not None:
            call(self.bench.maps.channel)

    def picture(self) -> QImage:
        """The kernel's answer, or the maps of the layer, with the surgery inside."""
        session = self.desk.session
        facts: dict[str, Any] = {"surgery": [edit.model_dump(mode="json", exclude_defaults=True) for edit in session.surgery]}
        if self.pages.currentIndex() == 1 and self.studio.record is not None:
            return with_facts(image_of(self.studio.record.rgb), {**self.studio.record.facts, **facts})
        mosaic = self.bench.maps.mosaic
        if mosaic is None:
            return super().picture()
        return with_facts(image_of(mosaic_rgb(mosaic, longest=1600)), {**mosaic.facts, **facts})

    def numbers(self) -> str:
        """The kernel row by row, or the ranking, or the classes before and after."""
        if self.pages.currentIndex() == 1:
            return "\n".join("\t".join(repr(float(number)) for number in row) for row in self.studio.grid.numbers)
        record, compared = self.bench.rank.record, self.bench.compare.record
        if record is not None:
            rows = zip(record.channels.tolist(), record.probabilities.tolist(), record.logits.tolist(), strict=True)
            return "\n".join(["channel\tprobability\tlogit", *("\t".join(map(repr, row)) for row in rows)])
        scores = () if compared is None else compared.scores
        return "\n".join(["class\tbefore\tafter", *(f"{old.label}\t{old.score!r}\t{new.score!r}" for old, new in scores)])

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The ranking of the last layer with maps."""
        self.show_page(0)
        self.rank()

    def demo_ready(self) -> bool:
        """Maps, answer and ranking are there."""
        record = self.bench.rank.record
        return self.bench.maps.mosaic is not None and record is not None and record.together_count > 0
