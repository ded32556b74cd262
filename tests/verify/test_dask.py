"""Jobs on a cluster: two real workers that have no folder in common."""

import os
import re
import sys
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from newapi import process, steps
from newapi.errors import MissingError
from newapi.process import Running
from newapi.verify import dask, dispatch, reports
from newapi.verify.servers import Servers
from tests.verify import at_work
from tests.verify.at_work import SHOWN, until

PLATFORM = Path(__file__).parents[1] / "templates" / "platform"
DASK = (sys.executable, "-m", "distributed.cli.dask_{}")
NEWAPI = (sys.executable, "-m", "newapi", "verify")
ONE = "no-metrics-github-no-image"
STARTING = 60.0


class Cluster(NamedTuple):
    """The workers are known by their homes."""

    address: str
    scheduler: Running
    workers: dict[Path, Running]


@pytest.fixture
def cluster(tmp_path: Path) -> Generator[Cluster]:
    with clustered(tmp_path) as cluster:
        yield cluster


@pytest.fixture
def strict(tmp_path: Path) -> Generator[Cluster]:
    """A cluster that gives up a piece of work with the first worker that dies of it; what is installed is here."""
    here = process.run((steps.uv(), "cache", "dir"), tmp_path).output
    with clustered(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0", UV_CACHE_DIR=here) as cluster:
        yield cluster


@contextmanager
def clustered(folder: Path, **variables: str) -> Generator[Cluster]:
    """A scheduler and two workers; each of them has a home, a temporary folder and a cache of its own."""
    base = folder / "cluster"
    base.mkdir()
    with ExitStack() as stack:
        words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        scheduler = started(stack, base, "scheduler", *words, **variables)
        assert until(lambda: bool(address_in(base)), STARTING)
        address = address_in(base)
        homes = (base / "one", base / "two")
        workers: list[Running] = []
        for home in homes:
            home.mkdir()
            own = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(home))
            workers.append(started(stack, home, "worker", address, *own, **variables))
        for home in homes:
            assert until(partial(registered, home), STARTING)
        yield Cluster(address, scheduler, dict(zip(homes, workers, strict=True)))


def address_in(home: Path) -> str:
    """What the scheduler's log says; the file that it can write is there before anything stands in it."""
    return "".join(re.findall(r"Scheduler at: +(\S+)\n", (home / "scheduler.log").read_text())[:1])


def registered(home: Path) -> bool:
    return "Registered to" in (home / "worker.log").read_text()


def started(stack: ExitStack, home: Path, kind: str, *arguments: str, **variables: str) -> Running:
    own = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    own["UV_CACHE_DIR"] = str(home / "uv")
    argv = [word.format(kind) for word in DASK]
    env = {**os.environ, **own, **variables}
    return stack.enter_context(process.running([*argv, *arguments], home, home / f"{kind}.log", env=env))


@contextmanager
def verifying(cluster: Cluster, folder: Path, template: Path, *arguments: str) -> Generator[Running]:
    """The command at work; what it writes is in `log` and `report.json`."""
    command = [*NEWAPI, "--template", str(template), "--data", "team=parcels", "--scheduler", cluster.address]
    command += ["--no-cache", "--json", str(folder / "report.json"), *arguments]
    with process.running(command, folder, folder / "log", env=os.environ) as running:
        yield running


def hanging(folder: Path, *, for_ever: bool) -> Path:
    """The template with a test that does not end: the first time that it runs, or each time."""
    copy = folder / "hanging"
    process.run(("cp", "-r", str(PLATFORM), str(copy)), folder)
    file = copy / "tests" / "test_app.py.jinja"
    once = folder / "once"
    test = f"""

def test_hangs() -> None:
    import time
    from pathlib import Path

    once = Path({str(once)!r})
    if {for_ever} or not once.exists():
        once.touch()
        Path("hangs").touch()
        time.sleep(3000)
"""
    file.write_text(file.read_text("utf-8") + test)
    return copy


def kill_the_one_at_its_tests(cluster: Cluster) -> Path:
    """The home of the worker that is no more."""
    home = the_one_at_its_tests(cluster)
    cluster.workers.pop(home).kill()
    return home


