"""Who runs what: every variant by every check, where equal work has one that runs it and all others share it."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from newapi.verify import contract
from newapi.verify.check import Check
from newapi.verify.job import Done, look
from newapi.verify.kept import Kept, Keys, Results
from newapi.verify.model import How, Variant, Verdict
from newapi.verify.reads import Reads
from newapi.verify.subject import Subject
from newapi.verify.watch import Cost, Listed, Planned

PROJECT = Reads(("*", "!.copier-answers.yml"))  # which says where the template lies on this machine
INSTALLING = 5.0  # seconds that a project takes to be created and installed


class Cell(msgspec.Struct, frozen=True):
    """One check of one variant, before it is run. Without a `key` it does not apply, for this `reason`."""

    check: str
    how: How
    key: str = ""
    by: str = ""
    reason: str = ""


class Row(msgspec.Struct, frozen=True):
    """A variant, its cells, and the servers that its service needs beside it."""

    variant: Variant
    cells: tuple[Cell, ...]
    servers: tuple[str, ...] = ()


class Matrix(msgspec.Struct, frozen=True):
    """The plan of a verification. `found` has what is known of a key before anything is started.

    The `digest` stands for all that is to be verified, here and in other shards, on every machine.
    """

    checks: tuple[Check, ...]
    rows: tuple[Row, ...]
    found: Mapping[str, Kept | Done]
    seconds: Mapping[str, float]
    digest: str

    def planned(self) -> tuple[Planned, ...]:
        """What is to be run, the longest first: short work fills the end."""
        runs = ((row.variant.name, self.to_run(row)) for row in self.rows)
        work = (Planned(name, checks, self.cost(checks)) for name, checks in runs if checks)
        return tuple(sorted(work, key=lambda planned: -planned.seconds))

    def to_run(self, row: Row) -> tuple[str, ...]:
        """The checks of this variant that nothing is known of, and that no other variant runs."""
        return tuple(cell.check for cell in row.cells if cell.how == "run" and cell.key not in self.found)

    def cost(self, checks: Iterable[str]) -> float:
        """Seconds that these checks of one variant are expected to take."""
        return self._sum(checks, self.seconds)

    def listed(self) -> Iterator[Listed]:
        for row in self.rows:
            yield Listed(row.variant.name, {cell.check: self._price(cell) for cell in row.cells})

    @property
    def servers(self) -> set[str]:
        """The servers that what is to be run needs."""
        served = {check.name for check in self.checks if check.served}
        return {name for row in self.rows if served.intersection(self.to_run(row)) for name in row.servers}

    def row(self, name: str) -> Row:
        return next(row for row in self.rows if row.variant.name == name)

    def sharing(self, key: str) -> list[str]:
        """The variants that have this check in common."""
        return [row.variant.name for row in self.rows if any(cell.key == key for cell in row.cells)]

    def counted(self) -> Counter[str]:
        return Counter(cell.how for row in self.rows for cell in row.cells if cell.key)

    def verdicts(self, row: Row, made: Mapping[str, Done]) -> Iterator[Verdict]:
        """What is known of a variant now, by the checks that were `made`; those that were not, are left out."""
        for cell in row.cells:
            if not cell.key:
                yield Verdict(cell.check, "skipped", "none", reason=cell.reason)
            elif known := made.get(cell.key) or self.found.get(cell.key):
                status = known.status if isinstance(known, Done) else "passed"
                by = known.variant if isinstance(known, Kept) else cell.by
                yield Verdict(cell.check, status, cell.how, by, known.seconds, known.note)

    def shard(self, number: int, of: int) -> "Matrix":
        """One of `of` parts of about the same expected cost, each with the rows that it runs and shares.

        What is kept on this machine does not count: every machine must come to the same parts.
        """
        loads, owner = [0.0] * of, dict[str, int]()
        costs = {row.variant.name: self._full_cost(row) for row in self.rows}
        for name in sorted(costs, key=lambda name: (-costs[name], name)):
            owner[name] = loads.index(min(loads))
            loads[owner[name]] += costs[name]
        mine = {name for name, part in owner.items() if part == number - 1}
        rows = (self._part(row, mine) for row in self.rows)
        return msgspec.structs.replace(self, rows=tuple(row for row in rows if row.cells))

    def _full_cost(self, row: Row) -> float:
        own = [cell.check for cell in row.cells if cell.key and cell.by == row.variant.name]
        return self._sum(own, {check.name: check.seconds for check in self.checks})

    def _sum(self, names: Iterable[str], seconds: Mapping[str, float]) -> float:
        chosen = [check for check in self.checks if check.name in set(names)]
        installed = any(check.needs == "installed" for check in chosen)
        return sum(seconds[check.name] for check in chosen) + INSTALLING * installed

    def _part(self, row: Row, mine: set[str]) -> Row:
        cells = (cell for cell in row.cells if (cell.by or row.variant.name) in mine)
        return msgspec.structs.replace(row, cells=tuple(cells))

    def _price(self, cell: Cell) -> Cost:
        expected = cell.how == "run" and cell.key not in self.found
        return Cost(self.seconds[cell.check] if expected else 0.0, cell.how, cell.by)


def make(
    variants: Sequence[Variant],
    subject: Callable[[Variant], Subject],
    checks: Sequence[Check],
    keys: Keys,
    results: Results,
) -> Matrix:
    """Plan the checks of these variants. Each project is rendered, looked at and let go of."""
    runner: dict[str, str] = {}
    found: dict[str, Kept | Done] = {}
    rows: list[Row] = []
    whole = hashlib.sha256(repr((keys.pins, [check.name for check in checks])).encode())
    for variant in variants:
        rendered = subject(variant)
        said = msgspec.json.encode(rendered.contract).decode()
        whole.update(repr((variant.name, PROJECT.digest(rendered.tree), said)).encode())
        cells = tuple(_cell(check, rendered, keys, results, runner, found) for check in checks)
        rows.append(Row(variant, cells, contract.servers(rendered.contract)))
    return Matrix(tuple(checks), tuple(rows), found, results.seconds(checks), whole.hexdigest())


def _cell(
    check: Check,
    subject: Subject,
    keys: Keys,
    results: Results,
    runner: dict[str, str],
    found: dict[str, Kept | Done],
) -> Cell:
    if reason := check.absent(subject):
        return Cell(check.name, "none", reason=reason)
    key = keys.of(check, subject)
    first = runner.setdefault(key, subject.variant.name)
    if first == subject.variant.name:
        known = look(check, subject) if check.needs == "tree" else results.find(key)
        if known:
            found[key] = known
    known = found.get(key)
    how: How = "kept" if isinstance(known, Kept) else "run" if first == subject.variant.name else "shared"
    return Cell(check.name, how, key, first)
