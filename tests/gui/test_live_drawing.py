"""What is painted over the live picture: places at every display scale, looks of classes, labels, masks."""

import sys

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QTransform

from explorer.gui.panels.live_draw import Marks, ObjectsPaint, label_text
from explorer.gui.panels.live_labels import lettering
from explorer.gui.panels.live_outline import outlines
from explorer.gui.panels.live_overlay import MaskPaint, object_at
from explorer.gui.panels.live_trails import thinned
from explorer.gui.panels.live_view import LiveView
from explorer.picture.box_frame import bars
from explorer.picture.colour import FRAMES, class_look, label_colour
from explorer.picture.label_room import label_places
from explorer.records.vision import Detections, Mask
from explorer.requests.live import LiveLook

LABELS = ("person", "cup", "cat")
QUIET = LiveLook(names=False, scores=False, numbers=False, line=1.0)


def found(*rows, hw=(200, 300), **fields):
    """Rows of (class, score, x0, y0, x1, y1)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, 2:], table[:, 1], table[:, 0].astype(np.int64), LABELS, hw, **fields)


def painted(record, look=None, marks=None, size=(300, 200), ratio=1.0, transform=None):
    image = QImage(round(size[0] * ratio), round(size[1] * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(60, 60, 60))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ObjectsPaint(record, look).paint(painter, transform or QTransform(), marks)
    painter.end()
    return image


def rgb(image):
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def edges(mask):
    """First and last column and row, in pixel edges."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("size", [(643, 401), (500, 500), (1281, 719)])
