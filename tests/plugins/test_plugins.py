"""Rows 57 and 58: whatever a plugin does at import, it is a row with a reason, and the others load."""

import builtins
import json
import random
import subprocess
import sys

import numpy as np
import pytest

from explorer import plugins
from explorer.assets import config_dir, plugins_dir, state_dir
from explorer.plugins import loader
from explorer.plugins.rows import candidates

GOOD = """
from explorer.descent.ground import Surface
__version__ = "2.5"
def register(tables):
    row = Surface("{name}", "Good", "f = x² + y²", (-1.0, 1.0, -1.0, 1.0), (0.5, 0.5),
                  lambda x, y: x * x + y * y, lambda x, y: (2 * x, 2 * y))
    tables.surfaces.add("{name}", row)
"""
AT_IMPORT = {
    "import_error": ("import no_such_module_anywhere", "broken", "ModuleNotFoundError"),
    "syntax_error": ("def register(tables:\n    pass", "broken", "SyntaxError"),
    "system_exit": ("import sys\nsys.exit(3)", "broken", "SystemExit: 3"),
    "keyboard": ("raise KeyboardInterrupt", "broken", "KeyboardInterrupt"),
    "recursion": ("def down():\n    return down()\ndown()", "broken", "RecursionError"),
    "segfault": ("import ctypes\nctypes.string_at(0)", "crashed", "SIGSEGV"),
    "hard_exit": ("import os\nos._exit(0)", "crashed", "exit code 0"),
    "endless": ("while True:\n    pass", "hung", "did not finish"),
    "no_door": ("answer = 42", "broken", "no function register"),
    "zero_byte": ("x = 1\0", "broken", "null bytes"),  # SyntaxError, before 3.11.4 ValueError
}


def write(name, text):
    folder = config_dir() / "plugins"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


def user(found):
    return [row for row in found if row.origin == "user"]


def only_users():
    return [one for one in candidates() if one.origin == "user"]


def load(patience_s=10.0, **options):
    tables = plugins.builtin_tables()
    return tables, {row.name: row for row in plugins.load_into(tables, only_users(), patience_s=patience_s, **options)}


def test_the_worked_examples_load():
    tables = plugins.builtin_tables()
    rows = plugins.load_into(tables, candidates())
    states = {"plain_colours": "ready", "levy": "loaded", "sign_descent": "loaded"}  # the first one needs torch
    assert {row.name: row.state for row in rows} == states
    assert {row.name for row in rows} == {path.stem for path in plugins_dir().glob("*.py")}
    assert "levy" in tables.surfaces and "sign_descent" in tables.optimizers
    assert rows[0].adds == ("surface levy",) and rows[0].version == "1.0" and not rows[0].needs_torch
    assert rows[1].needs_torch and rows[1].adds == ("network colour_blobs", "network colour_contrast")


def test_a_race_runs_on_the_examples():
    from explorer.descent.ground import use
    from explorer.jobs import result_of
    from explorer.requests.race import RaceRequest

    tables = plugins.builtin_tables()
    plugins.load_into(tables, candidates())
    use(tables)
    try:
        race = result_of(RaceRequest(surface="levy", optimizers=("gd", "sign_descent"), hyper={"sign_descent": {"lr": 0.5}}))
    finally:
        use(None)
    assert [run.optimizer for run in race.runs] == ["gd", "sign_descent"]
    assert all(run.values[-1] < run.values[0] for run in race.runs)
    assert race.runs[1].hyper == {"lr": 0.5}


def test_every_way_to_break_at_import_is_a_row_and_the_others_load():
    write("endless", AT_IMPORT["endless"][0])
    load(patience_s=1.0)  # remembered; the others have the time that a busy machine needs
    write("aa_good", GOOD.format(name="aa_good"))
    write("zz_good", GOOD.format(name="zz_good"))
    for name, (text, _, _) in AT_IMPORT.items():
        write(name, text)
    tables, rows = load(patience_s=30.0)
    for name, (_, state, word) in AT_IMPORT.items():
        row = rows[name]
        assert row.state == state and word in row.error and not row.good, row
        assert row.path.endswith(f"{name}.py")
    for name in ("import_error", "recursion"):
        assert f"{name}.py" in rows[name].traceback and "Traceback" in rows[name].traceback
    assert "Segmentation fault" in rows["segfault"].traceback  # faulthandler's word, with the line
    assert rows["aa_good"].state == rows["zz_good"].state == "loaded" and rows["zz_good"].version == "2.5"
    assert set(tables.surfaces) - set(plugins.builtin_tables().surfaces) == {"aa_good", "zz_good"}


