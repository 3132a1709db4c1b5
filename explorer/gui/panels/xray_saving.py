"""The menu of an X-ray's picture: copy, save the picture, save the numbers of this stage or of all."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.filters_saving import save_picture, write_file
from explorer.gui.panels.panel import Panel
from explorer.i18n import N_, tr
from explorer.records.xray import Stage, XrayRecord


def numbers_bytes(record: XrayRecord, stages: Iterable[Stage]) -> bytes:
    """NPZ of some stages: `grid_raw0`, ...; one stage alone without its name in front. `facts`: JSON."""
    stages = list(stages)
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for stage in stages:
        lead = f"{stage.name}_" if len(stages) > 1 else ""
        arrays |= {lead + name: values for name, values in stage.arrays().items()}
    facts: dict[str, Any] = {"model": record.model, "source": record.source, "cell": record.cell, "candidate": record.candidate}
    facts |= {"object": record.object, "stages": [stage.facts() for stage in stages]}
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays, facts=np.array(json.dumps(facts, default=str)))
    return out.getvalue()


def save_numbers(desk: Desk, parent: QWidget, record: XrayRecord, stages: Iterable[Stage], name: str) -> Path | None:
    """Ask where, write them."""
    kind = tr("NumPy archive") + " (*.npz)"
    chosen, _ = QFileDialog.getSaveFileName(parent, tr("Save numbers"), f"{name}.npz", kind)
    return write_file(desk, Path(chosen).with_suffix(".npz"), numbers_bytes(record, stages)) if chosen else None


def stage_menu(desk: Desk, panel: Panel, record: XrayRecord, stage: Stage) -> QMenu:
    """Copy and save what `panel` shows of a stage."""
    name, facts = f"xray-{stage.name}", desk.session.xray.model_dump(mode="json")
    deeds: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("copy", N_("Copy values"), lambda: QApplication.clipboard().setText(panel.numbers())),
        ("picture", N_("Copy picture"), lambda: QApplication.clipboard().setImage(panel.picture())),
        ("save", N_("Save picture..."), lambda: save_picture(desk, panel, panel.picture(), name, facts)),
        ("numbers", N_("Save the numbers of this stage..."), lambda: save_numbers(desk, panel, record, [stage], name)),
        ("numbers", N_("Save the numbers of all stages..."), lambda: save_numbers(desk, panel, record, record.stages, "xray")),
    )
    menu = QMenu(panel)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for icon, text, deed in deeds:
        action = menu.addAction(tr(text))
        set_icon(action, icon)
        action.triggered.connect(lambda _checked=False, do=deed: do())
    return menu
