"""One file over https into a part file: streamed, hashed on the way, resumed, cancelled within a chunk.

Network calls may block for seconds, so a helper thread makes them and hands over 64 KiB chunks; the caller's thread writes,
hashes and asks the cancel token at least every 0.1 s. A redirect may only lead to https; nothing is ever unpacked here.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from explorer.i18n import N_
from explorer.jobs import CancelToken
from explorer.records.errors import ModelFileError
from explorer.weights.troubles import refusal

CHUNK = 64 << 10
TIMEOUTS = (10.0, 30.0)
MAX_REDIRECTS = 5
MAX_UNKNOWN = 4 << 30  # a file of unknown size may not be larger
BROKE = N_("{title} could not be downloaded: the connection broke.")
SILENT = N_("{title} could not be downloaded: the server does not answer.")
AWAY = N_("{title} could not be downloaded: there is no connection.")
PROXY = N_("{title} could not be downloaded: the proxy does not let it through.")
UNTRUSTED = N_("{title} could not be downloaded: the server's certificate was not accepted.")
CIRCLE = N_("{title} could not be downloaded: the server sends from one address to the next.")
BUSY = N_("{title} could not be downloaded: the server is out of order.")
PAGE = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
T = TypeVar("T")


@dataclass(frozen=True)
class Rules:
    """`plain_hosts`: hosts that may be reached without TLS (the person's own index, a test's loopback server)."""

    plain_hosts: frozenset[str] = frozenset()
    timeouts: tuple[float, float] = TIMEOUTS
    attempts: int = 4
    pause: float = 0.5

    def allowed(self, url: str) -> bool:
        """Whether this address may be asked."""
        parts = urlsplit(url)
        return parts.scheme == "https" or (parts.scheme == "http" and (parts.hostname or "") in self.plain_hosts)


@dataclass
class Transfer:
    """What is fetched into `part`, whose bytes so far are counted in `done`. `size` 0 is unknown."""

    url: str
    part: Path
    size: int
    title: str
    token: CancelToken
    on_bytes: Callable[[int, int], None]
    rules: Rules = field(default_factory=Rules)
    done: int = 0
    etag: str = ""


class _Retry(Exception):
    """The connection broke; what came so far is kept. The text is one of the sentences below."""


def interruptible(call: Callable[[], T], token: CancelToken) -> T:
    """Run a blocking call in a helper thread; raise Cancelled at once when asked, leaving the call to end by its timeout."""
    answer: queue.Queue[tuple[bool, Any]] = queue.Queue(1)

    def work() -> None:
        try:
            answer.put((True, call()))
        except BaseException as error:  # handed to the waiting thread, which raises it
            answer.put((False, error))

    token.check()
    threading.Thread(target=work, name="fetch", daemon=True).start()
    while True:
        try:
            fine, value = answer.get(timeout=0.1)
        except queue.Empty:
            token.check()
            continue
        if fine:
            result: T = value
            return result
        raise value


def download(transfer: Transfer, session: requests.Session) -> str:
    """Fetch and return the sha256 of the whole part file. Raises ModelFileError or Cancelled; the part file stays."""
    reason = BROKE
    for attempt in range(transfer.rules.attempts):
        if attempt:
            _wait(transfer.rules.pause * 2 ** (attempt - 1), transfer.token)
        try:
            return _attempt(transfer, session)
        except _Retry as broken:
            reason = str(broken)
        except OSError as error:
            if error.errno in FULL:
                raise disk_full(transfer.part) from error
            raise
    raise refusal(
        "download",
        reason,
        N_("Check the connection and try again; the download goes on where it stopped."),
        exit_code=5,
        title=transfer.title,
    )


def disk_full(path: Path) -> ModelFileError:
    """The error for a full disk."""
    return refusal(
        "disk-full",
        N_("There is not enough room on the disk of {folder}."),
        N_("Free some space, or set EXPLORER_CACHE to another folder."),
        exit_code=5,
        folder=path.parent,
    )


def _attempt(transfer: Transfer, session: requests.Session) -> str:
    digest = _resume_state(transfer)
    try:
        response = _open(transfer, session)
    except (requests.RequestException, OSError) as error:
        raise _Retry(_plain(error)) from error
    with contextlib.closing(response):
        if response.status_code == 416 or (response.status_code == 206 and not _continues(response, transfer)):
            transfer.done, transfer.etag = 0, ""
            transfer.part.unlink(missing_ok=True)
            raise _Retry(BROKE)
        _judge(response, transfer)
        mode = "ab"
        if response.status_code == 200:
            transfer.done, mode, digest = 0, "wb", hashlib.sha256()
        total = transfer.size or transfer.done + int(response.headers.get("Content-Length", "0"))
        _remember(transfer, response)
        with open(transfer.part, mode) as out:
            _stream(response, transfer, out, digest, total)
    if total and transfer.done < total:
        raise _Retry(BROKE)
    if transfer.size and transfer.done > transfer.size:
        raise _wrong_length(transfer, transfer.done)
    return str(digest.hexdigest())


def _stream(response: requests.Response, transfer: Transfer, out: IO[bytes], digest: Any, total: int) -> None:
    limit = transfer.size or MAX_UNKNOWN
    for chunk in _chunks(response, transfer.token):
        if transfer.done == 0 and chunk[:200].lstrip().lower().startswith(PAGE):
            raise refusal(
                "html",
                N_("The server answered with a web page instead of {title}."),
                N_("A proxy or login page may be in between: open the network's login page, then try again."),
                title=transfer.title,
            )
        out.write(chunk)
        digest.update(chunk)
        transfer.done += len(chunk)
        transfer.on_bytes(transfer.done, total)
        if transfer.done > limit:
            raise _wrong_length(transfer, transfer.done)


def _chunks(response: requests.Response, token: CancelToken) -> Iterator[bytes]:
    """The body in chunks; the helper thread reads ahead at most eight of them."""
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(8)
    stop = threading.Event()

    def put(item: bytes | BaseException | None) -> None:
        while not stop.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(item, timeout=0.1)
                return

    def read() -> None:
        try:
            while not stop.is_set() and (chunk := response.raw.read1(CHUNK)):
                put(chunk)
            put(None)
        except BaseException as error:  # handed to the writing thread
            put(error)

    threading.Thread(target=read, name="fetch", daemon=True).start()
    try:
        while True:
            try:
                item = waiting.get(timeout=0.1)
            except queue.Empty:
                token.check()
                continue
            token.check()
            if item is None:
                return
            if isinstance(item, BaseException):
                raise _Retry(_plain(item)) from item
            yield item
    finally:
        stop.set()
        with contextlib.suppress(Exception):  # ends a read that still blocks; nothing is left to lose
            response.raw.shutdown()


def _ask(session: requests.Session, url: str, headers: dict[str, str], timeouts: tuple[float, float]) -> requests.Response:
    return session.get(url, stream=True, allow_redirects=False, headers=headers, timeout=timeouts)


def _open(transfer: Transfer, session: requests.Session) -> requests.Response:
    headers = {"Accept-Encoding": "identity"}
    if transfer.done:
        headers |= {"Range": f"bytes={transfer.done}-", "If-Range": transfer.etag}
    url = transfer.url
    for _ in range(MAX_REDIRECTS + 1):
        if not transfer.rules.allowed(url):
            raise refusal(
                "address",
                N_("Refused: {title} would come from {address}, which is not https."),
                N_("Only https addresses are used."),
                title=transfer.title,
                address=url,
            )
        response = interruptible(partial(_ask, session, url, headers, transfer.rules.timeouts), transfer.token)
        if not response.is_redirect:
            return response
        url = urljoin(url, response.headers["Location"])
        response.close()
    raise _Retry(CIRCLE)


def _judge(response: requests.Response, transfer: Transfer) -> None:
    status = response.status_code
    if status in (429, 500, 502, 503, 504):
        raise _Retry(BUSY)
    if status not in (200, 206):
        raise refusal(
            "http",
            N_("The server answered {status} for {title}."),
            N_("The published file may have moved; a newer version of the program may know where."),
            exit_code=5,
            status=status,
            title=transfer.title,
        )
    length = response.headers.get("Content-Length", "")
    if status == 200 and transfer.size and length.isdigit() and int(length) != transfer.size:
        if "html" in response.headers.get("Content-Type", ""):
            return  # said more clearly when the first bytes come
        raise _wrong_length(transfer, int(length))


def _wrong_length(transfer: Transfer, got: int) -> ModelFileError:
    transfer.part.unlink(missing_ok=True)
    return refusal(
        "length",
        N_("{title} should have {expected} bytes, the server has {got}."),
        N_("This is not the published file."),
        title=transfer.title,
        expected=f"{transfer.size:,}",
        got=f"{got:,}",
    )


def _continues(response: requests.Response, transfer: Transfer) -> bool:
    """Whether a 206 answer begins where we stopped and ends where the file should."""
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    span, _, total = rest.partition("/")
    fits = not transfer.size or total in (str(transfer.size), "*")
    return unit == "bytes" and span.partition("-")[0] == str(transfer.done) and fits


def meta_path(part: Path) -> Path:
    """What is known of a part file: address and ETag, so that only the same file is continued."""
    return part.with_name(part.name + ".json")


def _resume_state(transfer: Transfer) -> Any:
    """Set `done` and `etag` from what lies there, and return the hash of it; start over where anything does not fit."""
    digest = hashlib.sha256()
    transfer.done, transfer.etag = 0, ""
    try:
        meta = json.loads(meta_path(transfer.part).read_text(encoding="utf-8"))
        size = transfer.part.stat().st_size
        if meta["size"] == transfer.size and meta["etag"] and size > 0 and (not transfer.size or size < transfer.size):
            with open(transfer.part, "rb") as handle:
                while chunk := handle.read(1 << 20):
                    digest.update(chunk)
            transfer.done, transfer.etag = size, str(meta["etag"])
    except (OSError, ValueError, KeyError, TypeError):
        digest = hashlib.sha256()
    return digest


def _remember(transfer: Transfer, response: requests.Response) -> None:
    etag = response.headers.get("ETag", "")
    strong = etag if etag and not etag.startswith("W/") else ""
    meta = {"url": transfer.url, "etag": strong, "size": transfer.size}
    meta_path(transfer.part).write_text(json.dumps(meta), encoding="utf-8")


def _wait(seconds: float, token: CancelToken) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        token.check()
        time.sleep(min(left, 0.1))


def _plain(error: BaseException) -> str:
    """The sentence for an error of the connection, without addresses and object names."""
    kinds = {"ConnectTimeout": SILENT, "ReadTimeout": SILENT, "ReadTimeoutError": SILENT, "ConnectionError": AWAY}
    return {"ProxyError": PROXY, "SSLError": UNTRUSTED, **kinds}.get(type(error).__name__, BROKE)
