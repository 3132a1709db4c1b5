"""A plugin's panel: loaded by the real loader, described in plain facts, run by its own job."""

import json

import pytest

from explorer import jobs
from explorer.assets import config_dir
from explorer.descent import ground
from explorer.host import pickling
from explorer.host.furnishing import plugin_facts
from explorer.jobs import Failed, Result, result_of
from explorer.plugins.panel import panel_facts
from explorer.records.errors import BadRequestError, ExplorerError
from explorer.requests.base import ParameterInfo
from explorer.requests.plugins import LatePluginsRequest, PanelRequest, PluginsRequest

PLUGIN = """
import numpy as np
from typing import ClassVar
from explorer.jobs import Preview, Progress, Result
from explorer.plugins import PanelEntry
from explorer.records.picture import Picture
from explorer.requests.base import Request, parameter

class Stripes(Request):
    job: ClassVar[str] = __name__ + ":draw"
    title: ClassVar[str] = "Stripes"
    count: int = parameter(4, "Stripes", "How many.", ge=1, le=32)
    bright: float = parameter(1.0, "Brightness", "Of the light ones.", ge=0.0, le=1.0)

def draw(request, work):
    rgb = np.zeros((32, 64, 3), np.uint8)
    for at in range(request.count):
        left = at * 64 // request.count
        rgb[:, left : left + 32 // request.count] = round(255 * request.bright)
        yield Progress(at + 1, request.count)
    yield Preview(Picture(rgb.copy()))
    yield Result(Picture(rgb, {"stripes": request.count}))

class Lies(Request):
    job: ClassVar[str] = __name__ + ":lie"
    needs_frame: ClassVar[bool] = True
    wanted: int

def lie(request, work):
    yield Result("no picture at all")

def register(tables):
    tables.panels.add("stripes", PanelEntry("stripes", "Stripes & more", Stripes, "Picture"))
    tables.panels.add("lies", PanelEntry("lies", "Lies", Lies, "Picture"))
"""


def write(name, text):
    path = config_dir() / "plugins" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def facts():
    """What the engine child says after loading the plugin."""
    write("striped", PLUGIN)
    ground.use(None)
    yield plugin_facts(with_torch=True)
    ground.use(None)


def panel(**values):
    return PanelRequest(panel="stripes", values=values)


def test_the_facts_are_plain_and_complete(facts):
    row = next(row for row in facts["plugins"] if row["name"] == "striped")
    assert row["state"] == "loaded", row["traceback"]
    assert row["adds"] == ("panel lies", "panel stripes")
    lies, stripes = facts["panels"]
    assert (stripes["name"], stripes["title"], stripes["result"], stripes["plugin"]) == (
        "stripes",
        "Stripes & more",
        "Picture",
        "striped",
    )
    count, bright = (ParameterInfo(**fields) for fields in stripes["parameters"])
    assert (count.name, count.kind, count.default, count.low, count.high) == ("count", "int", 4, 1, 32)
    assert (bright.label, bright.help, bright.kind) == ("Brightness", "Of the light ones.", "float")
    assert lies["needs_frame"] and not stripes["needs_frame"]
    assert lies["parameters"][0]["default"] == 0  # it declares none
    assert json.loads(json.dumps(facts["panels"])) == facts["panels"]
    assert pickling.loads(pickling.dumps(facts["panels"])) == facts["panels"]


def test_its_job_runs_with_the_values_of_the_form(facts):
    events = list(jobs.run(panel(count=2, bright=0.5)))
    names = [type(event).__name__ for event in events]
    assert names == ["Started", "Progress", "Progress", "Preview", "Result"]
    assert isinstance(events[-1], Result)
    picture = events[-1].record
    assert picture.facts == {"stripes": 2}
    assert picture.rgb.max() == 128 and picture.rgb[0, 0, 0] == 128 and picture.rgb[0, 31, 0] == 0
    pickling.dumps(events[-1])  # it can go to the window


@pytest.mark.parametrize(
    ("values", "said"),
    [({"count": 99}, "value of count"), ({"colour": "red"}, "value of colour"), ({"bright": "dark"}, "value of bright")],
)
def test_a_value_that_does_not_fit_is_named(facts, values, said):
    with pytest.raises(ExplorerError, match=said) as caught:
        result_of(panel(**values))
    assert caught.value.trouble.code == "panel.value"


def test_an_unknown_panel_suggests_its_neighbour(facts):
    last = list(jobs.run(PanelRequest(panel="strips")))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "panel.unknown"
    assert "did you mean stripes" in last.trouble.english()


def test_a_panel_that_breaks_its_promise_is_refused(facts, coffee):
    request = PanelRequest(panel="lies", values={"wanted": 1})
    with pytest.raises(ExplorerError, match="no picture to look at"):
        result_of(request)
    with pytest.raises(ExplorerError, match="made a str where it promises a Picture"):
        result_of(request, jobs.Work(frame=coffee))


def test_an_indescribable_panel_does_not_take_the_others_with_it(facts):
    from explorer.plugins import PanelEntry, PluginRow, process_tables

    table = process_tables(with_torch=True).panels
    table.add("odd", PanelEntry("odd", "Odd", None, "Picture"))
    row = PluginRow("striped", "user", "", "loaded", adds=("panel odd", "panel stripes", "surface stripes"))
    assert [entry["name"] for entry in panel_facts([row], table)] == ["stripes"]
    assert panel_facts([PluginRow("striped", "user", "", "broken", adds=("panel stripes",))], table) == []


def test_a_mended_plugin_comes_into_the_running_engine():
    from explorer.plugins import process_tables

    write("mended", "import nothing_of_that_name")
    ground.use(None)
    try:
        before = plugin_facts(with_torch=True)
        assert before["panels"] == []
        assert next(row["state"] for row in before["plugins"] if row["name"] == "mended") == "broken"
        write("mended", PLUGIN)
        survey = result_of(LatePluginsRequest(names=("user/mended",)))
        assert [(row.name, row.state) for row in survey.rows] == [("mended", "loaded")]
        assert [entry["name"] for entry in survey.panels] == ["lies", "stripes"]
        assert "stripes" in process_tables(with_torch=True).panels
        assert "levy" in process_tables(with_torch=True).surfaces  # what was there stays
        assert result_of(panel(count=1)).facts == {"stripes": 1}
    finally:
        ground.use(None)


def test_the_survey_of_the_calc_child_names_panels_too(facts):
    assert [entry["name"] for entry in result_of(PluginsRequest()).panels] == ["lies", "stripes"]


def test_the_errors_are_of_the_kind_for_requests():
    from explorer.plugins.panel import run

    with pytest.raises(BadRequestError):
        next(run(PanelRequest(panel="nowhere"), jobs.Work()))
