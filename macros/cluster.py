"""Workers on other machines: a Dask cluster, whose scheduler somebody has started. Needs orderdesk[cluster].

Nothing that is only in a worker's memory is needed to go on: what is lost with a worker is read and judged again.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import dask
from distributed import Client, KilledWorker, Security, wait
from distributed.comm import CommClosedError, connect

from workbooks.errors import WorkbookError

ADDRESS = re.compile(r"(tcp|tls)://([\w.-]+|\[[\da-fA-F:.]+\]):(\d{1,5})", re.ASCII)
MOST_PORT = 65_535
SECONDS = 10  # that a scheduler may take to answer
PATIENCE = "30s"  # until it is asked whether there is still a worker
SAME = ("orderdesk", "dask", "distributed", "numpy", "pandas", "pyarrow", "fastexcel")
PARTS_PER_WORKER = 2  # so that the last to finish does not keep all waiting for long
MOST_PARTS = 32  # every one sends a piece to every other: more of them cost the scheduler more than they gain


class Cluster:
    """The workers of a cluster."""

    def __init__(self, client: Client, address: str) -> None:
        """Call everything through the client; address: its scheduler's."""
        self.client, self.address, threads = client, address, client.nthreads()
        self.parts = min(PARTS_PER_WORKER * sum(threads.values()), MOST_PARTS)
        self.facts: dict[str, object] = {"address": address, "workers": len(threads)}

    def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Return what stands for the function's answer; arguments may be such answers, and lists of them."""
        return self.client.submit(function, *arguments, pure=False)

    def fetch(self, answers: Sequence[object]) -> list[Any]:
        """Return the answers themselves; raises WorkbookError where no worker is left."""
        while not self._done(answers):
            if not self.client.nthreads():
                raise WorkbookError("cluster-empty", address=self.address)
        return list(self.client.gather(answers))

    def _done(self, answers: Sequence[object]) -> bool:
        try:
            with self.client.as_current():
                wait(answers, PATIENCE)
        except TimeoutError:
            return False
        return True


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Connect with the scheduler at an address such as tcp://host:8786, for as long as the context lasts.

    Raises WorkbookError where it is no such address, cannot be reached, has no workers, or these run other versions
    than this machine; and where the scheduler is gone on the way, or workers die again and again.
    """
    said = ADDRESS.fullmatch(address)
    if said is None or not 0 < int(said[3]) <= MOST_PORT:
        raise WorkbookError("cluster-address", address=address)
    try:
        asyncio.run(_greet(address))
        # answers come straight from the workers, not by way of the scheduler
        client = Client(address, timeout=SECONDS, set_as_default=False, direct_to_workers=True)
    except TimeoutError as error:
        raise WorkbookError("cluster-silent", address=address, seconds=SECONDS) from error
    except (OSError, ValueError) as error:
        raise WorkbookError("no-cluster", address=address, detail=error) from error
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # a lost scheduler is told below, in a sentence
    # what goes out with a task is meant to: the scheduler can then have it done again
    with client, dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        try:
            if not client.nthreads():
                raise WorkbookError("cluster-empty", address=address)
            _check_versions(client, address)
            yield Cluster(client, address)
        except (KilledWorker, CancelledError, CommClosedError) as error:
            detail = error if isinstance(error, KilledWorker) else type(error).__name__
            raise WorkbookError("cluster-lost", address=address, detail=detail) from error


async def _greet(address: str) -> None:
    """Say hello to whatever listens at an address: a client would wait for minutes for one that does not know Dask."""
    options = Security().get_connection_args("client")
    if address.startswith("tls:") and options.get("ssl_context") is None:
        raise WorkbookError("cluster-certificates", address=address)
    async with asyncio.timeout(SECONDS + 1):  # where none listens, connecting gives up first, and says so
        await (await connect(address, timeout=SECONDS, **options)).close()


def versions() -> dict[str, str]:
    """Return the versions that have to be the same everywhere."""
    return {"python": f"{sys.version_info[0]}.{sys.version_info[1]}", **{name: _version(name) for name in SAME}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


def _check_versions(client: Client, address: str) -> None:
    ours = versions()
    for worker, said in client.run(versions, on_error="return").items():
        theirs = said if isinstance(said, dict) else {"orderdesk": str(said)}
        differ = [f"{name} {theirs.get(name)} / {ours[name]}" for name in ours if theirs.get(name) != ours[name]]
        if differ:
            raise WorkbookError("cluster-differs", address=address, worker=worker, differ=", ".join(differ))
