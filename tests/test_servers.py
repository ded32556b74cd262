import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import postgresql as programs
from tests.servers import Postgresql, shared_server

USER = """
import sys, time
from pathlib import Path
from tests.servers import shared_server
with shared_server(Path(sys.argv[1]), Path(sys.argv[2])) as server:
    print(server.run("select version()"), flush=True)
    time.sleep(60)
"""


def test_every_use_has_a_database_of_its_own(postgresql: Postgresql) -> None:
    with postgresql.database() as one, postgresql.database() as other:
        Postgresql(one, postgresql.psql).run("create table task (id int)")
        assert Postgresql(other, postgresql.psql).run("select to_regclass('task')") == ""
        assert one != other


@pytest.mark.usefixtures("postgresql")
def test_the_server_ends_when_its_last_user_is_killed(tmp_path: Path) -> None:
    found = programs.programs()
    if not found:
        pytest.skip("the tests use a server that others run")
    command = [sys.executable, "-c", USER, str(found), str(tmp_path)]
    users = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        assert all(user.stdout and "PostgreSQL" in user.stdout.readline() for user in users)
        url = (tmp_path / "postgresql.url").read_text()
        users[0].kill()
        users[0].wait()
        assert (tmp_path / "postgresql.url").exists()
    finally:
        for user in users:
            user.send_signal(signal.SIGKILL)
            user.communicate()
    assert ends(tmp_path / "postgresql.url")
    with pytest.raises(subprocess.CalledProcessError):
        Postgresql(url, str(found / "psql")).run("select 1")
    with shared_server(found, tmp_path) as again:
        assert again.url != url


def ends(address: Path) -> bool:
    deadline = time.monotonic() + 10
    while address.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not address.exists()
