"""The programs that the harness brings along, each at the version that is kept beside this module."""

from importlib.resources import files

from newapi import steps


def pins() -> dict[str, str]:
    """Each tool's `name==version`, by its name."""
    lines = (files("newapi.verify") / "tools.txt").read_text("utf-8").splitlines()
    return {line.partition("==")[0]: line for line in lines if line and not line.startswith("#")}


def tool(package: str, program: str = "") -> tuple[str, ...]:
    """How a tool is run, in an environment of its own; uv fetches it once."""
    return (steps.uv(), "tool", "run", "--from", pins()[package], program or package)
