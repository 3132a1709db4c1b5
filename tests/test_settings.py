"""Settings survive damage: good keys stay, bad ones are reset and listed, the original is kept, newer keys are written back."""

import json
import math
import os
import stat

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from explorer import settings

HUGE = "1" + "0" * 400


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "settings.json"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_a_file_there_are_defaults_and_nothing_is_written(path):
    found = settings.load(path)
    assert (found.theme, found.language, found.device) == ("system", "", "auto")
    assert not found.changed
    assert not path.exists()


def test_what_is_saved_comes_back(path):
    found = settings.load(path)
    found.theme, found.language, found.exact = "dark", "hu", True
    found.shortcuts["undo"] = "Ctrl+U"
    assert found.changed
    found.save()
    assert not found.changed
    again = settings.load(path)
    assert (again.theme, again.language, again.exact, again.shortcuts) == ("dark", "hu", True, {"undo": "Ctrl+U"})
    assert not again.reset
    assert not again.problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", '"pink"'),
        ("theme", "7"),
        ("exact", '"yes"'),
        ("projector_scale", "NaN"),
        ("projector_scale", "Infinity"),
        ("projector_scale", HUGE),
        ("projector_scale", "-" + HUGE),
        ("projector_scale", "1e400"),
        ("camera", "true"),
        ("shortcuts", "[1]"),
        ("shortcuts", '{"undo": 3}'),
        ("device", "null"),
        ("camera_width", "-1"),
        ("camera_mirror", "1"),
        ("streams", '"rtsp://10.0.0.7"'),
        ("streams", "[7]"),
    ],
)
def test_a_bad_value_is_reset_listed_and_the_rest_stays(path, name, value):
    good = "language" if name != "language" else "theme"
    text = f'{{"version": 2, "{name}": {value}, "{good}": "hu"}}'
    write(path, text)
    found = settings.load(path)
    assert found.reset == [name]
    assert getattr(found, name) == settings.defaults()[name]
    assert found.language == "hu"
    assert path.with_name("settings.json.bak").read_text() == text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe" * 50,
        b"[1, 2]",
        b'"text"',
        b"null",
        b'{"theme": "dark"',
        b"[" * 100_000,
        os.urandom(500),
        "{}".encode("utf-16"),
    ],
    ids=["empty", "binary", "list", "text", "null", "cut", "deep", "random", "utf-16"],
)
def test_a_file_that_cannot_be_read_is_kept_and_defaults_stand(path, content):
    write(path, content)
    found = settings.load(path)
    assert found.problem
    assert found.theme == "system"
    assert path.with_name("settings.json.bak").read_bytes() == content
    assert not path.exists()


def test_an_absurdly_large_file_is_not_read(path):
    write(path, b" " * (settings.MAX_BYTES + 1))
    assert "too large" in settings.load(path).problem


def test_keys_of_a_newer_version_are_written_back(path):
    newer = {"version": 9, "theme": "light", "hologram": {"depth": [1, 2, {"x": None}]}}
    write(path, json.dumps(newer))
    found = settings.load(path)
    assert found.theme == "light"
    found.theme = "dark"
    found.save()
    kept = json.loads(path.read_text())
    assert kept["hologram"] == newer["hologram"]
    assert kept["version"] == 9
    assert kept["theme"] == "dark"


def test_a_whole_number_of_400_digits_in_a_newer_key_survives(path):
    write(path, f'{{"version": 9, "big": {HUGE}}}')
    found = settings.load(path)
    found.save()
    assert json.loads(path.read_text())["big"] == int(HUGE)


@pytest.mark.parametrize(
    ("old", "theme"), [({"dark": True}, "dark"), ({"dark": False}, "system"), ({"version": 1, "dark": True}, "dark")]
)
def test_version_1_is_migrated(path, old, theme):
    write(path, json.dumps(old))
    found = settings.load(path)
    assert found.theme == theme
    assert found.version == 2
    assert "dark" not in found.extra


def test_a_folder_in_the_files_place_is_no_crash(path):
    path.mkdir(parents=True)
    assert settings.load(path).problem


def test_a_failed_save_leaves_the_old_file(path, monkeypatch):
    found = settings.load(path)
    found.save()
    before = path.read_bytes()
    found.theme = "dark"

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(settings.atomic.os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        found.save()
    assert path.read_bytes() == before
    assert found.changed


def test_the_file_is_plain_utf_8_text(path):
    found = settings.load(path)
    found.device = "gép"
    found.save()
    assert "gép" in path.read_text(encoding="utf-8")
    assert stat.S_ISREG(path.stat().st_mode)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@budget(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*settings.CHECKS, "version", "other"]), json_values, max_size=8))
def test_no_json_at_all_breaks_a_start(tmp_path, content):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(content))
    found = settings.load(path)
    for name, check in settings.CHECKS.items():
        assert check(getattr(found, name)) == getattr(found, name)
        assert not (isinstance(getattr(found, name), float) and math.isnan(getattr(found, name)))
    found.save()
    assert settings.load(path).reset == []