def the_one_at_its_tests(cluster: Cluster) -> Path:
    """The home of a worker, as soon as there is one at the test that hangs."""
    assert until(lambda: any(map(hangs, cluster.workers)), STARTING)
    return next(filter(hangs, cluster.workers))


def hangs(home: Path) -> bool:
    return any(home.glob("newapi-run-*/projects/*/project/hangs"))


def test_both_workers_verify_variants_and_nothing_of_them_is_left(cluster: Cluster, tmp_path: Path) -> None:
    chosen = ("--coverage", "each", "--check", "suite", "--check", "boot")
    with verifying(cluster, tmp_path, PLATFORM, *chosen) as running:
        assert running.wait(300) == 0, (tmp_path / "log").read_text()
    made = reports.read(tmp_path / "report.json")
    assert made.passed
    assert {verdict.status for one in made.variants for verdict in one.verdicts} == {"passed"}
    for home in cluster.workers:
        assert any((home / "uv").iterdir()), f"the worker in {home.name} had nothing to do"
        assert not list(home.glob("newapi-run-*"))


@SHOWN
def test_what_a_worker_did_that_dies_is_done_by_another(strict: Cluster, tmp_path: Path) -> None:
    template = hanging(tmp_path, for_ever=False)
    with verifying(strict, tmp_path, template, "--coverage", "each", "--check", "suite") as running:
        home = kill_the_one_at_its_tests(strict)
        assert running.wait(300) == 0, (tmp_path / "log").read_text()
    assert reports.read(tmp_path / "report.json").passed
    assert until(lambda: not at_work.started(home) and not list(home.glob("newapi-run-*")), 30)


@SHOWN
def test_a_check_of_which_every_worker_dies_has_failed(strict: Cluster, tmp_path: Path) -> None:
    template = hanging(tmp_path, for_ever=True)
    with verifying(strict, tmp_path, template, "--select", ONE, "--check", "suite") as running:
        first = kill_the_one_at_its_tests(strict)
        assert until(lambda: not at_work.started(first), 30)
        kill_the_one_at_its_tests(strict)
        assert running.wait(60) == 1, (tmp_path / "log").read_text()
    (failure,) = reports.read(tmp_path / "report.json").failures
    assert (failure.variant, failure.check, failure.output) == (ONE, "suite", dispatch.LOST)


@SHOWN
def test_a_scheduler_that_goes_ends_the_run_with_one_sentence(cluster: Cluster, tmp_path: Path) -> None:
    template = hanging(tmp_path, for_ever=True)
    with verifying(cluster, tmp_path, template, "--select", ONE, "--check", "suite") as running:
        the_one_at_its_tests(cluster)
        cluster.scheduler.kill()
        assert running.wait(60) == 3, (tmp_path / "log").read_text()
    said = (tmp_path / "log").read_text()
    assert f"The Dask scheduler at {cluster.address} has gone." in said
    assert "Traceback" not in said


class Empty:
    """A cluster that has lost its workers some time after they were counted."""

    def __init__(self) -> None:
        self.there: dict[str, int] = {"tcp://127.0.0.1:9": 1}

    def run(self, function: Callable[[], str]) -> dict[str, str]:
        return dict.fromkeys(self.there, function())

    def subscribe_topic(self, topic: str, handler: Callable[[tuple[float, object]], None]) -> None:
        del topic, handler

    def get_executor(self, *, pure: bool, retries: int) -> Executor:
        del pure, retries
        return ThreadPoolExecutor()

    def nthreads(self) -> dict[str, int]:
        return self.there

    def close(self) -> None: ...


def test_a_cluster_without_workers_is_waited_for_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Empty()
    cluster = dask.Cluster("tcp://127.0.0.1:9", client, Servers)
    client.there.clear()
    cluster.require()

    monkeypatch.setattr(dask, "RETURN", 0.0)
    with pytest.raises(MissingError, match="has lost all its workers"):
        cluster.require()


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path) -> None:
    command = [*NEWAPI, "--template", str(PLATFORM), "--data", "team=parcels", "--scheduler", "tcp://127.0.0.1:9"]
    done = process.run([*command, "--no-cache", "--check", "suite"], tmp_path, timeout=120)
    assert done.code == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.output
