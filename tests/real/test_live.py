"""Everything of the Live panel in a real window, and the same requests asked in this process."""

from pathlib import Path

import pytest

from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb
from explorer.records.frame import Frame
from explorer.requests.network import ClassifyRequest, DetectRequest

pytestmark = pytest.mark.weights


def test_everything(real_window):
    facts = real_window("everything")
    work = Work(Engine(), Frame(read_rgb(sample_path("coffee"))))
    found = result_of(DetectRequest(), work)
    assert [label for label, _ in facts["coffee"]] == [found.label(n) for n in range(len(found))] == ["cup"]
    assert facts["coffee"][0][1] == pytest.approx(float(found.score[0]), abs=1e-3)
    x0, y0, x1, y1 = found.xyxy[0].tolist()
    assert facts["details"] == f"cup {100 * found.score[0]:.0f} %, {x1 - x0:.0f} x {y1 - y0:.0f} pixels"
    assert facts["pinned"] == 0 and not facts["let go"]
    assert facts["menu"][0].startswith("cup") and len(facts["menu"]) == 8
    assert facts["stages"] == ["decode"], "a filter is no new pass"
    assert facts["only"] == "1 of 80 classes are shown."

    assert facts["same"] and facts["counts"].get("cup", 0) >= 1
    assert [name for name, _ in facts["latency"]] == ["capture", "prepare", "forward", "decode", "draw"]
    assert "p95" in facts["flow"] and "dropped" in facts["flow"] and facts["frozen"] == ""
    paths, frames = facts["recorded"]
    assert [Path(path).suffix for path in paths] == [".mp4", ".jsonl", ".csv"] and frames > 0
    assert len(Path(paths[1]).read_text().splitlines()) == frames

    assert facts["top"] == result_of(ClassifyRequest(exact=True), work).top[0].label == "espresso"
    assert facts["why"] == "cup (box)"
