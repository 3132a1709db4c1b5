"""Finds an archive on the package index that pip itself would use: pip's own settings, else the library's default.

Read: PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_CERT and PIP_CONFIG_FILE, then pip's configuration files (environment, user,
system, in pip's order of precedence). Only http(s) indexes can be used; an http one only because the person chose it for pip,
and the archive's sha256 is checked in any case.
"""

from __future__ import annotations

import configparser
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from pypi_simple import NoSuchProjectError, PyPISimple

from explorer.i18n import N_
from explorer.weights.troubles import refusal


@dataclass(frozen=True)
class IndexSettings:
    """`addresses`: indexes in the order asked, () for the library's default; `certificates`: a CA bundle or ""."""

    addresses: tuple[str, ...] = ()
    certificates: str = ""

    @property
    def plain_hosts(self) -> frozenset[str]:
        """Hosts that the person's own settings reach without TLS."""
        return frozenset(urlsplit(url).hostname or "" for url in self.addresses if url.startswith("http://"))


def settings(environment: dict[str, str] | None = None, files: list[Path] | None = None) -> IndexSettings:
    """pip's settings of this machine. The arguments replace the environment and the files in tests."""
    env = dict(os.environ) if environment is None else environment
    found: dict[str, str] = {}
    for path in pip_files(env) if files is None else files:
        found |= _read(path)
    for key in ("index-url", "extra-index-url", "cert"):
        value = env.get("PIP_" + key.upper().replace("-", "_"), "")
        if value:
            found[key] = value
    main, extra = found.get("index-url", "").split(), found.get("extra-index-url", "").split()
    usable = [url for url in extra if urlsplit(url).scheme in ("http", "https")]
    addresses = tuple(main[:1] + usable) if main else (("", *usable) if usable else ())
    certificates = found.get("cert", "")
    return IndexSettings(addresses, certificates if certificates and Path(certificates).exists() else "")


def pip_files(env: dict[str, str]) -> list[Path]:
    """pip's configuration files, weakest first."""
    chosen = env.get("PIP_CONFIG_FILE", "")
    if chosen == os.devnull:
        return []
    home = Path.home()
    if sys.platform == "win32":
        name, system = "pip.ini", [Path(env.get("PROGRAMDATA", "C:/ProgramData"))]
        user = [home / "pip" / name, Path(env.get("APPDATA", str(home))) / "pip" / name]
    else:
        name, system = "pip.conf", [Path(part) for part in env.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":") if part]
        user = [home / ".pip" / name, Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / name]
        if sys.platform == "darwin":
            system = [Path("/Library/Application Support")]
            user.append(home / "Library/Application Support/pip" / name)
    wide = [folder / "pip" / name for folder in system]
    if sys.platform != "win32":
        wide.append(Path("/etc") / name)
    return [*wide, *user, Path(sys.prefix) / name, *([Path(chosen)] if chosen else [])]


def _read(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError):
        return {}  # pip itself will complain about its file; the default index still works
    found: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            found |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    return found


def find(project: str, file: str, chosen: IndexSettings, session: requests.Session) -> str:
    """The address of archive `file` of `project`. ModelFileError if no index has it, RequestException if none answers."""
    for address in chosen.addresses or ("",):
        with PyPISimple(address, session=session) if address else PyPISimple(session=session) as client:
            try:
                page = client.get_project_page(project, timeout=(10, 30))
            except NoSuchProjectError:
                continue
            for package in page.packages:
                if package.filename == file:
                    return package.url
    raise refusal(
        "not-on-index",
        N_("The package index does not have {file}."),
        N_("pip's settings name another index; set PIP_INDEX_URL to one that has the package {project}."),
        exit_code=5,
        file=file,
        project=project,
    )
