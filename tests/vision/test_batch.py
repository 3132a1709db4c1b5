"""A whole folder: the same rows as the command line's, what is stopped keeps what it has, nothing is overwritten."""

import json

import numpy as np
import pytest

from explorer.cli.program import run_program
from explorer.engine.engine import Engine
from explorer.jobs import CancelledJob, CancelToken, Failed, Preview, Work, run
from explorer.picture.stills import read_rgb, write_png
from explorer.records.batch import BatchReport, BatchStep
from explorer.requests.batch import BatchRequest
from explorer.requests.network import DetectRequest


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture
def folder(tmp_path, coffee, chelsea):
    place = tmp_path / "pictures"
    place.mkdir()
    write_png(place / "1 cup.png", coffee.rgb)
    write_png(place / "2 cat.png", chelsea.rgb)
    (place / "3 broken.png").write_bytes(b"no picture")
    return place


def test_a_folder_gives_the_rows_of_the_command_line(engine, folder, tmp_path, capsys):
    out = tmp_path / "out"
    request = BatchRequest(
        path=str(folder),
        detect=DetectRequest(exact=True, confidence=0.3),
        folder=str(out),
        write=("pictures", ".jsonl", ".csv"),
    )
    events = list(run(request, Work(engine)))
    report = events[-1].record
    assert isinstance(report, BatchReport) and report.whole
    assert (report.total, report.looked, [name for name, _ in report.skipped]) == (3, 2, ["3 broken.png"])
    assert report.objects >= 1
    steps = [event.record for event in events if isinstance(event, Preview)]
    assert steps and all(isinstance(step, BatchStep) and max(step.rgb.shape) <= 480 for step in steps)
    assert "cup" in steps[0].said

    def command(*names):
        *pictures, target = names
        flags = ("--exact", "--confidence", "0.3", "-o", str(target))
        return run_program(["detect", *(str(folder / name) for name in pictures), *flags], restore=True)

    for ending in (".jsonl", ".csv"):
        rows = tmp_path / f"cli{ending}"
        assert command("1 cup.png", "2 cat.png", rows) == 0, capsys.readouterr().err
        assert (out / f"results{ending}").read_text() == rows.read_text()
    assert json.loads((out / "results.jsonl").read_text().splitlines()[0])["source"] == "1 cup.png"
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    assert command("1 cup.png", drawn / "1 cup.png") == 0
    assert np.array_equal(read_rgb(out / "1 cup.png"), read_rgb(drawn / "1 cup.png"))


def test_a_stopped_one_keeps_what_it_has(engine, folder, tmp_path):
    token = CancelToken()
    request = BatchRequest(path=str(folder), detect=DetectRequest(exact=True), folder=str(tmp_path / "out"))
    last = None
    for event in run(request, Work(engine, token=token)):
        if isinstance(event, Preview) and isinstance(event.record, BatchStep):
            token.cancel()
        last = event
    assert isinstance(last, CancelledJob) and (last.record.looked, last.record.whole) == (1, False)
    assert len((tmp_path / "out" / "results.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"folder": ""}, "batch.nowhere"),
        ({"write": ()}, "batch.nothing"),
        ({"folder": "{folder}", "write": ("pictures",)}, "batch.same-folder"),
        ({"path": "{folder}/nothing"}, "media.missing"),
        ({"path": ""}, "picture.none"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(fields, code, folder, tmp_path):
    made = {"path": str(folder), "folder": str(tmp_path / "out"), **fields}
    made = {key: value.replace("{folder}", str(folder)) if isinstance(value, str) else value for key, value in made.items()}
    last = list(run(BatchRequest(**made), Work()))[-1]
    assert isinstance(last, Failed) and last.trouble.code == code
    assert code == "media.missing" or not (tmp_path / "out").exists()
    assert len(list(folder.iterdir())) == 3
