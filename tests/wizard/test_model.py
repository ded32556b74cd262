from pathlib import Path

import pytest

from newapi.answers import Answers
from newapi.template import Choice, Value
from newapi.wizard.model import ACTIONS, State, start
from tests.questionnaires import questionnaire
from tests.small import questionnaire as small


@pytest.fixture
def state(tmp_path: Path) -> State:
    return start(questionnaire(tmp_path), {})


def at(state: State) -> str:
    return state.at.name if state.at else "review"


def entered(state: State, *values: Value) -> State:
    for value in values:
        state = state.entered(value)
    return state


def given(state: State, answers: Answers) -> State:
    return start(state.questionnaire, answers)


def test_the_pages_come_in_the_order_of_the_questions_and_end_with_the_review(state: State) -> None:
    visited = [at(state)]
    for value in ("Shop", "shop", "files", True):
        state = state.entered(value)
        visited.append(at(state))

    assert visited == ["project_name", "project_slug", "store", "docs", "review"]
    assert state.answers == {
        "project_name": "Shop",
        "project_slug": "shop",
        "store": "files",
        "replicas": 1,
        "docs": True,
    }


def test_a_question_is_asked_only_when_it_applies(state: State) -> None:
    assert at(entered(state, "Shop", "shop", "server")) == "replicas"
    assert at(entered(state, "Shop", "shop", "files")) == "docs"


def test_steps_are_counted_with_the_review_as_the_last_one(state: State) -> None:
    assert (state.step, len(state.pages) + 1) == (1, 5)
    server = entered(state, "Shop", "shop", "server")
    assert (server.step, len(server.pages) + 1) == (4, 6)


def test_a_wrong_answer_stays_on_its_page_with_the_reason(state: State) -> None:
    wrong = entered(state, "Shop", "a-shop-for-shops")

    assert at(wrong) == "project_slug"
    assert wrong.problem == "a-shop-for-shops is longer than 12 characters."
    assert wrong.entered("my-shop").problem == ""


def test_a_text_is_taken_in_the_type_of_its_question(state: State) -> None:
    page = entered(state, "Shop", "shop", "server")

    assert page.entered("3").answers["replicas"] == 3
    assert "whole number" in page.entered("three").problem


def test_a_choice_that_cannot_be_had_says_why_and_is_not_taken(state: State) -> None:
    page = entered(state, "Shop", "shop")

    assert [(choice.value, reason) for choice, reason in page.options if reason] == [("tape", "there is no cellar")]
    assert at(page.entered("tape")) == "store"
    assert page.entered("tape").problem == "there is no cellar"
    assert at(entered(state, "Archive", "archive", "tape")) == "docs"


def test_going_back_keeps_what_was_answered(state: State) -> None:
    store = entered(state, "Shop", "shop", "server", 3).back().back()

    assert at(store) == "store"
    assert store.rows[store.cursor] == Choice("server", "Server: on another machine")
    assert at(store.back().back().back()) == "project_name"
    assert entered(store, "server").answers["replicas"] == 3


def test_an_answer_whose_question_no_longer_applies_gives_way_and_returns(state: State) -> None:
    page = entered(state, "Shop", "shop", "server", 3).back().back()

    assert page.entered("files").answers["replicas"] == 1
    assert page.entered("files").back().entered("server").answers["replicas"] == 3


def test_an_answer_that_is_no_longer_valid_gives_way_to_the_default(state: State) -> None:
    named = entered(state, "Archive", "archive", "tape").back().back().back()

    assert named.entered("Shop").answers["store"] == "files"


def test_what_is_derived_follows_until_it_is_written_by_hand(state: State) -> None:
    untouched = entered(state, "Shop", "shop").back().back()
    by_hand = entered(state, "Shop", "my-shop").back().back()

    assert untouched.entered("Big Shop").answers["project_slug"] == "big-shop"
    assert by_hand.entered("Big Shop").answers["project_slug"] == "my-shop"


def test_going_back_keeps_a_text_that_was_begun_when_it_is_valid(state: State) -> None:
    page = state.entered("Shop")

    assert page.back("my-shop").answers["project_slug"] == "my-shop"
    assert page.back("a-shop-for-shops").answers["project_slug"] == "shop"


def test_there_is_nothing_before_the_first_page(state: State) -> None:
    assert at(state.back()) == "project_name"


