"""What a service needs of the machine: what is there, what it is for, and how to get what is not."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from newapi import binaries, process, steps

VERSION = re.compile(r"\d+(?:\.\d+)+")


class Need(msgspec.Struct, frozen=True):
    """A program, how it tells its version, and whether a service can be made without it.

    One that is `sought` is run by another, which is there: where that fails, nothing was found.
    """

    name: str
    argv: tuple[str, ...]
    purpose: str
    remedy: str
    required: bool = False
    sought: bool = False


class Finding(msgspec.Struct, frozen=True):
    """`version` is empty where there is a `problem`: it was not found, or what it speaks to does not answer."""

    name: str
    version: str
    purpose: str
    remedy: str
    required: bool
    problem: Literal["", "not found", "does not answer"] = ""


def needs() -> tuple[Need, ...]:
    uv = steps.uv()
    folder = binaries.postgresql()
    postgres = str(folder / "postgres" if folder else "postgres")
    redis = str(binaries.redis() or "redis-server")
    python = (uv, "run", "--no-project", "--no-python-downloads", "--python", "3.14", "python", "--version")
    guide = "https://docs.astral.sh/uv/getting-started/installation"
    # The one that came along is nobody else's.
    on_path = () if shutil.which("uv") else (Need("uv on PATH", ("uv", "--version"), "a service's `make run`", guide),)
    return (
        Need("uv", (uv, "--version"), "installs and runs services", "pip install uv", required=True),
        *on_path,
        Need("Python 3.14", python, "runs services", "uv python install 3.14", required=True, sought=True),
        Need("git", ("git", "--version"), "keeps a service's history", "https://git-scm.com/downloads"),
        Need("make", ("make", "--version"), "runs a service's checks by name", "your system's package `make`"),
        # What it says of itself alone, it says without its server, too.
        Need(
            "Docker",
            ("docker", "version", "--format", "{{.Server.Version}}"),
            "builds and runs images",
            "https://docs.docker.com/get-docker",
        ),
        Need("PostgreSQL", (postgres, "--version"), "database=postgresql", "https://www.postgresql.org/download"),
        Need("Redis", (redis, "--version"), "caches and queues", "https://redis.io/docs/install"),
    )


def examine(wanted: Sequence[Need] | None = None) -> tuple[Finding, ...]:
    """Ask every program for its version."""
    return tuple(map(_examined, needs() if wanted is None else wanted))


def _examined(need: Need) -> Finding:
    done = process.run(need.argv, Path(__file__).parent, timeout=20)  # the folder that one is in may be gone
    found = VERSION.search(done.output) if done.code == 0 else None
    absent = need.sought or done.code == process.NOT_FOUND
    problem = "" if found else "not found" if absent else "does not answer"
    return Finding(need.name, found[0] if found else "", need.purpose, need.remedy, need.required, problem)
