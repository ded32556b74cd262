"""What the reviewer of a template reads, of a small template with six variants."""

import re
from pathlib import Path

import pytest

from newapi import process, tree
from newapi.errors import TemplateError, UsageError
from newapi.render import renderer
from newapi.template import Template
from newapi.tree import File, Tree
from newapi.verify import diff, since
from newapi.verify.model import Since
from tests.small import written

COPIER_YML = """
_subdirectory: files
_exclude: ["/_*"]
_envops: { trim_blocks: true, undefined: jinja2.StrictUndefined }
name: Desk
store: { type: str, choices: [files, server, tape] }
docs: { type: bool, default: false }
"""
README = "# {{ name }}\n{% if docs %}\nIt is documented.\n{% endif %}\n{{ store }}\n"
SIX = {"files-no-docs", "files-docs", "server-no-docs", "server-docs", "tape-no-docs", "tape-docs"}


class Versions:
    """Two versions of a template, of which the second one is the first with something changed."""

    def __init__(self, folder: Path) -> None:
        self.folder: Path = folder
        self.files: dict[str, str] = {"README": README, "src__store": "{{ store }}\n"}

    def make(self, copier_yml: str = COPIER_YML, **files: str) -> Template:
        number = len(list(self.folder.iterdir()))
        return written(self.folder / str(number), copier_yml, **{**self.files, **files})

    def told(self, copier_yml: str = COPIER_YML, **files: str) -> Since:
        return since.compare("v1", self.make(), self.make(copier_yml, **files), {})[0]


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path)


def names(told: Since) -> list[set[str]]:
    return [set(change.variants) for change in told.changes]


def lines(diff: str) -> list[str]:
    """What a diff adds and removes."""
    return re.findall(r"(?m)^[+-](?![+-]{2} ).*$", diff)


def test_a_template_that_is_the_same_changes_nothing(versions: Versions) -> None:
    told, changed = since.compare("v1", versions.make(), versions.make(), {})

    assert told == Since(ref="v1", changes=(), unchanged=6)
    assert changed == frozenset()


def test_a_change_of_all_variants_is_told_once_though_it_stands_at_another_line_in_each(versions: Versions) -> None:
    versions.files["README"] = README + "one\ntwo\nthree\nlast\n"

    told = versions.told(README=README + "one\ntwo\nthree\nthe end\n")

    assert names(told) == [SIX]
    assert lines(told.changes[0].diff) == ["-last", "+the end"]


def test_only_the_variants_whose_bytes_differ_have_changed(versions: Versions) -> None:
    old = versions.make()
    new = versions.make(src__store="{{ store }}\n{% if store == 'server' %}\nport\n{% endif %}\n")

    told, changed = since.compare("v1", old, new, {})

    assert changed == {"server-no-docs", "server-docs"}
    assert names(told) == [changed]
    assert told.unchanged == 4
    assert lines(told.changes[0].diff) == ["+port"]


def test_each_change_is_told_once_to_all_variants_that_have_it(versions: Versions) -> None:
    versions.files.update(all="one\n", store="one\n", docs="one\n")

    told = versions.told(
        all="two\n", store="{{ 'two' if store == 'tape' else 'one' }}\n", docs="{{ 'two' if docs else 'one' }}\n"
    )

    assert [len(group) for group in names(told)] == [6, 3, 2]
    assert [re.findall(r"(?m)^diff --git a/(\w+)", change.diff) for change in told.changes] == [
        ["all"],
        ["docs"],
        ["store"],
    ]


def test_groups_are_in_the_order_of_their_size(versions: Versions) -> None:
    versions.files["size"] = "one\n"

    told = versions.told(size="{{ 'few' if store == 'tape' else 'many' }}\n")

    assert [len(group) for group in names(told)] == [4, 2]
    assert [lines(change.diff) for change in told.changes] == [["-one", "+many"], ["-one", "+few"]]


@pytest.mark.parametrize("size", [1, 40])
def test_git_takes_the_diff_for_its_own(versions: Versions, tmp_path: Path, size: int) -> None:
    """Applied to a project of before, it makes the one of now: lines, ends, modes, new files and files that went."""
    text = "".join(f"line {number}\n" for number in range(size))
    old = versions.make(gone=text, plain=text, run="#!/bin/sh\n", ends=text + "no newline", empty="")
    del versions.files["src__store"]
    new = versions.make(plain=f"{text}more\n", run="#!/bin/sh\n", ends=text + "newline\n", docs__new="new", fresh="")
    (new.folder / "run.jinja").chmod(0o755)

    told, _ = since.compare("v1", old, new, {})

    before, after = (renderer(one)({"name": "Desk", "store": "files", "docs": False}) for one in (old, new))
    project = tmp_path / "project"
    tree.write(before, project)
    diffs = [change.diff for change in told.changes if "files-no-docs" in change.variants]
    (tmp_path / "diff").write_text("".join(diffs))
    done = process.run(("git", "apply", "--verbose", str(tmp_path / "diff")), project)
    assert done.code == 0, done.output
    assert on_disk(project) == after


