"""Reports as a verification makes them, of any size."""

import itertools

from newapi.verify.model import (
    Change,
    Combination,
    Coverage,
    Failure,
    Report,
    Since,
    Variant,
    Verdict,
    Verified,
)

CHECKS = (
    "text", "lock", "lint", "types", "migrations", "suite", "boot", "journey", "fuzz", "drain", "image", "compose",
    "manifests", "workflows",
)  # fmt: skip
SECONDS = dict(zip(CHECKS, (0.01, 1.4, 0.2, 9.3, 3.1, 18.7, 2.2, 4.8, 21.5, 6.3, 1.1, 0.3, 0.2, 0.1), strict=True))
CHOICES = {
    "license": ("MIT", "Apache-2.0", "Proprietary"),
    "database": ("none", "sqlite", "postgresql"),
    "auth": ("none", "jwt", "session"),
    "cache": ("none", "redis"),
    "ci": ("github", "gitlab", "none"),
    "deploy": ("none", "compose", "kubernetes"),
}
LOG = """\
$ make smoke URL=http://127.0.0.1:40311
\x1b[32mPASSED\x1b[0m health
\x1b[32mPASSED\x1b[0m the document is valid <OpenAPI 3.1>
\x1b[31mFAILED\x1b[0m a field too many is refused
  POST /tasks {"title": "</script><b>", "colour": "]]>"}
  expected 400 and application/problem+json
  got      500 {"detail":"Internal Server Error"}
the log of the service:
  Traceback (most recent call last):
    File "src/order_desk/tasks/routes.py", line 41, in create
      return await tasks.add(task)
  TypeError: Task.__init__() got an unexpected keyword argument 'colour'\x00
"""
DIFF = """\
--- a/src/order_desk/server.py
+++ b/src/order_desk/server.py
@@ -12,7 +12,7 @@
 def main() -> None:
     Granian(
         "order_desk.app:create_app",
-        workers_kill_timeout=5,
+        workers_kill_timeout=10,
         factory=True,
     ).serve()
"""
TITLE = """\
--- a/README.md
+++ b/README.md
@@ -1 +1 @@
-# Order
+# Order <Desk>
"""


def variant(*values: str) -> Variant:
    answers = dict(zip(CHOICES, values, strict=False))
    return Variant("-".join(values), answers, tuple(f"{question}={value}" for question, value in answers.items()))


def report(size: int = 12, failing: int = 2, shard: str = "") -> Report:
    """A report of some variants; every third is the same as the one before in what the longer checks read."""
    everything = list(itertools.product(*CHOICES.values()))
    variants = [variant(*values) for values in everything[:: len(everything) // size][:size]]
    broken = {one.name for one in variants[1::3][:failing]}
    verified = tuple(_verified(variants, number, broken) for number in range(size))
    failures = tuple(
        Failure(
            one.name,
            "journey",
            4.8,
            LOG,
            f"/home/ada/newapi-verify/{one.name}",
            f"newapi verify --tier full --select {one.name} --keep",
            tuple(
                other.variant.name
                for other in verified
                if any(verdict.by == one.name and verdict.check == "journey" for verdict in other.verdicts)
            ),
        )
        for one in variants
        if one.name in broken
    )
    return Report(
        newapi="0.3.0",
        template="stock",
        version="0.3.0",
        tier="full",
        coverage="pairs",
        started="2026-11-22T10:04:05Z",
        seconds=512.4,
        space=len(everything),
        distinct=216,
        digest="3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
        checks=CHECKS,
        variants=verified,
        failures=failures,
        covered=(coverage(variants, 2),),
        saved={how: sum(verdict.how == how for one in verified for verdict in one.verdicts) for how in _SAVED},
        shard=shard,
        since=Since(
            "v0.2.0",
            (
                Change(tuple(one.name for one in variants[:5]), DIFF),
                Change(
                    (variants[7].name,), "--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-# Order\n+# Order <Desk>\n"
                ),
            ),
            added=(variants[-1].name,),
            unchanged=size - 7,
        ),
        notes=("Docker is not running: image was checked by its linter alone.",),
    )


_SAVED = ("shared", "kept")


def _verified(variants: list[Variant], number: int, broken: set[str]) -> Verified:
    one, before = variants[number], variants[number - 1]
    twin = number % 3 == 2
    failed = one.name in broken or (twin and before.name in broken)
    verdicts: list[Verdict] = []
    for check in CHECKS:
        seconds = SECONDS[check] * (1 + number % 5 / 10)
        if check == "manifests" and "kubernetes" not in one.name:
            verdicts.append(Verdict(check, "skipped", "none", reason="the variant has no such files"))
        elif failed and check in {"fuzz", "drain"}:
            verdicts.append(Verdict(check, "skipped", "none", reason="it needs journey"))
        elif failed and check == "journey":
            verdicts.append(Verdict(check, "failed", "shared" if twin else "run", before.name if twin else "", 4.8))
        elif twin and SECONDS[check] > 1:
            verdicts.append(Verdict(check, "passed", "shared", before.name, seconds))
        elif check in {"lock", "types"} and number % 4 == 0:
            verdicts.append(Verdict(check, "passed", "kept", seconds=seconds))
        else:
            verdicts.append(Verdict(check, "passed", "run", seconds=seconds))
    return Verified(one, tuple(verdicts))


def coverage(variants: list[Variant], strength: int) -> Coverage:
    run = {found for one in variants for found in itertools.combinations(one.picks, strength)}
    picks = [[f"{question}={value}" for value in values] for question, values in CHOICES.items()]
    reachable: set[Combination] = set()
    for questions in itertools.combinations(picks, strength):
        reachable.update(itertools.product(*questions))
    reachable.discard(("database=none", "auth=jwt"))
    return Coverage(strength, tuple(sorted(run)), tuple(sorted(reachable - run)))
