"""Make a clone ready to work in: uv, Python 3.14, `.venv` with the pinned tools, servers and a browser for the tests.

It needs Python 3.11 with pip and nothing more, works as root and as a plain user, and under a Python that the system
manages. When nothing has changed since the last run it only says so, in milliseconds.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
STAMP = VENV / "ready.txt"
PINS = ROOT / "requirements" / "dev.txt"
INPUTS = [
    "pyproject.toml",
    "requirements/*.txt",
    "scripts/bootstrap.py",
    "scripts/browser.py",
    "scripts/chromium.py",
    "scripts/python314.py",
    "scripts/servers.py",
    "src/newapi/binaries.py",
]
OLDEST_UV = (0, 9)


@contextmanager
def alone() -> Generator[None]:
    """Let one run at a time work on this clone; another one waits here, and then finds the work done."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415 (there is none on Windows)

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


def run(*command: str | Path) -> str:
    """Run a command that has to succeed, and return what it printed; what it says on stderr is for the person."""
    done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"bootstrap: `{' '.join(map(str, command))}` failed; what it said stands above.")
    return done.stdout.strip()


def place() -> str:
    """What an environment cannot survive a change of: where the clone is, and the Python below."""
    return f"{ROOT}, Python {platform.python_version()} of {sys.base_prefix}"


def fingerprint() -> str:
    """All that the work depends on: the place, the pins and these scripts."""
    inputs = hashlib.sha256(place().encode())
    for pattern in INPUTS:
        for path in sorted(ROOT.glob(pattern)):
            inputs.update(path.read_bytes())
    return inputs.hexdigest()


def last_run() -> tuple[str, str, list[str]]:
    """Place, fingerprint and the programs needed, as the last complete run noted them; empty when there was none."""
    place, fingerprint, *needs = STAMP.read_text().splitlines() if STAMP.exists() else ("", "")
    return place, fingerprint, needs


def is_ready() -> bool:
    """Whether an earlier run did this very work, and what it set up is still there."""
    _, last, needs = last_run()
    return last == fingerprint() and all(Path(path).exists() for path in needs)


def uv_on_path() -> Path | None:
    """A uv that is there already, when it runs and is new enough."""
    found = shutil.which("uv")
    if not found:
        return None
    done = subprocess.run([found, "--version"], text=True, capture_output=True, check=False)
    version = re.match(r"uv (\d+)\.(\d+)", done.stdout)
    return Path(found) if version and (int(version[1]), int(version[2])) >= OLDEST_UV else None


def uv_from_pypi() -> Path:
    """The pinned uv in `.tools`: a folder of its own is allowed under every Python, and needs neither venv nor root."""
    pin = next(line for line in PINS.read_text().splitlines() if line.startswith("uv=="))
    folder = TOOLS / pin
    program = folder / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    if not program.exists():
        say(f"installing {pin} into .tools")
        half = TOOLS / "uv.half"
        shutil.rmtree(half, ignore_errors=True)
        run(
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--root-user-action=ignore",
            "--no-deps",
            "--target",
            half,
            pin,
        )
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    return program


def make_environment(uv: Path) -> Path:
    """`.venv`: exactly the pinned tools, and the project as it stands in the clone."""
    say("installing the pinned tools into .venv")
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if last_run()[0] != place():
        run(uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, VENV)
    run(uv, "pip", "install", "--quiet", "--python", python, "--exact", "--no-deps", "--requirement", PINS,
        "--build-constraints", PINS, "--editable", ROOT)  # fmt: skip
    return python


def main() -> None:
    if is_ready():
        return
    with alone():
        if is_ready():
            return
        uv = uv_on_path() or uv_from_pypi()
        python314 = run(sys.executable, ROOT / "scripts" / "python314.py", uv)
        python = make_environment(uv)
        servers = run(python, ROOT / "scripts" / "servers.py", uv)
        browser = run(python, "-m", "scripts.chromium")
        half = STAMP.with_suffix(".half")
        half.write_text("\n".join(filter(None, [place(), fingerprint(), str(uv), python314, servers, browser])))
        half.replace(STAMP)
        say("ready")


if __name__ == "__main__":
    main()
