"""Results on disk, by all that they follow from: a check whose question is the same is not asked again."""

import hashlib
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import platformdirs

import newapi
from newapi import process, steps
from newapi.pyproject import python_version
from newapi.template import Template
from newapi.verify import contract, tools
from newapi.verify.check import Check
from newapi.verify.model import Variant
from newapi.verify.subject import Subject

# They say where and how uv works, and not what it installs.
HARMLESS = frozenset({"UV_CACHE_DIR", "UV_NO_PROGRESS", "UV_LINK_MODE", "UV", "PIP_CACHE_DIR"})
A_MONTH = 30 * 24 * 3600


class Kept(msgspec.Struct, frozen=True):
    """A check that held: on which variant, how long it took, and what a reader should know of it."""

    variant: str
    seconds: float
    note: str = ""


class Results(msgspec.Struct, frozen=True):
    """Only what held is kept: what failed is asked again. Unless `read`, nothing is found and all is kept anew."""

    folder: Path
    read: bool = True

    def find(self, key: str) -> Kept | None:
        path = self._place(key)
        if not self.read:
            return None
        with suppress(OSError, msgspec.DecodeError):
            kept = msgspec.json.decode(path.read_bytes(), type=Kept)
            path.touch()
            return kept
        return None

    def keep(self, key: str, kept: Kept) -> None:
        """Whole or not at all; a disk that does not take it costs a run next time, and nothing else."""
        path = self._place(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_suffix(f".{time.monotonic_ns()}")
            half.write_bytes(msgspec.json.encode(kept))
            half.replace(path)

    def seconds(self, checks: Iterable[Check]) -> dict[str, float]:
        """What each check took when it was last run here; what it is expected to take where it never was."""
        return {check.name: self._last(check.name) or check.seconds for check in checks}

    def took(self, name: str, seconds: float) -> None:
        """Remember how long a check took, passed or not."""
        self.keep(f"__{name}", Kept("", seconds))

    def _last(self, name: str) -> float:
        kept = self.find(f"__{name}")
        return kept.seconds if kept else 0.0

    def prune(self) -> None:
        """Forget what was of no use for a month."""
        for path in self.folder.glob("??/*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > A_MONTH:
                    path.unlink()

    def _place(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


class Keys:
    """The key of a check's result: what it reads of a project, and everything else that it follows from."""

    def __init__(self, pins: tuple[str, ...], servers: Mapping[str, str]) -> None:
        self._servers: Mapping[str, str] = servers
        self.pins: tuple[str, ...] = pins
        self._pythons: dict[str, str] = {}
        self._harness: str = _harness()
        self._installer: tuple[str, ...] = _installer(pinned=bool(pins))

    def of(self, check: Check, subject: Subject) -> str:
        parts = [self._harness, check.name, check.digest(subject), *(tools.pins()[name] for name in check.tools)]
        if check.needs == "tree":
            parts.append(repr((subject.contract.traces, subject.variant.picks)))
        if check.served:
            parts.append(msgspec.json.encode(msgspec.structs.replace(subject.contract, traces={}, unread=())).decode())
            parts += [self._servers.get(name, "") for name in contract.servers(subject.contract)]
        if check.needs == "installed":
            parts += [*self.pins, self._python(python_version(subject.tree)), *self._installer]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def of_space(self, template: Template, variants: Sequence[Variant]) -> str:
        """The key of what follows from a template and the answers of variants alone."""
        answers = msgspec.json.encode([variant.answers for variant in variants])
        whole = hashlib.sha256(f"{self._harness}\0{template.version}\0".encode() + answers)
        for path in (template.root / "copier.yml", *sorted(template.folder.rglob("*"))):
            if path.is_file():
                whole.update(f"\0{path.relative_to(template.root)} {path.stat().st_mode:o} ".encode())
                whole.update(hashlib.sha256(path.read_bytes()).digest())
        return whole.hexdigest()

    def _python(self, wanted: str) -> str:
        """The interpreter that uv takes for a project that wants these versions."""
        if wanted not in self._pythons:
            find = (steps.uv(), "python", "find", "--no-project", wanted or ">=3")
            found = process.run(find, Path.cwd(), timeout=30).output.splitlines()[-1:]
            said = process.run((*found, "-VV"), Path.cwd(), timeout=30).output if found else ""
            self._pythons[wanted] = said
        return self._pythons[wanted]


def _installer(*, pinned: bool) -> tuple[str, ...]:
    """What else decides which versions are installed. Without pins it is the day: others may be there tomorrow."""
    names = sorted(name for name in os.environ if name.startswith(("UV_", "PIP_")) and name not in HARMLESS)
    settings = (Path(platformdirs.user_config_dir("uv"), "uv.toml"), Path("/etc/uv/uv.toml"))
    said = [path.read_text("utf-8", "replace") for path in settings if path.is_file()]
    day = () if pinned else (datetime.now(UTC).date().isoformat(),)
    return (*(f"{name}={os.environ[name]}" for name in names), *said, *day)


def _harness() -> str:
    """What of this program and its tools a result follows from: all of it, so that nothing is forgotten."""
    whole = hashlib.sha256(newapi.__version__.encode())
    for path in sorted(Path(newapi.__file__).parent.rglob("*")):
        if path.suffix in {".py", ".toml", ".txt"} and "_template" not in path.parts:
            whole.update(path.read_bytes())
    uv = process.run((steps.uv(), "--version"), Path.cwd(), timeout=30).output
    return f"{whole.hexdigest()} {uv}"
