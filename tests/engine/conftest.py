"""The odd networks of tests/fixtures_networks.py as a fixture, and a cache folder of a test's own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fixtures_networks import ODD, spec


@pytest.fixture(scope="session")
def toys():
    """The classes of that file by name, and `spec`."""
    return SimpleNamespace(spec=spec, **ODD)


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """A cache folder of the test's own."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def table(toys):
    """Makes a table of networks from (name, class) pairs."""
    from explorer.tables import Table

    def make(**networks):
        made = Table("network")
        for name, build in networks.items():
            made.add(name, toys.spec(build, name=name))
        return made

    return make
