"""The OpenGL side of the 3-D surface: a GLViewWidget that is never shown and draws into pictures.

Not shown, because one OpenGL widget in a window makes Qt put the whole window together by OpenGL, which costs every panel time
where there is no graphics card. Imported only when a person asks for the 3-D view: pyqtgraph.opengl takes 0.2 s.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph.opengl as gl
import shiboken6
from pyqtgraph.opengl import MeshData, shaders
from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QColor, QImage, QMatrix4x4, QResizeEvent, QSurfaceFormat, QVector3D

from explorer.gui.widgets.surface_3d_mesh import F32, TALL, Mesh
from explorer.records.descent import F64

SQUARE = 1.25  # width by height of a picture that the box fills
SAMPLES = 2  # of each pixel, against steps along edges
# Lines win over the triangles they lie in.
BEHIND: dict[Any, Any] = {0x0B71: True, 0x0BE2: False, 0x0B44: False, 0x8037: True, "glPolygonOffset": (1.0, 1.0)}
SOLID: dict[Any, Any] = {0x0B71: True, 0x0BE2: True, 0x0B44: False, "glBlendFunc": (0x0302, 0x0303)}


class Scene:
    """Surface, level lines, trails, frame of the box; `picture(width, height)` draws them from where the eye is."""

    def __init__(self) -> None:
        shaders.initShaders()  # programs of an earlier context, where there was one, are of no use in this one
        gl.GLLinePlotItem._shaderProgram = None
        self.view = gl.GLViewWidget()
        form = QSurfaceFormat(self.view.format())
        form.setSamples(SAMPLES)
        self.view.setFormat(form)
        self.view.opts["center"] = QVector3D(0.0, 0.0, 0.38 * TALL)
        self.turn(-60.0, 34.0, 3.7)
        self._surface = gl.GLMeshItem(meshdata=_empty(), shader=None, smooth=True, computeNormals=False, glOptions=BEHIND)
        self._lines = gl.GLLinePlotItem(pos=np.zeros((2, 3), np.float32), mode="lines", glOptions=SOLID, width=1.0)
        self._box = gl.GLLinePlotItem(pos=_box(), mode="lines", glOptions=SOLID, width=1.0)
        self._trails: dict[str, Any] = {}
        for item in (self._surface, self._box, self._lines):
            self.view.addItem(item)

    def turn(self, azimuth: float, elevation: float, distance: float) -> None:
        """Where the eye is, in degrees and in half sides of the box."""
        self.view.setCameraPosition(azimuth=azimuth, elevation=elevation, distance=distance)

    def show_mesh(self, mesh: Mesh, ground: QColor, ink: QColor) -> None:
        """Another surface; `ground` behind it, `ink` for lines."""
        self.view.setBackgroundColor(ground)
        data = MeshData(vertexes=mesh.vertices, faces=mesh.faces, vertexColors=mesh.colours) if len(mesh.faces) else _empty()
        self._surface.setMeshData(meshdata=data)
        ends = mesh.lines if len(mesh.lines) else np.zeros((2, 3), np.float32)
        faint = (ink.redF(), ink.greenF(), ink.blueF(), 0.42)
        self._lines.setData(pos=ends, color=faint)
        self._box.setData(color=(ink.redF(), ink.greenF(), ink.blueF(), 0.3))

    def show_trails(self, trails: dict[str, tuple[F32, QColor]]) -> None:
        """Paths so far, by name."""
        for name in [one for one in self._trails if one not in trails]:
            self.view.removeItem(self._trails.pop(name))
        for name, (places, colour) in trails.items():
            line = self._trails.get(name)
            if line is None:
                line = self._trails[name] = gl.GLLinePlotItem(glOptions=SOLID, width=2.5, antialias=True, mode="line_strip")
                self.view.addItem(line)
            shown = places if len(places) > 1 else np.repeat(places, 2, axis=0)
            line.setData(pos=shown, color=(colour.redF(), colour.greenF(), colour.blueF(), 1.0))

    def picture(self, width: int, height: int) -> QImage:
        """What is seen, `width` x `height` logical pixels; a null image where OpenGL does not work."""
        self._fit(width, height)
        old, size = self.view.size(), QSize(max(1, width), max(1, height))
        if size != old:
            self.view.resize(size)
            QCoreApplication.sendEvent(self.view, QResizeEvent(size, old))  # Qt keeps it back from what is not shown
        drawn: QImage = self.view.grabFramebuffer()
        return drawn

    def matrix(self, width: int, height: int) -> F64:
        """(4, 4) from places of the box to clip coordinates."""
        self._fit(width, height)
        region = (0, 0, max(1, width), max(1, height))
        whole: QMatrix4x4 = self.view.projectionMatrix(region, region) * self.view.viewMatrix()
        return np.array(whole.copyDataTo(), dtype=np.float64).reshape(4, 4)

    def end(self) -> None:
        """Give everything back while there still is a program to do it; nothing can be drawn afterwards."""
        self.view.makeCurrent()
        self.view.clear()
        self._trails.clear()
        self.view.doneCurrent()
        shiboken6.delete(self.view)

    def _fit(self, width: int, height: int) -> None:
        """The angle of view is that across: wider where the picture is wide, so that the box is not cut above and below."""
        across = max(1.0, width / max(1, height) / SQUARE)
        self.view.opts["fov"] = math.degrees(2.0 * math.atan(math.tan(math.radians(20.0)) * across))


def _empty() -> Any:
    return MeshData(vertexes=np.zeros((3, 3), np.float32), faces=np.array([[0, 1, 2]], np.uint32))


def _box() -> F32:
    """The floor of the box and its four uprights."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    ends: list[tuple[float, float, float]] = []
    for at, (x, y) in enumerate(corners):
        a, b = corners[(at + 1) % 4]
        ends += [(x, y, 0.0), (a, b, 0.0), (x, y, 0.0), (x, y, TALL)]
    return np.array(ends, dtype=np.float32)
