"""What all tests share: a machine without anybody's own settings, and a real PostgreSQL server."""

import os
import shutil
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from scripts import postgresql as programs

if TYPE_CHECKING:
    from tests.servers import Postgresql

if sys.platform == "win32":
    # Servers and services are for POSIX systems.
    collect_ignore = ["test_new_column.py", "test_servers.py", "test_services.py", "test_tutorial.py"]

URL = "NEWAPI_TEST_POSTGRESQL_URL"
GIT_SETTINGS = "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"


@pytest.fixture(scope="session", autouse=True)
def nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """Nothing of the developer's own git, Copier or newapi settings reaches a test, nor of a git hook that runs it."""
    home = tmp_path_factory.mktemp("settings")
    git, copier = home / "gitconfig", home / "copier.yml"
    git.write_text(GIT_SETTINGS)
    copier.write_text("{}\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GIT_", "COPIER_", "NEWAPI_"))]:
            if name != URL and not name.startswith("GIT_SSL"):
                patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(git))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("COPIER_SETTINGS_PATH", str(copier))
        patch.setenv("XDG_CONFIG_HOME", str(home))
        # Services start many times, and twice as fast with the bytecode that the first start leaves.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Generator["Postgresql"]:
    """A real server: the user's own, or one for this run. Without any a test is skipped; in CI it fails."""
    from tests.servers import Postgresql, shared_server  # noqa: PLC0415 (it cannot be imported on Windows)

    found, url = programs.programs(), os.environ.get(URL)
    psql = str(found / "psql") if found else shutil.which("psql")
    if url and psql:
        yield Postgresql(url, psql)
    elif found:
        base = tmp_path_factory.getbasetemp()
        with shared_server(found, base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) as server:
            yield server
    else:
        missing = f"no PostgreSQL server here: install one, run `make test`, which fetches one, or name yours in {URL}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
