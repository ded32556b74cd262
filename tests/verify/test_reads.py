import pytest

from newapi.template import Contract
from newapi.tree import File, Tree
from newapi.verify.reads import TOLD, Reads

PROJECT = b"""
[project]
name = "desk"
description = "%s"
license = "%s"
dependencies = [%s]
"""


def tree(**files: bytes) -> Tree:
    return Tree({name.replace("__", "/"): File(content) for name, content in files.items()})


def pyproject(text: str, licence: str, dependencies: str = "") -> Tree:
    content = PROJECT % (text.encode(), licence.encode(), dependencies.encode())
    return Tree({"pyproject.toml": File(content)})


def test_the_last_pattern_that_matches_decides() -> None:
    reads = Reads(("*", "!docs/*", "docs/api/*"))
    files = tree(a=b"", docs__b=b"", docs__api__c=b"", docs__api__d__e=b"")
    assert list(reads.paths(files)) == ["a", "docs/api/c", "docs/api/d/e"]


def test_what_is_not_read_does_not_count() -> None:
    reads = Reads(("*", "!*.md"))
    assert reads.digest(tree(a=b"1", readme=b"")) != reads.digest(tree(a=b"2", readme=b""))
    one, other = (Tree({"a": File(b"1"), "README.md": File(text)}) for text in (b"x", b"y"))
    assert reads.digest(one) == reads.digest(other)
    assert reads.without("a").digest(one) == Reads(()).digest(one)


def test_a_file_that_is_there_or_executable_counts() -> None:
    reads = Reads(("*",))
    plain = Tree({"run": File(b"")})
    assert reads.digest(plain) != reads.digest(Tree({}))
    assert reads.digest(plain) != reads.digest(Tree({"run": File(b"", executable=True)}))
    assert reads.digest(plain) != reads.digest(Tree({"walk": File(b"")}))


def test_of_what_is_named_it_counts_only_that_it_is_there() -> None:
    reads = Reads(("*.py",), named=("README*",))
    one, other, none = (tree(a_py=b"", **more) for more in ({"README": b"1"}, {"README": b"2"}, dict[str, bytes]()))
    assert reads.digest(one) == reads.digest(other) != reads.digest(none)


def test_what_a_project_tells_people_does_not_count_where_it_is_ignored() -> None:
    one, other = pyproject("A desk", "MIT"), pyproject("A table", "Apache-2.0")
    told, all_of_it = Reads(("*",), ignored=TOLD), Reads(("*",))
    assert told.digest(one) == told.digest(other)
    assert all_of_it.digest(one) != all_of_it.digest(other)
    assert all_of_it.of(Contract(untold=tuple(TOLD))).digest(one) == told.digest(one)
    assert told.digest(one) != told.digest(pyproject("A desk", "MIT", "'web'"))


@pytest.mark.parametrize("content", [b"[project", b"\xff"])
def test_a_project_file_that_is_broken_is_read_as_it_is(content: bytes) -> None:
    broken, same = Tree({"pyproject.toml": File(content)}), Tree({"pyproject.toml": File(content)})
    reads = Reads(("*",), ignored=TOLD)
    assert reads.digest(broken) == reads.digest(same)
    assert reads.digest(broken) != reads.digest(Tree({"pyproject.toml": File(content + b"#")}))
