"""A verification from end to end: choose, plan, do the jobs, report."""

import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec

import newapi
from newapi import finish, memory, plan
from newapi.answers import Answers, Questionnaire
from newapi.errors import TemplateError, quoted
from newapi.finish import Switches
from newapi.render import renderer
from newapi.template import Settings, Template
from newapi.tree import Tree
from newapi.values import nearest
from newapi.verify import coverage, dispatch, matrix, picks, preflight, since, space
from newapi.verify.checks.project import RUNNING
from newapi.verify.contract import Contracts
from newapi.verify.crew import PROJECTS
from newapi.verify.job import Done, Job, Result, keep
from newapi.verify.kept import Kept, Keys, Results
from newapi.verify.matrix import Matrix
from newapi.verify.model import Failure, Report, Since, Variant, Verified
from newapi.verify.request import OWN, Request
from newapi.verify.subject import Subject
from newapi.verify.watch import Nobody, Watcher

MOST_BY_COPIER = 1_000  # projects that are rendered to be counted: Copier takes some 20 ms for each
CREATED = Switches(check=False)  # the harness makes the checks itself, one by one


class Prepared(msgspec.Struct, frozen=True):
    """All that is known before anything is started."""

    space: tuple[Variant, ...]
    distinct: int | None
    matrix: Matrix
    since: Since | None = None


def verify(request: Request, watcher: Watcher | None = None) -> Report:
    """Verify a template; raises UsageError, MissingError and TemplateError, as `newapi.errors` has them."""
    verification = Verification(request)
    return verification.run(verification.prepare(), watcher or Nobody())


