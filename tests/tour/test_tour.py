"""The tour: every chapter done, and a page that is whole by itself."""

import json
from html.parser import HTMLParser

import pytest

from explorer.cli.program import run_program
from explorer.records.errors import MediaError, Trouble
from explorer.tour import chapters
from explorer.tour.page import page

VOID = {"meta", "img", "br", "link", "input"}


class Reader(HTMLParser):
    """Checks that tags close in order, and keeps attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """A quick tour, once for all tests: (folder, exit code)."""
    folder = tmp_path_factory.mktemp("tour")
    return folder, run_program(["tour", "--quick", "--out", str(folder)], restore=True)


def test_every_chapter_is_done(taken):
    folder, code = taken
    assert code == 0
    read = Reader((folder / "index.html").read_text(encoding="utf-8"))
    assert sum(tag == "section" for tag, _ in read.seen) == len(chapters.CHAPTERS)
    assert not any("trouble" in (attributes.get("class") or "") for _, attributes in read.seen)
    assert sum(tag == "img" for tag, _ in read.seen) >= 15
    assert sum(tag == "video" for tag, _ in read.seen) == 1
    assert {"espresso", "cup", "adam"} <= set(read.words)


def test_the_page_needs_nothing_else(taken):
    folder, _ = taken
    read = Reader((folder / "index.html").read_text(encoding="utf-8"))
    for tag, attributes in read.seen:
        assert tag not in {"script", "link", "iframe", "object", "embed"}
        if tag == "img":
            assert attributes["src"].startswith("data:image/")
            assert attributes["alt"]
        if tag == "video":
            assert attributes["src"].startswith("data:video/mp4;base64,")
        if tag == "a":
            assert attributes["href"].startswith("#")
    assert "http" not in (folder / "index.html").read_text(encoding="utf-8").split("</style>")[0]
    assert (folder / "index.html").stat().st_size < 20e6


def test_a_chapter_that_fails_says_why_and_the_others_go_on(tmp_path, monkeypatch, capfd):
    def broken(room):
        raise MediaError(Trouble("test", "No <b>luck</b> with {what}.", {"what": "this"}, exit_code=3))
        yield

    def fine(room):
        return iter(())

    texts = ("a", "b", "explorer a")
    monkeypatch.setattr(chapters, "CHAPTERS", (chapters.Chapter(*texts, broken), chapters.Chapter(*texts, fine)))
    assert run_program(["tour", "--out", str(tmp_path), "--json"], restore=True) == 3
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["trouble"] for line in lines[:2]] == ["No <b>luck</b> with this.", None]
    assert lines[2]["failed"] == 1
    read = Reader((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert "No <b>luck</b> with this." in read.words
    assert sum(tag == "section" for tag, _ in read.seen) == 2


def test_the_page_speaks_hungarian(tmp_path):
    from explorer.i18n import use_language

    use_language("hu")
    try:
        text = page([chapters.Told(chapter) for chapter in chapters.CHAPTERS], tmp_path)
    finally:
        use_language("en")
    assert '<html lang="hu">' in text
    assert "Miről álmodik?" in text
    assert "What does it" not in text
