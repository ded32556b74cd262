"""The script that writes .env."""

import os
import runpy
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "env.py"


@pytest.fixture
def write_env() -> Callable[[Path], None]:
    return cast("Callable[[Path], None]", runpy.run_path(str(SCRIPT))["main"])


def test_fills_in_a_secret_for_this_machine_alone(tmp_path: Path, write_env: Callable[[Path], None]) -> None:
    _ = (tmp_path / ".env.example").write_text("A=1\nSOME_SECRET=\n# NO_SECRET=\nEMPTY=\n")

    write_env(tmp_path)

    first, secret, *rest = (tmp_path / ".env").read_text().splitlines()
    assert (first, rest) == ("A=1", ["# NO_SECRET=", "EMPTY="])
    assert len(secret.removeprefix("SOME_SECRET=")) == 64
    if sys.platform != "win32":
        assert stat.S_IMODE(os.stat(tmp_path / ".env").st_mode) == 0o600


def test_leaves_one_that_is_there_alone(tmp_path: Path, write_env: Callable[[Path], None]) -> None:
    _ = (tmp_path / ".env.example").write_text("SOME_SECRET=\n")
    _ = (tmp_path / ".env").write_text("SOME_SECRET=mine\n")

    write_env(tmp_path)

    assert (tmp_path / ".env").read_text() == "SOME_SECRET=mine\n"
