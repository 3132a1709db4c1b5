"""Every text a person reads exists in Hungarian, with the same places to fill, and the compiled catalogues are current."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from explorer import i18n

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "assets" / "i18n"
PLACES = re.compile(r"\{(\w*)[^{}]*\}")
# Texts of two languages, names and signs that are the same in both.
SAME = re.compile(r"^[\W\d_]*$")


def wanted():
    """English text -> where it stands, of the whole package (what is marked by `tr("...")` and `N_("...")`)."""
    found = {}
    for name, line, message, _, _ in extract_from_dir(
        str(ROOT / "explorer"), method_map=[("**.py", "python")], keywords={"tr": None, "N_": None}
    ):
        text = message if isinstance(message, str) else message[0]
        found.setdefault(text, f"explorer/{name}:{line}")
    return found


def catalogue():
    """English text -> Hungarian, of all files; and texts that stand in two files with different words."""
    merged, doubts = {}, []
    for path in sorted((FOLDER / "hu").glob("*.po")):
        with path.open("rb") as handle:
            for message in read_po(handle, locale="hu", abort_invalid=True):
                if message.id and message.string and not message.pluralizable:
                    if merged.get(message.id, message.string) != message.string:
                        doubts.append(f"{path.name}: {message.id!r}")
                    merged.setdefault(message.id, message.string)
                    assert not message.fuzzy, f"{path.name}: {message.id!r} is marked as fuzzy"
    return merged, doubts


def test_no_text_hides_in_an_f_string():
    """The extractor cannot see `tr("...")` inside an f-string on every Python we support."""
    hidden = []
    for path in sorted((ROOT / "explorer").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for string in (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)):
            calls = [node for node in ast.walk(string) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
            marked = [call for call in calls if call.func.id in ("tr", "N_") and isinstance(call.args[0], ast.Constant)]
            hidden += [f"{path.relative_to(ROOT)}:{call.lineno}" for call in marked]
    assert not hidden


def test_hungarian_is_complete():
    have, _ = catalogue()
    missing = [f"{where}: {text!r}" for text, where in wanted().items() if text and text not in have and not SAME.match(text)]
    assert not missing, "not in Hungarian:\n" + "\n".join(missing)


def test_translations_have_the_same_places():
    wrong = []
    for text, hungarian in catalogue()[0].items():
        if sorted(PLACES.findall(text)) != sorted(PLACES.findall(hungarian)):
            wrong.append(f"{text!r} -> {hungarian!r}")
    assert not wrong, "\n".join(wrong)


def test_one_text_has_one_translation():
    assert not catalogue()[1]


def test_translations_end_as_the_text_does():
    """A sentence stays a sentence, a label a label: the same sign at the end, the same room around."""
    wrong = []
    for text, hungarian in catalogue()[0].items():
        for sign in (".", "?", ":", "..."):
            if text.endswith(sign) != hungarian.endswith(sign):
                wrong.append(f"{text!r} -> {hungarian!r}")
                break
        if (text != text.strip()) != (hungarian != hungarian.strip()):
            wrong.append(f"{text!r} -> {hungarian!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted((FOLDER / "hu").glob("*.po")), ids=lambda path: path.name)
def test_compiled_catalogues_are_current(path):
    compiled = path.parent / "LC_MESSAGES" / f"{path.stem}.mo"
    assert compiled.exists(), (
        "compile with: python -c \"import hatch_build, pathlib; hatch_build.compile_catalogues(pathlib.Path('.'))\""
    )
    with compiled.open("rb") as handle:
        have = gettext.GNUTranslations(handle)
    with path.open("rb") as handle:
        stale = [
            m.id
            for m in read_po(handle, locale="hu")
            if m.id and m.string and not m.pluralizable and have.gettext(m.id) != m.string
        ]
    assert not stale


def test_the_language_is_switched_while_running():
    try:
        assert i18n.use_language("hu") == "hu"
        assert i18n.tr("Stop") == catalogue()[0]["Stop"] != "Stop"
        assert i18n.tr("no such text") == "no such text"
    finally:
        i18n.use_language("en")
    assert i18n.tr("Stop") == "Stop"


def test_an_unknown_language_is_english(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "tlh:hu")
    try:
        assert i18n.use_language("xx") == "en"
    finally:
        i18n.use_language("en")


@pytest.mark.parametrize(("value", "name"), [("hu", "hu"), ("hu_HU.UTF-8", "hu"), ("en_GB", "en"), ("de_DE", "en"), ("", "en")])
def test_the_systems_language_is_found(monkeypatch, value, name):
    for key in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setattr(i18n.locale, "getlocale", lambda: (None, None))
    monkeypatch.setenv("LANG", value)
    assert i18n.system_language() == name
