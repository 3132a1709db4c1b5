"""`pip install .`: the wheel is whole, and works without the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of what git would give."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    source = folder / "source"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    done = subprocess.run([*command, "-w", str(folder), str(source)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def names(folder, pattern):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob(pattern))


def test_every_asset_is_inside(unpacked):
    ours = ROOT / "assets"
    for path in ours.rglob("*"):
        if path.is_file() and "LC_MESSAGES" not in path.parts:
            inside = unpacked / "explorer" / "assets" / path.relative_to(ours)
            assert inside.is_file(), f"{path.relative_to(ROOT)} is not in the wheel"
            assert inside.read_bytes() == path.read_bytes()


def test_every_catalogue_is_compiled(unpacked):
    sources = {path.stem for path in (ROOT / "assets" / "i18n" / "hu").glob("*.po")}
    compiled = {path.stem for path in (unpacked / "explorer" / "assets" / "i18n" / "hu" / "LC_MESSAGES").glob("*.mo")}
    assert sources == compiled
    assert "cli" in compiled


def test_every_module_and_nothing_else(unpacked):
    ours = names(ROOT / "explorer", "*.py")
    theirs = [name for name in names(unpacked / "explorer", "*.py") if not name.startswith(("assets/", "example_plugins/"))]
    assert ours == theirs
    assert names(unpacked / "explorer" / "example_plugins", "*.py") == names(ROOT / "plugins", "*.py")
    tops = {path.name.split("-")[0] for path in unpacked.iterdir()}
    assert tops == {"explorer"}


def test_console_script_and_python_versions(unpacked):
    (meta,) = unpacked.glob("*.dist-info")
    assert "explorer = explorer.cli:main" in (meta / "entry_points.txt").read_text()
    said = (meta / "METADATA").read_text(encoding="utf-8")
    assert "Requires-Python: <3.14,>=3.11" in said
    assert "Requires-Dist: pyside6-essentials==6.11.3" in said


def test_it_works_without_the_checkout(unpacked, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "LANGUAGE": "hu"}

    def run(*args):
        done = subprocess.run(
            [sys.executable, *args], cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=100
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run("-c", "import explorer.assets as a; print(a.assets_dir(), a.plugins_dir())")
    assert all(str(unpacked) in part for part in where.split())
    assert "Parancsok" in run("-m", "explorer", "--help")
    assert "levy" in run("-m", "explorer", "plugins")
    run("-m", "explorer", "race", "saddle", "--steps", "5", "-o", "race.csv")
    assert (tmp_path / "race.csv").exists()
