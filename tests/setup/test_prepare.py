"""The set-up script: it looks first, says the exact line, installs nothing twice. No package is installed here."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def prepare():
    spec = importlib.util.spec_from_file_location("prepare", ROOT / "setup" / "prepare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_needs_only_the_standard_library():
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'setup')!r}); import prepare"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_complete_machine_lacks_nothing(prepare):
    assert prepare.missing_packages(window=True, test=True) == []


def test_missing_libraries_are_named_by_package(prepare):
    without = {"libxcb-cursor.so.0", "libEGL.so.1"}
    lacking = prepare.missing_packages(window=True, test=False, found=lambda name: name not in without)
    assert lacking == ["libegl1", "libxcb-cursor0"]
    assert prepare.missing_packages(window=False, test=False, found=lambda name: False) == []


def test_missing_venv_and_xvfb(prepare, monkeypatch):
    real = prepare.importlib.util.find_spec
    monkeypatch.setattr(prepare.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name))
    monkeypatch.setattr(prepare.shutil, "which", lambda name: None if name == "Xvfb" else f"/usr/bin/{name}")
    lacking = prepare.missing_packages(window=False, test=True)
    assert lacking[0].endswith("-venv")
    assert lacking[-1] == "xvfb"


def test_without_root_the_exact_line_is_printed(prepare, monkeypatch):
    monkeypatch.setattr(prepare, "is_debian", lambda: True)
    monkeypatch.setattr(prepare.os, "geteuid", lambda: 1000)
    with pytest.raises(prepare.Halt) as halt:
        prepare.provide(["python3.11-venv", "libegl1"])
    assert str(halt.value).splitlines()[-1].strip() == (
        "sudo apt-get install -y --no-install-recommends python3.11-venv libegl1"
    )
    assert halt.value.code == 5


def test_root_installs_by_itself_and_refreshes_the_lists_once(prepare, monkeypatch):
    called = []

    def run(command, environment):
        called.append(command)
        return 1 if len(called) == 1 else 0

    monkeypatch.setattr(prepare, "is_debian", lambda: True)
    monkeypatch.setattr(prepare.os, "geteuid", lambda: 0)
    monkeypatch.setattr(prepare, "run_quietly", run)
    prepare.provide(["libegl1"])
    install = ["apt-get", "install", "-y", "--no-install-recommends", "libegl1"]
    assert called == [install, ["apt-get", "update"], install]


def test_another_system_is_told_what_is_missing(prepare, monkeypatch):
    monkeypatch.setattr(prepare, "is_debian", lambda: False)
    with pytest.raises(prepare.Halt, match="libegl1"):
        prepare.provide(["libegl1"])


def test_the_fingerprint_decides_about_installing(prepare, monkeypatch, tmp_path):
    monkeypatch.setattr(prepare, "MARK", tmp_path / "installed.json")
    monkeypatch.setattr(prepare, "works", lambda: True)
    run, test = prepare.fingerprint(False), prepare.fingerprint(True)
    assert not prepare.installed(run)
    prepare.MARK.write_text(json.dumps(run))
    assert prepare.installed(run)
    assert not prepare.installed(test)
    prepare.MARK.write_text(json.dumps(test))
    assert prepare.installed(run)
    assert prepare.installed(test)
    prepare.MARK.write_text(json.dumps({**test, "files": "other"}))
    assert not prepare.installed(run)
    prepare.MARK.write_text("{broken")
    assert not prepare.installed(run)


def test_changed_translations_are_compiled_without_installing(prepare, monkeypatch, tmp_path):
    monkeypatch.setattr(prepare, "MARK", tmp_path / "installed.json")
    monkeypatch.setattr(prepare, "works", lambda: True)
    monkeypatch.setattr(prepare, "tool", lambda name: Path(sys.executable))
    wanted = prepare.fingerprint(True)
    prepare.MARK.write_text(json.dumps({**wanted, "texts": "older"}))
    assert not prepare.installed(wanted)
    assert prepare.texts_alone_changed(wanted)
    assert prepare.installed(wanted)
    prepare.MARK.write_text(json.dumps({**wanted, "texts": "older", "files": "older"}))
    assert not prepare.texts_alone_changed(wanted)


def test_nothing_is_installed_when_everything_is_there(prepare, monkeypatch):
    monkeypatch.setattr(prepare, "installed", lambda wanted: True)
    monkeypatch.setattr(prepare.subprocess, "run", lambda *args, **kwargs: pytest.fail("a program was started"))
    prepare.make_environment(test=False)


@pytest.mark.parametrize(("shown", "words"), [(True, ["explorer"]), (False, ["explorer", "tour", "--out", "tour/"])])
def test_run_opens_the_window_or_takes_the_tour(prepare, monkeypatch, capsys, shown, words):
    started = []
    monkeypatch.setattr(prepare, "display", lambda: shown)
    monkeypatch.setattr(prepare, "provide", lambda packages: None)
    monkeypatch.setattr(prepare, "make_environment", lambda test: None)
    monkeypatch.setattr(prepare, "fetch_weights", lambda: shown)
    monkeypatch.setattr(prepare, "call", lambda command, environment=None: started.append([str(part) for part in command]) or 0)
    assert prepare.run() == 0
    assert [Path(started[0][0]).stem, *started[0][1:]] == words
    said = capsys.readouterr().out
    assert ("LeNet-5 comes with the program" in said) is not shown
    assert ("There is no display" in said) is not shown


def test_the_suite_decides_the_exit_status(prepare, monkeypatch):
    monkeypatch.setattr(prepare, "ready_for_tests", lambda: None)
    codes = {"pytest": 0, "ruff": 0, "mypy": 0}

    def call(command, environment=None):
        words = " ".join(str(part) for part in command)
        return next(code for name, code in codes.items() if name in words)

    monkeypatch.setattr(prepare, "call", call)
    assert prepare.test() == 0
    codes["mypy"] = 1
    assert prepare.test() == 1
    codes["pytest"] = 2
    assert prepare.test() == 2


@pytest.mark.parametrize("there", [True, False])
def test_the_rivals_of_the_benches_come_without_their_dependencies(prepare, monkeypatch, there):
    commands = []

    def run(command, **_):
        commands.append([str(part) for part in command])
        known = " ".join(prepare.RIVALS) if there else ""
        return subprocess.CompletedProcess(command, 0 if there or "pip" in commands[-1] else 1, known, "")

    monkeypatch.setattr(prepare.subprocess, "run", run)
    monkeypatch.setattr(prepare, "ready_for_tests", lambda: None)
    monkeypatch.setattr(prepare, "call", lambda command: commands.append(command) or 0)
    assert prepare.bench() == 0
    installs = [command for command in commands if "pip" in command]
    assert len(installs) == (not there) and str(commands[-1][1]) == "tests/bench/run.py"
    if not there:
        assert "--no-deps" in installs[0] and installs[0][-len(prepare.RIVALS) :] == list(prepare.RIVALS)


def test_rivals_that_cannot_be_installed_are_said(prepare, monkeypatch):
    monkeypatch.setattr(prepare.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", ""))
    with pytest.raises(prepare.Halt):
        prepare.fetch_rivals()


def test_the_large_build_of_torch_is_said_before(prepare, monkeypatch):
    monkeypatch.setattr(prepare, "torch_is_large", lambda: True)
    assert "CUDA" in prepare.size_text(False)
    monkeypatch.setattr(prepare, "torch_is_large", lambda: False)
    assert "CUDA" not in prepare.size_text(False)
    assert "MB" in prepare.size_text(True)


def test_constraints_are_exact_and_complete():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    pins = dict(line.split("==") for line in lines)
    assert pins["torch"] == "2.13.0"
    assert not any("/" in line or "+" in line or "@" in line for line in lines)
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    known = {name.lower().replace("_", "-") for name in pins}
    for requirement in asked:
        name = requirement.split(">")[0].split("=")[0].strip().lower()
        assert name.replace("_", "-") in known, requirement


@pytest.mark.parametrize("python", ["3.11.2", "3.12.0", "3.13.0"])
def test_every_pinned_version_accepts_the_pythons_we_declare(python):
    """3.11.2 is Debian 12's: some packages ask for a later patch release."""
    from importlib import metadata

    from packaging.specifiers import SpecifierSet

    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    installed = {found.name.lower().replace("_", "-"): found for found in metadata.distributions()}
    checked = 0
    for name, version in pins.items():
        found = installed.get(name.lower().replace("_", "-"))
        if found is not None and found.version.split("+")[0] == version:
            checked += 1
            asked = found.metadata["Requires-Python"] or ""
            assert SpecifierSet(asked).contains(python), f"{name} {version} asks for Python {asked}"
    assert checked > 50


def test_ci_calls_the_test_command_without_standard_input():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
    assert "make --no-print-directory test </dev/null" in script.read_text()


def test_every_make_target_is_a_target_of_the_script(prepare):
    done = subprocess.run(["make", "-n", "run", "test", "bench", "soak", "check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in prepare.TARGETS:
        assert f"setup/prepare.py {name}" in done.stdout
