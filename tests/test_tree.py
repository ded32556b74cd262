import os
from pathlib import Path

import pytest

from newapi.errors import DiskError, TemplateError, UsageError
from newapi.tree import File, Tree, difference, write

TREE = Tree({"b/run.sh": File(b"#!/bin/sh\n", executable=True), "a.txt": File(b"text\n")})


def test_paths_are_in_order() -> None:
    assert list(TREE) == ["a.txt", "b/run.sh"]


@pytest.mark.parametrize("path", ["/a", "../a", "a/../b", "a//b", "./a", "a\\b", "a\0b", ""])
def test_paths_stay_inside_the_project(path: str) -> None:
    with pytest.raises(TemplateError, match="no path inside the project"):
        Tree({path: File(b"")})


def test_the_digest_knows_paths_bytes_and_executable_bits() -> None:
    others = [
        Tree({"a": File(b"1"), "b": File(b"")}),
        Tree({"a": File(b""), "b": File(b"1")}),
        Tree({"a": File(b"1", executable=True), "b": File(b"")}),
        Tree({"a": File(b"1"), "c": File(b"")}),
    ]

    assert len({tree.digest for tree in others}) == len(others)
    assert Tree({"b": File(b""), "a": File(b"1")}).digest == others[0].digest


def test_a_difference_names_what_came_went_and_changed() -> None:
    new = Tree({"a.txt": File(b"other\n"), "c": File(b"")})

    found = difference(TREE, new)

    assert (found.added, found.removed, found.changed) == (("c",), ("b/run.sh",), ("a.txt",))
    assert difference(TREE, TREE).empty


def test_writing_makes_the_files_and_their_executable_bits(tmp_path: Path) -> None:
    write(TREE, tmp_path / "desk")

    assert (tmp_path / "desk" / "a.txt").read_bytes() == b"text\n"
    assert os.access(tmp_path / "desk" / "b" / "run.sh", os.X_OK)
    assert not os.access(tmp_path / "desk" / "a.txt", os.X_OK)
    assert [path.name for path in tmp_path.iterdir()] == ["desk"]


@pytest.mark.skipif(os.name == "nt", reason="rights are a matter of POSIX")
def test_the_umask_holds(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(TREE, tmp_path / "desk")
    finally:
        os.umask(before)

    modes = [(tmp_path / "desk" / path).stat().st_mode & 0o777 for path in ("", "a.txt", "b/run.sh")]
    assert modes == [0o750, 0o640, 0o750]


def test_missing_folders_above_are_made(tmp_path: Path) -> None:
    write(TREE, tmp_path / "x" / "y" / "desk")

    assert (tmp_path / "x" / "y" / "desk" / "a.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_an_empty_folder_is_filled_and_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir(mode=0o750)

    write(TREE, tmp_path / "desk")

    assert (tmp_path / "desk" / "a.txt").exists()
    assert (tmp_path / "desk").stat().st_mode & 0o777 == 0o750


def test_what_somebody_else_made_meanwhile_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "mine").write_text("mine")

    with pytest.raises(UsageError, match="Something else was made"):
        write(TREE, tmp_path / "desk")

    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["desk", "desk/mine"]


def test_a_tree_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cannot be written"):
        write(Tree({"n" * 300: File(b"")}), tmp_path / "x" / "desk")

    assert list(tmp_path.iterdir()) == []