class Verification:
    """One request: `prepare` decides, `run` does."""

    def __init__(self, request: Request) -> None:
        self._request: Request = request
        self._start: datetime = datetime.now(UTC)
        self._began: float = time.monotonic()
        self._template: Template = _unpinned(request.template) if request.newest else request.template
        self._questionnaire: Questionnaire = Questionnaire(self._template)
        self._contracts: Contracts = Contracts(self._questionnaire)
        self._render: Callable[[Answers], Tree] = renderer(self._template)
        self._outside: str = memory.outside(self._template)
        self._pins: tuple[str, ...] = finish.pins(self._template)
        self._results: Results = Results(request.folder / "results", read=request.cache)

    def prepare(self) -> Prepared:
        """Choose the variants and plan their checks; nothing is started, and no project is written."""
        request = self._request
        whole = tuple(space.walk(self._questionnaire, request.fixed))
        self._refuse_unknown_traces()
        candidates, changes = whole, None
        if request.before:
            changes, names = since.compare(*request.before, self._template, request.fixed)
            everything = self._differs(request.before[1])
            candidates = tuple(variant for variant in whole if everything or variant.name in names)
        chosen = request.chosen_variants(self._questionnaire, candidates) if candidates else []
        keys = Keys(self._pins, preflight.versions(request))
        planned = matrix.make(chosen, self._subject, request.chosen_checks(), keys, self._results)
        counted = None if self._outside and len(whole) > MOST_BY_COPIER else self._counted(whole, keys)
        return Prepared(whole, counted, planned.shard(*request.shard), changes)

    def _counted(self, whole: Sequence[Variant], keys: Keys) -> int:
        """How many services there are in the space. To count thousands takes seconds, so the count is kept, too."""
        key = keys.of_space(self._template, whole)
        kept = self._results.find(key)
        if kept is None:
            start = time.monotonic()
            counted = self.distinct(whole)
            kept = Kept("", time.monotonic() - start, str(counted))
            self._results.keep(key, kept)
        return int(kept.note)

    def distinct(self, variants: Iterable[Variant]) -> int:
        """How many services there are among them: two are the same when all that can run or be tested is."""
        return len({RUNNING.of(subject.contract).digest(subject.tree) for subject in map(self._subject, variants)})

    def _differs(self, before: Template) -> bool:
        """Whether what every variant is locked with, or how it is checked, is another than it was."""
        extras = (before.settings.newapi.verify, finish.pins(before))
        return extras != (self._template.settings.newapi.verify, self._pins)

    def _refuse_unknown_traces(self) -> None:
        known = [option.pick for some in picks.options(self._questionnaire.questions, {}).values() for option in some]
        traces = self._template.settings.newapi.verify.traces
        for pick in (pick for trace in traces for pick in picks.any_of(trace)):
            if pick not in known:
                raise TemplateError(f"_newapi.verify: traces has {quoted(pick)}, no answer{nearest(pick, known)}")

    def run(self, prepared: Prepared, watcher: Watcher) -> Report:
        """Do what is planned and say what came of it; what is started is ended, however this ends."""
        request, table, made, results = self._request, prepared.matrix, dict[str, Done](), list[Result]()
        counted, work = table.counted(), table.planned()
        watcher.planned(work, variants=len(table.rows), shared=counted["shared"], kept=counted["kept"])
        if work:
            preflight.require(request, table)
            with closing(dispatch.results(request, len(work), partial(self._jobs, table), watcher)) as worked:
                for result in worked:
                    results.append(result)
                    made.update(self._recorded(result, table))
            self._results.prune()
        verified = tuple(Verified(row.variant, tuple(table.verdicts(row, made))) for row in table.rows)
        return self._report(prepared, verified, tuple(self._failures(table, results, made)))

    def _jobs(self, table: Matrix, folder: Path) -> Iterator[Job]:
        variants = {row.variant.name: row.variant for row in table.rows}
        for planned in table.planned():
            variant = variants[planned.variant]
            subject = self._subject(variant)
            made = plan.make(
                self._questionnaire,
                variant.answers,
                dest=str(folder / "planned"),
                switches=CREATED,
                tree=subject.tree,
            )
            kept = str(self._request.folder / PROJECTS)
            yield Job(subject, made, planned.checks, self._pins, kept, self._request.keep)

    def _subject(self, variant: Variant) -> Subject:
        return Subject(variant, self._render(variant.answers), self._contracts.rendered(variant.answers))

    def _recorded(self, result: Result, table: Matrix) -> Iterator[tuple[str, Done]]:
        """What a job has found out, by its key; what held is kept for the next run."""
        cells = {cell.check: cell for cell in table.row(result.variant).cells}
        for done in result.done:
            key = cells[done.check].key
            self._results.took(done.check, done.seconds)
            if done.status == "passed":
                self._results.keep(key, Kept(result.variant, done.seconds, done.note))
            yield key, done

    def _failures(self, table: Matrix, results: Iterable[Result], made: Mapping[str, Done]) -> Iterator[Failure]:
        folders = {result.variant: result.folder for result in results}
        shown: set[str] = set()  # problems; many variants can have the same one
        known = {**table.found, **made}
        for row in table.rows:
            for cell in row.cells:
                done = known.get(cell.key)
                if cell.how != "run" or not isinstance(done, Done) or done.status != "failed":
                    continue
                name = row.variant.name
                others = tuple(other for other in table.sharing(cell.key) if other != name)
                repeat = shlex.join((*self._request.command, "--select", name, "--check", cell.check))
                folder = folders.get(name, "")
                if not folder and done.output not in shown:
                    folder = keep(self._subject(row.variant), self._request.folder / PROJECTS)
                shown.add(done.output)
                yield Failure(name, cell.check, done.seconds, done.output, folder, repeat, others)

    def _report(self, prepared: Prepared, verified: tuple[Verified, ...], failures: tuple[Failure, ...]) -> Report:
        request, table = self._request, prepared.matrix
        checks = tuple(check.name for check in table.checks)
        run = coverage.verified(verified, checks)
        return Report(
            newapi=newapi.__version__,
            template=request.name,
            version=self._template.version if request.name == OWN else "",
            tier=request.tier,
            coverage=request.strength,
            started=self._start.isoformat(timespec="seconds"),
            seconds=time.monotonic() - self._began,
            space=len(prepared.space),
            distinct=prepared.distinct,
            digest=table.digest,
            checks=checks,
            variants=verified,
            failures=failures,
            covered=tuple(
                coverage.covered(strength, coverage.combinations(prepared.space, strength), run)
                for strength in request.told
            ),
            saved={
                how: sum(one.how == how for each in verified for one in each.verdicts) for how in ("shared", "kept")
            },
            shard="" if request.shard == (1, 1) else "{}/{}".format(*request.shard),
            since=prepared.since,
            notes=(*self._slow(), *_notes(verified)),
        )

    def _slow(self) -> Iterator[str]:
        if self._outside:
            yield f"Projects are rendered by Copier, which takes its time, and not in memory: {self._outside}."


def _notes(verified: Iterable[Verified]) -> Iterator[str]:
    """What checks that hold say nevertheless."""
    for one in verified:
        for verdict in one.verdicts:
            if verdict.status == "passed" and verdict.how == "run" and verdict.reason:
                yield f"{verdict.check} of {one.variant.name}: {verdict.reason}"


def _unpinned(template: Template) -> Template:
    """The template without the versions it was verified with: the newest that it allows are locked."""
    extras = msgspec.structs.replace(template.settings.newapi, versions="")
    settings: Settings = msgspec.structs.replace(template.settings, newapi=extras)
    return msgspec.structs.replace(template, settings=settings)