def test_a_crash_is_remembered_until_enabled_again_and_a_changed_file_is_tried_again(monkeypatch):
    path = write("moody", AT_IMPORT["segfault"][0])
    asked = []
    real = loader.probe
    monkeypatch.setattr(loader, "probe", lambda facts, patience: asked.append(facts["name"]) or real(facts, patience))
    assert load()[1]["moody"].state == "crashed" and load()[1]["moody"].state == "crashed"
    assert asked == ["moody"]
    plugins.enable("moody")
    assert load()[1]["moody"].state == "crashed" and asked == ["moody"] * 2
    path.write_text(GOOD.format(name="moody"), encoding="utf-8")
    assert load()[1]["moody"].state == "loaded" and asked == ["moody"] * 3
    assert load()[1]["moody"].state == "loaded" and asked == ["moody"] * 3  # a good verdict is kept too


def test_a_plugin_that_raises_is_tried_again_at_the_next_start():
    write("needs_more", "import module_to_be_installed\n" + GOOD.format(name="needs_more"))
    assert load()[1]["needs_more"].state == "broken"
    write("module_to_be_installed", "")  # found as a plugin too, and not importable as a module: still broken
    assert load()[1]["needs_more"].state == "broken"


def test_a_process_that_died_while_importing_names_the_culprit(monkeypatch):
    """The probe was fine, the process died all the same: the note left behind disables the plugin."""
    write("sly", "import os\nif 'SLY' in os.environ:\n    os._exit(7)\n" + GOOD.format(name="sly"))
    assert {row.name: row.state for row in user(plugins.discover())} == {"sly": "ready"}
    monkeypatch.setenv("SLY", "1")
    code = "from explorer import plugins; plugins.load_all(with_torch=False, process='calc')"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 7
    assert len(list((state_dir() / "plugins").glob("calc-*.importing"))) == 1
    tables, rows = load(process="engine")  # must not import it: this process would end
    assert rows["sly"].state == "disabled" and "ended the calc process" in rows["sly"].error
    assert "sly" not in tables.surfaces and not list((state_dir() / "plugins").glob("*.importing"))
    plugins.enable("sly")
    monkeypatch.delenv("SLY")
    assert {row.name: row.state for row in user(plugins.discover())} == {"sly": "ready"}


def test_what_a_plugin_changes_is_put_back(capsys):
    write(
        "vandal",
        "import sys, random, builtins, numpy as np\n"
        "sys.path.clear(); sys.excepthook = None; sys.setrecursionlimit(500); builtins.print = None\n"
        "random.seed(1); np.random.seed(1); np.seterr(all='ignore'); sys.stdout.write('noise')\n" + GOOD.format(name="vandal"),
    )
    before = (list(sys.path), sys.excepthook, sys.getrecursionlimit(), builtins.print, random.getstate(), np.geterr())
    state = np.random.get_state()[1].tolist()
    assert load()[1]["vandal"].state == "loaded"
    assert before == (list(sys.path), sys.excepthook, sys.getrecursionlimit(), builtins.print, random.getstate(), np.geterr())
    assert np.random.get_state()[1].tolist() == state
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def register(tables):\n    tables.surfaces.add('saddle', 1)", "already a surface called saddle"),
        ("def register(tables):\n    tables.surfaces.add('mine', {'z': 1})", "The surface mine is a dict, not a Surface."),
        ("def register(tables):\n    tables.optimizers.add('mine', print)", "is a builtin_function_or_method, not a Optimizer"),
        ("def register(tables):\n    tables.surfaces.add('two words', 1)", "ValueError: surface name 'two words'"),
        (GOOD.format(name="mine").replace('add("mine"', 'add("other"'), "The surface other calls itself mine."),
        (GOOD.format(name="mine").replace("2 * y", "3 * y"), "The gradient of mine does not fit its values at ("),
    ],
)
def test_the_door_checks_what_comes_in(text, sentence):
    write("rude", text)
    tables, rows = load()
    assert rows["rude"].state == "broken" and sentence in rows["rude"].error
    assert tuple(tables.surfaces) == tuple(plugins.builtin_tables().surfaces)
    assert tuple(tables.optimizers) == tuple(plugins.builtin_tables().optimizers)


def test_a_plugin_that_fails_halfway_leaves_nothing():
    write("half", GOOD.format(name="half") + "    raise RuntimeError('second thoughts')\n")
    tables, rows = load()
    assert rows["half"].error == "RuntimeError: second thoughts" and "half" not in tables.surfaces


