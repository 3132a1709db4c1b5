"""Plugin sources: asked for by name, loaded only then; what they do ends as a Frame or a MediaError with a reason."""

import subprocess
import sys

import numpy as np
import pytest

from explorer import plugins
from explorer.assets import config_dir, state_dir
from explorer.cli import media
from explorer.picture.sources import open_source
from explorer.plugins.rows import candidates
from explorer.records.errors import MediaError
from explorer.requests.source import SourceRequest

STRIPES = '''
import numpy as np
class Stripes:
    """Three pictures; the argument is the brightness."""
    def __init__(self, request):
        self.value = int(request.plugin[1] or 7)
        self.left = 3
    def read(self):
        self.left -= 1
        return np.full((4, 6, 3), self.value + self.left, np.uint8) if self.left >= 0 else None
def register(tables):
    tables.sources.add("stripes", Stripes)
'''
ONE = """
import numpy as np
from explorer.records.frame import Frame
class One:
    def __init__(self, request):
        {at_open}
    def read(self):
        {at_read}
    {more}
def register(tables):
    tables.sources.add("one", One)
"""


def write(name, text):
    folder = config_dir() / "plugins"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(text, encoding="utf-8")


def one(at_open="pass", at_read="return None", more="pass"):
    write("one", ONE.format(at_open=at_open, at_read=at_read, more=more))
    return open_source(SourceRequest(kind="plugin", path="one"))


def everything(source):
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def test_a_plugin_source_is_read_with_its_argument():
    write("stripes_plugin", STRIPES)
    frames = everything(open_source(SourceRequest(kind="plugin", path="stripes:40")))
    assert [int(frame.rgb[0, 0, 0]) for frame in frames] == [42, 41, 40]
    assert len({frame.seq for frame in frames}) == 3 and [frame.source for frame in frames] == ["stripes"] * 3
    assert np.allclose(np.diff([frame.time for frame in frames]), 1 / 25)
    assert SourceRequest(kind="plugin", path="web:http://a:8/b").plugin == ("web", "http://a:8/b")


def test_an_edited_plugin_counts_at_once_and_the_old_one_does_not_block_its_name():
    write("stripes_plugin", STRIPES)
    assert everything(open_source(SourceRequest(kind="plugin", path="stripes")))[0].rgb[0, 0, 0] == 9
    write("stripes_plugin", STRIPES.replace("or 7", "or 100"))
    assert everything(open_source(SourceRequest(kind="plugin", path="stripes")))[0].rgb[0, 0, 0] == 102


def test_an_unknown_name_says_the_near_ones_and_built_in_kinds_are_no_plugin_sources():
    with pytest.raises(MediaError) as none:
        open_source(SourceRequest(kind="plugin", path="stripes"))
    assert str(none.value) == "No plugin has a source called stripes."
    write("stripes_plugin", STRIPES)
    with pytest.raises(MediaError, match=r"called stripe\. Did you mean stripes\?"):
        open_source(SourceRequest(kind="plugin", path="stripe:3"))
    with pytest.raises(MediaError, match=r"called file\. There are: stripes\."):
        open_source(SourceRequest(kind="plugin", path="file:/etc/passwd"))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("raise RuntimeError('no signal today')", "RuntimeError: no signal today"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import sys; sys.exit()", "SystemExit"),
        ("return self.nothing", "has no attribute 'nothing'"),
    ],
)
@pytest.mark.parametrize("where", ["at_open", "at_read"])
def test_a_source_that_raises_is_a_media_error_with_the_reason(where, fault, reason):
    with pytest.raises(MediaError) as error:
        one(**{where: fault}).read()
    assert str(error.value).startswith("The plugin source one failed: ") and reason in str(error.value)


def test_frames_of_other_kinds_are_normalised():
    for given, value in [
        ("np.full((4, 6), 0.5)", 128),
        ("np.full((4, 6, 1), 65535, np.uint16)", 255),
        ("[[9, 9], [9, 9]]", 9),
        ("np.full((4, 6, 4), 255, np.uint8)", 255),
        ("Frame(np.full((4, 6, 3), 77, np.uint8), 5, 1e300, 'mine')", 77),
    ]:
        frame = one(at_read=f"return {given}").read()
        assert frame.rgb.dtype == np.uint8 and frame.rgb.shape[2] == 3 and (frame.rgb == value).all(), given


@pytest.mark.parametrize("given", ["np.zeros((4, 6, 7))", "'picture'", "np.zeros((0, 3, 3))", "{1: 2}", "np.zeros(5)"])
def test_what_is_no_picture_is_refused(given):
    source = one(at_read=f"return {given}")
    with pytest.raises(MediaError):
        source.read()


