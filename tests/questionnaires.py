"""A small template with one question of each kind, for tests that need no service."""

from pathlib import Path

from newapi import template
from newapi.answers import Questionnaire

COPIER_YML = """
_subdirectory: template
_exclude: [_*.jinja]
_envops: { keep_trailing_newline: true, undefined: jinja2.StrictUndefined }
_newapi: { next: [make run, make test] }

project_name:
  type: str
  help: |-
    What it is called
    People read this name.
  default: Order Desk
  validator: "{% if not project_name %}A name is needed.{% endif %}"

project_slug:
  type: str
  help: What its folder is called
  default: "{{ project_name | lower | replace(' ', '-') }}"
  validator: "{% if project_slug | length > 12 %}{{ project_slug }} is longer than 12 characters.{% endif %}"

store:
  type: str
  help: Where data is kept
  choices:
    "Files: in a folder": files
    "Server: on another machine": server
    "Tape: in the cellar": { value: tape, validator: "{% if project_name != 'Archive' %}there is no cellar{% endif %}" }
    "Nowhere: until it ends": nowhere
  default: files

replicas:
  type: int
  help: How many servers
  default: 1
  when: "{{ store == 'server' }}"

docs:
  type: bool
  help: Whether it is documented
  default: false

part:
  when: false
  type: yaml
  default: |
    base: .
    server: "{{ '.' if store == 'server' else '' }}"
    files: "{{ '.' if store == 'files' else '' }}"
"""

FILES = {
    "template/{{part.base}}/pyproject.toml.jinja": """\
[project]
name = "{{ project_slug }}"
dependencies = [{% if store == 'server' %}"client>=2", {% endif %}"core"]
""",
    "template/{{part.base}}/README.md.jinja": "# {{ project_name }}, kept in {{ store }}\n",
    "template/{{part.server}}/src/store/server.py": "SERVER = 1\n",
    "template/{{part.server}}/src/store/pool.py": "POOL = 1\n",
    "template/{{part.files}}/src/store.py": "FILES = 1\n",
}


def make(folder: Path) -> Path:
    """Write the template; its root."""
    for name, text in {"copier.yml": COPIER_YML, **FILES}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def questionnaire(folder: Path) -> Questionnaire:
    return Questionnaire(template.load(make(folder)))
