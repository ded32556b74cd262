"""What all tests share: a machine without anybody's own settings, and real servers of databases."""

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from scripts.servers import PROGRAMS

if TYPE_CHECKING:
    from newapi.verify.servers import Servers

if sys.platform == "win32":
    # Servers and services are for POSIX systems.
    collect_ignore = ["production", "template/test_first_day.py", "test_tutorial.py", "verify"]

URL = "NEWAPI_TEST_POSTGRESQL_URL"
MARK = "NEWAPI_RUN"
GIT_SETTINGS = "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"


def pytest_configure(config: pytest.Config) -> None:
    """Make all processes of the session one run, which its keeper ends however the session ends."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    os.environ["PATH"] += f"{os.pathsep}{PROGRAMS}"
    if sys.platform != "win32":
        from newapi.verify.keeper import run_folder  # noqa: PLC0415 (it cannot be imported on Windows)

        session = ExitStack()
        session.enter_context(run_folder())
        config.add_cleanup(session.close)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than cores: many a test waits for a process or a clock."""
    return (os.cpu_count() or 1) + 2


@pytest.fixture(scope="session", autouse=True)
def nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Nothing of the developer's own git, Copier or newapi settings reaches a test, nor of a git hook that runs it."""
    home = tmp_path_factory.mktemp("settings")
    git, copier = home / "gitconfig", home / "copier.yml"
    git.write_text(GIT_SETTINGS)
    copier.write_text("{}\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GIT_", "COPIER_", "NEWAPI_"))]:
            if name not in {URL, MARK} and not name.startswith("GIT_SSL"):
                patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(git))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("COPIER_SETTINGS_PATH", str(copier))
        patch.setenv("XDG_CONFIG_HOME", str(home))
        patch.setenv("NEWAPI_CACHE", str(home / "cache"))
        # Services start many times, and twice as fast with the bytecode that the first start leaves.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="session")
def postgresql() -> "Servers":
    """A real PostgreSQL server: the user's own, or the session's. Without any a test is skipped; in CI it fails."""
    return _servers("postgresql")


@pytest.fixture(scope="session")
def redis() -> "Servers":
    """The same, for Redis."""
    return _servers("redis")


def _servers(name: str) -> "Servers":
    from newapi.verify.place import current  # noqa: PLC0415 (it cannot be imported on Windows)
    from newapi.verify.servers import Servers, Urls, missing  # noqa: PLC0415 - it cannot be imported on Windows

    run, urls = current(), Urls(postgresql=os.environ.get(URL, ""))
    lacks = "" if getattr(urls, name) else missing(name)
    if lacks:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{lacks} `make test` fetches one.")
    assert run
    return Servers(run.folder, urls)
