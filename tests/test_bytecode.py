import os
import shutil
from pathlib import Path

import jinja2
import pytest

import newapi
from newapi import bytecode, sandbox, template
from newapi.bytecode import FOLDER
from tests.small import small

NAME = "template/_add.jinja"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache" / "templates"


def compiled(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the template had to be compiled."""
    environment = sandbox.environment(template.load())
    sources: list[object] = []
    compile_now = environment.compile

    def noted(source: str, name: str | None = None, filename: str | None = None) -> object:
        sources.append(source)
        return compile_now(source, name, filename)

    monkeypatch.setattr(environment, "compile", noted)
    environment.get_template(NAME)
    return bool(sources)


def test_the_programs_own_template_is_compiled_once(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    assert compiled(monkeypatch)
    assert not compiled(monkeypatch)
    assert len(list(folder.iterdir())) == 1


def test_another_version_compiles_anew_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for owner, name in ((newapi, "__version__"), (jinja2, "__version__")):
        compiled(monkeypatch)
        monkeypatch.setattr(owner, name, "0.0.1")
        assert compiled(monkeypatch)
        assert not compiled(monkeypatch)
    assert len(list(folder.iterdir())) == 1


def test_a_template_of_somebody_elses_is_not_kept() -> None:
    assert bytecode.cache(small()) is None


@pytest.mark.parametrize("content", [b"", b"j2", b"anything else", b"\x80\x04."])
def test_a_file_that_holds_something_else_is_written_anew(
    monkeypatch: pytest.MonkeyPatch, folder: Path, content: bytes
) -> None:
    compiled(monkeypatch)
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:30] + content)

    assert compiled(monkeypatch)
    assert not compiled(monkeypatch)


def test_without_a_folder_to_write_to_all_is_compiled(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.parent.write_text("in the way")

    assert compiled(monkeypatch)
    assert compiled(monkeypatch)


@pytest.mark.skipif(os.name == "nt", reason="rights are a matter of POSIX")
def test_a_folder_that_others_can_write_to_is_not_used(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    compiled(monkeypatch)
    folder.chmod(0o777)

    assert bytecode.cache(template.load()) is None
    assert compiled(monkeypatch)


@pytest.mark.skipif(os.name == "nt", reason="links are a matter of rights there")
def test_a_link_in_the_folders_place_is_not_followed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    compiled(monkeypatch)
    shutil.move(folder, folder.parent / "elsewhere")
    folder.symlink_to("elsewhere")

    assert bytecode.cache(template.load()) is None


@pytest.mark.skipif(os.name == "nt", reason="rights are a matter of POSIX")
def test_nobody_else_can_read_what_is_kept(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    compiled(monkeypatch)

    assert folder.stat().st_mode & 0o777 == 0o700