def test_what_a_flag_answered_is_not_asked(state: State) -> None:
    page = entered(given(state, {"store": "server", "project_slug": "shop"}), "Shop")

    assert at(page) == "replicas"
    assert page.answers["store"] == "server"


def test_what_a_flag_answered_has_the_type_of_its_question(state: State) -> None:
    answers = given(state, {"store": "server", "replicas": "3", "docs": "yes"}).answers

    assert (answers["replicas"], answers["docs"]) == (3, True)


def test_with_every_answer_given_the_review_comes_at_once(state: State) -> None:
    everything = given(state, {"project_name": "Shop", "project_slug": "shop", "store": "files", "docs": False})

    assert at(everything) == "review"
    assert at(everything.back()) == "review"


def test_the_review_leads_to_any_answer_and_back(state: State) -> None:
    review = entered(given(state, {"store": "files"}), "Shop", "shop", False)
    assert review.rows[: len(ACTIONS)] == ACTIONS
    store = review.opened(state.questionnaire.questions[2], detour=True)

    assert at(store.back()) == "review"
    assert at(store.entered("nowhere")) == "review"
    assert store.entered("nowhere").answers["store"] == "nowhere"


def test_a_change_from_the_review_asks_what_applies_only_now(state: State) -> None:
    review = entered(state, "Shop", "shop", "files", False)
    page = review.opened(state.questionnaire.questions[2], detour=True).entered("server")

    assert at(page) == "replicas"
    assert at(page.entered("2")) == "review"


def test_a_change_from_the_review_that_breaks_another_answer_leads_there_with_the_reason(state: State) -> None:
    review = entered(state, "Shop", "shop", "files", False)
    slug = review.opened(state.questionnaire.questions[0], detour=True).entered("A shop for shops")

    assert at(slug) == "project_slug"
    assert slug.problem == "a-shop-for-shops is longer than 12 characters."
    assert at(slug.entered("shop")) == "review"


def test_a_derived_answer_that_is_wrong_shows_the_reason_on_its_page(tmp_path: Path) -> None:
    asked = questionnaire(tmp_path)
    (slug,) = [question for question in asked.questions if question.name == "project_slug"]
    spaced = start(asked.assuming({"project_slug": "a-shop-for-shops"}), {}).entered("Shop")

    assert spaced.at == slug
    assert spaced.problem == "a-shop-for-shops is longer than 12 characters."


def test_the_cursor_stays_on_the_rows(state: State) -> None:
    page = entered(state, "Shop", "shop")

    assert page.moved(-1).cursor == 0
    assert page.moved(2).cursor == 2
    assert page.moved(9).cursor == 3
    assert page.picked(7).cursor == 0


@pytest.fixture
def offered() -> State:
    return start(small(), {})


def test_presets_are_the_first_page_where_the_template_has_any(offered: State) -> None:
    assert at(offered) == "preset"
    assert [(choice.value, choice.meaning) for choice, _ in offered.options] == [
        ("", "each question, one after the other"),
        ("full", "cache redis, jobs, workers 4"),
    ]
    assert at(offered.entered("")) == "title"


def test_what_a_preset_answers_is_not_asked(offered: State) -> None:
    full = offered.entered("full")

    assert [page.name for page in full.pages] == ["preset", "title", "package", "mode", "regions", "password"]
    assert (full.answers["cache"], full.answers["jobs"], full.answers["workers"]) == ("redis", True, 4)


def test_another_preset_can_be_chosen(offered: State) -> None:
    full = offered.entered("full")

    assert full.back().options[full.back().cursor][0].value == "full"
    assert full.back().entered("").answers["cache"] == "memory"


def test_a_flag_and_the_review_win_over_the_preset() -> None:
    full = start(small(), {"workers": "2"}).entered("full")
    changed = full.opened(full.questionnaire.questions[2], detour=True).entered("memory")

    assert full.answers["workers"] == 2
    assert (changed.answers["cache"], changed.answers["jobs"]) == ("memory", False)


@pytest.mark.parametrize(
    ("given", "preset"), [({}, "full"), ({"cache": "redis", "jobs": True, "workers": 4}, "")], ids=["chosen", "given"]
)
def test_presets_are_not_offered_where_they_have_nothing_to_say(given: Answers, preset: str) -> None:
    assert at(start(small(), given, preset)) == "title"
