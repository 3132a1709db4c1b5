"""The pages as a strict reader sees them: whole tags, ids once, links that lead to files, names for what can be pressed."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from explorer import i18n
from explorer.assets import asset
from explorer.features import unit_store
from explorer.jobs import Work, result_of
from explorer.requests.units import AtlasRequest

VOID = {"meta", "img", "input", "br", "link", "hr"}


class Strict(HTMLParser):
    """Collects tags, checks that they close in order, that no id comes twice."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.ids, self.texts = [], [], {}, {}

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {tag}"
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            assert found["id"] not in self.ids, found["id"]
            self.ids[found["id"]] = (tag, found)
        if tag not in VOID:
            self.open.append((tag, found.get("id")))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open:
            key = self.open[-1][1] or self.open[-1][0]
            self.texts[key] = self.texts.get(key, "") + data


def read(path):
    page = Strict()
    page.feed(Path(path).read_text(encoding="utf-8"))
    page.close()
    assert not page.open, page.open
    return page


@pytest.fixture(scope="module")
def atlas(make_toy, album, tmp_path_factory):
    """One atlas that every test of this file reads."""
    place = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit_store, "folder", lambda: place / "store")
        asked = {"layers": ("conv1", "fc"), "best": str(album), "top": 2, "size": 32, "steps": 3}
        return Path(result_of(AtlasRequest(out=str(place / "atlas"), **asked), Work(make_toy())).index)


def test_the_index_leads_to_every_layer(atlas):
    page = read(atlas)
    links = [attrs for tag, attrs in page.tags if tag == "a"]
    assert [attrs["href"] for attrs in links] == ["conv1/index.html", "fc/index.html"]
    for attrs in links:
        assert (atlas.parent / attrs["href"]).is_file() and attrs["aria-label"]
    for tag, attrs in page.tags:
        if tag == "img":
            assert (atlas.parent / attrs["src"]).is_file() and attrs["loading"] == "lazy" and "alt" in attrs
    assert json.loads(page.texts["data"])["title"] == page.texts["title"] == "Atlas of Toy <net>"


def test_a_layer_has_a_tile_and_data_for_every_unit(atlas):
    page = read(atlas.parent / "fc" / "index.html")
    tiles = [attrs for tag, attrs in page.tags if tag == "a" and "data-unit" in attrs]
    data = json.loads(page.texts["data"])
    assert [int(attrs["data-unit"]) for attrs in tiles] == [unit["channel"] for unit in data["units"]] == [0, 1, 2, 3]
    assert [attrs["href"] for attrs in tiles] == ["#u0", "#u1", "#u2", "#u3"]
    assert [attrs["aria-label"] for attrs in tiles] == ["Unit 0 · ant", "Unit 1 · bee", "Unit 2 · cat & dog", "Unit 3 · <b>"]
    for unit in data["units"]:
        assert (atlas.parent / "fc" / unit["picture"]).is_file()
        assert [entry["rank"] for entry in unit["best"]] == [0, 1]
        for entry in unit["best"]:
            assert (atlas.parent / "fc" / entry["file"]).is_file()
        assert all(len(pair) == 2 and pair[0] for pair in unit["numbers"])
    assert (atlas.parent / "fc" / data["back"]).resolve() == atlas.resolve()


@pytest.mark.parametrize("name", ["index.html", "conv1/index.html"])
def test_nothing_comes_from_elsewhere(atlas, name):
    text = (atlas.parent / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text.replace("// ", "")), "an address"
    page = read(atlas.parent / name)
    assert not [tag for tag, _ in page.tags if tag in {"link", "iframe", "object", "embed", "base"}]
    assert not [attrs for tag, attrs in page.tags if tag == "script" and "src" in attrs]
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_what_can_be_pressed_has_a_name(atlas):
    page = read(atlas.parent / "conv1" / "index.html")
    for tag, attrs in page.tags:
        if tag in {"input", "select"}:
            assert attrs["aria-label"], attrs
        if tag == "button":
            assert attrs.get("aria-label") or page.texts.get(attrs.get("id", "")), attrs
    dialog = page.ids["view"][1]
    assert dialog["role"] == "dialog" and dialog["aria-labelledby"] in page.ids and "hidden" in dialog
    assert page.ids["tiles"][1]["aria-label"]


def test_every_id_and_word_that_the_script_asks_for_is_in_the_page(atlas):
    script = asset("atlas", "page.js").read_text(encoding="utf-8")
    page = read(atlas.parent / "conv1" / "index.html")
    for name in set(re.findall(r'getElementById\("(\w+)"\)', script)):
        assert name in page.ids, name
    words = json.loads(page.texts["data"])["words"]
    assert set(re.findall(r"(?<!dataset\.)words\.(\w+)", script)) <= set(words)
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter", "Escape", '"/"'):
        assert key in script, key
    for word, text in words.items():
        given = {"shown": {"count", "all"}, "crop": {"name"}}.get(word, {"channel"})
        assert set(re.findall(r"\{(\w+)\}", text)) == given, word


def test_both_colour_schemes_have_every_colour(atlas):
    style = asset("atlas", "page.css").read_text(encoding="utf-8")
    light, dark = style.split("prefers-color-scheme: dark")[0], style.split("prefers-color-scheme: dark")[1].split("}")[0]
    named = set(re.findall(r"(--[\w-]+):", light))
    assert named == set(re.findall(r"(--[\w-]+):", dark))
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) <= named
    for scheme in (light, dark):
        colours = dict(re.findall(r"(--[\w-]+): (#\w{6})", scheme))
        for ink in ("--ink", "--soft", "--accent"):
            for ground in ("--back", "--card", "--canvas"):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(one, other):
    def luminance(value):
        parts = [int(value[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_page_speaks_hungarian(toy, asked):
    i18n.use_language("hu")
    try:
        page = read(result_of(asked(layers=("conv1",), channels=(0,)), Work(toy)).index)
    finally:
        i18n.use_language("en")
    assert page.tags[0] == ("html", {"lang": "hu"})
    assert page.ids["search"][1]["placeholder"] != "Find a layer"
