"""Shares on a Dask cluster. The only module that imports `distributed`, which is an optional extra."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from explorer.atlas.shares import Share, on_worker
from explorer.i18n import N_
from explorer.records.errors import ExplorerError, Trouble

if TYPE_CHECKING:
    from explorer.jobs import CancelToken

CONNECT_S = 10.0
POLL_S = 0.2


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at `address`. Raises ExplorerError: the extra is not installed, nobody answers there."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ExplorerError(
            Trouble(
                "cluster.missing",
                N_("Sharing work on a cluster needs the extra package {package}."),
                {"package": "distributed", "reason": str(error)},
                N_("Install it with: pip install 'explorer[cluster]'"),
                exit_code=5,
            )
        ) from None
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:  # TimeoutError is an OSError
        raise ExplorerError(
            Trouble(
                "cluster.unreachable",
                N_("No Dask scheduler answers at {address}: {reason}."),
                {"address": address, "reason": str(error).split("\n")[0] or type(error).__name__},
                N_("Start one with 'dask scheduler', and workers with 'dask worker ADDRESS', where explorer is installed."),
                exit_code=5,
            )
        ) from None
    try:
        yield client
    finally:
        client.close()


def spread(client: Any, shares: Sequence[Share], token: CancelToken) -> Generator[list[tuple[int, bytes]] | None, None, None]:
    """The results of the shares in the order they are finished; None now and then while none is.

    A share whose worker is lost is done by another one. Raises what a worker raised (ExplorerError), Cancelled.
    """
    from distributed import wait

    if not client.scheduler_info().get("workers"):
        raise ExplorerError(
            Trouble(
                "cluster.empty",
                N_("The Dask scheduler has no workers."),
                {},
                N_("Start some with 'dask worker ADDRESS', where explorer is installed."),
                exit_code=5,
            )
        )
    waiting = {client.submit(on_worker, share, pure=False, retries=1) for share in shares}
    try:
        while waiting:
            token.check()
            try:
                with client.as_current():
                    ended = wait(waiting, timeout=POLL_S, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                yield None
                continue
            for future in ended:
                waiting.discard(future)
                yield _result(future)
    finally:
        if waiting:
            client.cancel(list(waiting), force=True)


def _result(future: Any) -> list[tuple[int, bytes]]:
    try:
        found: list[tuple[int, bytes]] = future.result()
    except ExplorerError:
        raise
    except Exception as error:  # whatever happened on another machine
        raise ExplorerError(
            Trouble(
                "cluster.failed",
                N_("A worker of the cluster could not do its share: {reason}."),
                {"reason": f"{type(error).__name__}: {error}".split("\n")[0][:300]},
                exit_code=6,
            )
        ) from None
    return found
