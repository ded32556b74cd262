import pytest

from newapi.answers import Answers
from newapi.errors import UsageError
from newapi.unasked import refuse, unasked
from tests.small import questionnaire


def test_an_answer_to_a_question_that_is_not_asked_is_refused_with_what_rules_it_out() -> None:
    ours = questionnaire()

    with pytest.raises(UsageError) as caught:
        refuse(ours, {"jobs": True}, ours.complete({"jobs": True}))

    assert caught.value.message == "jobs cannot be yes where cache is memory."
    assert caught.value.hint == "Leave out --jobs, or give another --cache."


@pytest.mark.parametrize("said", [{"jobs": False}, {"jobs": "no"}, {"jobs": True, "cache": "redis"}, {}])
def test_an_answer_that_stands_anyway_is_fine(said: Answers) -> None:
    ours = questionnaire()

    assert unasked(ours, said, ours.complete(said)) == ()


def test_only_what_was_said_is_refused() -> None:
    ours = questionnaire()

    assert unasked(ours, {"cache": "memory"}, ours.complete({"jobs": True, "cache": "memory"})) == ()
