import json
import subprocess
import sys

from explorer import catalogue
from explorer.assets import asset
from explorer.plugins import builtin_tables


def test_the_file_is_what_the_tables_say():
    assert asset("catalogue.json").read_text(encoding="utf-8") == catalogue.text(), "run python -m explorer.catalogue"


def test_what_the_window_needs_is_in_it():
    facts = json.loads(asset("catalogue.json").read_text(encoding="utf-8"))
    assert list(facts["optimizers"])[:6] == ["gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"]
    assert next(iter(facts["surfaces"])) == "saddle" and len(facts["surfaces"]) == len(builtin_tables().surfaces)
    assert {"squeezenet1_1", "efficientnet_lite0", "yolov3_tiny", "u2netp", "lenet5"} <= set(facts["networks"])
    for kind in ("surfaces", "optimizers", "networks", "objectives"):
        assert all(row["title"] for row in facts[kind].values())
    adam = facts["optimizers"]["adam"]
    assert [one["name"] for one in adam["hyper"]] == ["lr", "beta1", "beta2", "eps", "correction"]
    assert adam["hyper"][0]["log"] is True
    assert facts["networks"]["squeezenet1_1"]["task"] == "classify"
    assert "viridis" in facts["colour_maps"]


def test_tables_of_the_calc_child_come_without_torch():
    code = (
        "import sys; from explorer.plugins import builtin_tables; t = builtin_tables()\n"
        "assert 'torch' not in sys.modules; print(len(t.surfaces), len(t.networks))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == [str(len(builtin_tables().surfaces)), "0"], done.stderr


def test_every_entry_has_a_row():
    tables = builtin_tables(with_torch=True)
    facts = json.loads(asset("catalogue.json").read_text(encoding="utf-8"))
    for kind in ("surfaces", "optimizers", "networks", "objectives"):
        assert sorted(facts[kind]) == list(getattr(tables, kind))
