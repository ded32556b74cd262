import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pexpect
import pytest

from newapi import process
from newapi.errors import DiskError
from newapi.verify import keeper
from newapi.verify.keeper import run_folder
from newapi.verify.place import MARK, current

# A run with all that a run can have: servers, a worker with a child in a session of its own, files that resist.
WORKS = """
import os, signal, subprocess, sys, time
from multiprocessing import get_context
from urllib.parse import urlsplit
import msgspec
from newapi.verify.keeper import run_folder
from newapi.verify.servers import Servers

def work(notes):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    notes.put([os.getpid(), child.pid])
    time.sleep(600)

def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with run_folder() as run:
        servers, context = Servers(run.folder), get_context("spawn")
        notes = context.SimpleQueue()
        worker = context.Process(target=work, args=(notes,))
        worker.start()
        (run.folder / "locked" / "below").mkdir(parents=True)
        (run.folder / "locked" / "below").chmod(0o500)
        (run.folder / "locked").chmod(0o500)
        with servers.postgresql() as database, servers.redis() as cache:
            ports = [urlsplit(url).port for url in (database, cache)]
            postgres, _, _, _, _, _, memory, *_ = (run.data / "postgresql" / "postmaster.pid").read_text().splitlines()
            shared = notes._rlock._semlock.name
            print(msgspec.json.encode({
                "folder": str(run.folder), "places": [str(run.folder), str(run.data), "/dev/shm/sem." + shared[1:]],
                "ports": ports, "memory": memory.split()[1],
                "processes": [worker.pid, *notes.get(), int(postgres)],
            }).decode(), flush=True)
            time.sleep(600)

if __name__ == "__main__":
    main()
"""


class Traces(msgspec.Struct):
    """What a run has on the machine."""

    folder: Path
    places: list[Path]
    ports: list[int]
    memory: str
    processes: list[int]

    def left(self) -> list[object]:
        """What of it is still there."""
        return [
            *(path for path in self.places if path.exists()),
            *(port for port in self.ports if listens(port)),
            *(pid for pid in self.processes if alive(pid)),
            *([self.memory] if self.memory in segments() else []),
        ]


def segments() -> set[str]:
    """Pieces of shared memory."""
    return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}


def memory_of(note: Path) -> str:
    """The piece of shared memory that a server of PostgreSQL notes, as soon as it has one."""
    lines = text(note).splitlines()
    return lines[6].split()[1] if len(lines) > 6 else ""


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(holds: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return held


@contextmanager
def working(folder: Path) -> Generator[tuple[process.Running, Traces]]:
    """A run in a process of its own, as soon as it has all that it will have."""
    script, log = folder / "works.py", folder / "log"
    script.write_text(WORKS)
    env = process.environment(TMPDIR=str(folder))  # where no other run sweeps
    with process.running((sys.executable, str(script)), folder, log, env=env) as program:
        assert eventually(lambda: "\n" in log.read_text() or program.code is not None), log.read_text()
        assert program.code is None, log.read_text()
        traces = msgspec.json.decode(
            log.read_text().partition("\n")[0], type=Traces, dec_hook=lambda _, text: Path(text)
        )
        assert len(traces.left()) == 10
        yield program, traces


def commanded(words: str) -> list[int]:
    """The processes with these words in their command."""
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if words in text(path)]


def keeping(folder: Path) -> int:
    """The keeper of the run in this folder."""
    (found,) = commanded(f"newapi.verify.keeper\0{folder}")
    return found


def text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text()
    return ""


linux = pytest.mark.skipif(not Path("/proc/sysvipc/shm").exists(), reason="processes are looked up in /proc")


@linux
@pytest.mark.usefixtures("postgresql", "redis")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_of_a_run_that_is_ended(tmp_path: Path, number: int) -> None:
    with working(tmp_path) as (program, traces):
        os.kill(program.pid, number)

        assert eventually(lambda: not traces.left()), traces.left()
        assert program.wait(10) is not None


@linux
@pytest.mark.usefixtures("postgresql", "redis")
def test_what_a_killed_keeper_left_is_swept_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with working(tmp_path) as (program, traces):
        os.kill(keeping(traces.folder), signal.SIGKILL)
        program.kill()
        program.wait(10)
        assert len(traces.left()) >= 8

        keeper.sweep()

        assert not traces.left()


@linux
@pytest.mark.usefixtures("postgresql", "redis")
def test_a_run_that_is_cancelled_after_its_keeper_was_killed_ends_all_itself(tmp_path: Path) -> None:
    with working(tmp_path) as (program, traces):
        os.kill(keeping(traces.folder), signal.SIGKILL)
        os.kill(program.pid, signal.SIGINT)

        assert program.wait(20) is not None
        assert eventually(lambda: not traces.left(), 1), traces.left()


@linux
def test_nobody_waits_for_a_keeper_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where no other run sweeps
    with run_folder() as run:
        os.kill(keeping(run.folder), signal.SIGKILL)
        start = time.monotonic()

    assert not run.folder.exists()
    assert time.monotonic() - start < keeper.PATIENCE / 3


@linux
def test_a_run_that_fails_is_over_when_its_block_is() -> None:
    with pytest.raises(ZeroDivisionError), run_folder() as run:
        raise ZeroDivisionError

    assert not run.folder.exists()


@linux
def test_a_keeper_is_not_ended_by_a_polite_word() -> None:
    with run_folder() as run:
        keeper_pid = keeping(run.folder)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            os.kill(keeper_pid, number)
            assert alive(keeper_pid)

    assert not run.folder.exists()
    assert eventually(lambda: not alive(keeper_pid))


