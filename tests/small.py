"""A small template of its own kind, beside the real one."""

from pathlib import Path

from newapi import template
from newapi.answers import Questionnaire

FOLDER = Path(__file__).parent / "templates" / "small"


def small() -> template.Template:
    return template.load(FOLDER)


def questionnaire() -> Questionnaire:
    return Questionnaire(small())


def written(folder: Path, text: str, **files: str) -> template.Template:
    """A template made of a copier.yml and of files whose names have `__` for `/`."""
    (folder / "files").mkdir(parents=True)
    (folder / "copier.yml").write_text(text)
    for name, content in files.items():
        path = folder / "files" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(f"{path.name}.jinja").write_text(content)
    return template.load(folder)
