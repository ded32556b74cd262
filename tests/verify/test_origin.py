"""Of a template with three versions, two that are tagged and that of main, and a change that is not committed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from newapi import process, template
from newapi.errors import MissingError, UsageError
from newapi.template import Template
from newapi.verify.origin import resolve, shown

BELOW = Path("templates/service")  # a template need not be the root of its repository

posix = pytest.mark.skipif(os.name == "nt", reason="the git that stands in is a shell script")


def git(folder: Path, *words: str) -> str:
    done = process.run(("git", *words), folder)
    assert done.code == 0, done.output
    return done.output


def version(of: Template) -> object:
    return of.entries[0].default


def repository(root: Path, below: str | Path = "") -> Path:
    """Make the versions; the root of the repository."""
    folder = root / below
    folder.mkdir(parents=True)
    git(root, "init", "--quiet")
    for number, tag in enumerate(["v1.9.0", "v1.10.0", ""], start=1):
        (folder / "copier.yml").write_text(f"version: {number}\n")
        (folder / "tests.txt").write_text("text\n")
        (folder / ".gitattributes").write_text("tests.txt export-ignore\n")
        git(root, "add", ".")
        git(root, "commit", "--quiet", "--message", f"Version {number}")
        if tag:
            git(root, "tag", "--annotate", tag, "--message", tag)
    (folder / "copier.yml").write_text("version: changed\n")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository")


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "into"


def test_without_a_place_it_is_this_programs_own_template(into: Path) -> None:
    assert resolve(None, None, into) == template.load()


def test_a_folder_is_taken_as_it_stands(root: Path, into: Path) -> None:
    assert version(resolve(str(root), None, into)) == "changed"
    assert not into.exists()


@pytest.mark.parametrize(("ref", "expected"), [("v1.9.0", 1), ("main~1", 2), ("HEAD", 3)])
def test_a_folder_at_a_ref_is_what_was_committed_there(root: Path, into: Path, ref: str, expected: int) -> None:
    assert version(resolve(str(root), ref, into)) == expected


def test_a_template_below_the_root_of_its_repository_has_its_versions_too(tmp_path: Path, into: Path) -> None:
    root = repository(tmp_path / "repository", BELOW)

    old = resolve(str(root / BELOW), "v1.9.0", into)

    assert version(old) == 1
    assert sorted(path.name for path in old.root.iterdir()) == [".gitattributes", "copier.yml", "tests.txt"]


def test_a_ref_leaves_the_repository_and_what_is_not_committed_alone(root: Path, into: Path) -> None:
    git(root, "add", "copier.yml")
    (root / "copier.yml").write_text("version: changed again\n")
    before = git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD")

    resolve(str(root), "v1.9.0", into)

    assert (git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD")) == before
    assert before[0] == "MM copier.yml"


@pytest.mark.parametrize(("ref", "expected"), [(None, 3), ("v1.9.0", 1), ("main", 3)])
@pytest.mark.parametrize("form", ["", "git+"])
def test_an_address_is_fetched_at_its_head_or_at_a_ref(
    root: Path, into: Path, form: str, ref: str | None, expected: int
) -> None:
    assert version(resolve(form + root.as_uri(), ref, into)) == expected


def test_an_address_is_fetched_at_a_commit(root: Path, into: Path) -> None:
    assert version(resolve(root.as_uri(), git(root, "rev-parse", "HEAD~1"), into)) == 2


def test_what_is_fetched_has_no_history_beside_the_template(root: Path, into: Path) -> None:
    fetched = resolve(root.as_uri(), None, into)

    assert not (fetched.root / ".git").exists()


@pytest.mark.parametrize(
    ("holds", "ref", "expected"),
    [
        (["HEAD", "--tags"], None, 3),
        (["HEAD", "--tags"], "v1.10.0", 2),
        (["--tags"], None, 2),
        (["--tags"], "v1.9.0", 1),
    ],
)
def test_a_bundle_is_a_repository_whose_newest_tag_stands_for_a_missing_head(
    root: Path, into: Path, holds: list[str], ref: str | None, expected: int
) -> None:
    git(root, "bundle", "create", "--quiet", "template.bundle", *holds)

    assert version(resolve(str(root / "template.bundle"), ref, into)) == expected


@pytest.mark.parametrize("address", [str, Path.as_uri])
def test_an_unknown_ref_is_refused_with_the_names_that_are_near(
    root: Path, into: Path, address: Callable[[Path], str]
) -> None:
    with pytest.raises(UsageError, match=r"no commit, tag or branch 'v1\.9'; did you mean v1\.9\.0\?") as caught:
        resolve(address(root), "v1.9", into)

    assert {"v1.10.0", "v1.9.0", "main"} <= set(caught.value.hint.replace(",", "").replace(". ", " ").split())


@pytest.mark.parametrize("ref", ["", "-x", "--output=file"])
@pytest.mark.parametrize("where", [None, "gh:owner/name"])
def test_a_ref_that_git_would_take_for_an_option_is_refused(where: str | None, ref: str, into: Path) -> None:
    with pytest.raises(UsageError, match="cannot be a commit"):
        resolve(where, ref, into)


def test_a_folder_without_a_repository_has_no_versions(tmp_path: Path, into: Path) -> None:
    (tmp_path / "copier.yml").write_text("version: 1\n")

    with pytest.raises(UsageError, match="in no Git repository"):
        resolve(str(tmp_path), "v1.9.0", into)


def test_a_version_from_before_the_template_is_none(root: Path, into: Path) -> None:
    (root / "new").mkdir()
    (root / "new" / "copier.yml").write_text("version: 1\n")

    with pytest.raises(UsageError, match=r"new at v1\.9\.0 is not a template"):
        resolve(str(root / "new"), "v1.9.0", into)


def test_a_place_that_is_neither_folder_nor_address_is_refused(tmp_path: Path, into: Path) -> None:
    with pytest.raises(UsageError, match="no folder, and no address"):
        resolve(str(tmp_path / "missing"), None, into)


def test_a_repository_without_a_template_is_refused(tmp_path: Path, into: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no copier\.yml"):
        resolve(repository(tmp_path / "repository", BELOW).as_uri(), None, into)


def test_an_address_that_leads_nowhere_is_named_without_its_password(into: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be fetched: .+") as caught:
        resolve("http://ada:s3cret@localhost:1/template.git", None, into)

    assert "s3cret" not in caught.value.message
    assert "http://localhost:1/template.git" in caught.value.message


def test_an_address_is_shown_without_its_password() -> None:
    assert shown("https://ada:s3cret@example.org/a.git") == "https://example.org/a.git"
    assert shown("git@example.org:a.git") == "git@example.org:a.git"


@posix
def test_short_forms_are_addresses_of_their_hosts(into: Path, fake_git: Callable[[], str]) -> None:
    for where in ["gh:owner/name", "gl:owner/name.git", "git@example.org:owner/name.git"]:
        with pytest.raises(UsageError, match="cannot be fetched"):
            resolve(where, None, into)

    assert [word for word in fake_git().split() if "owner" in word] == [
        "https://github.com/owner/name.git",
        "https://gitlab.com/owner/name.git",
        "git@example.org:owner/name.git",
    ]


@posix
def test_nobody_is_asked_for_a_password(into: Path, fake_git: Callable[[], str]) -> None:
    with pytest.raises(UsageError):
        resolve("gh:owner/name", None, into)

    assert "GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=" in fake_git()


def test_without_git_the_machine_lacks_something(root: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(into))

    with pytest.raises(MissingError, match="git was not found"):
        resolve(root.as_uri(), None, into)


@pytest.fixture
def fake_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """A git that reaches no network: it notes what it was asked, makes repositories, and fetches nothing."""
    notes, program = tmp_path / "notes", tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "GIT_TERMINAL_PROMPT=$GIT_TERMINAL_PROMPT GIT_ASKPASS=$GIT_ASKPASS $*" >> {notes}\n'
        'test "$1" = init\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return notes.read_text
