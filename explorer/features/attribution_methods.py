"""The methods of attribution, one row each. Built-ins enter by the plugin door: `tables.attributions.add(name, row)`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from explorer.features import attribution_cams as cams
from explorer.features import attribution_gradients as gradients
from explorer.features import attribution_masks as masks
from explorer.features import attribution_rectifiers as rectifiers
from explorer.features.attribution_case import Run
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, Trouble
from explorer.tables import Table, Tables, UnknownNameError


@dataclass(frozen=True)
class AttributionMethod:
    """`run(case)` is a generator that yields Progress where it takes long and returns a Found.

    `title`, `about`: English message keys; `formula` as people write it, `paper` says where it comes from. `cheap`: a pass or
    two, fast enough for a camera. `signed`: the heat has a side that speaks against. `maps`: it needs a layer that gives maps.
    """

    name: str
    title: str
    about: str
    formula: str
    paper: str
    run: Run
    cheap: bool = False
    signed: bool = False
    maps: bool = False


BUILT_IN: tuple[AttributionMethod, ...] = (
    AttributionMethod(
        "gradcam",
        N_("Grad-CAM"),
        N_("Where the deep maps that matter for this answer are active. Coarse, but it follows the network."),
        "ReLU(Σₖ mean(∂s/∂Aₖ) · Aₖ)",
        "Selvaraju et al. 2017, arXiv:1610.02391",
        cams.gradcam,
        cheap=True,
        maps=True,
    ),
    AttributionMethod(
        "gradcam_plus_plus",
        N_("Grad-CAM++"),
        N_("As Grad-CAM, with a weight of its own for each place of a map: several objects count alike."),
        "ReLU(Σₖ wₖ · Aₖ),  wₖ = Σ αₖ · ReLU(∂s/∂Aₖ)",
        "Chattopadhay et al. 2018, arXiv:1710.11063",
        cams.gradcam_plus_plus,
        cheap=True,
        maps=True,
    ),
    AttributionMethod(
        "hirescam",
        N_("HiResCAM"),
        N_("Maps times their gradients place by place: shows only places that the network really used."),
        "ReLU(Σₖ ∂s/∂Aₖ · Aₖ)",
        "Draelos and Carin 2020, arXiv:2011.08891",
        cams.hirescam,
        cheap=True,
        maps=True,
    ),
    AttributionMethod(
        "layercam",
        N_("LayerCAM"),
        N_("Maps times their positive gradients place by place: sharp in early layers too."),
        "ReLU(Σₖ ReLU(∂s/∂Aₖ) · Aₖ)",
        "Jiang et al. 2021, IEEE Transactions on Image Processing 30",
        cams.layercam,
        cheap=True,
        maps=True,
    ),
    AttributionMethod(
        "scorecam",
        N_("Score-CAM"),
        N_("No gradient: each map covers the picture, and weighs as much as the answer that survives."),
        "ReLU(Σₖ softmax(s(x · Aₖ) − s(0)) · Aₖ)",
        "Wang et al. 2020, arXiv:1910.01279",
        masks.scorecam,
        maps=True,
    ),
    AttributionMethod(
        "ablationcam",
        N_("Ablation-CAM"),
        N_("No gradient: each map is silenced, and weighs as much as the answer loses."),
        "ReLU(Σₖ (s − s₋ₖ) / |s| · Aₖ)",
        "Desai and Ramaswamy 2020, WACV",
        masks.ablationcam,
        maps=True,
    ),
    AttributionMethod(
        "saliency",
        N_("Saliency"),
        N_("How strongly the answer changes when a pixel changes a little. The plain gradient, often noisy."),
        "max over colours of |∂s/∂x|",
        "Simonyan et al. 2013, arXiv:1312.6034",
        gradients.saliency,
        cheap=True,
    ),
    AttributionMethod(
        "input_x_gradient",
        N_("Input × gradient"),
        N_("What each pixel adds to the answer, if the network were linear."),
        "Σ over colours of x · ∂s/∂x",
        "Shrikumar et al. 2016, arXiv:1605.01713",
        gradients.input_x_gradient,
        cheap=True,
        signed=True,
    ),
    AttributionMethod(
        "smoothgrad",
        N_("SmoothGrad"),
        N_("The gradient averaged over noisy copies of the picture: the flicker goes, the shape stays."),
        "max over colours of |mean over n of ∂s/∂x at x + noise|",
        "Smilkov et al. 2017, arXiv:1706.03825",
        gradients.smoothgrad,
    ),
    AttributionMethod(
        "integrated_gradients",
        N_("Integrated gradients"),
        N_("Gradients added up on the way from a baseline to the picture: the heat adds up to the answer's change."),
        "Σ over colours of (x − b) · ∫₀¹ ∂s/∂x at b + t(x − b) dt",
        "Sundararajan et al. 2017, arXiv:1703.01365",
        gradients.integrated_gradients,
        signed=True,
    ),
    AttributionMethod(
        "guided_backprop",
        N_("Guided backpropagation"),
        N_("The gradient, with what speaks against cut off at each rectifier. Crisp, but it hardly depends on the class."),
        "back through ReLU: g · [x > 0] · [g > 0]",
        "Springenberg et al. 2014, arXiv:1412.6806",
        rectifiers.guided_backprop,
    ),
    AttributionMethod(
        "deconvolution",
        N_("Deconvolution"),
        N_("The network run backwards: rectifiers pass what is positive, open or shut."),
        "back through ReLU: g · [g > 0]",
        "Zeiler and Fergus 2013, arXiv:1311.2901",
        rectifiers.deconvolution,
    ),
    AttributionMethod(
        "guided_gradcam",
        N_("Guided Grad-CAM"),
        N_("Guided backpropagation where Grad-CAM is warm: fine lines in the right place."),
        "guided backpropagation · Grad-CAM",
        "Selvaraju et al. 2017, arXiv:1610.02391",
        rectifiers.guided_gradcam,
        maps=True,
    ),
    AttributionMethod(
        "occlusion",
        N_("Occlusion"),
        N_("Cover a square and see how far the answer falls. Slow, and asks the network nothing but answers."),
        "s(x) − s(x without the square), averaged",
        "Zeiler and Fergus 2013, arXiv:1311.2901",
        masks.occlusion,
        signed=True,
    ),
)


def register(tables: Tables) -> None:
    """Enter the built-in methods."""
    for row in BUILT_IN:
        tables.attributions.add(row.name, row)


@cache
def methods() -> Table[AttributionMethod]:
    """The methods of this process by name, for whoever has no `Tables` at hand."""
    table: Table[AttributionMethod] = Table("attribution method")
    for row in BUILT_IN:
        table.add(row.name, row)
    return table


def chosen(names: tuple[str, ...]) -> tuple[AttributionMethod, ...]:
    """The methods called `names`, each once, in their order. Raises BadRequestError with near names."""
    try:
        return tuple(methods()[name] for name in dict.fromkeys(names))
    except UnknownNameError as error:
        raise BadRequestError(Trouble("attribution.unknown", "{text}", {"text": str(error)}, exit_code=2)) from None