def on_disk(project: Path) -> Tree:
    files = {path.relative_to(project).as_posix(): path for path in project.rglob("*") if path.is_file()}
    return Tree({name: File(path.read_bytes(), bool(path.stat().st_mode & 0o100)) for name, path in files.items()})


def test_files_that_are_no_text_are_named_alone(versions: Versions) -> None:
    old, new = versions.make(), versions.make()
    (old.folder / "icon").write_bytes(b"\x00\x01")
    (new.folder / "icon").write_bytes(b"\x00\x02")
    (new.folder / "logo").write_bytes(b"\xff")

    told, _ = since.compare("v1", old, new, {})

    assert told.changes[0].diff == (
        "diff --git a/icon b/icon\nBinary files a/icon and b/icon differ\n"
        "diff --git a/logo b/logo\nnew file mode 100644\nBinary files /dev/null and b/logo differ\n"
    )


def test_what_only_records_the_template_is_no_change(versions: Versions) -> None:
    versions.files["RELEASE"] = "{{ newapi_release }} from {{ _copier_answers._src_path }}\n"
    versions.files["{{_copier_conf.answers_file}}"] = "{{ _copier_answers | to_nice_yaml }}\n{{ dict(_copier_conf) }}"
    old = versions.make()

    told, changed = since.compare("v1", old, versions.make(), {})

    assert (told.changes, changed) == ((), frozenset())


def test_a_new_question_is_told_to_projects_that_get_its_default(versions: Versions) -> None:
    versions.files["cache"] = "cache\n"
    old = versions.make()
    new = versions.make(
        COPIER_YML + "cache: { type: str, choices: [memory, redis], default: memory }\n", cache="{{ cache }}\n"
    )

    told, changed = since.compare("v1", old, new, {})

    assert names(told) == [{f"{name}-memory" for name in SIX}]
    assert lines(told.changes[0].diff) == ["-cache", "+memory"]
    assert set(told.added) == {f"{name}-redis" for name in SIX}
    assert told.removed == ()
    assert changed == {*told.added, *told.changes[0].variants}


def test_answers_that_do_not_apply_do_not_keep_a_project_from_its_update(versions: Versions) -> None:
    asked = COPIER_YML + "replicas: { type: int, default: 2, when: \"{{ store == 'server' }}\" }\n"
    old = versions.make(asked, size="{{ replicas }}\n")
    new = versions.make(asked + "cache: { type: bool, default: true }\n", size="{{ replicas }} servers\n")

    told, _ = since.compare("v1", old, new, {})

    assert names(told) == [{f"{name}-cache" for name in SIX}]
    assert told.removed == ()


def test_a_new_question_without_a_default_is_answered(versions: Versions) -> None:
    told = versions.told(COPIER_YML + "cache: { type: bool, default: true }\nowner: { type: str }\n")

    assert (told.removed, told.unchanged) == ((), 6)
    assert set(told.added) == {f"{name}-no-cache" for name in SIX}


def test_variants_that_are_on_one_side_only_are_listed(versions: Versions) -> None:
    told, changed = since.compare("v1", versions.make(), versions.make(COPIER_YML.replace("tape", "cloud")), {})

    assert told.added == ("cloud-no-docs", "cloud-docs")
    assert told.removed == ("tape-no-docs", "tape-docs")
    assert told.changes == ()
    assert changed == set(told.added)


def test_a_long_diff_is_cut_at_a_line(versions: Versions) -> None:
    told = versions.told(README="".join(f"line {number}\n" for number in range(40_000)))

    text = told.changes[0].diff
    assert len(text) < since.LONGEST_DIFF + 100
    assert re.search(r"\n\+line \d+\n\.\.\. [\d,]+ more lines are not shown here\.\n$", text)


def test_a_file_that_is_too_long_to_compare_is_named_alone(versions: Versions) -> None:
    told = versions.told(README="x" * (diff.LONGEST_FILE + 1))

    assert "Binary files a/README and b/README differ" in told.changes[0].diff


def test_all_diffs_together_are_bounded(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(since, "LONGEST", 120)

    told = versions.told(src__store="{{ store }}\nIt is {{ store }}.\n")

    assert [change.diff.count("more lines") for change in told.changes] == [0, 1, 1]
    assert told.changes[-1].diff == "... 6 more lines are not shown here.\n"


def test_fixed_answers_hold_on_both_sides(versions: Versions) -> None:
    new = versions.make(COPIER_YML + "cache: { type: str, choices: [memory, redis] }\n", src__store="other\n")

    told, changed = since.compare("v1", versions.make(), new, {"store": "tape", "cache": "redis"})

    assert changed == {"tape-no-docs-redis", "tape-docs-redis"}
    assert (told.added, told.removed, told.unchanged) == ((), (), 0)


def test_an_answer_that_the_older_version_does_not_know_says_so(versions: Versions) -> None:
    new = versions.make(COPIER_YML.replace("tape", "cloud"))

    with pytest.raises(UsageError, match=r"^At v1: .*cloud"):
        since.compare("v1", versions.make(), new, {"store": "cloud"})


def test_a_version_that_cannot_be_rendered_is_an_error_of_the_template(versions: Versions) -> None:
    with pytest.raises(TemplateError, match="README"):
        since.compare("v1", versions.make(README="{{ nobody }}"), versions.make(), {})