@pytest.mark.parametrize("zoom", [1.0, 1.7])
def test_boxes_land_within_a_pixel_of_the_object(qtbot, desk, ratio, size, zoom):
    """A blue object in a dark picture, its exact box: the middle of the painted line lies on the object's edge."""
    x0, y0, x1, y1 = 97, 61, 211, 143
    rgb_in = np.full((200, 300, 3), 20, np.uint8)
    rgb_in[y0:y1, x0:x1] = (0, 0, 255)
    record = found((0, 0.9, x0, y0, x1, y1))
    view = LiveView()
    qtbot.addWidget(view)
    view.resize(*size)
    view.set_rgb(rgb_in)
    view.smooth = False
    view.look(zoom, 0.51, 0.5)

    def shot(overlay):
        view._overlays = [overlay] if overlay else []
        image = QImage(QSize(*size) * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        view.render(image)
        return rgb(image)

    plain, drawn = shot(None), shot(ObjectsPaint(record, QUIET).paint)
    object_edges = edges((plain[..., 2] > 200) & (plain[..., 0] < 60))
    line = (np.abs(drawn - np.array(label_colour("person"))) < 12).all(axis=2)
    outer = edges(line)
    thick = max(1, round(ratio))
    middle = outer + np.array([1, 1, -1, -1]) * thick / 2
    assert np.abs(middle - object_edges).max() <= 1.0, (middle, object_edges)


def test_classes_look_the_same_in_every_network():
    assert class_look("cup") == class_look("Cup") and class_look("aeroplane") == class_look("airplane")
    other = Detections(*found((0, 0.5, 10, 10, 90, 90)).__dict__.values())
    object.__setattr__(other, "labels", ("cup", "person", "cat"))
    record = found((1, 0.5, 10, 10, 90, 90))
    assert rgb(painted(other, QUIET)).tolist() == rgb(painted(record, QUIET)).tolist()


def test_never_colour_alone():
    """Classes of one colour differ in the kind of their frame or in the mark on their label."""
    from explorer.assets import asset

    names = asset("classes", "coco.txt").read_text(encoding="utf-8").splitlines()
    assert len({class_look(name) for name in names}) == len(names)
    shapes = {kind: tuple(map(tuple, bars((kind,), np.array([[0, 0, 90, 80]]), 2)[1].tolist())) for kind in FRAMES}
    assert len(set(shapes.values())) == len(FRAMES)
    for strokes in shapes.values():  # whatever the kind, the corners are there
        for corner in ((0, 0), (89, 0), (0, 79), (89, 79)):
            assert any(QRect(*stroke).contains(*corner) for stroke in strokes)
    letters = lettering(QFont(), 1.0, 1.0)
    plates = [letters.plates[letters.name("", class_look(name))].tolist() for name in ("person", "truck")]
    one, two = (letters.sheet.toImage().copy(left, top, wide, letters.tall) for left, top, wide in plates)
    assert one.size() != QSize(0, 0) and one != two


def test_a_sheet_of_labels_grows_and_keeps_what_is_on_it():
    letters = lettering(QFont(), 1.0, 1.3)
    look = class_look("cup")

    def shot(plate):
        left, top, wide = letters.plates[plate].tolist()
        return letters.sheet.toImage().copy(left, top, wide, letters.tall)

    first = letters.name("cup 1", look)
    before, sheet = shot(first), letters.sheet
    plates = {letters.name(f"cup {number}", look) for number in range(1, 600)}
    assert letters.sheet.height() > sheet.height() and len(plates) == 599
    assert shot(first) == before and letters.name("cup 1", look) == first
    apart = {(left, top) for left, top, _ in letters.plates[list(plates)].tolist()}
    assert len(apart) == 599, "each has a place of its own"
    letters.clear()
    assert shot(letters.name("cup 1", look)) == before


def test_labels_stay_inside_and_apart():
    record = found(*[(0, 0.9 - at / 100, 2 + at % 5, 1 + at // 3, 295, 195) for at in range(12)])
    paint = ObjectsPaint(record)
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint.paint(painter, QTransform())
    painter.end()
    x, y, wide, tall = paint._laid.labels[:, [0, 1, 4, 5]].T
    corners = np.stack([x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2], 1).reshape(-1, 2, 4)  # of names and scores
    assert (paint._laid.label_of.reshape(-1, 2) == paint._laid.label_of[::2, None]).all()
    assert (corners[:, 0, 2] == corners[:, 1, 0]).all(), "the score begins where the name ends"
    places = [QRectF(name[0], name[1], score[2] - name[0], score[3] - name[1]) for name, score in corners.tolist()][::-1]
    assert paint._laid.label_of[-1] == 0, "the best one always has a label"
    for at, place in enumerate(places):
        assert QRectF(0, 0, 300, 200).contains(place)
        for other in places[:at]:
            both = place.intersected(other)
            assert both.width() * both.height() <= 0.35 * place.width() * place.height()


def test_a_label_goes_where_there_is_room():
    boxes = np.array([(50, 60, 120, 100), (52, 60, 120, 100), (280, 5, 299, 100), (-40, -30, 20, 190), (400, 60, 450, 90)])
    above, inside, pushed, outside, unseen = label_places((0, 0, 300, 200), boxes, [(40, 14)] * 5)
    assert above == (50, 46)
    assert inside == (52, 60), "above is taken"
    assert pushed is not None and pushed[0] == 260, "pushed in at the right"
    assert outside == (0, 0), "a box that begins outside"
    assert unseen is None, "a box beside the picture"
    assert label_places((0, 0, 300, 200), boxes[:1], [(0, 0)]) == [None], "no label, no place"


@pytest.mark.parametrize(
    ("look", "text"),
    [
        (LiveLook(), "cup 7  53 %"),
        (LiveLook(scores=False), "cup 7"),
        (LiveLook(names=False, numbers=False), "53 %"),
        (LiveLook(names=False, numbers=False, scores=False), ""),
    ],
)
def test_text_of_a_label(look, text):
    record = found((1, 0.53, 10, 10, 90, 90), track=np.array([7]))
    assert label_text(record, 0, look) == text
    assert label_text(found((1, 0.53, 10, 10, 90, 90), track=np.array([0])), 0, LiveLook()) == "cup  53 %"


def test_instance_masks_fill_their_boxes():
    masks = np.zeros((2, 8, 8), np.float32)
    masks[0, 2:6, 2:6] = 1
    record = found((0, 0.9, 40, 40, 120, 120), (2, 0.8, 200, 50, 280, 130), masks=masks)
    look = LiveLook(boxes=False, names=False, scores=False, opacity=1.0)
    image = rgb(painted(record, look))
    inside = (image == np.array(label_colour("person"))).all(axis=2)
    assert np.abs(edges(inside) - (60, 60, 100, 100)).max() <= 1, "a quarter of the mask is a quarter of the box"
    assert (image[45, 45] == 60).all() and (image[90, 240] == 60).all(), "the other object's mask is empty"
    half = rgb(painted(record, LiveLook(boxes=False, names=False, scores=False, opacity=0.5, outline=False)))
    assert np.abs(half[80, 80] - (np.array(label_colour("person")) + 60) / 2).max() <= 2
    assert (rgb(painted(record, LiveLook(boxes=False, names=False, scores=False, fill=False)))[80, 80] == 60).all()


def test_outlines_of_many_masks_are_those_of_each():
    rng = np.random.default_rng(0)
    masks = rng.random((5, 9, 9)).astype(np.float32)
    masks[3] = 0
    together = outlines(masks)
    assert together[3] == []
    for mask, loops in zip(masks, together, strict=True):
        alone = outlines(mask[None])[0]
        assert len(loops) == len(alone) and all(np.allclose(a, b, atol=1e-9) for a, b in zip(loops, alone, strict=True))


def test_frames_lie_over_each_other_as_in_films():
    """The best object's frame is above all, and its thin rim keeps it apart from those it crosses."""
    record = found((0, 0.9, 40, 20, 140, 180), (1, 0.8, 20, 60, 200, 120))
    image = rgb(painted(record, LiveLook(names=False, scores=False, line=3.0)))
    person, cup = (np.array(label_colour(name)) for name in ("person", "cup"))
    assert (person != cup).any()
    assert (image[60, 40] == person).all() and (image[60, 60] == cup).all(), "the better one is drawn across the other"
    assert (image[60, 38] == (16, 18, 20)).all(), "its rim as well"


def test_pointed_and_pinned_are_seen():
    record = found((0, 0.9, 20, 40, 90, 120), (0, 0.8, 150, 40, 250, 150))
    plain = rgb(painted(record, QUIET))
    pointed = rgb(painted(record, QUIET, Marks(pointed=1)))
    assert (pointed[80, 20] < plain[80, 20]).any(), "the other one grows faint"
    assert (pointed[100, 149] == label_colour("person")).all() and (plain[100, 149] < 60).all(), "its line is wider"
    pinned = rgb(painted(record, QUIET, Marks(pinned=1)))
    assert (pinned[80, 20] == plain[80, 20]).all() and (pinned == 255).all(axis=2).any(), "a white rim, nothing faint"
    assert (rgb(painted(record, QUIET, Marks(pointed=7, pinned=9)))[100, 150] >= 0).all()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the waits of a thread")
def test_painting_leaves_no_work_to_other_threads():
    """Qt deals large fillings out to threads, and on a busy machine waits long for them: here are none to wait for."""
    import resource

    masks = np.zeros((40, 28, 28), np.float32)
    masks[:, 4:24, 4:24] = 1
    record = found(*[(0, 0.9, 5 + at, 5, 280 + at, 780) for at in range(40)], hw=(800, 330), masks=masks)
    paint = ObjectsPaint(record)
    image = QImage(330, 800, QImage.Format.Format_RGB32)
    for marks in (None, Marks(pointed=3), Marks(pinned=3)):
        waits = []
        for _ in range(4):
            before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
            painter = QPainter(image)
            paint.paint(painter, QTransform(), marks)
            painter.end()
            waits.append(resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - before)
        assert min(waits) <= 2, "it was 1 for each filling"


def test_nothing_is_worked_out_twice_for_the_same_picture():
    paint = ObjectsPaint(found((0, 0.9, 20, 40, 90, 120)))
    image = QImage(300, 200, QImage.Format.Format_RGB32)

    def once(transform):
        painter = QPainter(image)
        paint.paint(painter, transform)
        painter.end()
        return paint._laid

    first = once(QTransform())
    assert once(QTransform()) is first
    assert once(QTransform(2, 0, 0, 2, 0, 0)) is not first


def test_mask_obeys_its_look():
    alpha = np.zeros((100, 100), np.float32)
    alpha[30:70, 30:70] = 1

    def shot(look):
        image = QImage(100, 100, QImage.Format.Format_RGB32)
        image.fill(QColor(200, 200, 200))
        painter = QPainter(image)
        MaskPaint(Mask(alpha), look).paint(painter, QTransform())
        painter.end()
        return rgb(image)

    assert (shot(LiveLook(shade=0.0, outline=False)) == 200).all()
    dark = shot(LiveLook(shade=1.0, outline=False))
    assert (dark[5, 5] == 0).all() and (dark[50, 50] == 200).all()
    lined = shot(LiveLook(shade=0.0, line=3.0))
    changed = (lined != 200).any(axis=2)
    assert np.abs(edges(changed) - (29, 29, 71, 71)).max() <= 2 and not changed[50, 50]


def test_object_under_a_point():
    record = found((0, 0.9, 0, 0, 100, 100), (1, 0.5, 20, 20, 60, 60))
    assert object_at(record, 30, 30) == 1 and object_at(record, 80, 80) == 0 and object_at(record, 150, 80) is None
    assert object_at(found(), 1, 1) is None


def test_trails_are_thinned_to_what_can_be_seen():
    points = np.stack([np.linspace(0, 10, 101), np.zeros(101)], 1).astype(np.float32)
    few = thinned(points, 2.0)
    assert 5 <= len(few) <= 7 and few[0, 0] == 0 and few[-1, 0] == 10
    still = np.zeros((5, 2), np.float32)
    assert len(thinned(still, 2.0)) == 2
    assert QPointF(*few[-1].tolist()) == QPointF(10, 0)
