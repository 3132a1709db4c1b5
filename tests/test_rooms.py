"""Who may import whom: every import in explorer/ is read and compared with the table below."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "explorer"
STDLIB = set(sys.stdlib_module_names)

BASE = {"records", "requests", "tables", "jobs", "settings", "i18n", "assets", "atomic", "session"}
# room -> (rooms it may import besides itself, packages it may import besides the standard library)
TABLE: dict[str, tuple[set[str], set[str]]] = {
    **{room: (BASE, {"numpy", "pydantic", "pydantic_core", "platformdirs"}) for room in BASE},
    "picture": ({"records", "requests", "assets", "atomic", "tables", "i18n"}, {"numpy", "cv2", "av"}),
    "descent": ({"records", "requests", "tables", "jobs", "i18n", "atomic"}, {"numpy"}),
    "zoo": ({"tables"}, {"torch", "numpy"}),
    "weights": (
        {"records", "tables", "assets", "jobs", "atomic", "i18n"},
        {"numpy", "safetensors", "pypi_simple", "requests"},
    ),
    "engine": (
        {"records", "requests", "jobs", "zoo", "weights", "descent", "tables", "assets", "i18n", "atomic"},
        {"torch", "numpy", "openvino"},
    ),
    "vision": (
        # picture, assets and atomic: teach reads folders of pictures and keeps their features (teach_*.py)
        {"records", "requests", "jobs", "engine", "zoo", "weights", "i18n", "picture", "assets", "atomic"},
        {"torch", "numpy"},
    ),
    "features": (
        # assets and atomic: what was found out about units is kept on disk (unit_store.py)
        {"records", "requests", "jobs", "engine", "picture", "zoo", "weights", "tables", "i18n", "assets", "atomic"},
        {"torch", "numpy", "captum"},
    ),
    "host": (
        {"records", "requests", "jobs", "picture", "assets", "atomic", "i18n", "settings"},
        {"numpy"},
    ),
    "gui": (
        BASE | {"picture", "host"},
        {"PySide6", "shiboken6", "pyqtgraph", "numpy", "pydantic"},
    ),
}
# These belong to everybody above: they may import everything. atlas runs jobs, here or on a cluster, and writes pages.
OPEN = {"atlas", "cli", "plugins", "labs", "catalogue", "doctor", "tour", "__main__", "__init__"}
# Modules of picture that the window may use: no cv2, no av.
PICTURE_FOR_WINDOW = {
    "explorer.picture.basin_map",
    "explorer.picture.box_frame",
    "explorer.picture.colour",
    "explorer.picture.contour_raster",
    "explorer.picture.contest_chart",
    "explorer.picture.grid",
    "explorer.picture.kernels",
    "explorer.picture.label_room",
    "explorer.picture.pieces",
    "explorer.picture.heat",
    "explorer.picture.levels",
    "explorer.picture.png_text",
    "explorer.picture.race_chart",
    "explorer.picture.race_series",
    "explorer.picture.region_map",
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found.append((node.module or "", node.lineno))
            if node.module == "explorer":
                found += [(f"explorer.{alias.name}", node.lineno) for alias in node.names]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_obey_the_table(path):
    room = room_of(path)
    if room in OPEN:
        return
    assert room in TABLE, f"{path} stands in a room that the table does not know"
    rooms, packages = TABLE[room]
    for name, line in imports(path):
        top = name.split(".")[0]
        if top in STDLIB:
            continue
        where = f"{path.relative_to(ROOT)}:{line} imports {name}"
        if top == "explorer":
            parts = name.split(".")
            if len(parts) == 1 or parts[1] in {room, "__version__"}:
                continue
            assert parts[1] in rooms, where
            if room == "gui" and parts[1] == "picture":
                assert name in PICTURE_FOR_WINDOW, where
        else:
            assert top in packages, where


def test_only_vet_calls_torch_load():
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Attribute) and node.attr == "load" and isinstance(node.value, ast.Name)):
                continue
            if node.value.id == "torch":
                assert path == PACKAGE / "engine" / "vet.py", f"{path}:{node.lineno}"


FORBIDDEN = (
    "type: " + "ignore",
    "weights_only" + "=False",
    "KMP_DUPLICATE" + "_LIB_OK",
    "add_safe" + "_globals",
    "simple/" + "pypi",
)


@pytest.mark.parametrize("word", FORBIDDEN)
def test_forbidden_words_are_nowhere(word):
    for path in modules():
        assert word not in path.read_text(encoding="utf-8"), path


def test_no_eval():
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec"}, f"{path}:{node.lineno}"


def test_files_are_short():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert not {str(path): n for path, n in lengths.items() if n > 400}
    real = sorted(n for n in lengths.values() if n > 5)
    assert real[len(real) // 2] <= 150


def test_no_folder_without_a_meaning():
    for path in PACKAGE.rglob("*"):
        assert path.stem not in {"utils", "core", "common", "misc", "helpers"}, path


BLOCK = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Block())
import importlib
for name in {names!r}:
    importlib.import_module(name)
"""


def names_in(*rooms: str) -> list[str]:
    found = []
    for path in modules():
        if room_of(path) in rooms and path.name != "__main__.py":
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


@pytest.mark.parametrize(
    ("rooms", "blocked"),
    [
        (("gui",), {"torch", "cv2", "openvino", "av"}),
        (("host",), {"torch", "PySide6", "pyqtgraph", "openvino"}),
        ((*BASE, "descent"), {"torch", "cv2", "PySide6", "pyqtgraph", "openvino", "av"}),
        (("picture",), {"torch", "PySide6", "pyqtgraph", "openvino"}),
        (("zoo", "weights", "engine", "vision", "features", "cli"), {"PySide6", "pyqtgraph"}),
    ],
    ids=["gui without torch", "host without both", "base without all", "picture", "engine without Qt"],
)
def test_rooms_import_with_the_others_blocked(rooms, blocked):
    code = BLOCK.format(blocked=blocked, names=names_in(*rooms))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
