"""What fixed options of a parameter are called on the screen."""

from __future__ import annotations

from explorer.i18n import N_

# Names of fixed options that are not words of the interface as they stand.
OPTION_TITLES = {
    "noise": N_("noise"),
    "picture": N_("the picture"),
    "fourier": N_("a Fourier spectrum"),
    "pixels": N_("single pixels"),
    "map": N_("each map"),
    "layer": N_("the whole layer"),
    "viridis": "Viridis",
    "cividis": "Cividis",
    "magma": "Magma",
    "grey": N_("Grey"),
    "blur": N_("blurred"),
    "black": N_("black"),
    "diverging": N_("Diverging"),
    "auto": N_("automatic"),
    "kernels": N_("all kernels"),
    "inputs": N_("one kernel, all inputs"),
    "natural": N_("as numbered"),
    "mean": N_("mean"),
    "max": N_("maximum"),
    "variance": N_("variance"),
    "sparsity": N_("sparsity"),
    "probability": N_("probability"),
    "logit": N_("raw number (logit)"),
    "none": N_("no"),
    "sum": N_("by the sum"),
    "absolute": N_("absolute"),
    "signed": N_("signed"),
    "plain": N_("as a picture"),
    "colour": N_("in colours"),
    "gradient": N_("towards the next class"),
    "classes": N_("towards two classes"),
    "filter": N_("filter by filter"),
    "l1": N_("L1 norm"),
    "l2": N_("L2 norm"),
}
