"""The template: where it is and what it asks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import msgspec
import yaml

import newapi
from newapi.errors import TemplateError

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"

if TYPE_CHECKING:
    YamlLoader = yaml.SafeLoader
else:
    YamlLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Choice(msgspec.Struct, frozen=True):
    """One answer to pick. `validator` is a Jinja template that prints why it cannot be had, or nothing."""

    value: Value
    label: str
    validator: str = ""

    @property
    def name(self) -> str:
        """The label up to its colon: "SQLite: one file, no server to run" is a name and what it means."""
        return self.label.partition(": ")[0]

    @property
    def meaning(self) -> str:
        return self.label.partition(": ")[2]


class Question(msgspec.Struct, frozen=True):
    """One entry of copier.yml; `default`, `when` and the validators are Jinja templates."""

    name: str
    type: str = "str"
    help: str = ""
    about: str = ""
    choices: tuple[Choice, ...] = ()
    multiselect: bool = False
    default: Value = None
    required: bool = False
    when: str | bool = True
    validator: str = ""
    secret: bool = False

    @property
    def asked(self) -> bool:
        """Whether a person can be asked; the others are computed."""
        return self.when is not False

    @property
    def label(self) -> str:
        """Its name as people read it."""
        return self.name.replace("_", " ")

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def switch(self) -> bool:
        """Whether it is answered by its flag alone, or by `no_flag`."""
        return self.type == "bool" and not self.choices

    @property
    def no_flag(self) -> str:
        return "--no-" + self.flag[2:]

    @property
    def derived(self) -> bool:
        """Whether its default follows from other answers."""
        return isinstance(self.default, str) and ("{{" in self.default or "{%" in self.default)


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a template says of its services to `newapi verify`: commands, paths and settings, all of them Jinja.

    Beside the answers they know `port` and `url` of the service that is started, and `postgresql` and `redis`, a place
    of their own on a server for the run: what stands in a URL after `://`. What comes to nothing does not apply.
    Commands run in the project with its environment's programs on PATH. `worker` goes on beside the service while it is
    walked through, and has to end as it does. `headers` prints the lines `Name: value` with
    which a request may use the service; `last` is a regular expression of the paths that put an end to this. `unread`
    are patterns of files that nothing reads at run time, nor a test, `untold` keys of `[project]` in pyproject.toml of
    which the same holds, and `traces` the words, as regular expressions, that only projects with that answer
    (`question=value`), or with one of several with `|` between them, may hold. A service has `start` seconds to get
    ready and `stop` to end.
    """

    serve: str = ""
    ready: str = ""
    worker: str = ""
    settings: dict[str, str] = {}
    document: str = ""
    headers: str = ""
    last: str = ""
    smoke: str = ""
    test: str = ""
    test_settings: dict[str, str] = {}
    migrations: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    traces: dict[str, str] = {}
    start: float = 30
    stop: float = 15


class Extras(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What copier.yml says to newapi alone: its key `_newapi`, which Copier leaves alone."""

    versions: str = ""
    next: tuple[str, ...] = ()
    verify: Contract = Contract()
    presets: dict[str, dict[str, bool | int | float | str | list[str]]] = {}


class Settings(msgspec.Struct, frozen=True):
    """The keys of copier.yml that start with an underscore, as far as newapi knows them."""

    min_copier_version: str = ""
    subdirectory: str = "."
    exclude: tuple[str, ...] = ()
    envops: dict[str, bool | str] = {}
    newapi: Extras = Extras()


class Template(msgspec.Struct, frozen=True):
    """A Copier template as a value. `foreign` names the settings that only Copier knows how to follow."""

    root: Path
    version: str
    entries: tuple[Question, ...]
    settings: Settings = Settings()
    foreign: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(entry for entry in self.entries if entry.asked)

    @property
    def computed(self) -> tuple[Question, ...]:
        return tuple(entry for entry in self.entries if not entry.asked)

    @property
    def folder(self) -> Path:
        """What is laid over the project."""
        return self.root / self.settings.subdirectory

    @property
    def versions(self) -> Path | None:
        """The file of `name==version` lines that the template was verified with."""
        name = self.settings.newapi.versions
        return self.root / name if name else None

    @property
    def following(self) -> tuple[str, ...]:
        """The commands to go on with in a new project."""
        return self.settings.newapi.next

    @property
    def presets(self) -> Mapping[str, Mapping[str, Value]]:
        return self.settings.newapi.presets


class _Entry(msgspec.Struct, frozen=True):
    """A question as copier.yml writes it; keys that only draw Copier's own prompts are left out."""

    type: str = ""
    help: str = ""
    choices: dict[str, object] | list[object] = []
    multiselect: bool = False
    default: object = msgspec.UNSET
    when: str | bool = True
    validator: str = ""
    secret: bool = False


def load(root: Path | None = None) -> Template:
    """Read a template; without `root` the one that belongs to this program."""
    root = (root or own()).resolve()
    path = root / "copier.yml"
    try:
        document = read_yaml(path.read_bytes())
    except OSError as error:
        raise TemplateError(f"{root} is not a template: {path.name} cannot be read ({error.strerror}).") from error
    except yaml.YAMLError as error:
        raise TemplateError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from error
    try:
        entries = msgspec.convert(document, dict[str, object])
        settings = {name[1:]: value for name, value in entries.items() if name.startswith("_")}
        return Template(
            root=root,
            version=f"v{newapi.__version__}",
            entries=tuple(_question(name, value) for name, value in entries.items() if not name.startswith("_")),
            settings=msgspec.convert(settings, Settings),
            foreign=tuple(sorted(settings.keys() - set(Settings.__struct_fields__))),
        )
    except msgspec.ValidationError as error:
        raise TemplateError(f"{path} cannot be understood: {error}.") from error


def read_yaml(text: str | bytes) -> object:
    """One document, read by the fast loader where PyYAML has it; either one is safe."""
    return cast(object, yaml.load(text, YamlLoader))  # noqa: S506 - either loader is a safe one


def own() -> Path:
    """The template inside an installed wheel, else the one of the checkout."""
    here = Path(__file__).parent
    inside = here / "_template"
    return inside if inside.is_dir() else here.parents[1]


def _question(name: str, value: object) -> Question:
    # Copier's short form `name: default` stands for a question of the default's type.
    entry = msgspec.convert(value if isinstance(value, dict) else {"default": value}, _Entry)
    title, _, about = entry.help.strip().partition("\n")
    pairs = entry.choices.items() if isinstance(entry.choices, dict) else (("", choice) for choice in entry.choices)
    required = entry.default is msgspec.UNSET
    default = None if required else cast(Value, entry.default)
    return Question(
        name=name,
        type=entry.type or _type_of(default),
        help=title,
        about=about.strip(),
        choices=tuple(_choice(label, choice) for label, choice in pairs),
        multiselect=entry.multiselect,
        default=default,
        required=required,
        when=entry.when,
        validator=entry.validator,
        secret=entry.secret,
    )


def _type_of(default: Value) -> str:
    """Copier's rule for an entry without a type."""
    name = type(default).__name__
    return name if name in {"bool", "float", "int", "str"} else "yaml"


def _choice(label: str, choice: object) -> Choice:
    """Read one of Copier's three forms: `value`, `[label, value]`, and `{value: ..., validator: ...}` for a value."""
    if isinstance(choice, list):
        label, choice = msgspec.convert(choice, tuple[str, object])
    if isinstance(choice, dict):
        fields = msgspec.convert(choice, dict[str, object])
        return Choice(cast(Value, fields.get("value")), label, str(fields.get("validator") or ""))
    return Choice(cast(Value, choice), label or str(choice))
