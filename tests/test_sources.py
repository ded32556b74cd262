from pathlib import Path

import pytest

from newapi import sources, template
from newapi.answers import Answers, Questionnaire
from newapi.errors import UsageError
from tests.small import questionnaire


def said(tmp_path: Path, *, flags: Answers, data: tuple[str, ...] = (), file: str = "", preset: str = "") -> Answers:
    path = tmp_path / "answers.yml"
    path.write_text(file)
    spoken = sources.said(questionnaire(), flags=flags, data=data, file=path if file else None)
    return {**sources.preset(questionnaire(), preset), **spoken}


def test_the_strongest_word_counts(tmp_path: Path) -> None:
    preset, file, data = "full", "workers: 5\ncache: memory\ntitle: File\n", ("title=Data", "workers=6")

    assert said(tmp_path, flags={}, preset=preset) == {"cache": "redis", "jobs": True, "workers": 4}
    assert said(tmp_path, flags={}, preset=preset, file=file)["workers"] == 5
    assert said(tmp_path, flags={}, preset=preset, file=file, data=data)["workers"] == "6"
    assert said(tmp_path, flags={"title": "Flag"}, preset=preset, file=file, data=data) == {
        "cache": "memory",
        "jobs": True,
        "workers": "6",
        "title": "Flag",
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", "title: Desk\nworkers: 3\n_commit: v1\n"),
        ("a.json", '{"title": "Desk", "workers": 3, "_src_path": "x"}'),
        ("a.toml", 'title = "Desk"\nworkers = 3\n'),
        ("answers", "\ufefftitle: Desk\nworkers: 3\n"),
    ],
)
def test_a_file_of_answers_has_three_forms(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    assert sources.said(questionnaire(), flags={}, file=tmp_path / name) == {"title": "Desk", "workers": 3}


def test_the_answers_that_a_project_recorded_make_it_again(tmp_path: Path) -> None:
    own = Questionnaire(template.load())
    recorded = own.complete({"database": "none", "project_name": "My Shop"})
    lines = "".join(f"{name}: {value!r}\n" for name, value in recorded.items())
    (tmp_path / ".copier-answers.yml").write_text(f"_commit: v1\n_src_path: x\n{lines}")

    given = sources.said(own, flags={}, file=tmp_path / ".copier-answers.yml")

    assert own.complete(given) == recorded


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, flags={}, file="# nothing\n") == {}


@pytest.mark.parametrize(
    ("folder", "name"),
    [("order-desk", "Order Desk"), ("order_desk", "Order Desk"), ("My Shop", "My Shop"), ("iOS-api", "iOS Api")],
)
def test_the_targets_name_tells_the_projects(folder: str, name: str) -> None:
    assert sources.from_target(Path("/somewhere") / folder) == {"project_name": name}


def author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str) -> Answers:
    (tmp_path / "gitconfig").write_text(settings)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.chdir(tmp_path)
    return sources.from_user(Questionnaire(template.load()))


def test_the_author_is_the_one_that_git_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = author(tmp_path, monkeypatch, "[user]\nname = Ada Lovelace\nemail = ada@example.org\n")

    assert found == {"author_name": "Ada Lovelace", "author_email": "ada@example.org"}


def test_an_author_that_the_template_does_not_take_is_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = author(tmp_path, monkeypatch, "[user]\nname = Ada\nemail = root@localhost\n")

    assert found == {"author_name": "Ada"}


def test_without_git_the_author_is_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert author(tmp_path, monkeypatch, "[user]\nname = Ada\n") == {}


def test_a_template_without_an_author_gets_none() -> None:
    assert sources.from_user(questionnaire()) == {}


def test_a_preset_is_checked_like_any_other_source() -> None:
    with pytest.raises(UsageError, match="There is no preset 'ful'; did you mean full"):
        sources.preset(questionnaire(), "ful")
