"""`newapi verify` as a person or a CI job runs it, mostly on a small template that is not ours."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from newapi import process, template
from newapi.process import Finished
from newapi.verify import reports, verification
from newapi.verify.model import Report
from newapi.verify.request import Request
from tests.verify import at_work
from tests.verify.at_work import SHOWN, at_its_tests, until

PLATFORM = Path(__file__).parents[1] / "templates" / "platform"
NEWAPI = (sys.executable, "-m", "newapi", "verify", "--template", str(PLATFORM), "--data", "team=parcels")
ONE = "no-metrics-github-no-image"
LEFT = "Cancelled; what was started is ended, and what held so far is kept."


def run(folder: Path, *arguments: str, **variables: str) -> Finished:
    """The command, with results and projects of its own."""
    env = {**os.environ, "NEWAPI_CACHE": str(folder / "cache"), **variables}
    return process.run([*NEWAPI, *arguments], folder, timeout=300, env=env)


def reported(folder: Path, *arguments: str, **variables: str) -> Report:
    """The report of a verification that ends with its verdict."""
    file = folder / "report.json"
    done = run(folder, *arguments, "--json", str(file), **variables)
    assert done.code in {0, 1}, done.output
    report = reports.read(file)
    assert done.code == (0 if report.passed else 1), done.output
    return report


def how(report: Report) -> dict[str, list[str]]:
    return {one.variant.name: [verdict.how for verdict in one.verdicts] for one in report.variants}


def test_a_template_that_is_not_ours_is_verified_with_the_checks_that_apply(tmp_path: Path) -> None:
    report = reported(tmp_path, "--coverage", "pairs", "--html", "page.html", "--junit", "junit.xml")
    assert not report.failures
    assert (len(report.variants), report.space) == (6, 10)
    (pairs,) = (covered for covered in report.covered if covered.strength == 2)
    assert not pairs.missing
    made = {verdict.check for one in report.variants for verdict in one.verdicts if verdict.status == "passed"}
    assert made == set(report.checks) - {"migrations"}
    (skipped,) = {
        verdict.reason for one in report.variants for verdict in one.verdicts if verdict.check == "migrations"
    }
    assert skipped == "the template does not say `migrations` for it"
    for file in ("page.html", "junit.xml"):
        assert all(one.variant.name in (tmp_path / file).read_text("utf-8") for one in report.variants)

    again = reported(tmp_path, "--coverage", "pairs")
    assert {word for words in how(again).values() for word in words} <= {"kept", "none", "run"}
    assert again.seconds < report.seconds / 3


def test_a_list_says_what_it_will_cost_and_starts_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "--list", "--select", "*gitlab*")
    assert done.code == 0
    assert "no-metrics-gitlab-no-image" in done.output
    assert ONE not in done.output
    assert re.search(r"suite \d", done.output)
    # How many services there are in the space is counted once, and kept.
    assert [path.name for path in (tmp_path / "cache/verify").iterdir()] == ["results"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--select", "*gitlob*"], r"No variant is named '\*gitlob\*'"),
        (["--select", "ci=gitlob"], "did you mean ci=gitlab"),
        (["--check", "suit"], "did you mean suite"),
        (["--shard", "3/2"], "not one part of several"),
        (["--shard", "half"], "not one part of several"),
        (["--shard", f"1/{'9' * 5000}"], "not one part of several"),
        (["--data", "team"], "not of the form name=value"),
        (["--data", "tem=x"], "did you mean team"),
        (["--data", "metrics=maybe"], "Give it as `--data metrics="),
        (["--since", "no-such-ref"], "no-such-ref"),
        (["--since=-x"], "cannot be a commit"),
        (["--since", ""], "--since is empty"),
        (["--shard="], "--shard is empty"),
        (["--tier", "slow"], "render"),
        (["--scheduler", "tcp://127.0.0.1:9", "--jobs", "2"], "--jobs is for this machine"),
        (["--html", "missing/page.html"], "No report can be written to 'missing/page.html'"),
        (["--merge"], "--merge takes JSON reports"),
        (["a.json"], "--merge takes JSON reports"),
        (["--merge", "a.json"], "'a.json' cannot be read"),
    ],
)
def test_a_wrong_request_gets_one_sentence_and_a_way_out(arguments: Sequence[str], says: str, tmp_path: Path) -> None:
    done = run(tmp_path, *arguments)
    assert done.code == 2, done.output
    assert re.search(says, done.output), done.output
    assert "Traceback" not in done.output
    assert len(done.output.splitlines()) <= 3


def test_a_template_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    done = process.run([sys.executable, "-m", "newapi", "verify", "--template", "./nowhere"], tmp_path)
    assert done.code == 2
    assert "There is no template at './nowhere'" in done.output


def test_shards_make_the_whole_between_them(tmp_path: Path) -> None:
    chosen = ("--tier", "static", "--coverage", "all")
    whole = reported(tmp_path, *chosen)
    for number in ("1", "2"):
        part = run(tmp_path, *chosen, "--shard", f"{number}/2", "--json", f"{number}.json")
        assert part.code == 0, part.output
    done = run(tmp_path, "--merge", "1.json", "2.json", "--json", "merged.json")
    assert done.code == 0, done.output
    merged = reports.read(tmp_path / "merged.json")
    whole = reports.merge({"whole.json": whole})
    assert merged.covered == whole.covered
    verdicts = [
        {one.variant.name: [(verdict.check, verdict.status) for verdict in one.verdicts] for one in report.variants}
        for report in (merged, whole)
    ]
    assert verdicts[0] == verdicts[1]


def test_shards_of_other_variants_or_of_another_template_are_no_parts_of_it(tmp_path: Path) -> None:
    copy = tmp_path / "copy" / "platform"
    copy.parent.mkdir()
    process.run(("cp", "-r", str(PLATFORM), str(copy)), tmp_path)

    def part(name: str, *arguments: str) -> str:
        done = run(tmp_path, "--tier", "render", *arguments, "--json", name)
        assert done.code == 0, done.output
        return name

    github = part("github.json", "--select", "ci=github,image=false", "--shard", "1/2")
    gitlab = part("gitlab.json", "--select", "ci=gitlab,image=false", "--shard", "2/2")
    same = part("same.json", "--template", str(copy), "--select", "ci=github,image=false", "--shard", "2/2")
    readme = next(copy.glob("README*"))
    readme.write_text(readme.read_text("utf-8") + "One more line.\n")
    changed = part("changed.json", "--template", str(copy), "--select", "ci=github,image=false", "--shard", "2/2")

    assert run(tmp_path, "--merge", github, same).code == 0
    for other in (gitlab, changed):
        done = run(tmp_path, "--merge", github, other)
        assert done.code == 2, done.output
        assert re.search(f"{github} and {other} are not of one verification: the digest", done.output)


def test_what_only_looking_at_it_finds_is_kept_once_to_be_looked_at(tmp_path: Path) -> None:
    copy = tmp_path / "untidy"
    process.run(("cp", "-r", str(PLATFORM), str(copy)), tmp_path)
    readme = next(copy.glob("README*"))
    readme.write_text(readme.read_text("utf-8") + "\n\n")
    report = reported(tmp_path, "--template", str(copy), "--tier", "render", "--coverage", "all")
    first, *others = report.failures
    assert first.check == "text"
    assert (Path(first.folder) / "README.md").read_text("utf-8").endswith("\n\n")
    assert others
    assert not any(other.folder for other in others if other.output == first.output)


def test_a_template_that_is_rendered_by_copier_says_why(tmp_path: Path) -> None:
    report = reported(tmp_path, "--tier", "render")
    assert [note for note in report.notes if "Copier" in note] == [
        "Projects are rendered by Copier, which takes its time, and not in memory: copier.yml has no _subdirectory."
    ]
    assert report.distinct == 2


def test_what_copier_would_have_to_render_for_minutes_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MOST_BY_COPIER", 3)
    prepared = verification.Verification(Request(template.load(PLATFORM), fixed={"team": "x"}, tier="render")).prepare()
    assert len(prepared.space) > 3
    assert prepared.distinct is None


def faulty(folder: Path) -> Path:
    """The template with a test that fails where no metrics are chosen."""
    copy = folder / "faulty"
    process.run(("cp", "-r", str(PLATFORM), str(copy)), folder)
    file = copy / "tests" / "test_app.py.jinja"
    file.write_text(
        file.read_text("utf-8") + "[% if not metrics %]\n\ndef test_it() -> None:\n    assert False\n[% endif %]\n"
    )
    return copy


def test_a_failure_says_where_it_is_and_how_to_repeat_it(tmp_path: Path) -> None:
    copy = faulty(tmp_path)
    done = run(tmp_path, "--template", str(copy), "--coverage", "each", "--check", "suite", "--json", "report.json")
    assert done.code == 1, done.output
    (failure, *_) = reports.read(tmp_path / "report.json").failures
    assert "assert False" in failure.output
    assert (Path(failure.folder) / "tests" / "test_app.py").exists()
    assert f"✗ suite of {failure.variant}" in done.output
    assert failure.folder in done.output
    words = failure.command.split()
    assert words[:2] == ["newapi", "verify"]
    repeated = process.run(
        [sys.executable, "-m", *words],
        tmp_path,
        env={**os.environ, "NEWAPI_CACHE": str(tmp_path / "cache")},
        timeout=120,
    )
    assert repeated.code == 1, repeated.output
    assert "assert False" in repeated.output


def test_the_first_failure_is_enough_where_that_is_asked_for(tmp_path: Path) -> None:
    copy = faulty(tmp_path)
    options = ("--template", str(copy), "--coverage", "all", "--check", "suite", "--fail-fast", "--jobs", "1")
    report = reported(tmp_path, *options)
    assert report.failures
    assert any(not one.verdicts for one in report.variants)


def test_what_a_change_does_to_projects_is_shown_and_only_that_is_verified(tmp_path: Path) -> None:
    copy = tmp_path / "repository"
    process.run(("cp", "-r", str(PLATFORM), str(copy)), tmp_path)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "before"]):
        assert process.run(["git", *words], copy).code == 0
    file = next(copy.glob("*gitlab*"))
    file.write_text(file.read_text("utf-8").replace("stages:", "# what comes first\nstages:", 1) + "# the end\n")
    report = reported(tmp_path, "--template", str(copy), "--since", "HEAD", "--tier", "static", "--coverage", "all")
    assert report.since
    (change,) = report.since.changes
    assert "+# the end" in change.diff
    names = {one.variant.name for one in report.variants}
    assert names == set(change.variants)
    assert names
    assert all("gitlab" in name for name in names)


def test_nothing_that_changed_is_nothing_to_verify(tmp_path: Path) -> None:
    copy = tmp_path / "repository"
    process.run(("cp", "-r", str(PLATFORM), str(copy)), tmp_path)
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "before"]):
        assert process.run(["git", *words], copy).code == 0
    done = run(tmp_path, "--template", str(copy), "--since", "HEAD")
    assert done.code == 0, done.output


def test_github_gets_a_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    reported(tmp_path, "--tier", "render", GITHUB_STEP_SUMMARY=str(summary))
    assert ONE in summary.read_text("utf-8")


def test_json_on_stdout_is_all_that_is_there(tmp_path: Path) -> None:
    env = {**os.environ, "NEWAPI_CACHE": str(tmp_path / "cache")}
    command = [*NEWAPI, "--tier", "render", "--json", "-"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=True, timeout=60)
    assert reports.decode(done.stdout).passed
    assert b"All checks hold" in done.stderr


@contextmanager
def started(folder: Path, seconds: int) -> Generator["subprocess.Popen[bytes]"]:
    """The command at work on suites that take their time."""
    copy = folder / "slow"
    process.run(("cp", "-r", str(PLATFORM), str(copy)), folder)
    file = copy / "tests" / "test_app.py.jinja"
    slow = f"\n\ndef test_slow() -> None:\n    import time\n\n    time.sleep({seconds})\n"
    file.write_text(file.read_text("utf-8") + slow)
    env = {**os.environ, "NEWAPI_CACHE": str(folder / "cache"), "TMPDIR": str(folder)}
    command = [*NEWAPI, "--template", str(copy), "--check", "suite", "--coverage", "each"]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


@SHOWN
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_however_it_ends_nothing_is_left(number: signal.Signals, tmp_path: Path) -> None:
    with started(tmp_path, seconds=300) as child:
        assert until(lambda: at_its_tests(tmp_path), 90), (tmp_path / "log").read_text()
        child.send_signal(number)
        code = child.wait(30)
    said = (tmp_path / "log").read_text()
    assert code == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number], said
    assert (LEFT in said) == (number != signal.SIGKILL)
    assert until(lambda: not at_work.started(tmp_path) and not list(tmp_path.glob("newapi-*")), 30)


@SHOWN
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_run_that_lost_its_keeper_ends_its_workers_all_the_same(number: signal.Signals, tmp_path: Path) -> None:
    with started(tmp_path, seconds=300) as child:
        assert until(lambda: at_its_tests(tmp_path), 90), (tmp_path / "log").read_text()
        os.kill(at_work.keeper(tmp_path), signal.SIGKILL)
        child.send_signal(number)
        code = child.wait(20)
    assert until(lambda: not at_work.started(tmp_path), 5)  # the tracker of shared resources is the last
    assert not list(tmp_path.glob("newapi-*"))
    assert (code, LEFT in (tmp_path / "log").read_text()) == (128 + number, True)


@SHOWN
def test_a_process_that_is_lost_costs_no_more_than_its_time(tmp_path: Path) -> None:
    with started(tmp_path, seconds=5) as child:
        assert until(lambda: at_its_tests(tmp_path), 90), (tmp_path / "log").read_text()
        workers = [number for number, command in at_work.started(tmp_path).items() if "spawn_main" in command]
        os.kill(workers[0], signal.SIGKILL)
        assert child.wait(120) == 0, (tmp_path / "log").read_text()


def test_a_server_of_the_users_that_does_not_answer_is_missed_before_anything_is_started(tmp_path: Path) -> None:
    address = "postgresql://postgres@127.0.0.1:9/postgres"
    command = [*NEWAPI[:4], "--postgresql", address, "--select", "database=postgresql,auth=none", "--check", "boot"]
    done = process.run(command, tmp_path, timeout=60, env={**os.environ, "NEWAPI_CACHE": str(tmp_path / "cache")})
    assert done.code == 3, done.output
    assert f"PostgreSQL at {address}" in done.output