def test_every_table_takes_plugins():
    write(
        "many",
        "from explorer.plugins import PanelEntry\n"
        "from explorer.requests.race import RaceRequest\n"
        "def register(tables):\n"
        "    tables.sources.add('star_map', object)\n"
        "    tables.panels.add('my_race', PanelEntry('my_race', 'My race', RaceRequest, 'Race'))\n",
    )
    tables, rows = load()
    assert rows["many"].adds == ("source star_map", "panel my_race")
    assert tables.panels["my_race"].request.__name__ == "RaceRequest"


def test_plugins_that_need_torch_wait_for_the_engine():
    text = (
        "import torch\nfrom explorer.zoo.registry import NetworkSpec\n"
        "def register(tables):\n"
        "    tables.networks.add('tiny', NetworkSpec('tiny', 'Tiny', 'classify', 'nobody', torch.nn.Identity, 8))\n"
    )
    write("tiny_net", text)
    tables, rows = load(process="calc")
    assert rows["tiny_net"].state == "ready" and rows["tiny_net"].needs_torch and "tiny" not in tables.networks
    full = plugins.builtin_tables(with_torch=True)
    assert {"squeezenet1_1", "yolov3_tiny"} < set(full.networks) and "channel" in full.objectives
    (row,) = plugins.load_into(full, only_users(), with_torch=True, process="engine")
    assert row.state == "loaded" and full.networks["tiny"].title == "Tiny"


def test_entry_points_come_by_the_same_door(tmp_path, monkeypatch):
    (tmp_path / "hill_package.py").write_text(GOOD.format(name="hill"), encoding="utf-8")
    facts = tmp_path / "hill_package-1.2.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: hill-package\nVersion: 1.2\n", encoding="utf-8")
    (facts / "entry_points.txt").write_text("[explorer.plugins]\nhill = hill_package\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    tables = plugins.builtin_tables()
    rows = {row.name: row for row in plugins.load_into(tables, candidates())}
    assert rows["hill"].state == "loaded" and rows["hill"].origin == "package" and "hill" in tables.surfaces


def test_an_unreadable_or_damaged_memory_only_costs_a_new_probe():
    write("fine", GOOD.format(name="fine"))
    assert load()[1]["fine"].state == "loaded"
    (state_dir() / "plugins" / "verdicts.json").write_text("[1, 2", encoding="utf-8")
    assert load()[1]["fine"].state == "loaded"
    assert json.loads((state_dir() / "plugins" / "verdicts.json").read_text(encoding="utf-8"))


def test_load_all_enters_them_where_this_process_looks():
    from explorer.descent.ground import surface_named, use

    write("hollow", GOOD.format(name="hollow"))
    use(None)
    try:
        rows = {row.name: row.state for row in plugins.load_all(with_torch=False)}
        loaded = dict.fromkeys(("hollow", "levy", "sign_descent"), "loaded")
        assert rows == {**loaded, "plain_colours": "ready"}
        assert surface_named("hollow").title == "Good"
    finally:
        use(None)
    assert "hollow" not in plugins.builtin_tables().surfaces


def test_a_name_nobody_knows_is_looked_for_in_the_plugins_and_only_then():
    code = (
        "import sys\nfrom explorer.jobs import result_of\nfrom explorer.requests.race import RaceRequest\n"
        "result_of(RaceRequest(steps=3))\nassert 'explorer.plugins' not in sys.modules\n"
        "race = result_of(RaceRequest(surface='levy', optimizers=('sign_descent',), steps=3))\n"
        "print(race.facts['title'], race.runs[0].steps)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split("\n")[0] == "Lévy's dents 3", done.stderr


def test_the_survey_tells_the_window_what_plugins_add():
    from explorer.descent.ground import use
    from explorer.jobs import result_of
    from explorer.requests.plugins import PluginsRequest

    write("hilly", GOOD.format(name="hilly"))
    write("gone", "raise RuntimeError('no')")
    use(None)
    try:
        survey = result_of(PluginsRequest())
        assert {row.name: row.state for row in survey.rows}["gone"] == "broken"
        assert set(survey.catalogue["surfaces"]) == {"hilly", "levy"} and set(survey.catalogue["optimizers"]) == {
            "sign_descent"
        }
        assert survey.catalogue["surfaces"]["hilly"]["formula"] == "f = x² + y²"
        write("hilly", GOOD.format(name="higher"))  # edited while the program runs
        assert "higher" in result_of(PluginsRequest()).catalogue["surfaces"]
    finally:
        use(None)


def test_a_safe_start_has_no_plugins(monkeypatch):
    assert candidates()
    monkeypatch.setenv("EXPLORER_WITHOUT_PLUGINS", "1")
    assert candidates() == []
