"""Jobs on a cluster: two real workers that have no folder in common."""

import os
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from newapi import process
from newapi.verify import reports

PLATFORM = Path(__file__).parents[1] / "templates" / "platform"
DASK = (sys.executable, "-m", "distributed.cli.dask_{}")
NEWAPI = (sys.executable, "-m", "newapi", "verify")
STARTING = 60.0


class Cluster(msgspec.Struct, frozen=True):
    address: str
    homes: tuple[Path, ...]


class _Scheduler(msgspec.Struct):
    address: str


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Generator[Cluster]:
    """A scheduler and two workers; each of them has a home, a temporary folder and a cache of its own."""
    base = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        file = base / "scheduler.json"
        started(stack, base, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file",
                str(file))  # fmt: skip
        deadline = time.monotonic() + STARTING
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        address = msgspec.json.decode(file.read_bytes(), type=_Scheduler).address
        homes = (base / "one", base / "two")
        for home in homes:
            home.mkdir()
            started(stack, home, "worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(home))
        yield Cluster(address, homes)


def started(stack: ExitStack, home: Path, kind: str, *arguments: str) -> None:
    own = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    own["UV_CACHE_DIR"] = str(home / "uv")
    argv = [word.format(kind) for word in DASK]
    stack.enter_context(process.running([*argv, *arguments], home, home / f"{kind}.log", env={**os.environ, **own}))


def test_both_workers_verify_variants_and_nothing_of_them_is_left(cluster: Cluster, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [*NEWAPI, "--template", str(PLATFORM), "--data", "team=parcels", "--scheduler", cluster.address]
    command += ["--coverage", "each", "--no-cache", "--check", "suite", "--check", "boot", "--json", str(report)]
    deadline = time.monotonic() + STARTING
    while (done := process.run(command, tmp_path, timeout=300)).code == 3 and time.monotonic() < deadline:
        time.sleep(0.5)  # the second worker is still on its way
    assert done.code == 0, done.output
    made = reports.read(report)
    assert made.passed
    assert {verdict.status for one in made.variants for verdict in one.verdicts} == {"passed"}
    for home in cluster.homes:
        assert any((home / "uv").iterdir()), f"the worker in {home.name} had nothing to do"
        assert not list(home.glob("newapi-run-*"))


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path) -> None:
    command = [*NEWAPI, "--template", str(PLATFORM), "--data", "team=parcels", "--scheduler", "tcp://127.0.0.1:9"]
    done = process.run([*command, "--no-cache", "--check", "suite"], tmp_path, timeout=120)
    assert done.code == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.output
