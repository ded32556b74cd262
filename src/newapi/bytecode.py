"""Compiled templates, kept from run to run in the user's cache folder: compiling takes longer than rendering."""

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

import jinja2
import platformdirs
from jinja2.bccache import Bucket

import newapi
from newapi.template import Template, own

FOLDER = "NEWAPI_CACHE"


def cache(template: Template) -> jinja2.BytecodeCache | None:
    """Make the cache for the program's own template; others come and go, and would leave what is theirs behind."""
    folder = Path(os.environ.get(FOLDER) or platformdirs.user_cache_dir("newapi"), "templates")
    return _Cache(folder, template) if template.root == own().resolve() and _nobody_elses(folder) else None


def _nobody_elses(folder: Path) -> bool:
    """Whether no other user can write there: what is in it is run."""
    try:
        found = folder.lstat()
    except OSError:
        return True  # it is still to be made
    mine = sys.platform == "win32" or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return mine and stat.S_ISDIR(found.st_mode)


class _Cache(jinja2.FileSystemBytecodeCache):
    """Where nothing can be read or written, the template is compiled as if there were no cache."""

    def __init__(self, folder: Path, template: Template) -> None:
        super().__init__(str(folder), f"%s.{sys.implementation.cache_tag}")
        self._made_by: str = repr((newapi.__version__, jinja2.__version__, sorted(template.settings.envops.items())))

    def get_source_checksum(self, source: str) -> str:
        return hashlib.sha256((self._made_by + source).encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(Exception):  # whatever the file holds
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            Path(self.directory).mkdir(mode=0o700, parents=True, exist_ok=True)
            super().dump_bytecode(bucket)
