"""Saving what the Why panel shows: the tiles with their recipe, or the heats as numbers."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.gui.desk import Desk
from explorer.gui.panels.filters_saving import save_picture, write_file
from explorer.gui.panels.why_asking import recipe
from explorer.i18n import tr
from explorer.records.attribution import AttributionSet, TrustCurves


def name_of(found: AttributionSet) -> str:
    """A file name without its ending."""
    said = "".join(sign if sign.isalnum() else "-" for sign in found.target.english()).strip("-")
    return f"why-{found.facts.get('model', 'network')}-{said}"[:80]


def save_sheet(desk: Desk, parent: QWidget, image: QImage, found: AttributionSet) -> Path | None:
    """Ask where, write the PNG with its recipe."""
    return save_picture(desk, parent, image, name_of(found), recipe(found, desk.session))


def heats_bytes(found: AttributionSet, curves: TrustCurves | None) -> bytes:
    """An NPZ: per method its heat (h, w) float32; METHOD_curves (5, K): share, deletion, insertion, both by chance; `facts`."""
    arrays = {item.method: item.heat for item in found.items}
    for curve in curves.items if curves is not None else ():
        rows = (curve.share, curve.deletion, curve.insertion, curve.random_deletion, curve.random_insertion)
        arrays[f"{curve.method}_curves"] = np.stack(rows).astype(np.float32)
    facts = {**found.facts, "target": found.target.english(), "score": found.score, "measure": found.measure}
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, facts=np.array(json.dumps(facts, default=str)), **arrays)
    return out.getvalue()


def save_heats(desk: Desk, parent: QWidget, found: AttributionSet, curves: TrustCurves | None) -> Path | None:
    """Ask where, write the heats."""
    kinds = tr("NumPy archive") + " (*.npz)"
    chosen, _ = QFileDialog.getSaveFileName(parent, tr("Save numbers"), f"{name_of(found)}.npz", kinds)
    return write_file(desk, Path(chosen).with_suffix(".npz"), heats_bytes(found, curves)) if chosen else None
