"""The picture of an X-ray: the network's input, or at the end the frame, with what the shown stage says drawn over it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from explorer.gui import theme
from explorer.gui.numerals import fixed
from explorer.gui.panels import xray_paint as draw
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.xray_paint import Look
from explorer.gui.widgets.number_label import shown
from explorer.gui.widgets.picture_view import PictureView
from explorer.i18n import tr
from explorer.picture.colour import class_colour
from explorer.records.frame import RGB, Frame
from explorer.records.picture import Grid as Tiles
from explorer.records.xray import BoxesStage, CandidatesStage, MapsStage, PictureStage, Stage, SuppressionStage, XrayRecord
from explorer.records.xray_cells import GridStage, TermsStage

MOST_TAGS = 12  # more names would hide what they name


class XrayView(PictureView):
    """Click to follow: a cell in maps and grids, a box among boxes. `told`: what is under the cursor, in words."""

    cell_chosen = Signal(int, int, int)  # scale, row, column
    candidate_chosen = Signal(int)
    object_chosen = Signal(int)
    map_chosen = Signal(int)  # a tile of the mosaic
    told = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.record: XrayRecord | None = None
        self.stage: Stage | None = None
        self.frame: Frame | None = None
        self.look_at = Look()
        self._heat: QImage | None = None
        self._values: draw.F32 | None = None
        self._tiles: Tiles | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.add_overlay(self._paint)
        self.hovered.connect(self._hovered)
        self.clicked.connect(self._clicked)

    def set_stage(self, record: XrayRecord | None, stage: Stage | None, frame: Frame | None, look: Look) -> None:
        """Show a stage of a record."""
        self.record, self.stage, self.frame, self.look_at = record, stage, frame, look
        self._heat = self._values = self._tiles = None
        base = None if record is None else self._base(record, stage)
        if base is not self._rgb:
            self.set_rgb(base)
        if isinstance(stage, MapsStage) and record is not None and self._tiles is None:
            self._values = draw.map_values(stage, record, look)
            if look.mode == "best":
                self._heat = draw.best_image(stage, record, look)
            elif self._values is not None:
                self._heat = draw.heat_image(self._values, draw.map_ends(stage, self._values, look))
        self.update()

    def _base(self, record: XrayRecord, stage: Stage | None) -> RGB | None:
        self.smooth = None
        if isinstance(stage, BoxesStage) and self.frame is not None and self.frame.seq == record.frame_seq:
            return self.frame.rgb
        if isinstance(stage, MapsStage) and stage.each == "channel" and self.look_at.mode == "all" and stage.scales:
            sheet, self._tiles = draw.tiles_of(stage.scales[min(self.look_at.scale, len(stage.scales) - 1)])
            self.smooth = False
            return sheet
        self.smooth = True  # a photograph, much enlarged
        picture = record.first(PictureStage)
        return None if picture is None else picture.rgb

    # -- drawing -----------------------------------------------------------------------------------------------------
    def _paint(self, painter: QPainter, to_widget: QTransform) -> None:
        record, stage = self.record, self.stage
        if record is None or stage is None:
            return
        if self._tiles is not None:
            self._paint_tile(painter, to_widget)
        elif isinstance(stage, PictureStage):
            draw.outline(painter, to_widget, stage.inside, class_colour(0), 2, dashed=True)
            self._paint_followed(painter, to_widget)
        elif isinstance(stage, MapsStage):
            self._paint_maps(painter, to_widget, stage)
        elif isinstance(stage, GridStage):
            self._paint_grid(painter, to_widget)
        elif isinstance(stage, TermsStage):
            self._paint_terms(painter, to_widget, stage)
        elif isinstance(stage, CandidatesStage):
            self._paint_candidates(painter, to_widget, stage)
        elif isinstance(stage, SuppressionStage):
            self._paint_suppression(painter, to_widget, stage)
        elif isinstance(stage, BoxesStage):
            self._paint_boxes(painter, to_widget, stage)

    def _paint_tile(self, painter: QPainter, to_widget: QTransform) -> None:
        assert self._tiles is not None
        top, left = self._tiles.corner(min(self.look_at.map, self._tiles.count - 1))
        shown_ = to_widget.mapRect(QRectF(left, top, self._tiles.tile_w, self._tiles.tile_h))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.tokens().accent), 2))
        painter.drawRect(shown_)

    def _paint_maps(self, painter: QPainter, to_widget: QTransform, stage: MapsStage) -> None:
        if self._heat is None or self._values is None:
            return
        scale = stage.scales[self.look_at.scale]
        height, width = self._values.shape
        where = to_widget.mapRect(QRectF(0, 0, width * scale.stride, height * scale.stride))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(where, self._heat)
        draw.paint_bad(painter, to_widget, self._values, scale.stride)
        self._paint_followed(painter, to_widget)
        if self.look_at.mode != "best":
            draw.paint_bar(painter, *draw.map_ends(stage, self._values, self.look_at))

    def _paint_followed(self, painter: QPainter, to_widget: QTransform) -> None:
        """The cell and the box that are followed, in every stage."""
        record = self.record
        if record is None:
            return
        grid = draw.grid_of(record, record.cell[0]) if record.cell is not None else None
        if grid is not None and record.cell is not None:
            draw.paint_cell(painter, to_widget, grid, record.cell[1], record.cell[2], fill=False)
        boxes = record.first(CandidatesStage)
        if boxes is not None and record.candidate is not None:
            row = record.candidate
            draw.outline(painter, to_widget, boxes.xyxy[row], class_colour(int(boxes.class_index[row])), 1.5)

    def _paint_grid(self, painter: QPainter, to_widget: QTransform) -> None:
        record = self.record
        grid = draw.grid_of(record, self.look_at.scale) if record is not None else None
        if grid is None or record is None:
            return
        draw.paint_lines(painter, to_widget, grid)
        if record.cell is None:
            return
        own = draw.grid_of(record, record.cell[0])
        if own is not None:
            draw.paint_cell(painter, to_widget, own, record.cell[1], record.cell[2])
            draw.paint_anchors(painter, to_widget, own, *record.cell[1:], only=record.cell[0] != self.look_at.scale)

    def _paint_terms(self, painter: QPainter, to_widget: QTransform, stage: TermsStage) -> None:
        record, table = self.record, stage.table
        grid = draw.grid_of(record, record.cell[0]) if record is not None and record.cell is not None else None
        if grid is None or record is None or record.cell is None or table is None:
            return
        _, row, column, anchor = record.cell
        draw.paint_cell(painter, to_widget, grid, row, column)
        draw.paint_anchors(painter, to_widget, grid, row, column, anchor, only=True)
        for at, one in enumerate(stage.tables):
            if at != anchor:
                painter.setOpacity(draw.PALE)
                draw.outline(painter, to_widget, one.xyxy, class_colour(at), 1.5)
        painter.setOpacity(1.0)
        draw.outline(painter, to_widget, table.xyxy, class_colour(anchor), 2.5)
        middle, corner = (table.values["bx"], table.values["by"]), grid.cell_box(row, column)[:2]
        if draw.drawable([*middle, *corner]):
            begin, end = to_widget.map(QPointF(*corner)), to_widget.map(QPointF(*middle))
            for colour, width in ((QColor(0, 0, 0, 160), 4.0), (QColor(255, 255, 255), 2.0)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(begin, end)
            painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
            painter.setBrush(QColor(*draw.CELL))
            painter.drawEllipse(end, 5, 5)
            label = record.labels[int(table.values["class"])] if int(table.values["class"]) < len(record.labels) else ""
            plate = to_widget.mapRect(draw.rect(table.xyxy)) if draw.drawable(table.xyxy) else QRectF()
            draw.tag(painter, plate, f"{tr(label)} {percent(table.score)}", class_colour(anchor))

    def _paint_candidates(self, painter: QPainter, to_widget: QTransform, stage: CandidatesStage) -> None:
        record = self.record
        chosen = record.candidate if record is not None else None
        for row in [*(at for at in reversed(range(len(stage))) if at != chosen), *([chosen] if chosen is not None else [])]:
            colour = class_colour(int(stage.class_index[row]))
            painter.setOpacity(1.0 if row == chosen or chosen is None else 0.75)
            draw.outline(painter, to_widget, stage.xyxy[row], colour, 3.0 if row == chosen else 1.5)
        painter.setOpacity(1.0)
        if chosen is not None:
            box = to_widget.mapRect(draw.rect(stage.xyxy[chosen]))
            text = f"{tr(stage.label(chosen))} {percent(float(stage.score[chosen]))}"
            draw.tag(painter, box, text, class_colour(int(stage.class_index[chosen])))

    def _paint_suppression(self, painter: QPainter, to_widget: QTransform, stage: SuppressionStage) -> None:
        record = self.record
        boxes = record.first(CandidatesStage) if record is not None else None
        if boxes is None or record is None:
            return
        mine = set(np.flatnonzero(stage.by == record.candidate).tolist()) if record.candidate is not None else set()
        for row in np.argsort(stage.kept, kind="stable").tolist():
            kept, colour = bool(stage.kept[row]), class_colour(int(boxes.class_index[row]))
            near = row == record.candidate or row in mine
            painter.setOpacity(1.0 if near or not mine else 0.6)
            width = 3.0 if row == record.candidate else 2.0 if kept else 1.5
            draw.outline(painter, to_widget, boxes.xyxy[row], colour if kept else draw.GONE, width, dashed=not kept)
        painter.setOpacity(1.0)
        taken: list[QRectF] = []
        if record.candidate is not None:
            row = record.candidate
            text = f"{row + 1} · {tr(boxes.label(row))} {percent(float(boxes.score[row]))}"
            colour = class_colour(int(boxes.class_index[row])) if stage.kept[row] else draw.GONE
            draw.tag(painter, to_widget.mapRect(draw.rect(boxes.xyxy[row])), text, colour, taken)
        for row in sorted(mine)[:MOST_TAGS]:
            shown_ = to_widget.mapRect(draw.rect(boxes.xyxy[row]))
            draw.tag(painter, shown_, f"{row + 1} · IoU {fixed(float(stage.overlap[row]), 2)}", draw.GONE, taken)

    def _paint_boxes(self, painter: QPainter, to_widget: QTransform, stage: BoxesStage) -> None:
        found, chosen = stage.detections, self.record.object if self.record is not None else None
        if self.frame is None or self.record is None or self.frame.seq != self.record.frame_seq:
            picture = self.record.first(PictureStage) if self.record is not None else None
            if picture is None:
                return
            way = QTransform(picture.scale[0], 0, 0, picture.scale[1], *picture.offset)
            to_widget = way * to_widget
        taken: list[QRectF] = []
        for row in [*(at for at in reversed(range(len(found))) if at != chosen), *([chosen] if chosen is not None else [])]:
            colour = class_colour(int(found.class_index[row]))
            draw.outline(painter, to_widget, found.xyxy[row], colour, 3.0 if row == chosen else 2.0)
            name = f"{tr(found.label(row))} {percent(float(found.score[row]))}"
            draw.tag(painter, to_widget.mapRect(draw.rect(found.xyxy[row])), name, colour, taken)

    # -- mouse -------------------------------------------------------------------------------------------------------
    def cell_at(self, x: float, y: float) -> tuple[int, int, int] | None:
        """(scale, row, column) of the shown scale at a place of the input."""
        grid = draw.grid_of(self.record, self.look_at.scale) if self.record is not None else None
        if grid is None:
            return None
        row, column = int(y // grid.stride), int(x // grid.stride)
        inside = 0 <= row < grid.rows and 0 <= column < grid.columns
        return (self.look_at.scale, row, column) if inside else None

    def _boxes_at(self, x: float, y: float) -> list[int]:
        """Rows of the shown boxes that hold a place, the smallest first."""
        stage, record = self.stage, self.record
        if isinstance(stage, BoxesStage):
            boxes = stage.detections.xyxy
        else:
            candidates = record.first(CandidatesStage) if record is not None else None
            boxes = candidates.xyxy if candidates is not None else np.zeros((0, 4), np.float32)
        holds = [at for at in range(len(boxes)) if draw.rect(boxes[at]).contains(QPointF(x, y))]
        return sorted(holds, key=lambda at: draw.rect(boxes[at]).width() * draw.rect(boxes[at]).height())

    def _clicked(self, x: float, y: float) -> None:
        stage = self.stage
        if self._tiles is not None:
            tile = self._tile_at(x, y)
            if tile is not None:
                self.map_chosen.emit(tile)
        elif isinstance(stage, (CandidatesStage, SuppressionStage, BoxesStage)):
            rows = self._boxes_at(x, y)
            if rows and self.record is not None:
                now = self.record.object if isinstance(stage, BoxesStage) else self.record.candidate
                at = rows[(rows.index(now) + 1) % len(rows)] if now in rows else rows[0]  # again: the next larger one
                (self.object_chosen if isinstance(stage, BoxesStage) else self.candidate_chosen).emit(at)
        else:
            cell = self.cell_at(x, y)
            if cell is not None:
                self.cell_chosen.emit(*cell)

    def _tile_at(self, x: float, y: float) -> int | None:
        assert self._tiles is not None
        found = self._tiles.find(y, x)
        return None if found is None else found[0]

    def _hovered(self, spot: tuple[int, int, tuple[int, int, int]] | None) -> None:
        self.told.emit("" if spot is None else self.words_at(spot[0] + 0.5, spot[1] + 0.5))

    def words_at(self, x: float, y: float) -> str:
        """What is under a place of the picture."""
        stage, record = self.stage, self.record
        if record is None or stage is None:
            return ""
        if self._tiles is not None:
            tile = self._tile_at(x, y)
            return "" if tile is None else tr("channel {channel}").format(channel=tile)
        if isinstance(stage, PictureStage):
            back = stage.to_frame(x, y)
            text = tr("input {x:.0f}, {y:.0f} px = frame {fx:.1f}, {fy:.1f} px")
            return text.format(x=x, y=y, fx=back[0], fy=back[1])
        if isinstance(stage, MapsStage):
            return self._map_words(stage, x, y)
        if isinstance(stage, (CandidatesStage, SuppressionStage, BoxesStage)):
            return self._box_words(stage, x, y)
        cell = self.cell_at(x, y)
        return "" if cell is None else tr("row {row}, column {column}").format(row=cell[1], column=cell[2])

    def _map_words(self, stage: MapsStage, x: float, y: float) -> str:
        if self._values is None:
            return ""
        stride = stage.scales[self.look_at.scale].stride
        row, column = int(y // stride), int(x // stride)
        if not (0 <= row < self._values.shape[0] and 0 <= column < self._values.shape[1]):
            return ""
        value = shown(float(self._values[row, column]), 4)
        if self.look_at.mode == "best" and stage.best and self.record is not None:
            best = int(stage.best[self.look_at.scale][self.look_at.map, row, column])
            value = tr(self.record.labels[best]) if best < len(self.record.labels) else str(best)
        return tr("row {row}, column {column}: {value}").format(row=row, column=column, value=value)

    def _box_words(self, stage: Stage, x: float, y: float) -> str:
        rows = self._boxes_at(x, y)
        if not rows or self.record is None:
            return ""
        row = rows[0]
        if isinstance(stage, BoxesStage):
            return f"{tr(stage.detections.label(row))} {percent(float(stage.detections.score[row]))}"
        boxes = self.record.first(CandidatesStage)
        return "" if boxes is None else f"{row + 1} · {tr(boxes.label(row))} {percent(float(boxes.score[row]))}"

    # -- files -------------------------------------------------------------------------------------------------------
    def drawn(self, side: int = 1248) -> QImage:
        """The picture with everything on it, its longer side at least `side` pixels."""
        if self.image.isNull():
            return QImage()
        factor = max(1.0, side / max(self.image.width(), self.image.height()))
        made = QImage(round(self.image.width() * factor), round(self.image.height() * factor), QImage.Format.Format_RGB32)
        painter = QPainter(made)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth is not False)
        painter.drawImage(QRectF(made.rect()), self.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint(painter, QTransform.fromScale(factor, factor))
        painter.end()
        return made
