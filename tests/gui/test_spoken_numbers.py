"""Sentences with numbers in them have a decimal comma in Hungarian; JSON, CSV and the clipboard keep the point."""

import json
import re

import numpy as np
import pytest

from explorer.descent.contest_turned import sentences
from explorer.engine.live import Verdict
from explorer.gui.panels.basins_words import fate_words, theory_rows
from explorer.gui.panels.contest_words import fair_plot, fair_rows, fair_summary, turned_plot, turned_rows
from explorer.gui.panels.init_words import layer_text, piece_text
from explorer.gui.panels.landscape_words import descent_lines, map_lines
from explorer.gui.panels.optimizers_verdicts import sentence
from explorer.gui.panels.xray_paint import Look
from explorer.gui.panels.xray_words import numbers_text, side_html
from explorer.i18n import Sentence, figures, tr, use_language
from explorer.jobs import result_of
from explorer.picture.basin_map import legend
from explorer.picture.plot import csv_rows
from explorer.picture.race_chart import LossAxis, number, pair
from explorer.records.attribution import Said
from explorer.records.contest import Turned, TurnedRun, spoken
from explorer.records.contest_card import card_text, lines
from explorer.records.landscape import Descent, Landscape
from explorer.records.xray import XrayRecord
from explorer.records.xray_cells import Term, Terms, TermsStage
from explorer.requests.basins import BasinsRequest, StabilityRequest
from explorer.requests.contest import ContestRequest, TaskRequest, TurnedRequest
from explorer.requests.neural import InitialisationRequest, LinearRegionsRequest
from explorer.requests.race import RaceRequest, StepRequest

POINT, COMMA = re.compile(r"\d\.\d"), re.compile(r"\d,\d")


@pytest.fixture
def hungarian():
    use_language("hu")
    yield
    use_language("en")


def contest():
    record = result_of(ContestRequest(surface="quadratic", optimizers=("gd", "adam"), trials=4, seeds=3, tuning_seeds=1))
    assert json.loads(card_text(record))["start"] == list(record.facts["start"]) and POINT.search(card_text(record))
    rows = [cell for row in fair_rows(record).values() for cell in row]
    plot = fair_plot(record)
    told = [line for line in lines(record) if "explorer" not in line]  # the program's version
    return [*told, *rows, fair_summary(record), *(text for _, text in (*plot.across, *plot.up))]


def turned():
    runs = (
        TurnedRun("gd", "Gradient descent", np.full((2, 3), 40.5), (), 1.25, 1.1, 1.3),
        TurnedRun("adam", "Adam", np.array([[10.5] * 3, [30.0] * 3]), (), 3.5, 2.5, 4.5),
    )
    said = tuple(sentences(list(runs), {"gd": False, "adam": True}, TurnedRequest(angles=2, seeds=3)))
    record = Turned(TurnedRequest().model_dump(), np.array([0.0, 22.5]), runs, 2, {"target": 0.25}, said)
    return [
        *map(spoken, said),
        *(cell for row in turned_rows(record).values() for cell in row),
        *dict(turned_plot(record).up).values(),
    ]


def tasks():
    told = [result_of(TaskRequest(number=one, seed=3)) for one in (1, 4)]
    return [spoken(text) for task in told for text in (task.question, *task.options, *task.reasons)]


def race():
    request = RaceRequest(surface="saddle", optimizers=("gd", "adam"), steps=40)
    record = result_of(request)
    rows = [cell for row in csv_rows(record) for cell in row]
    assert POINT.search(" ".join(rows)) and not COMMA.search(" ".join(rows))
    told = result_of(StepRequest(**{**request.model_dump(), "optimizer": "adam", "step": 3}))
    assert any("." in term.numbers for term in told.terms)  # the record keeps the point
    verdicts = [sentence(record, run) for run in record.runs]
    return [
        *verdicts,
        *(figures(term.numbers) for term in told.terms),
        pair(*told.before),
        *dict(LossAxis(False, 0.0, 0.0, 1.0).marks()).values(),
    ]


def basins():
    record = result_of(BasinsRequest(surface="himmelblau", optimizers=("gd",), resolution=16, steps=60))
    theory = result_of(StabilityRequest(surface="quadratic", resolution=16, steps=60))
    words = [text for _, text in legend(record.maps[0], record.ends)]
    return [*words, fate_words(record.maps[0], record.ends, 0, 0), *theory_rows(theory)]


def first_weights():
    record = result_of(InitialisationRequest(depth=2, width=8, samples=8, seed=3))
    return [layer_text(record, 4, 2), piece_text(result_of(LinearRegionsRequest(width=3, depth=1, resolution=32)), 0)]


