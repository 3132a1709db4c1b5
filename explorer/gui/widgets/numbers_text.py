"""One number worked out, as words and as tab-separated text."""

from __future__ import annotations

from explorer.gui.numerals import figure
from explorer.i18n import tr
from explorer.records.numbers import Numbers, Softmax, Window

TOP = 8  # of many sums, before "and so many more"
FIGURES = 6


def formula_text(record: Numbers) -> str:
    """What the layer does, in words."""
    worked = record.worked
    if worked.how == "none":
        return tr(worked.formula).format(**worked.values)
    values = {name: figure(value) if isinstance(value, float) else value for name, value in worked.values.items()}
    return tr("{kind}: {formula}").format(kind=record.kind, formula=tr(worked.formula).format(**values))


def sum_text(record: Numbers) -> str:
    """The slices' sums in the order of their size, the bias, and what they make: "45.6 + 41.5 - 7.7 + ... = 118.7"."""
    worked, window = record.worked, record.worked.window
    if window is None or worked.how != "sum":
        return ""
    order = window.order()
    parts = [figure(float(window.sums[at])) for at in order[:TOP]]
    if len(order) > TOP:
        rest = float(window.sums[order[TOP:]].sum())
        parts.append(tr("({count} more: {sum})").format(count=len(order) - TOP, sum=figure(rest)))
    text = signed(parts)
    bias = next((term.value for term in worked.terms if term.name == "bias"), None)
    if bias is not None:
        text += (" − " if bias < 0 else " + ") + tr("bias {value}").format(value=figure(abs(bias)))
    return text + " = " + figure(worked.total or 0.0, FIGURES)


def filled_text(record: Numbers) -> str:
    """The formula of a normalisation with its numbers in it; "" for anything else."""
    term = {one.name: one.value for one in record.worked.terms}
    if not {"x", "mean", "variance", "eps"} <= term.keys():
        return ""
    text = f"({figure(term['x'])} − {_bracketed(term['mean'])}) / √({figure(term['variance'])} + {figure(term['eps'])})"
    if "gamma" in term:
        text += f" × {_bracketed(term['gamma'])} + {_bracketed(term['beta'])}"
    return text


def _bracketed(value: float) -> str:
    return f"({figure(value)})" if value < 0 else figure(value)


def signed(parts: list[str]) -> str:
    """Numbers joined by plus and minus."""
    text = ""
    for at, part in enumerate(parts):
        negative = part[:1] in "-−"
        text += part if at == 0 else (" − " + part[1:] if negative else " + " + part)
    return text


def result_text(record: Numbers) -> str:
    """The network's own number and how far the arithmetic is from it."""
    value = figure(record.value if record.before is None else record.before, FIGURES)
    total = record.worked.total
    if total is None:
        return tr("The network's value: {value}").format(value=value)
    if record.difference == 0.0:
        return tr("The network's value (float32): {value}, the very same").format(value=value)
    return tr("The network's value (float32): {value}, apart by {difference}").format(
        value=value, difference=figure(record.difference, 2)
    )


def softmax_text(made: Softmax, label: str) -> str:
    """The share of a class worked out."""
    name = label or str(made.index)
    return tr("Softmax of {name}: exp({logit} − {peak}) / {sum} = {power} / {sum} = {share} %").format(
        name=name,
        logit=figure(float(made.logits[made.index])),
        peak=figure(made.peak),
        power=figure(float(made.powers[made.index])),
        sum=figure(made.total),
        share=figure(100 * made.probability),
    )


def place_text(window: Window, row: int, column: int) -> str:
    """Where a cell of the window lies in the layer's input."""
    y, x = int(window.rows[row]), int(window.columns[column])
    if not window.inside[row, column]:
        if y < 0 or x < 0:
            return tr("padding")
        return tr("padding, repeats y {y}, x {x}").format(y=y, x=x)
    return tr("y {y}, x {x}").format(y=y, x=x)


def as_table(record: Numbers, at: int) -> str:
    """Tab-separated: the place, the terms, the slice `at` cell by cell, the sums of all slices."""
    worked, window = record.worked, record.worked.window
    lines = [
        f"layer\t{record.layer}",
        f"kind\t{record.kind}",
        f"channel\t{record.channel}",
        f"y\t{record.y}",
        f"x\t{record.x}",
        f"value\t{record.value!r}",
    ]
    if worked.total is not None:
        lines += [f"total\t{worked.total!r}", f"difference\t{record.difference!r}"]
    lines += [f"{term.name}\t{term.value!r}" for term in worked.terms]
    lines += [f"{part.layer or 'input'} {part.channel}\t{part.value!r}" for part in worked.parts]
    if window is not None:
        lines += _window_lines(window, at)
    made = record.probability or worked.softmax
    if made is not None:
        lines += ["", "index\tlogit\tpower\tprobability"]
        for index in (-made.powers).argsort(kind="stable").tolist():
            power = float(made.powers[index])
            lines.append(f"{index}\t{float(made.logits[index])!r}\t{power!r}\t{power / made.total!r}")
    return "\n".join(lines)


def _window_lines(window: Window, at: int) -> list[str]:
    products = window.products(at)
    lines = ["", "input channel\ty\tx\tvalue\tweight\tproduct\tpadding"]
    for row in range(window.inside.shape[0]):
        for column in range(window.inside.shape[1]):
            place = f"{int(window.rows[row])}\t{int(window.columns[column])}"
            value = float(window.values[at, row, column])
            weight = repr(float(window.weights[at, row, column])) if window.weights.size else ""
            padding = int(not window.inside[row, column])
            product = float(products[row, column])
            lines.append(f"{int(window.channels[at])}\t{place}\t{value!r}\t{weight}\t{product!r}\t{padding}")
    lines += ["", "input channel\tsum"]
    lines += [f"{int(window.channels[one])}\t{float(window.sums[one])!r}" for one in window.order()]
    return lines
