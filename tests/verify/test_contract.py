from pathlib import Path

import pytest

from newapi.answers import Questionnaire
from newapi.errors import TemplateError
from newapi.verify import contract
from newapi.verify.contract import Contracts
from tests.small import written

COPIER_YML = """
_subdirectory: files
_envops: {{ undefined: jinja2.StrictUndefined }}
_newapi:
  verify:
    serve: python -m {{{{ package }}}}
    settings:
      PORT: "{{{{ port }}}}"
      DATABASE: "{{{{ 'pg://' ~ postgresql if store == 'server' else '' }}}}"
    migrations: ["{{{{ 'migrate' if store == 'server' else '' }}}}", check]
    smoke: walk {smoke}
    start: 5
package: desk
store: {{ type: str, choices: [server, files], default: files }}
"""


def questionnaire(folder: Path, smoke: str = "{{ url }}") -> Questionnaire:
    return Questionnaire(written(folder, COPIER_YML.format(smoke=smoke)))


def test_a_contract_reads_as_the_answers_have_it(tmp_path: Path) -> None:
    asked = questionnaire(tmp_path)
    files = Contracts(asked).rendered(asked.complete({}))
    server = Contracts(asked).rendered(asked.complete({"store": "server"}))

    assert (files.serve, files.start, files.stop) == ("python -m desk", 5, 15)
    assert (files.settings, files.migrations) == ({"PORT": "{port}"}, ("check",))
    assert server.settings == {"PORT": "{port}", "DATABASE": "pg://{postgresql}"}
    assert server.migrations == ("migrate", "check")
    assert (contract.servers(files), contract.servers(server)) == ((), ("postgresql",))


def test_what_is_known_later_is_filled_in() -> None:
    assert contract.filled("walk {url} {port} {other}", {"url": "http://x", "port": "1"}) == "walk http://x 1 {other}"


def test_a_contract_that_cannot_be_rendered_says_where(tmp_path: Path) -> None:
    asked = questionnaire(tmp_path, "{{ nothing }}")
    with pytest.raises(TemplateError, match=r"_newapi\.verify of copier\.yml"):
        Contracts(asked).rendered(asked.complete({}))


def test_a_word_that_is_not_known_comes_to_nothing_nowhere(tmp_path: Path) -> None:
    text = COPIER_YML.replace("  {{ undefined: jinja2.StrictUndefined }}", "{{}}").replace(
        "{{{{ package }}}}", "{{{{ pakage }}}}"
    )
    asked = Questionnaire(written(tmp_path, text.format(smoke="{{ url }}")))
    with pytest.raises(TemplateError, match="pakage"):
        Contracts(asked).rendered(asked.complete({}))


def test_a_trace_that_is_no_regular_expression_says_which(tmp_path: Path) -> None:
    text = COPIER_YML.format(smoke="{{ url }}").replace("start: 5", "traces: { store=server: '(server' }")
    asked = Questionnaire(written(tmp_path, text))
    with pytest.raises(TemplateError, match="traces, store=server, is no regular expression"):
        Contracts(asked).rendered(asked.complete({}))
