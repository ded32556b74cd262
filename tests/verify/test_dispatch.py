from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

from newapi import template
from newapi.plan import Plan
from newapi.template import Contract
from newapi.tree import Tree
from newapi.verify.dispatch import completed
from newapi.verify.job import Job, Result
from newapi.verify.model import Variant
from newapi.verify.subject import Subject

NOTHING = Tree({})


class AtOnce:
    """A crew that has done a job as soon as it gets it."""

    size: int = 2
    lost: tuple[type[Exception], ...] = ()

    def submit(self, job: Job) -> Future[Result]:
        over: Future[Result] = Future()
        over.set_result(Result(job.subject.variant.name, ()))
        return over

    def require(self) -> None: ...


def test_a_job_is_made_when_somebody_is_there_to_do_it(tmp_path: Path) -> None:
    own, made = template.load(), list[str]()

    def jobs() -> Iterator[Job]:
        for name in map(str, range(100)):
            made.append(name)
            plan = Plan(own, tmp_path, {}, NOTHING, (), "")
            yield Job(Subject(Variant(name, {}, ()), NOTHING, Contract()), plan, (), (), "")

    results = completed(jobs(), AtOnce(), lambda: None)
    first = next(results)

    assert len(made) == 2
    assert {first.variant, *(result.variant for result in results)} == set(map(str, range(100)))
