"""What is to be verified, and how; and the variants that this means."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
import platformdirs

from newapi.answers import Answers, Questionnaire
from newapi.errors import UsageError, quoted
from newapi.template import Template
from newapi.values import nearest
from newapi.verify import space
from newapi.verify.check import TIERS, Check
from newapi.verify.checks import CHECKS
from newapi.verify.coverage import STRENGTHS, Strength, cover, preset_variants
from newapi.verify.model import Tier, Variant
from newapi.verify.servers import Urls

OWN = "newapi"  # the name of the program's own template


def own_folder() -> Path:
    """Where this machine keeps results and projects: the user's cache, unless NEWAPI_CACHE names another folder."""
    return Path(os.environ.get("NEWAPI_CACHE") or platformdirs.user_cache_dir("newapi"), "verify")


class Request(msgspec.Struct, frozen=True):
    """`coverage` empty means pairs, or all that `select` names. `fixed` are answers that do not vary.

    `before` is the name of the template as it once was, and that template: then only variants whose project has
    changed are verified. Without `cache` no result of an earlier run counts. `jobs` is how many run at once, 0 one for
    each core. Results and projects are kept in `folder`. `command` is how the same template is asked for on the
    command line.
    """

    template: Template
    select: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    tier: Tier = "full"
    coverage: Strength | Literal[""] = ""
    fixed: Answers = {}
    shard: tuple[int, int] = (1, 1)
    jobs: int = 0
    scheduler: str = ""
    before: tuple[str, Template] | None = None
    keep: bool = False
    fail_fast: bool = False
    newest: bool = False
    cache: bool = True
    urls: Urls = Urls()
    folder: Path = msgspec.field(default_factory=own_folder)
    command: tuple[str, ...] = ("newapi", "verify")
    name: str = OWN

    def __post_init__(self) -> None:
        if self.jobs and self.scheduler:
            raise UsageError(
                "--jobs is for this machine, and --scheduler sends the work to others.",
                "As many variants are in work at once as the cluster has workers.",
            )

    @property
    def strength(self) -> Strength:
        return self.coverage or ("all" if self.select else "pairs")

    @property
    def told(self) -> Sequence[int]:
        """The strengths of which the report says what was run: pairs at least."""
        return range(1, max(2, STRENGTHS.get(self.coverage, 2)) + 1)

    def chosen_checks(self) -> tuple[Check, ...]:
        """The checks of the tier, or those that were named."""
        known = [check.name for check in CHECKS]
        for name in self.checks:
            if name not in known:
                raise UsageError(f"There is no check {name}{nearest(name, known)}", f"Checks are {', '.join(known)}.")
        if self.tier not in TIERS:
            raise UsageError(f"There is no tier {quoted(self.tier)}.", f"The tiers are {', '.join(TIERS)}.")
        tiers = TIERS[: TIERS.index(self.tier) + 1]
        return tuple(check for check in CHECKS if (check.name in self.checks if self.checks else check.tier in tiers))

    def chosen_variants(self, questionnaire: Questionnaire, candidates: Sequence[Variant]) -> list[Variant]:
        """As many of the selected candidates as the coverage takes; presets that are selected are always in."""
        selected = space.select(candidates, self.select) if self.select else list(candidates)
        names = {variant.name for variant in selected}
        presets = [one for one in preset_variants(questionnaire, self.fixed) if one.name in names]
        return cover(selected, self.strength, presets)
