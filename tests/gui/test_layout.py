"""Layout files: whatever is wrong with them, Qt never sees it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.gui import layout

TAG = "0.1 Qt 6.11.3 offscreen"
LAYOUT = layout.Layout({"outer1": bytes(range(256)), "geometry": b"\x01\x02"}, {"number": 1})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "layout.json"


def test_what_is_saved_comes_back(path):
    layout.save(path, LAYOUT, TAG)
    found = layout.load(path, TAG)
    assert found.states == LAYOUT.states
    assert found.facts == LAYOUT.facts


def test_no_file_is_no_layout(path):
    assert layout.load(path, TAG) is None


def test_another_version_is_refused_and_kept(path):
    layout.save(path, LAYOUT, "0.0 Qt 5")
    with pytest.raises(layout.UnusableLayoutError, match="another version"):
        layout.load(path, TAG)
    assert not path.exists()
    assert path.with_name("layout.bad").exists()


def test_every_changed_byte_is_noticed(path):
    layout.save(path, LAYOUT, TAG)
    good = path.read_bytes()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        try:
            found = layout.load(path, TAG)
        except layout.UnusableLayoutError:
            continue
        assert found.states == LAYOUT.states, f"byte {at} changed the layout unnoticed"


def test_every_cut_is_noticed(path):
    layout.save(path, LAYOUT, TAG)
    good = path.read_bytes()
    for at in range(0, len(good), 7):
        path.write_bytes(good[:at])
        with pytest.raises(layout.UnusableLayoutError):
            layout.load(path, TAG)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300)
    | st.text(max_size=100).map(lambda text: json.dumps({"body": text, "tag": TAG, "sha256": text}).encode())
)
def test_rubbish_is_refused_by_one_error(tmp_path, content):
    path = tmp_path / "layout.json"
    path.write_bytes(content)
    with pytest.raises(layout.UnusableLayoutError):
        layout.load(path, TAG)
