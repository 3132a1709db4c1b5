"""Teach in a real window, against the same request run here and on the command line."""

import json
from pathlib import Path

import pytest

from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.requests.teach import TeachRequest


@pytest.mark.timeout(150)
def test_teaching_in_the_window_is_teaching(real_window, tmp_path, capfd):
    facts = real_window("journey", timeout=140)
    record = result_of(TeachRequest(folder=facts["folder"], date=facts["date"]), Work(Engine(threads=1)))
    assert record.classes == ("cup", "other") and record.counts[0] >= 8 and record.counts[1] == 5
    assert record.model == bytes.fromhex(facts["model"])
    assert record.confusion.tolist() == facts["confusion"] and facts["verdict"].startswith(f"{record.right} of {record.tried}")
    assert facts["bars"][0][2] > 0.9 and facts["still"][1][2] > 0.9  # the clip is a cup, the picture looked at is none
    assert facts["cell"] == f"other told right: {record.confusion[1][1]}"
    assert facts["live"][0] == "cup" and set(facts["live"]) == {"cup", "other"}
    saved = tmp_path / "by-command.safetensors"
    assert run_program(["teach", facts["folder"], "-o", str(saved), "--date", facts["date"], "--json"], restore=True) == 0
    assert json.loads(capfd.readouterr().out)["confusion"] == facts["confusion"]
    assert saved.read_bytes() == record.model and Path(saved).with_suffix(".json").read_text("utf-8") == record.text
