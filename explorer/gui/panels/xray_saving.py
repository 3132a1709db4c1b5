"""The menu of an X-ray's picture: copy, save the picture, save the numbers of this stage or of all."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.panels.filters_saving import write_file
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


def fill_menu(menu: QMenu, *deeds: tuple[str, str, Callable[[], object]]) -> QMenu:
    """Lines of (icon, English text, what to do)."""
    for icon, text, deed in deeds:
        action = menu.addAction(tr(text))
        set_icon(action, icon)
        action.triggered.connect(lambda _checked=False, do=deed: do())
    return menu


COPY_VALUES, COPY_PICTURE, SAVE_PICTURE = N_("Copy values"), N_("Copy picture"), N_("Save picture...")
SAVE_STAGE, SAVE_ALL = N_("Save the numbers of this stage..."), N_("Save the numbers of all stages...")
