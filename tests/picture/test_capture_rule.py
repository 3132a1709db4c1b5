"""One place may open, read and release a camera, and only one module imports OpenCV."""

from __future__ import annotations

import ast
from pathlib import Path

import explorer

PACKAGE = Path(explorer.__file__).parent


def modules_with(word):
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if word in text:
            yield path.relative_to(PACKAGE).as_posix(), ast.walk(ast.parse(text))


def uses(name):
    return {
        path
        for path, nodes in modules_with(name)
        if any(isinstance(node, ast.Attribute) and node.attr == name for node in nodes)
    }


def test_only_the_camera_module_opens_and_releases():
    assert uses("VideoCapture") == {"picture/camera.py"}
    assert uses("release") == {"picture/camera.py"}


def test_only_one_module_imports_opencv_so_its_limits_always_hold():
    found = set()
    for path, nodes in modules_with("cv2"):
        for node in nodes:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "cv2" for name in names):
                found.add(path)
    assert found == {"picture/opencv.py"}
