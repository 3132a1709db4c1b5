"""What the Teach panel says."""

from __future__ import annotations

from explorer.gui.panels.teach_set import PictureSet
from explorer.i18n import tr
from explorer.records.teach import Taught

ENOUGH = 8  # pictures of a class from which on a figure means something


def readiness(pictures: PictureSet) -> tuple[bool, str]:
    """Whether there is enough to learn from, and what is missing or there."""
    counts = {name: len(pictures.files.get(name, ())) for name in pictures.classes}
    if len(counts) < 2:
        return False, tr("Two classes at least are needed.")
    empty = [name for name, count in counts.items() if not count]
    if empty:
        return False, tr("Record pictures of {names} first.").format(names=", ".join(empty))
    few = [
        tr("{count} more of {name}").format(count=ENOUGH - count, name=name) for name, count in counts.items() if count < ENOUGH
    ]
    if few:
        return True, tr("Better with {what}.").format(what=", ".join(few))
    return True, tr("{count} pictures of {classes} classes.").format(count=sum(counts.values()), classes=len(counts))


def verdict(record: Taught) -> str:
    """How well it does, on pictures that it had not seen; never on those it learnt from."""
    interval = record.interval
    if record.accuracy is None or interval is None:
        return tr("Learnt. Not tried: too few pictures.")
    text = tr("{right} of {tried} unseen pictures right")
    return text.format(right=record.right, tried=record.tried)


def verdict_detail(record: Taught) -> str:
    """The share, how sure it is, how it was tried."""
    interval = record.interval
    if record.accuracy is None or interval is None:
        return ""
    how = (
        tr("each of {folds} parts told by heads that had not seen it").format(folds=record.folds)
        if record.check == "folds"
        else tr("held out, never learnt from")
    )
    text = tr("{accuracy} % (surely {low} to {high} %); {how}")
    numbers = (round(100 * one) for one in (record.accuracy, *interval))
    return text.format(**dict(zip(("accuracy", "low", "high"), numbers, strict=True)), how=how)


def caption(record: Taught, one: int) -> str:
    """How sure it was of a picture, with the class where that is the wrong one; short enough for a thumbnail."""
    said = int(record.said[one])
    number = tr("{number} %").format(number=round(100 * float(record.scores[one, said])))
    return number if said == int(record.label[one]) else f"{record.classes[said]} {number}"


def story(record: Taught, one: int) -> str:
    """A picture in words: what it is, what it was taken for, whether it had been seen."""
    said, true = int(record.said[one]), int(record.label[one])
    text = (
        tr("{name}, taken for {other} ({number} %), not seen before")
        if record.held[one]
        else tr("{name}, taken for {other} ({number} %), learnt from")
    )
    number = round(100 * float(record.scores[one, said]))
    return text.format(name=record.classes[true], other=record.classes[said], number=number)
