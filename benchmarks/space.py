"""The whole space of a template: walked, rendered and digested, on one core.

`python benchmarks/space.py [FEATURES]`. The stock template first, then a copy of it that has grown: so many more
yes-or-no questions, each with a part of its own that adds files, and lines to four files of others.
"""

import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar
from unittest import mock

from newapi import template
from newapi.answers import Questionnaire
from newapi.memo import Memo, Scope
from newapi.memory import Engine
from newapi.template import Template
from newapi.verify import space
from newapi.verify.model import Variant

T = TypeVar("T")
SAMPLE = 100  # variants that are rendered without a memo

QUESTION = """\
feature_{n}:
  type: bool
  help: Whether there is a feature {n}
  default: false
  when: {when}

"""
FILES = {
    "src/{{package}}/plugins/feature_N.py": "FEATURE = N\n",
    "tests/plugins/test_feature_N.py.jinja": "from {{ package }}.plugins.feature_N import FEATURE\n",
    "_add/pyproject.dependencies.jinja": '    "feature-N>=1",\n',
    "_add/settings.fields.jinja": "    feature_N: int = N\n",
    "_add/app.plugins.jinja": "        FeatureN(settings.feature_N),\n",
    "_add/env.jinja": "FEATURE_N=N\n",
}


def grown(into: Path, features: int) -> Template:
    """A copy of the stock template with more questions; the last one is asked only where there is a database."""
    own = template.load()
    shutil.copytree(own.folder, into / own.settings.subdirectory)
    text = (own.root / "copier.yml").read_text(encoding="utf-8")
    numbers = range(1, features + 1)
    conditions = dict.fromkeys(numbers, "true") | {features: "\"{{ database != 'none' }}\""}
    questions = "".join(QUESTION.format(n=n, when=when) for n, when in conditions.items())
    parts = "".join(f""",\n      "feature_{n}": "{{{{ '.' if feature_{n} else '' }}}}\"""" for n in numbers)
    before, table = text.rstrip().removesuffix("}").rstrip().split("\npart:\n")
    text = f"{before}\n{questions}part:\n{table}{parts}\n    }}\n"
    (into / "copier.yml").write_text(text, encoding="utf-8")
    for n in numbers:
        for name, content in FILES.items():
            path = into / own.settings.subdirectory / f"{{{{part.feature_{n}}}}}" / name.replace("N", str(n))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.replace("N", str(n)), encoding="utf-8")
    return template.load(into)


def digested(engine: Engine, variants: Iterable[Variant]) -> list[str]:
    return [engine.render(variant.answers).digest for variant in variants]


def measure(name: str, own: Template) -> None:
    start = time.process_time()
    variants = list(space.walk(Questionnaire(own), {}))
    walked = time.process_time() - start
    projects = digested(Engine(own), variants)
    whole = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sample = random.Random(1).sample(variants, min(SAMPLE, len(variants)))  # noqa: S311 - the same ones every time
    alone = without_memo(own, sample)
    each = whole / len(variants)
    print(f"{name}: {len(variants):,} variants, {len(set(projects)):,} projects")
    print(f"  {whole:.2f} s of one core, {walked:.2f} s of it to walk; {peak:,.0f} MB at most")
    print(f"  {each * 1e6:,.0f} microseconds a variant; without a memo {alone / each:.0f} times as much")


def without_memo(own: Template, sample: Sequence[Variant]) -> float:
    """Seconds to render and digest one of the sample, with all templates compiled."""

    def anew(_memo: Memo[T], _scope: Scope, make: Callable[[], T]) -> T:
        return make()

    engine = Engine(own)
    with mock.patch.object(Memo, "get", anew):
        digested(engine, sample)
        start = time.process_time()
        digested(engine, sample)
        return (time.process_time() - start) / len(sample)


def main() -> None:
    features = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    measure("stock template", template.load())
    with tempfile.TemporaryDirectory() as folder:
        measure(f"grown by {features} features", grown(Path(folder), features))


if __name__ == "__main__":
    main()
