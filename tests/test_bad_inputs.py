"""What a person gets for what cannot be done: a code, one sentence, no traceback, and nothing on the disk."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from newapi import cli, errors, staging
from tests.small import written

QUICK = ("--yes", "--no-git", "--no-sync", "--no-check")
LONG = "a" * 300
BIDI = "desk\u202egnp"


class Bad(msgspec.Struct, frozen=True):
    """The words after `newapi create`, the files that are there before, and what is said."""

    words: tuple[str, ...]
    said: str
    files: dict[str, str] = {}
    code: int = errors.UsageError.code


def name(text: str, said: str) -> Bad:
    return Bad(("desk", "--project-name", text), said)


def slug(text: str, said: str) -> Bad:
    return Bad(("desk", "--project-slug", text), said)


def package(text: str, said: str) -> Bad:
    return Bad(("desk", "--package", text), said)


def target(dest: str, said: str, **files: str) -> Bad:
    return Bad((dest,), said, {name.replace("__", "/"): text for name, text in files.items()})


def answers(text: str, said: str, file: str = "a.yml") -> Bad:
    return Bad(("desk", "--answers", file), said, {file: text})


NAMES: list[Bad] = [
    name("", "A name is needed"),
    name(" Desk", "starts or ends with a space"),
    name("a" * 61, "61 characters; 60 is the most"),
    name("Order\nDesk", "line break or a control character"),
    name("Order\x1b[31mDesk", "line break or a control character"),
    name(BIDI, "line break or a control character"),
    name("Desk\udcff", "line break or a control character"),
    name("{{ 7 * 7 }}", "A name starts with a letter or a digit"),
    name("<script>", "A name starts with a letter or a digit"),
    name("日本", "No slug can be made"),
    slug("Order-Desk", "not lower case letters, digits and single dashes"),
    slug("order--desk", "not lower case letters, digits and single dashes"),
    slug("../desk", "not lower case letters, digits and single dashes"),
    slug("a" * 41, "41 characters; 40 is the most"),
    slug("con", "a device on Windows"),
    slug("json", "a module of Python's standard library"),
    slug("litestar", "a package that the service itself needs"),
    slug("tests", "a folder or a module that the project has already"),
    package("class", "a keyword of Python"),
    package("order-desk", "single underscores"),
    package("1desk", "starting with a letter"),
    Bad(("desk", "--author-email", "nobody"), "is not an e-mail address"),
    Bad(("desk", "--description", "x" * 201), "201 characters; 200 is the most"),
]
TARGETS = [
    target("", "The target has no name"),
    target(" ", "The target has no name"),
    target("desk", "exists and is not empty: it has notes.md", desk__notes="x"),
    target("desk", "is a file", desk="x"),
    target("file/desk", "so no folder can be made in it", file="x"),
    target("ORDERS", "has orders already", orders__x="x"),
    target("nul", "is a device on Windows"),
    target("a/com1.txt/desk", "is a device on Windows"),
    target("desk.", "ends with a dot or a space"),
    target("a:b", "has : in it"),
    target("a\\b", "has \\ in it"),
    target("~nobody", "a name that the shell replaces"),
    target("des\nk", "U+000A"),
    target("desk\u200b", "U+200B"),
    target("desk\0", "U+0000"),
    target(LONG, "File name too long"),
    target("b" * 5000, "File name too long"),
    target("a/" * 2500, "File name too long"),
    target("..", "exists and is not empty"),
    target("/", "exists and is not empty"),
]
FLAGS = [
    Bad(("desk", "--database", "postgre"), "did you mean postgresql? The choices are sqlite, postgresql, none."),
    Bad(("desk", "--database", ""), "database has no choice ''"),
    Bad(("desk", "--license", "GPL"), "The choices are MIT, Apache-2.0, Proprietary."),
    Bad(("desk", "--databse", "none"), "No such option: --databse"),
    Bad(("desk", "--database"), "requires an argument"),
    Bad(("desk", "other"), "Got unexpected extra argument"),
    Bad(("desk", "--preset", "prod"), "There is no preset 'prod'"),
    Bad(("desk", "--preset", ""), "--preset is empty"),
    Bad(("desk", "--data", "database"), "is not of the form name=value"),
    Bad(("desk", "--data", "databse=none"), "--data: there is no question 'databse'; did you mean database?"),
    Bad(("desk", "--data", "part=x"), "there is no question 'part'"),
    Bad(("desk", "--data", "auth=basic"), "auth has no choice 'basic'"),
    Bad(("desk", "--data", "auth=" + "x" * 5000), "auth has no choice 'xxx"),
    Bad(("desk", "--data", "x" * 5000), "is not of the form name=value"),
    Bad(("desk", "--data", "x" * 5000 + "=1"), "--data: there is no question 'xxx"),
    Bad(("desk", "--preset", "x" * 5000), "There is no preset 'xxx"),
]
ANSWERS = [
    Bad(("desk", "--answers", "missing.yml"), "'missing.yml' cannot be read: No such file or directory."),
    Bad(("desk", "--answers", "."), "cannot be read: Is a directory."),
    answers("database: [", "is not valid YAML"),
    answers("a: &a [*a, *a]\nb: *a\n", "there is no question 'a'"),
    answers("{", "is not valid JSON", "a.json"),
    answers("[" * 100_000, "is not valid JSON", "a.json"),
    answers("database = ", "is not valid TOML", "a.toml"),
    answers("- database\n", "holds no answers"),
    answers("databas: none\n", "a.yml: there is no question 'databas'; did you mean database?"),
    answers("project_name: [a]\n", "project_name is a text"),
    answers(f"project_name: {{a: {'x' * 5000}}}\n", "project_name is a text, and {'a': 'xxx"),
    answers(f"project_name: {'[' * 300}{']' * 300}\n", "project_name is a text, and [[[[[[[...]]]]]]] is not."),
    answers("#" * 1_000_001, "a.yml has more than 1 MB"),
    Bad(("desk", "--answers", "x" * 5000), "File name too long"),
    answers("database: null\n", "database is a text, and None is not."),
    answers("!!python/object/apply:os.system ['true']\n", "is not valid YAML"),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def label(bad: Bad) -> str:
    files = " ".join(f"{path}={text}" for path, text in bad.files.items())
    return ascii(" ".join((*bad.words, bad.said, files)))[:110]


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("bad", [*NAMES, *TARGETS, *FLAGS, *ANSWERS], ids=label)
def test_what_cannot_be_done_is_said_in_a_sentence(bad: Bad, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, text in bad.files.items():
        (here / path).parent.mkdir(exist_ok=True)
        (here / path).with_name(Path(path).name.replace("notes", "notes.md")).write_text(text)
    before = everything(here.parent)

    code = cli.run(["create", *QUICK, *bad.words])

    out, said = capsys.readouterr()
    assert bad.said in said
    assert "Traceback" not in said
    assert "bug" not in said
    assert (code, out, len(said.splitlines()) <= 2) == (bad.code, "", True)
    assert max(map(len, said.splitlines())) < 500
    assert everything(here.parent) == before


def test_an_unknown_command_is_said_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["creat", "desk"]) == errors.UsageError.code
    assert "Did you mean 'create'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "content", "said"),
    [
        ("a: [", "x", "is not valid YAML"),
        ("_subdirectory: files\nname: '{{ nobody.at_all }}'\n", "x", "The default of name in copier.yml fails"),
        (
            "_subdirectory: files\n_envops: {undefined: jinja2.StrictUndefined}\nname: x\n",
            "{{ no }}",
            "'no' is undefined",
        ),
        ("_subdirectory: files\n_tasks: [touch made]\nname: x\n", "x", "uses potentially unsafe feature"),
    ],
)
def test_a_broken_template_is_named(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: str,
    content: str,
    said: str,
) -> None:
    monkeypatch.setenv(cli.ELSEWHERE, str(here.parent / "template"))
    with suppress(errors.TemplateError):  # it is the program that is asked to say so
        written(here.parent / "template", settings, notes=content)

    assert cli.run(["create", "desk", *QUICK]) == errors.TemplateError.code

    assert said in capsys.readouterr().err
    assert everything(here) == []


@pytest.mark.parametrize("program", ["git", "make"])
def test_a_program_that_is_missing_skips_its_step_and_nothing_else(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], program: str
) -> None:
    monkeypatch.setenv("PATH", str(here))
    switches = {"git": ("--no-sync",), "make": ("--no-git", "--no-sync")}[program]

    assert cli.run(["create", "desk", "--yes", *switches]) == 0

    assert (here / "desk" / "pyproject.toml").exists()
    assert ("git is not installed" in capsys.readouterr().out) is (program == "git")


def process(code: str, *words: str) -> "subprocess.Popen[str]":
    """`newapi create` as a process of its own, after some lines of preparation."""
    script = (
        f"{code}\nimport sys\nfrom newapi.cli import main\nsys.argv = {['newapi', 'create', *words, *QUICK]!r}\nmain()"
    )
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


posix = pytest.mark.skipif(os.name == "nt", reason="signals, limits and rights of POSIX systems")
FULL = """
import resource, sys
sys.dont_write_bytecode = True  # Python would cut its own caches short, too
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
"""
SLOW = """
import pathlib, time
from newapi import tree
plain = pathlib.Path.open
def slow(self, mode="r", *rest, **named):
    if mode == "xb":
        print("writing", flush=True)
        time.sleep(0.5)
    return plain(self, mode, *rest, **named)
