"""What people install: the wheel made of the sdist, in an environment of its own and without a network."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from uv import find_uv_bin

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements" / "dev.txt"
INSIDE = "newapi/_template/"
HERE = Path(sys.executable).parent

pytestmark = pytest.mark.xdist_group("wheel")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def files(*below: str) -> dict[str, bytes]:
    """What git has there, with what is not committed yet and without what git ignores."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *below)
    return {name: (ROOT / name).read_bytes() for name in listed.split("\0") if (ROOT / name).is_file()}


def template_files() -> dict[str, bytes]:
    return files("copier.yml", "template")


def programs(names: Iterable[str]) -> set[str]:
    return {name for name in names if os.access(ROOT / name, os.X_OK)}


def without_network() -> list[str]:
    """A command's beginning that leaves it no network, where the system lets us have one of our own."""
    alone = ["unshare", "--net", "--map-root-user"]
    has_it = shutil.which(alone[0]) and subprocess.run([*alone, "true"], capture_output=True, check=False)
    return alone if has_it and has_it.returncode == 0 else []


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(find_uv_bin(), "build", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return next(dist.glob("newapi_cli-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs; every Python file in the wheel is compiled, as pip does it, the template's too."""
    environment = tmp_path_factory.mktemp("installed") / "venv"
    uv, python = find_uv_bin(), environment / HERE.name / "python"
    run(uv, "venv", "--no-project", "--python", sys.executable, environment)
    run(uv, "pip", "install", "--compile-bytecode", "--python", python, "--constraint", PINS, wheel)
    return environment / HERE.name


def test_the_wheel_carries_the_template_as_git_has_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entries = {entry.filename: entry for entry in archive.infolist() if entry.filename.startswith(INSIDE)}
        carried = {name.removeprefix(INSIDE): archive.read(name) for name in entries}
    assert carried == template_files()
    executable = {name.removeprefix(INSIDE) for name, entry in entries.items() if entry.external_attr >> 16 & 0o111}
    assert executable == programs(carried)


def test_the_sdist_carries_the_template_as_git_has_it(dist: Path) -> None:
    with tarfile.open(next(dist.glob("newapi_cli-*.tar.gz"))) as archive:
        names = [member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()]
    assert {name for name in names if name.startswith(("template/", "copier.yml"))} == set(template_files())
    assert {"LICENSE", "README.md", "CHANGELOG.md", "Makefile", "tests/conftest.py"} <= set(names)


def test_the_wheel_carries_the_whole_program_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.removeprefix("src/") for name in files("src")} <= set(names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if not name.startswith(("newapi/", "newapi_cli-"))]


@pytest.mark.parametrize("program", ["newapi", "newapi-cli"])
def test_both_commands_answer(installed: Path, program: str, tmp_path: Path) -> None:
    assert run(installed / program, "--version", cwd=tmp_path).startswith("newapi ")


def test_an_installed_program_creates_the_same_service_without_a_network(installed: Path, tmp_path: Path) -> None:
    flags = ("order-desk", "--yes", "--no-git", "--no-sync", "--author-name", "Ada", "--author-email", "")
    for program, folder in ((installed, "installed"), (HERE, "checkout")):
        (tmp_path / folder).mkdir()
        run(*without_network(), program / "newapi", "create", *flags, cwd=tmp_path / folder)
    made, expected = (contents(tmp_path / folder / "order-desk") for folder in ("installed", "checkout"))
    assert made == expected
    assert not [name for name in made if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.skipif(sys.platform == "win32", reason="verify is for POSIX systems")
def test_an_installed_program_verifies_its_template(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWAPI_CACHE", str(tmp_path / "cache"))
    reports = ("--json", "verified.json", "--junit", "verified.xml", "--html", "verified.html")
    said = run(*without_network(), installed / "newapi", "verify", "--tier", "render", *reports, cwd=tmp_path)
    assert "All checks hold" in said
    assert "<style>" in (tmp_path / "verified.html").read_text("utf-8")


def contents(project: Path) -> dict[str, bytes]:
    """All files but the settings, whose secrets are new each time."""
    files = (path for path in project.rglob("*") if path.is_file())
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in files if path.name != ".env"}