def test_a_few_odd_frames_are_skipped_as_with_a_camera():
    source = one("self.n = 0", "self.n += 1; return np.zeros((1, 2, 3, 4) if self.n < 4 else (5, 6, 3), np.uint8)")
    assert source.read().rgb.shape == (5, 6, 3) and (source.info.width, source.info.height) == (6, 5)


def test_times_rise_whatever_the_plugin_says():
    source = one(
        "self.t = iter([5.0, 5.5, 1.0, float('nan'), 1.25, 1e300])",
        "return Frame(np.zeros((2, 2, 3), np.uint8), 0, next(self.t))",
    )
    times = [source.read().time for _ in range(6)]
    assert times == sorted(times) and len(set(times)) == 6 and times[-1] < 62
    assert times[1] - times[0] == pytest.approx(0.5)


def test_info_and_seeking_are_taken_over_as_plain_values():
    more = "from explorer.records.source import SourceInfo as S; info = S('Sky', fps=float('inf'), frames=9, seekable=True)\n"
    more += "    def seek(self, index):\n        return np.full((2, 2, 3), index, np.uint8)\n"
    source = one(at_read="return np.zeros((2, 2, 3), np.uint8)", more=more)
    assert (source.info.name, source.info.fps, source.info.frames, source.info.seekable) == ("Sky", 0.0, 9, True)
    assert source.seek(4).rgb[0, 0, 0] == 4 and source.index == 4
    source.read()
    assert source.index == 5
    mute = one(more="info = 3\n    def close(self):\n        raise OSError")
    assert mute.info.name == "one" and not mute.info.seekable and mute.seek(1) is None
    mute.close()


def test_the_door_checks_sources():
    for name, text, word in [
        ("taken", "tables.sources.add('camera', print)", "already a source called camera"),
        ("number", "tables.sources.add('three', 3)", "The source three cannot be called."),
    ]:
        write(name, f"def register(tables):\n    {text}")
        row = {row.name: row for row in plugins.discover()}[name]
        assert row.state == "broken" and word in row.error


def test_a_plugin_that_ends_the_process_at_import_is_never_imported_here():
    write("stripes_plugin", STRIPES)
    write("dead", "import os\nos._exit(3)\n" + STRIPES.replace("stripes", "gone"))
    with pytest.raises(MediaError, match="No plugin has a source called gone"):
        open_source(SourceRequest(kind="plugin", path="gone"))
    assert len(everything(open_source(SourceRequest(kind="plugin", path="stripes")))) == 3
    assert not list((state_dir() / "plugins").glob("*.importing"))


def test_a_plugin_that_needs_torch_says_so():
    write("heavy", "import torch\n" + STRIPES)
    code = (
        "from explorer.picture.sources import open_source\nfrom explorer.requests.source import SourceRequest\n"
        "try:\n    open_source(SourceRequest(kind='plugin', path='stripes'))\nexcept Exception as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "its plugin heavy was not loaded: it imports torch" in done.stdout, done.stderr


def test_ordinary_sources_and_calc_tables_load_neither_plugins_nor_decoders():
    code = (
        "import sys\nfrom explorer import plugins\nplugins.builtin_tables(); plugins.process_tables()\n"
        "assert 'cv2' not in sys.modules and 'explorer.picture.sources' not in sys.modules\n"
        "del sys.modules['explorer.plugins']\n"
        "from explorer.picture.sources import open_source\nfrom explorer.requests.source import SourceRequest\n"
        "assert open_source(SourceRequest(path='coffee')).read() is not None\n"
        "assert 'explorer.plugins' not in sys.modules and 'explorer.plugins.sources' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert {"sample", "plugin"} <= set(plugins.builtin_tables(with_sources=True).sources)


def test_the_command_line_takes_a_plugin_source():
    write("stripes_plugin", STRIPES)
    assert media.expand(["plugin:stripes:50"]) == ["plugin:stripes:50"] and media.is_video("plugin:stripes")
    assert [int(frame.rgb[0, 0, 0]) for frame in media.frames("plugin:stripes:50")] == [52, 51, 50]
    assert len(list(media.frames("plugin:stripes", 2))) == 2
    assert media.still("plugin:stripes:20").rgb[0, 0, 0] == 22
    with pytest.raises(MediaError, match=r"Did you mean stripes\?"):
        media.still("plugin:strips")


def test_the_survey_lists_sources():
    from explorer.descent.ground import use
    from explorer.jobs import result_of
    from explorer.requests.plugins import PluginsRequest

    write("stripes_plugin", STRIPES)
    assert "stripes_plugin" in {found.name for found in candidates()}
    use(None)
    try:
        assert result_of(PluginsRequest()).catalogue["sources"] == {"stripes": {"title": "stripes", "plugin": "stripes_plugin"}}
    finally:
        use(None)