pathlib.Path.open = slow
"""


@posix
def test_a_full_disk_is_said_and_nothing_is_left(here: Path) -> None:
    child = process(FULL, "a/desk")
    _, said = child.communicate(timeout=60)

    assert (child.returncode, "no room" in said, "Traceback" in said) == (errors.DiskError.code, True, False)
    assert everything(here) == []


@posix
def test_a_full_disk_leaves_a_clone_as_it_was(here: Path) -> None:
    subprocess.run(("git", "init", "desk"), check=True, capture_output=True)
    before = everything(here)

    child = process(FULL, "desk")
    _, said = child.communicate(timeout=60)

    assert (child.returncode, "no room" in said) == (errors.DiskError.code, True)
    assert everything(here) == before


@posix
@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "closed").mkdir(mode=0o500)

    assert cli.run(["create", "closed/desk", *QUICK]) == errors.DiskError.code
    assert "cannot be written to" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a file system that takes no folders")
def test_a_file_system_that_takes_no_folders_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["create", "/proc/desk", *QUICK]) == errors.DiskError.code
    assert "/proc" in capsys.readouterr().err


@posix
@pytest.mark.parametrize("words", [["create", "desk", *QUICK], ["verify", "--list"]])
def test_a_current_folder_that_is_gone_is_said(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    here.rmdir()

    assert cli.run(words) == errors.UsageError.code
    assert capsys.readouterr().err.startswith("error The folder that you are in is gone.\n")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129), ("SIGKILL", -9)])
def test_a_run_that_is_ended_while_it_writes_leaves_no_half_project(here: Path, name: str, code: int) -> None:
    child = process(SLOW, "a/desk")
    assert child.stdout is not None
    assert child.stdout.readline() == "writing\n"

    child.send_signal(signal.Signals[name])
    _, said = child.communicate(timeout=60)

    assert (child.returncode, "Traceback" in said) == (code, False)
    assert not (here / "a").exists()
    staging.sweep(here)
    assert everything(here) == []


@posix
def test_a_project_that_somebody_removes_while_it_is_written_is_not_created(here: Path) -> None:
    child = process(SLOW, "desk")
    assert child.stdout is not None
    assert child.stdout.readline() == "writing\n"

    shutil.rmtree(next(path for path in here.iterdir() if staging.NAME.fullmatch(path.name)))
    _, said = child.communicate(timeout=60)

    assert (child.returncode, "removed meanwhile" in said) == (errors.DiskError.code, True)
    assert everything(here) == []


@posix
def test_two_runs_at_once_make_one_project(here: Path) -> None:
    first, second = process(SLOW.replace("0.5", "0.02"), "desk"), process(SLOW.replace("0.5", "0.02"), "desk")

    said = [child.communicate(timeout=60)[1] for child in (first, second)]

    assert sorted((first.returncode, second.returncode)) == [0, errors.UsageError.code]
    assert "meanwhile" in "".join(said)
    assert [path.name for path in here.iterdir()] == ["desk"]


@posix
@pytest.mark.parametrize("words", [["--help"], ["options"], ["options", "--json"], ["create", "--dry-run", "--json"]])
def test_whoever_stops_reading_gets_no_traceback(words: list[str]) -> None:
    reading, writing = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "newapi", *words], stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(reading)
    os.close(writing)

    _, said = child.communicate(timeout=60)

    assert (child.returncode, said) == (1, "")


OUTPUTS = {
    "that nobody reads any more": ("| true", "", 0),
    "that is full": (">/dev/full", "error The output cannot be written: No space left on device.", 1),
    "that is full, for a program": ("--json >/dev/full", "error The output cannot be written", 1),
    "that is closed": (">&-", "", 0),
    "that is closed, as all streams are": ("<&- >&- 2>&-", "", 0),
}


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file that takes nothing")
@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_that_takes_nothing_does_not_stop_the_work(here: Path, output: str) -> None:
    redirected, said, code = OUTPUTS[output]
    # `true` has ended long before newapi says its first word.
    command = f"{shlex.quote(sys.executable)} -m newapi create shop --yes --no-sync {redirected}"

    done = subprocess.run(("sh", "-c", command), capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stdout) == (code, "")  # of a pipe it is the reader's code
    assert said in done.stderr if said else not done.stderr
    assert "Traceback" not in done.stderr
    assert (here / "shop" / ".env").exists()
    assert (here / "shop" / ".git" / "refs" / "heads" / "main").exists()


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file that takes nothing")
@pytest.mark.parametrize("words", [["--help"], ["options"], ["options", "--json"], ["create", "--json", "--auth", "x"]])
def test_an_output_that_is_full_is_one_sentence(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "newapi", *words], stdout=full, stderr=-1, text=True, check=False)

    assert done.returncode in {1, errors.UsageError.code}
    assert done.stderr.startswith("error ")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_an_output_without_our_characters_gets_others(here: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "newapi", "create", "shop", "--author-name", "Łukasz", *words, *QUICK],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    )

    assert (here / "shop" / ".env").exists()
    if words:
        assert msgspec.json.decode(done.stdout)["answers"]["author_name"] == "Łukasz"
    else:
        assert "? Created shop" in done.stdout.decode("cp1252")


@posix
@pytest.mark.skipif(not Path("/proc").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_step_ends_with_the_run_that_is_ended(here: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    program, note = here / "bin" / "make", here / "pid"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho $$ >{note}.new && mv {note}.new {note}\nexec sleep 60\n")
    program.chmod(0o755)
    code = """
from newapi import finish
from newapi.steps import Command
finish.steps = lambda *_: (Command("long", ("make",), "make"),)
"""
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    child = process(code, "desk")
    while not note.exists():
        assert child.poll() is None
        time.sleep(0.02)

    child.send_signal(signal.Signals[name])
    child.send_signal(signal.Signals[name])  # as a shell does that ends
    child.communicate(timeout=60)

    assert child.returncode == 128 + signal.Signals[name]
    assert not Path("/proc", note.read_text().strip()).exists()


@posix
def test_a_run_under_nohup_outlives_its_terminal(here: Path) -> None:
    child = process("import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)" + SLOW.replace("0.5", "0.01"), "desk")
    assert child.stdout is not None
    assert child.stdout.readline() == "writing\n"

    child.send_signal(signal.Signals["SIGHUP"])
    child.communicate(timeout=60)

    assert (child.returncode, (here / "desk" / ".env").exists()) == (0, True)
