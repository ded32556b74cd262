"""What a service needs of the machine: what is there, what it is for, and how to get what is not."""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from newapi import binaries, process, steps

VERSION = re.compile(r"\d+(?:\.\d+)+")


class Need(msgspec.Struct, frozen=True):
    """A program, how it tells its version, and whether a service can be made without it."""

    name: str
    argv: tuple[str, ...]
    purpose: str
    remedy: str
    required: bool = False


class Finding(msgspec.Struct, frozen=True):
    """`version` is empty where the program was not found or does not run."""

    name: str
    version: str
    purpose: str
    remedy: str
    required: bool


def needs() -> tuple[Need, ...]:
    uv = steps.uv()
    folder = binaries.postgresql()
    postgres = str(folder / "postgres" if folder else "postgres")
    redis = str(binaries.redis() or "redis-server")
    python = (uv, "run", "--no-project", "--no-python-downloads", "--python", "3.14", "python", "--version")
    return (
        Need("uv", (uv, "--version"), "installs and runs services", "pip install uv", required=True),
        Need("Python 3.14", python, "runs services", "uv python install 3.14", required=True),
        Need("git", ("git", "--version"), "keeps a service's history", "https://git-scm.com/downloads"),
        Need("make", ("make", "--version"), "runs a service's checks by name", "your system's package `make`"),
        Need("Docker", ("docker", "--version"), "builds and runs images", "https://docs.docker.com/get-docker"),
        Need("PostgreSQL", (postgres, "--version"), "database=postgresql", "https://www.postgresql.org/download"),
        Need("Redis", (redis, "--version"), "caches and queues", "https://redis.io/docs/install"),
    )


def examine(wanted: Sequence[Need] | None = None) -> tuple[Finding, ...]:
    """Ask every program for its version."""
    return tuple(
        Finding(need.name, _version(need.argv), need.purpose, need.remedy, need.required)
        for need in (needs() if wanted is None else wanted)
    )


def _version(argv: tuple[str, ...]) -> str:
    done = process.run(argv, Path(), timeout=20)
    found = VERSION.search(done.output) if done.code == 0 else None
    return found[0] if found else ""
