"""The doctor sees what is wrong, and says what to do."""

import json
import os
import subprocess
import sys
from importlib import metadata

import pytest

from explorer import doctor
from explorer.doctor import Finding
from explorer.records.source import CameraInfo


@pytest.fixture
def told(monkeypatch):
    """All findings without a display, by key."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return {finding.key: finding for finding in doctor.examine()}


def test_everything_is_looked_at(told):
    wanted = {"explorer", "python", "torch", "PySide6-Essentials", "device", "threads", "precision", "display", "cameras"}
    assert wanted | {"weights", "cache", "config", "state", "disk"} <= set(told)
    assert told["torch"].value == metadata.version("torch")
    assert told["display"].level == "note"
    assert "tour" in told["display"].advice
    assert doctor.worst(list(told.values())) in {"note", "warning"}


def test_json_is_one_line():
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "explorer", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    found = {finding["key"]: finding for finding in json.loads(line)["findings"]}
    assert found["display"]["value"] == "offscreen"
    assert set(found["torch"]) == {"key", "title", "value", "level", "advice"}


@pytest.mark.parametrize(
    ("name", "version", "python", "level"),
    [
        ("PySide6-Essentials", "6.12.0", (3, 11), "bad"),
        ("PySide6-Essentials", "6.12.1", (3, 12), "ok"),
        ("PySide6-Essentials", "6.11.3", (3, 11), "ok"),
        ("torch", "2.9.1+cu126", (3, 11), "bad"),
        ("torch", "2.13.0", (3, 11), "ok"),
    ],
)
def test_known_bad_versions(name, version, python, level):
    found = doctor.package(name, python, lambda asked: version)
    assert found.level == level
    assert bool(found.advice) is (level != "ok")


def test_a_missing_package():
    def gone(name):
        raise metadata.PackageNotFoundError(name)

    assert doctor.package("torch", version=gone).level == "bad"
    assert doctor.package("openvino", version=gone).level == "note"


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("EXPLORER_CACHE", str(blocked / "cache"))
    found = {finding.key: finding for finding in doctor.folders()}
    assert found["cache"].level == "bad"
    assert found["cache"].advice
    assert found["config"].level == "ok"


def test_missing_weights_are_a_note_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    (found,) = doctor.trained()
    assert found.level == "note"
    assert "explorer weights --fetch" in found.advice
    assert "yolov3_tiny" in found.value


def test_an_examination_that_fails_is_a_finding(monkeypatch):
    def broken():
        raise RuntimeError("driver said no")

    monkeypatch.setattr(doctor, "PARTS", {"cameras": broken})
    (found,) = doctor.examine()
    assert (found.level, found.value) == ("warning", "cameras: RuntimeError: driver said no")


def test_cameras_are_told_by_name_and_whether_they_may_be_opened(monkeypatch):
    cameras = (CameraInfo(0, "Brio", known=True), CameraInfo(4, "Desk", known=True))
    monkeypatch.setattr("explorer.picture.camera_list.named_cameras", lambda: cameras)
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: path == "/dev/video0")
    (found,) = doctor.cameras()
    assert (found.level, found.value) == ("warning", "Brio (/dev/video0), Desk (/dev/video4)") and "group video" in found.advice
    monkeypatch.setattr("explorer.picture.camera_list.named_cameras", lambda: cameras[:1])
    assert doctor.cameras()[0].level == "ok"
    monkeypatch.setattr("explorer.picture.camera_list.named_cameras", lambda: None)
    assert doctor.cameras()[0].level == "ok"


def test_a_crash_in_the_child_is_told():
    with pytest.raises(RuntimeError, match="boom"):
        doctor.ask("raise SystemExit('boom')")
    with pytest.raises(RuntimeError, match="-11"):
        doctor.ask("import os; os.kill(os.getpid(), 11)")


def test_the_gravest_level():
    levels = [Finding("a", "a", "", level) for level in ("ok", "warning", "note")]
    assert doctor.worst(levels) == "warning"
    assert doctor.worst([]) == "ok"
