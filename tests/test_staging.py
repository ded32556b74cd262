import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from newapi import staging
from newapi.errors import DiskError, NewapiError, UsageError

WAITS = """
import sys, time
from pathlib import Path
from newapi.staging import place_for
with place_for(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""
posix = pytest.mark.skipif(os.name == "nt", reason="folders are locked on POSIX systems")


def waiting(target: Path) -> "subprocess.Popen[str]":
    """A run that has written half a project and then takes its time."""
    child = subprocess.Popen([sys.executable, "-c", WAITS, str(target)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def end(child: "subprocess.Popen[str]", number: int = signal.SIGTERM) -> None:
    child.send_signal(number)
    child.communicate()


def test_the_target_is_there_only_when_the_block_has_ended(tmp_path: Path) -> None:
    with staging.place_for(tmp_path / "desk") as folder:
        (folder / "a").write_text("a")
        assert not (tmp_path / "desk").exists()

    assert (tmp_path / "desk" / "a").read_text() == "a"


def test_nothing_is_left_of_a_block_that_fails(tmp_path: Path) -> None:
    def interrupted() -> None:
        with staging.place_for(tmp_path / "x" / "desk") as folder:
            (folder / "a").write_text("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert list(tmp_path.iterdir()) == []


@posix
def test_whoever_stands_in_the_empty_target_stands_in_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "desk"
    target.mkdir(mode=0o700)
    monkeypatch.chdir(target)

    with staging.place_for(target) as folder:
        (folder / "a").write_text("a")

    assert Path("a").read_text() == "a"
    assert target.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The folder `.git` of a target that has nothing else."""
    folder = tmp_path / "desk" / ".git"
    folder.mkdir(parents=True)
    (folder / "config").write_text("[remote]")
    return folder


def test_a_repository_in_the_target_comes_along(repository: Path) -> None:
    with staging.place_for(repository.parent) as folder:
        (folder / "a").write_text("a")
        assert repository.exists()

    assert (repository.parent / "a").read_text() == "a"
    assert (repository / "config").read_text() == "[remote]"


def test_a_repository_stays_where_the_project_does_not_come(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="meanwhile"), staging.place_for(repository.parent):
        (repository.parent / "b").write_text("somebody's")

    assert (repository / "config").read_text() == "[remote]"
    assert sorted(path.name for path in repository.parent.iterdir()) == [".git", "b"]
    assert list(tmp_path.iterdir()) == [repository.parent]


def test_a_repository_is_never_swept(tmp_path: Path) -> None:
    kept, gone = tmp_path / ".newapi-aaaaaaaaaaaaaaaa", tmp_path / ".newapi-bbbbbbbbbbbbbbbb"
    (kept / ".git").mkdir(parents=True)  # killed between two renames
    gone.mkdir()

    staging.sweep(tmp_path)

    assert list(tmp_path.iterdir()) == [kept]


@posix
def test_a_folder_that_somebody_removes_meanwhile_is_said_and_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="removed meanwhile"), staging.place_for(tmp_path / "x" / "desk") as folder:
        shutil.rmtree(folder.parent)

    assert list(tmp_path.iterdir()) == []


@posix
def test_a_killed_run_leaves_no_half_project_and_the_next_one_sweeps_up(tmp_path: Path) -> None:
    end(waiting(tmp_path / "desk"), signal.SIGKILL)
    assert not (tmp_path / "desk").exists()
    assert [path.name for path in tmp_path.iterdir() if staging.NAME.fullmatch(path.name)]

    with staging.place_for(tmp_path / "other"):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["other"]


@posix
def test_a_run_that_lives_is_not_swept(tmp_path: Path) -> None:
    child = waiting(tmp_path / "desk")
    try:
        staging.sweep(tmp_path)

        assert [path for path in tmp_path.iterdir() if (path / "half").exists()]
    finally:
        end(child)


def test_folders_that_only_look_alike_are_not_swept(tmp_path: Path) -> None:
    for name in (".newapi", ".newapi-123", ".newapi-0123456789abcdefg", "newapi-0123456789abcdef"):
        (tmp_path / name).mkdir()
    (tmp_path / ".newapi-0123456789abcdef").write_text("a file")
    (tmp_path / ".newapi-aaaaaaaaaaaaaaaa").symlink_to(tmp_path / ".newapi")

    staging.sweep(tmp_path)

    assert len(list(tmp_path.iterdir())) == 6


def test_without_locks_only_leftovers_of_another_day_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "fcntl", None)
    old, new = tmp_path / ".newapi-aaaaaaaaaaaaaaaa", tmp_path / ".newapi-bbbbbbbbbbbbbbbb"
    old.mkdir()
    new.mkdir()
    before = time.time() - 2 * staging.A_DAY
    os.utime(old, (before, before))

    with staging.place_for(tmp_path / "desk"):
        pass

    assert sorted(path.name for path in tmp_path.iterdir()) == [new.name, "desk"]


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.ENOSPC, DiskError, "no room"),
        (errno.EDQUOT, DiskError, "no room"),
        (errno.EACCES, DiskError, "cannot be written to"),
        (errno.EROFS, DiskError, "cannot be written to"),
        (errno.EBUSY, UsageError, "mount point"),
        (errno.ENOENT, DiskError, "removed meanwhile"),
        (errno.EIO, DiskError, "Input/output error"),
    ],
)
def test_what_the_system_refuses_is_one_sentence(
    tmp_path: Path, number: int, kind: type[NewapiError], said: str
) -> None:
    with pytest.raises(kind, match=said), staging.place_for(tmp_path / "desk"):
        raise OSError(number, os.strerror(number))

    assert list(tmp_path.iterdir()) == []
