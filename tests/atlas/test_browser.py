"""The atlas in a real browser, offline: its own keys are pressed by the page itself ("#selftest"), the outcome is in the DOM.

Run by `make soak`; it needs chromium (Debian package chromium). EXPLORER_SHOTS keeps screenshots to look at.
"""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from explorer.cli.program import run_program
from explorer.picture.sources import sample_path
from explorer.picture.stills import read_rgb

pytestmark = pytest.mark.soak
CHANNELS = 128


def browser():
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no browser: apt-get install chromium"
    return found


def chromium(tmp_path, page, *flags):
    command = [browser(), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000", "--window-size=1280,800", *flags]
    done = subprocess.run([*command, page], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def outcome(tmp_path, page):
    found = re.search(r'<pre id="outcome">(.*?)</pre>', chromium(tmp_path, f"{page}#selftest", "--dump-dom"))
    assert found, "the page's own test did not end"
    return json.loads(html.unescape(found[1]))


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    out = tmp_path_factory.mktemp("atlas") / "atlas"
    args = ["atlas", "squeezenet1_1", "--layers", "features.3,features.0", "--out", str(out), "--size", "64", "--steps", "8"]
    assert run_program([*args, "--best", str(sample_path("coffee").parent)], restore=True) == 0
    return out


@pytest.mark.timeout(900)
def test_it_works_by_keyboard_without_a_network(atlas, tmp_path):
    index = outcome(tmp_path, (atlas / "index.html").as_uri())
    assert index["opened"] == "features.3/index.html" and index["right"] == "layer-features.0" and index["broken"] == 0
    layer = outcome(tmp_path, (atlas / "features.3" / "index.html").as_uri())
    assert (layer["first"], layer["right"], layer["home"], layer["end"]) == ("0", "1", "0", str(CHANNELS - 1))
    assert layer["down"] == str(1 + layer["columns"]) and layer["up"] == "1" and layer["columns"] > 3
    assert (layer["search"], layer["found"], layer["back_in_tiles"], layer["all"]) == ("search", 1, "1", CHANNELS)
    assert layer["opened"] == "features.3 · unit 0" and layer["next"] == "features.3 · unit 1"
    assert layer["open"] and layer["closed"] and layer["focus"] == "0" and layer["back"] == "../index.html"
    assert layer["numbers"] >= 3 and layer["images"] >= CHANNELS and layer["broken"] == 0
    units = json.loads((atlas / "features.3" / "units.json").read_text())["units"]
    assert layer["strongest"] == max(map(int, units), key=lambda channel: units[str(channel)]["objective"])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_seen(atlas, tmp_path, scheme):
    kept = Path(os.environ.get("EXPLORER_SHOTS", tmp_path))
    for name, page in (("index", "index.html"), ("layer", "features.3/index.html"), ("unit", "features.0/index.html#u3")):
        shot = kept / f"atlas-{name}-{scheme}.png"
        wish = f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}"
        chromium(tmp_path, f"file://{atlas}/{page}", wish, f"--screenshot={shot}")
        rgb = read_rgb(shot)
        assert rgb.shape == (800, 1280, 3)
        ground = rgb[400, 4].mean()
        assert ground < 60 if scheme == "dark" else ground > 200
        assert rgb.std() > 10
