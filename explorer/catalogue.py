"""What exists, as data: `python -m explorer.catalogue` writes assets/catalogue.json from the tables.

The window reads that file and so learns names, titles, formulas and hyper-parameters without importing torch or descent.
tests/test_catalogue.py compares the file with the tables.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any, cast

from explorer.assets import assets_dir
from explorer.atomic import write_text
from explorer.plugins.builtin import builtin_tables
from explorer.requests.race import SIX
from explorer.tables import Tables

# The order a person meets them in; whoever is not named here comes after, by the alphabet.
SURFACES = (
    "saddle",
    "quadratic",
    "rosenbrock",
    "himmelblau",
    "beale",
    "inflexion",
    "monkey_saddle",
    "plateau_cliff",
    "ravine",
    "rastrigin",
    "ackley",
    "noisy_bowl",
    "least_squares",
    "logistic",
    "sigmoid_unit",
    "sigmoid_network",
    "mlp_plane",
)
METHODS_OF_DESCENT = (
    *SIX,
    "sgd",
    "polyak",
    "adamw",
    "nadam",
    "radam",
    "adadelta",
    "lion",
    "newton",
    "bfgs",
    "lbfgs",
    "cg",
    "lm",
)
NETWORKS = (
    "squeezenet1_1",
    "efficientnet_lite0",
    "resnet18",
    "resnet50",
    "alexnet",
    "yolov3_tiny",
    "yolov3",
    "u2netp",
    "lenet5",
)

OBJECTIVES = ("channel", "neuron", "layer")

METHODS = (
    "gradcam",
    "integrated_gradients",
    "saliency",
    "occlusion",
    "smoothgrad",
    "input_x_gradient",
    "guided_backprop",
    "guided_gradcam",
    "deconvolution",
    "gradcam_plus_plus",
    "hirescam",
    "layercam",
    "scorecam",
    "ablationcam",
)


def catalogue(tables: Tables) -> dict[str, Any]:
    """The catalogue of `tables`: "surfaces", "optimizers", "schedules", "networks", "objectives", "attributions"
    (name -> facts), "colour_maps" (a list)."""
    from explorer.descent.schedules import ROWS
    from explorer.picture.colour import PALETTES

    return {
        "surfaces": {name: surface_facts(tables.surfaces[name]) for name in _ordered(tables.surfaces, SURFACES)},
        "optimizers": {
            name: optimizer_facts(tables.optimizers[name]) for name in _ordered(tables.optimizers, METHODS_OF_DESCENT)
        },
        "schedules": {one.name: schedule_facts(one) for one in ROWS},
        "networks": {name: network_facts(tables.networks[name]) for name in _ordered(tables.networks, NETWORKS)},
        "objectives": {name: objective_facts(tables.objectives[name]) for name in _ordered(tables.objectives, OBJECTIVES)},
        "attributions": {name: attribution_facts(tables.attributions[name]) for name in _ordered(tables.attributions, METHODS)},
        "colour_maps": list(PALETTES),
    }


def _ordered(table: Any, first: tuple[str, ...]) -> list[str]:
    return [name for name in first if name in table] + [name for name in table if name not in first]


def surface_facts(row: object) -> dict[str, Any]:
    """JSON-compatible facts of a surface. Titles and texts are English message keys."""
    from explorer.descent.ground import Surface

    surface = cast(Surface, row)
    return {
        "title": surface.title,
        "about": surface.about,
        "formula": surface.formula,
        "domain": list(surface.domain),
        "start": list(surface.start),
        "rates": dict(surface.rates),
        "parameters": [asdict(one) | {"choices": list(one.choices)} for one in surface.parameters],
        "drawn": surface.drawn,
        "terms": surface.terms.count if surface.terms else 0,
        "squares": surface.residuals is not None,
        "space": surface.space is not None,
        "family": surface.family,
    }


def optimizer_facts(row: object) -> dict[str, Any]:
    """JSON-compatible facts of an optimizer."""
    from explorer.descent.optimizers import Optimizer

    optimizer = cast(Optimizer, row)
    return {
        "title": optimizer.title,
        "about": optimizer.about,
        "formula": optimizer.formula,
        "care": optimizer.care,
        "paper": optimizer.paper,
        "memory": list(optimizer.memory),
        "hyper": [asdict(one) | {"choices": list(one.choices)} for one in optimizer.hyper],
        "like": optimizer.like,
        "share": optimizer.share,
        "needs": optimizer.needs,
        "oracle": optimizer.plan is not None,
    }


def schedule_facts(row: object) -> dict[str, Any]:
    """JSON-compatible facts of a schedule."""
    from explorer.descent.schedules import Schedule

    schedule = cast(Schedule, row)
    return {
        "title": schedule.title,
        "about": schedule.about,
        "formula": schedule.formula,
        "paper": schedule.paper,
        "hyper": [asdict(one) | {"choices": list(one.choices)} for one in schedule.hyper],
    }


def network_facts(row: object) -> dict[str, Any]:
    """JSON-compatible facts of a network."""
    from explorer.zoo.registry import NetworkSpec

    spec = cast(NetworkSpec, row)
    return {"title": spec.title, "task": spec.task, "paper": spec.paper, "input_size": spec.input_size}


def objective_facts(row: object) -> dict[str, Any]:
    """JSON-compatible facts of an objective."""
    from explorer.features.objectives import ObjectiveSpec

    spec = cast(ObjectiveSpec, row)
    return {"title": spec.title, "measure": spec.measure, "needs_channel": spec.needs_channel}


def attribution_facts(row: object) -> dict[str, Any]:
    """JSON-compatible facts of a method of attribution."""
    from explorer.features.attribution_methods import AttributionMethod

    method = cast(AttributionMethod, row)
    return {name: getattr(method, name) for name in ("title", "about", "formula", "paper", "cheap", "signed", "maps")}


def text() -> str:
    """The file's content."""
    return json.dumps(catalogue(builtin_tables(with_torch=True)), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write_text(assets_dir() / "catalogue.json", text())
    sys.stderr.write("assets/catalogue.json written\n")
