import os
import subprocess
from pathlib import Path

import pytest

from newapi import target
from newapi.errors import DiskError, NewapiError, UsageError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(dest: str) -> NewapiError:
    with pytest.raises(NewapiError) as caught:
        target.find(dest)
    return caught.value


@pytest.mark.parametrize("dest", ["desk", "./desk", "a/b/desk", "My Desk", "büro", ".desk"])
def test_a_new_folder_is_found_below_the_current_one(here: Path, dest: str) -> None:
    assert target.find(dest) == here / dest
    assert list(here.iterdir()) == []


def test_absolute_paths_and_steps_up_are_fine(here: Path) -> None:
    (here / "in").mkdir()

    assert target.find(str(here / "desk")) == here / "desk"
    assert target.find("in/../desk") == here / "desk"


def test_steps_up_and_new_folders_above_are_said(here: Path) -> None:
    (here / "in").mkdir()

    assert target.notes("in/../desk", here / "desk") == (f"in/../desk is {here / 'desk'}.",)
    assert target.notes("a/b/desk", here / "a/b/desk") == (f"The folders above it are made too: {Path('a/b')}.",)
    assert target.notes("desk", here / "desk") == ()


def test_an_empty_folder_is_fine(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "desk").mkdir()
    assert target.find("desk") == here / "desk"

    monkeypatch.chdir("desk")
    assert target.find(".") == here / "desk"


def test_a_link_to_an_empty_folder_is_the_folder(here: Path) -> None:
    (here / "real").mkdir()
    (here / "link").symlink_to("real")

    assert target.find("link") == here / "real"


def test_a_folder_that_is_not_empty_is_refused_with_what_it_has(here: Path) -> None:
    (here / "desk").mkdir()
    for name in ("a", "b", "c", "d"):
        (here / "desk" / name).touch()

    assert refusal("desk").message == f"{here / 'desk'} exists and is not empty: it has a, b, c and 1 more."


def git(folder: Path, *words: str) -> None:
    folder.mkdir(exist_ok=True)
    subprocess.run(("git", *words), cwd=folder, check=True, capture_output=True)


def test_a_repository_without_commits_is_as_good_as_an_empty_folder(here: Path) -> None:
    git(here / "origin", "init", "--bare")
    git(here, "clone", str(here / "origin"), "desk")

    assert target.find("desk") == here / "desk"


@pytest.mark.parametrize("words", [(), ("checkout", "--orphan", "other"), ("checkout", "--detach")])
def test_a_repository_that_has_commits_is_refused(here: Path, words: tuple[str, ...]) -> None:
    git(here / "desk", "init")
    git(here / "desk", "commit", "--allow-empty", "-m", "first")
    git(here / "desk", *(words or ("status",)))

    assert refusal("desk").message == f"{here / 'desk'} is a repository that has commits."


def test_what_is_only_called_like_a_repository_is_refused(here: Path) -> None:
    git(here, "init")  # it would answer for the folder
    (here / "desk" / ".git").mkdir(parents=True)

    assert "is not empty: it has .git." in refusal("desk").message


def test_a_name_that_differs_only_in_case_or_accents_is_refused(here: Path) -> None:
    (here / "Order-Desk").mkdir()
    (here / "bu\u0308ro").mkdir()

    assert "has Order-Desk already" in refusal("order-desk").message
    assert "already" in refusal("b\u00fcro").message
    assert "already" in refusal("ORDER-desk/inner").message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_refused(here: Path) -> None:
    (here / "closed").mkdir(mode=0o500)

    assert isinstance(refusal("closed/desk"), DiskError)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_an_empty_folder_without_the_right_to_write_is_refused(here: Path) -> None:
    (here / "closed").mkdir(mode=0o500)

    assert isinstance(refusal("closed"), DiskError)


def test_a_link_that_leads_to_itself_is_refused(here: Path) -> None:
    (here / "loop").symlink_to("loop")

    assert isinstance(refusal("loop/desk"), UsageError)