def landscape():
    run = result_of(RaceRequest(surface="saddle", optimizers=("gd",), steps=4))
    away = np.full(len(run.runs[0].points), 0.125)
    plane = Landscape(run.surface, 2, 0.5, "cross-entropy", 0.25, "9", 1, "filter", 1234567, (0.5, 0.5, 18.125), 1, "lenet5")
    return [*map_lines(plane), *descent_lines(Descent(run.runs[0], away, away, "lenet5", 1234567, 1))]


def xray():
    edge = Said("left edge; {whole}, cut at the frame's border", {"whole": "−0.125"})
    line = Term("Where", "b_x", "(σ(t_x) + c_x) · s", "(0.25 + 1.5) · 32", 56.5, "px", edge)
    table = Terms((0, 1, 1, 0), Said("Anchor {number}: {width} × {height}", {"number": "1", "width": "1.5", "height": "2.5"}),
                  (line,), {"bx": 56.5}, (0.5, 1.5, 2.5, 3.5), (0.5, 1.5, 2.5, 3.5), ((0, 0.75),))  # fmt: skip
    stage = TermsStage("decode", "Decode", Said("here"), (table,), 0)
    record = XrayRecord(model="toy", title="Toy", labels=("cup",), source="grey", stages=(stage,), cell=(0, 1, 1, 0))
    assert "(0.25 + 1.5) · 32" in numbers_text(record, stage)  # the clipboard keeps the point
    return [re.sub(r"<[^>]*>", " ", side_html(record, stage, Look())), table.title.text()]


def agreements():
    gap = (
        "Baseline: {baseline}. From there the number changes by {change:.3g}, the heat adds up to {sum:.3g} ({error:.1%} off)."
    )
    note = Said(gap, {"baseline": "black", "change": -1.25, "sum": 0.5, "error": 0.1234})
    assert COMMA.search(note.text()) and "-1.25" in note.english() and "12.3%" in note.english()
    far = Verdict(True, "masks overlap with float32 by {worst:.3f} on {count} pictures, mean difference {error:.4f}",
                  {"worst": 0.987, "count": 4, "error": 0.0125})  # fmt: skip
    text = "The masks overlap by {iou} (intersection over union at one half); they differ by {difference} on average."
    return [note.text(), far.sentence, Said(text, {"iou": "0.875", "difference": "0.0125"}).text()]


@pytest.mark.parametrize("told", [contest, turned, tasks, race, basins, first_weights, landscape, xray, agreements])
def test_hungarian_sentences_have_a_decimal_comma_and_files_a_point(told, hungarian):
    said = told()
    assert COMMA.search(" ".join(said)), said
    assert [text for text in said if POINT.search(text)] == []


@pytest.mark.parametrize(
    ("text", "hungarian_text"),
    [
        ("0.9 · (−1.25) + 3", "0,9 · (−1,25) + 3"),
        ("(0.5, −1.25)", "(0,5; −1,25)"),
        ("max(0.5, 2)", "max(0,5; 2)"),
        ("1 / (1 + e^−0.3)", "1 / (1 + e^−0,3)"),
        ("0.5e−7.", "0,5e−7."),
        ("1.2.3", "1.2.3"),
        ("features.3.1 v1.5 0.5.png", "features.3.1 v1.5 0.5.png"),
    ],
)
def test_only_numbers_take_the_comma(text, hungarian_text, hungarian):
    assert figures(text) == hungarian_text
    use_language("en")
    assert figures(text) == text


def test_places_are_filled_as_the_language_writes_numbers(hungarian):
    assert tr("channel {channel} · {value}").format(channel=3, value="0.25") == "3. csatorna · 0,25"
    assert tr("mean rank {rank} ({low} to {high})").format(rank=1.5, low="1.25", high="∞").count(",") == 2
    assert "0.1" in tr("held: {layer}, {unit}").format(layer="0.1", unit="4.5")  # a layer's name is no number
    assert number(-1234.5, 5) == "−1234,5" and number(1.5e-7) == "1,5e−7"


@pytest.mark.parametrize(
    ("word", "article"),
    [("5", "Az"), ("1", "Az"), ("1000", "Az"), ("10", "A"), ("1,5", "Az"), ("tanh3", "A"), ("f6", "Az"), ("c1", "A"),
     ("L-BFGS", "Az"), ("BFGS", "A"), ("RMSProp", "Az"), ("YOLOv3", "A"), ("AlexNet", "Az"), ("„ember”", "Az"), ("Lion", "A")],
)  # fmt: skip
def test_the_hungarian_article_fits_what_follows(word, article):
    assert Sentence("A(z) {what} áll itt").format(what=word) == f"{article} {word} áll itt"
