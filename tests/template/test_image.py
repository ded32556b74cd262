"""The image, built and run by a container engine: `docker`, or what NEWAPI_TEST_DOCKER names."""

import os
import re
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from newapi import cli, process, steps
from newapi.process import Finished
from newapi.verify.place import HOST, free_port

DOCKER = os.environ.get("NEWAPI_TEST_DOCKER", "docker")  # read before the tests take the developer's settings away
IMAGE = re.compile(r"(?m)^(?:FROM|    image:) (\S+:\S+)")

Run = Callable[..., Finished]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs `docker` with these arguments; without an engine that answers there is nothing to test."""

    anywhere = tmp_path_factory.getbasetemp()

    def run(*arguments: str, folder: Path | None = None, **settings: str) -> Finished:
        return process.run((DOCKER, *arguments), folder or anywhere, timeout=600, env=process.environment(**settings))

    if run("compose", "version").code or run("info").code:
        pytest.skip(f"No container engine answers to `{DOCKER} info`, or it has no compose.")
    return run


def service(folder: Path, monkeypatch: pytest.MonkeyPatch, *choices: str) -> Path:
    name = f"image-{uuid4().hex[:8]}"
    monkeypatch.chdir(folder)
    assert cli.run(["create", name, "--yes", "--no-git", "--no-check", "--container", "docker", *choices]) == 0
    return folder / name


def have(engine: Run, project: Path) -> None:
    """The images that it is made of, from here or from their registry."""
    texts = [(project / name).read_text("utf-8") for name in ("Dockerfile", "compose.yaml")]
    for image in {image for text in texts for image in IMAGE.findall(text)}:
        if engine("image", "inspect", image).code and engine("pull", "--quiet", image).code:
            pytest.skip(f"The container engine cannot have the image {image}.")


@contextmanager
def up(engine: Run, project: Path) -> Generator[str]:
    """The project in containers, as its README starts it, on a port of its own; nothing of it is left."""
    port = str(free_port())
    try:
        started = engine("compose", "up", "--build", "--wait", folder=project, SERVER_PORT=port)
        assert started.code == 0, started.output + engine("compose", "logs", folder=project).output
        yield f"http://{HOST}:{port}"
    finally:
        engine("compose", "down", "--volumes", folder=project)
        engine("image", "rm", project.name)


def inside(engine: Run, project: Path, script: str) -> Finished:
    return engine("compose", "exec", "--no-TTY", "app", "sh", "-c", script, folder=project)


@pytest.mark.parametrize("preset", ["standard", "production"])
def test_it_is_built_started_walked_through_and_ended(
    engine: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preset: str
) -> None:
    project = service(tmp_path, monkeypatch, "--preset", preset)
    have(engine, project)

    with up(engine, project) as url:
        walked = process.run(("make", "smoke", f"URL={url}"), project, timeout=120, env=steps.environment())
        assert walked.code == 0, walked.output

        assert inside(engine, project, "id -u").output.strip() == "10001"
        assert inside(engine, project, "touch /tmp/x").code == 0
        assert inside(engine, project, "touch /app/x").code != 0
        assert inside(engine, project, "command -v cc gcc uv").output == ""

        stopped = engine("compose", "stop", "app", folder=project)
        (container,) = engine("compose", "ps", "--all", "--quiet", "app", folder=project).output.split()
        state = engine("inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", container).output.strip()
        assert (state, stopped.seconds < 15) == ("0 false", True)


def test_without_a_lock_the_build_says_so(engine: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = service(tmp_path, monkeypatch, "--database", "none", "--no-sync")
    have(engine, project)
    assert not (project / "uv.lock").exists()

    built = engine("build", "--progress", "plain", ".", folder=project)

    assert built.code != 0
    assert "There is no uv.lock: run `uv lock` and commit what it writes." in built.output


def test_a_secret_that_is_not_set_is_named(engine: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = service(tmp_path, monkeypatch, "--database", "postgresql", "--no-sync")
    shutil.copy(project / ".env.example", project / ".env")

    read = engine("compose", "config", "--quiet", folder=project)

    assert read.code != 0
    assert "POSTGRES_SECRET" in read.output
