import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

from newapi import process
from newapi.errors import DiskError, MissingError

HERE = Path()
posix = pytest.mark.skipif(os.name == "nt", reason="process groups are a matter of POSIX")


def python(code: str, timeout: float = 60) -> process.Finished:
    return process.run((sys.executable, "-c", code), HERE, timeout=timeout)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def test_code_and_output_of_both_streams_come_back() -> None:
    done = python("import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)")

    assert (done.code, done.output) == (3, "out\nerr")


def test_output_that_is_no_text_is_shown_as_far_as_it_goes() -> None:
    assert python("import sys; sys.stdout.buffer.write(b'a\\xffb')").output == "a\ufffdb"


def test_a_program_that_is_not_there_is_an_outcome() -> None:
    done = process.run(("no-such-program",), HERE)

    assert (done.code, done.output) == (process.NOT_FOUND, "no-such-program was not found.")


@posix
def test_a_program_that_cannot_be_started_is_an_outcome(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("text")

    assert process.run((str(tmp_path / "plain"),), HERE).code == process.NOT_STARTED


def test_without_room_for_its_output_a_program_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))

    done = python("print('begun')")

    assert (done.code, "no temporary file" in done.output) == (process.NOT_STARTED, True)


def test_a_program_that_takes_too_long_is_ended() -> None:
    start = time.monotonic()

    done = python("import time; print('begun', flush=True); time.sleep(60)", timeout=5)

    assert done.code == process.TIMED_OUT
    assert done.output.splitlines() == ["begun", "Ended after 5 s, the time it had."]
    assert time.monotonic() - start < 30


def test_it_gets_no_input() -> None:
    assert python("import sys; print(repr(sys.stdin.read()))").output == "''"


@posix
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_what_a_program_leaves_running_ends_with_it() -> None:
    leaves = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    )

    assert gone(int(python(leaves).output))


@posix
def test_it_ends_when_the_caller_is_interrupted(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"import os, time; os.mkdir({str(note)!r} + str(os.getpid())); time.sleep(60)"

    def interrupt() -> None:
        while not list(tmp_path.iterdir()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    interrupting = threading.Thread(target=interrupt, daemon=True)
    interrupting.start()

    with pytest.raises(KeyboardInterrupt):
        python(code)

    (begun,) = tmp_path.iterdir()
    assert not alive(int(begun.name.removeprefix("pid")))


def run_on(command: Sequence[str], folder: Path) -> None:
    with process.running(command, HERE, folder / "log"):
        raise AssertionError("It was not interrupted.")


@posix
@pytest.mark.parametrize("run", [process.run, run_on])
def test_it_ends_when_the_caller_is_interrupted_before_it_knows_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[[Sequence[str], Path], object]
) -> None:
    start = cast("Callable[..., subprocess.Popen[bytes]]", vars(process)["_start"])
    begun: list[subprocess.Popen[bytes]] = []

    def interrupted(*arguments: object) -> "subprocess.Popen[bytes]":
        begun.append(start(*arguments))
        signal.raise_signal(signal.SIGINT)
        return begun[0]

    monkeypatch.setattr(process, "_start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run((sys.executable, "-c", "import time; time.sleep(60)"), tmp_path)

    assert begun[0].poll() is not None
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_program_that_ignores_the_polite_word_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", 0.2)

    done = python("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)", timeout=0.5)

    assert done.code == process.TIMED_OUT


def test_the_callers_own_repository_and_virtual_environment_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("KEPT", "yes")

    env = process.environment(ADDED="yes")

    assert not {"GIT_DIR", "VIRTUAL_ENV"} & env.keys()
    assert (env["KEPT"], env["ADDED"]) == ("yes", "yes")


def told(log: Path) -> str:
    """The first line that a program prints."""
    deadline = time.monotonic() + 10
    while "\n" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    return log.read_text().partition("\n")[0]


def code(text: str) -> tuple[str, ...]:
    return (sys.executable, "-uc", text)


def test_a_program_that_goes_on_writes_its_log_and_ends_with_the_block(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with process.running(code("import time; print('ready'); time.sleep(60)"), HERE, log) as program:
        assert told(log) == "ready"
        assert program.code is None
        assert program.wait(0.05) is None

    assert program.code is not None
    assert log.read_text().strip() == "ready"


@posix
def test_one_can_ask_a_program_to_end_and_learn_how_it_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    ends = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(7)); print('ready'); time.sleep(60)"

    with process.running(code(ends), HERE, log) as program:
        assert told(log) == "ready"
        program.terminate()
        assert program.wait(10) == 7


@posix
def test_one_can_kill_a_program(tmp_path: Path) -> None:
    with process.running(code("import time; time.sleep(60)"), HERE, tmp_path / "log") as program:
        program.kill()
        assert program.wait(10) == -9


@posix
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_what_outlives_its_program_ends_with_the_block(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stays = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    leaves = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {stays!r}]).pid)"

    with process.running(code(leaves), HERE, log) as program:
        assert program.wait(10) == 0
        left = int(told(log))
        assert alive(left)

    assert gone(left)


@posix
def test_a_program_that_goes_on_and_ignores_the_polite_word_is_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stays = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready'); time.sleep(60)"

    with process.running(code(stays), HERE, log, grace=0.1) as program:
        assert told(log) == "ready"

    assert program.code == -9


def test_a_program_that_is_not_there_cannot_go_on(tmp_path: Path) -> None:
    with (
        pytest.raises(MissingError, match=r"^no-such-program was not found\.$"),
        process.running(("no-such-program",), HERE, tmp_path / "log"),
    ):
        pass


def test_without_room_for_its_log_a_program_is_not_started(tmp_path: Path) -> None:
    with (
        pytest.raises(DiskError, match="cannot be written"),
        process.running(code("pass"), HERE, tmp_path / "gone" / "log"),
    ):
        pass


@posix
def test_a_program_that_is_left_stays_until_somebody_ends_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = process.start(code("import time; print('ready'); time.sleep(60)"), HERE, log)
    try:
        assert told(log) == "ready"
        program.leave()
        assert alive(program.pid)
    finally:
        os.kill(program.pid, 9)
        os.waitpid(program.pid, 0)