@linux
@pytest.mark.usefixtures("postgresql")
def test_nothing_is_left_of_a_run_that_is_killed_while_a_server_is_made(tmp_path: Path) -> None:
    starts = """
import sys
from newapi.verify.keeper import run_folder
from newapi.verify.servers import Servers
with run_folder() as run:
    print(run.folder, run.data, flush=True)
    with Servers(run.folder).postgresql():
        print("too late", flush=True)
"""
    log = tmp_path / "log"
    with process.running((sys.executable, "-c", starts), tmp_path, log) as program:
        assert eventually(lambda: "\n" in log.read_text())
        folder, data = map(Path, log.read_text().split()[:2])
        note = data / "postgresql" / "postmaster.pid"
        assert eventually(lambda: "ready" in text(note) and memory_of(note) in segments())  # not one of initdb's
        pid, memory = text(note).partition("\n")[0], memory_of(note)
        mapped = {line.split()[-1] for line in text(Path(f"/proc/{abs(int(pid))}/maps")).splitlines()}
        shared = [Path(path) for path in mapped if path.startswith("/dev/shm/PostgreSQL")]  # noqa: S108 - it is looked at alone
        program.kill()

        assert eventually(lambda: not folder.exists() and not data.exists())
        assert memory not in segments()
        assert not [path for path in shared if path.exists()]
        assert "too late" not in log.read_text()
        assert not commanded(str(data))


@linux
def test_what_hides_in_a_session_of_its_own_ends_with_the_block() -> None:
    hides = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {!r}], start_new_session=True).pid)"
    with run_folder():
        done = process.run((sys.executable, "-c", hides.format("import time; time.sleep(600)")), Path())
        assert alive(int(done.output))

    assert not alive(int(done.output))


# What it starts has nothing of the run's environment, a session of its own, and a parent that is gone.
DETACHES = """
import subprocess, sys
folder, *argv = sys.argv[1:]
print(subprocess.Popen(argv, cwd=folder, env={}, start_new_session=True).pid)
"""


def detached(folder: Path, *argv: str) -> int:
    return int(process.run((sys.executable, "-c", DETACHES, str(folder), *argv), Path()).output)


@linux
@pytest.mark.parametrize("removed", [False, True], ids=["there", "removed"])
def test_a_daemon_with_an_empty_environment_is_known_by_its_working_folder(*, removed: bool) -> None:
    with run_folder() as run:
        folder = run.folder / "projects" / "desk"
        folder.mkdir(parents=True)
        daemon = detached(folder, "/bin/sleep", "600")
        if removed:
            folder.rmdir()
        assert alive(daemon)

    assert not alive(daemon)


@linux
def test_a_daemon_with_an_empty_environment_that_left_the_folder_is_known_by_its_command() -> None:
    with run_folder() as run:
        program = run.folder / "service"
        program.symlink_to("/bin/sleep")
        daemon = detached(Path("/"), str(program), "600")
        assert alive(daemon)

    assert not alive(daemon)


@linux
def test_a_daemon_elsewhere_is_left_alone(tmp_path: Path) -> None:
    with run_folder() as run:
        beside = tmp_path / run.folder.name
        beside.mkdir()
        stranger = detached(beside, "/bin/sleep", "600")

    try:
        assert alive(stranger)
    finally:
        os.kill(stranger, signal.SIGKILL)


@linux
def test_the_terminal_of_somebody_who_looks_at_the_folder_is_left_alone() -> None:
    with run_folder() as run:
        environment = {name: value for name, value in os.environ.items() if name != MARK}
        shell: pexpect.spawn[bytes] = pexpect.spawn("/bin/sh", cwd=str(run.folder), env=environment)
        shell.sendline("echo $((40 + 2))")
        shell.expect("42")

    try:
        assert shell.isalive()
    finally:
        shell.close(force=True)


def test_a_run_ends_alone() -> None:
    """The session of these tests is a run too, and one that lives is neither swept nor ended by another."""
    outer = current()
    assert outer

    with run_folder() as run:
        assert current() == run
        with run_folder() as inner:
            keeper.sweep()
            assert inner.folder.exists()
        assert not inner.folder.exists()
        assert run.folder.exists()

    assert current() == outer
    assert outer.folder.exists()


def test_what_is_no_run_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "newapi-run-notes").mkdir()
    (tmp_path / "newapi-run-file").write_text("lock")

    keeper.sweep()

    assert len(list(tmp_path.iterdir())) == 2


def test_without_a_place_for_its_folder_a_run_does_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))

    with pytest.raises(DiskError, match="gone: No such file"), run_folder():
        pass


def test_nothing_is_left_of_a_run_for_which_there_is_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(Path, "symlink_to", full)

    with pytest.raises(DiskError, match="No space left"), run_folder():
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("postgresql")
def test_a_server_without_room_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    cramped = """
import resource
from newapi.errors import NewapiError
from newapi.verify.keeper import run_folder
from newapi.verify.servers import Servers
with run_folder() as run:
    print(run.folder, run.data)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        with Servers(run.folder).postgresql():
            print("there is room")
    except NewapiError as error:
        print(error.code, error.message)
"""
    done = process.run((sys.executable, "-c", cramped), tmp_path)

    folders, said = done.output.split("\n")
    assert said == "3 PostgreSQL cannot make its data folder."
    assert not any(Path(folder).exists() for folder in folders.split())
