"""What can be done with one object: the menu of a box in the picture and of a line in the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu, QWidget

from explorer.gui.desk import Desk, looking_elsewhere
from explorer.gui.icons import set_icon
from explorer.gui.panels.filters_saving import save_picture
from explorer.gui.panels.live_draw import label_text
from explorer.gui.panels.live_list import class_icon
from explorer.gui.panels.live_words import object_row, objects_head
from explorer.gui.panels.why_asking import about_box
from explorer.i18n import tr
from explorer.records.vision import Detections
from explorer.requests.base import changed
from explorer.requests.live import LiveLook
from explorer.requests.network import DetectRequest


def object_menu(
    desk: Desk, parent: QWidget, found: Detections, number: int, image: QImage, pinned: bool, pin: Callable[[], None]
) -> QMenu:
    """The menu of object `number`; `image` is the whole picture without drawing."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    name = found.label(number)
    title = menu.addAction(class_icon(name), label_text(found, number, LiveLook()))
    title.setEnabled(False)
    menu.addSeparator()

    def add(icon: str, text: str, call: Callable[[], object]) -> None:
        action = menu.addAction(text)
        set_icon(action, icon)
        action.triggered.connect(lambda *_: call())

    add("pin", tr("Let go (Esc)") if pinned else tr("Pin (Enter)"), pin)
    add("copy", tr("Copy the values"), lambda: copy_values(found, number))
    add("save", tr("Save this part of the picture..."), lambda: save_part(desk, parent, found, number, image))
    menu.addSeparator()
    add("live", tr("Only this class"), lambda: only_class(desk, name))
    add("mute", tr("Hide this class"), lambda: hide_class(desk, found, name))
    if desk.session.detect.only:
        add("reset", tr("Show all classes"), lambda: desk.change(detect=changed(desk.session.detect, only=())))
    menu.addSeparator()
    add("why", tr("Why? Explain this object"), lambda: explain(desk, found, number))
    add("layers", tr("X-ray: how this box came about"), lambda: x_ray(desk, found, number))
    return menu


def pop_up(menu: QMenu, at: QPoint) -> None:
    """Show the menu without waiting for it: the picture goes on."""
    menu.popup(at)


def copy_values(found: Detections, number: int) -> None:
    """The object's numbers, as a table with a head."""
    QGuiApplication.clipboard().setText("\n".join([objects_head(found), object_row(found, number)]))


def save_part(desk: Desk, parent: QWidget, found: Detections, number: int, image: QImage) -> None:
    """What is inside the box, as a PNG."""
    part = part_of(image, found, number)
    if not part.isNull():
        facts: dict[str, Any] = {
            "label": found.label(number),
            "score": float(found.score[number]),
            "xyxy": [float(edge) for edge in found.xyxy[number]],
        }
        save_picture(desk, parent, part, found.label(number).replace(" ", "-"), facts)


def part_of(image: QImage, found: Detections, number: int) -> QImage:
    """The pixels that the box of an object touches; null where there are none."""
    x0, y0, x1, y1 = (float(edge) for edge in found.xyxy[number])
    left, top = max(0, int(x0)), max(0, int(y0))
    right, bottom = min(image.width(), -int(-x1 // 1)), min(image.height(), -int(-y1 // 1))
    return image.copy(left, top, right - left, bottom - top) if right > left and bottom > top else QImage()


def only_class(desk: Desk, name: str) -> None:
    """Show no other class."""
    desk.change(detect=changed(desk.session.detect, only=(name,)))


def hide_class(desk: Desk, found: Detections, name: str) -> None:
    """Show all classes that are shown now but this one."""
    shown = desk.session.detect.only or tuple(dict.fromkeys(found.labels))
    left = tuple(other for other in shown if other != name)
    if left:
        desk.change(detect=changed(desk.session.detect, only=left))
    else:
        desk.notify(tr("{name} is the only class that is shown.").format(name=tr(name)), "info", key="live:only")


def explain(desk: Desk, found: Detections, number: int) -> None:
    """Hold the picture and ask in the Why panel, with the detector as the network that is looked into."""
    hold(desk)
    detect, session = desk.session.detect, desk.session
    fields: dict[str, Any] = {}
    if (session.network.model, session.network.weights) != (detect.model, detect.weights):
        fields = looking_elsewhere(session, detect.model, detect.weights)
    fields["attribute"] = about_box(fields.get("attribute", session.attribute), found, number)
    desk.change(**fields, panel="why")


def x_ray(desk: Desk, found: Detections, number: int) -> None:
    """Hold the picture and follow the object through the detector, by its place: in float32 the order may be another."""
    hold(desk)
    same = {name: getattr(desk.session.detect, name) for name in DetectRequest.model_fields if name != "track"}
    box = tuple(float(edge) for edge in found.xyxy[number])
    desk.change(xray=changed(desk.session.xray, **same, object=None, box=box, cell=None, stage="decode"), panel="xray")


def hold(desk: Desk) -> None:
    """What was pointed at must not run away."""
    source = desk.source
    if source is not None and (source.info.live or source.info.frames != 1):
        desk.freeze(True)
