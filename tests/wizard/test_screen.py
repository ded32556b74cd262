"""The wizard in a real terminal: keys in, and what stands on the screen and on the disk."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from newapi.answers import Questionnaire
from newapi.template import load, own
from tests.questionnaires import make
from tests.terminal import Terminal

COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-79]|4[0-79]|9\d|10\d)(?:;\d+)*m")
ENTERED, LEFT = b"\x1b[?1049h", b"\x1b[?1049l"  # the alternate screen
QUICK = ("create", "--no-git", "--no-sync", "--no-check")
PAGES = {
    "text": ((), "What it is called"),
    "choices": (("--project-name", "Shop", "--project-slug", "shop"), "Where data is kept"),
    "review": (
        ("--data", "project_name=Shop", "--data", "project_slug=shop", "--store", "files", "--docs"),
        "Ready to create",
    ),
}


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = make(tmp_path / "template")
    monkeypatch.setenv("NEWAPI_TEMPLATE", str(root))
    return root


@pytest.fixture
def here(template: Path) -> Path:
    """An empty folder to create in."""
    folder = template.with_name("here")
    folder.mkdir()
    return folder


@pytest.fixture
def wizard(here: Path) -> Iterator[Terminal]:
    with Terminal(QUICK, here) as terminal:
        terminal.sees("What it is called")
        yield terminal


def test_asks_reviews_and_creates(wizard: Terminal, here: Path) -> None:
    wizard.press("ctrl-u", "Shop", "enter")
    wizard.sees("What its folder is called", "❯ shop")
    wizard.press("enter")
    wizard.sees("step 3 of 5", "❯ 1  Files +in a folder")
    wizard.press("down", "enter")
    wizard.sees("How many servers", "❯ 1", "step 4 of 6")
    wizard.press("ctrl-u", "3", "enter")
    wizard.sees("Whether it is documented", "❯ 2  No")
    wizard.press("enter")
    wizard.sees("Ready to create .*shop", "❯ Create", "--store server --replicas 3")
    wizard.press("enter")

    assert wizard.ended() == 0
    assert "Created" in wizard.text
    assert (here / "shop/README.md").read_text() == "# Shop, kept in server\n"


def test_says_what_a_choice_brings_and_why_one_cannot_be_had(wizard: Terminal) -> None:
    wizard.press("enter", "enter")
    wizard.sees("Compared with Nowhere", r"\+  1 file +src/store.py", "3  Tape +not here: there is no cellar")
    wizard.press("j")
    wizard.sees(r"\+  1 dependency +client", r"\+  2 files +src/store/ \(2\)")
    wizard.press("3")
    wizard.sees("❯ 3")
    wizard.press("enter")
    wizard.sees("\n  there is no cellar")


def test_a_wrong_text_is_explained_until_it_is_changed(wizard: Terminal) -> None:
    wizard.press("ctrl-u", "enter")
    wizard.sees("A name is needed.")
    wizard.press("S")
    wizard.sees("❯ S\n")
    assert "A name is needed." not in wizard.text


@pytest.mark.parametrize("key", ["esc", "shift-tab", "left"])
def test_goes_back_from_choices(wizard: Terminal, key: str) -> None:
    wizard.press("enter", "enter")
    wizard.sees("Where data is kept")
    wizard.press(key)
    wizard.sees("What its folder is called", "❯ order-desk")


@pytest.mark.parametrize("key", ["esc", "shift-tab", "ctrl-b"])
def test_goes_back_from_a_text(wizard: Terminal, key: str) -> None:
    wizard.press("enter")
    wizard.sees("What its folder is called")
    wizard.press(key)
    wizard.sees("What it is called", "❯ Order Desk")


def test_the_review_leads_to_an_answer_and_back(wizard: Terminal) -> None:
    wizard.press("enter", "enter", "enter", "enter")
    wizard.sees("Ready to create .*order-desk", "project slug +order-desk")
    wizard.press("down", "down", "down", "enter")
    wizard.sees("What it is called", "Esc to the review")
    wizard.press("ctrl-u", "Shop", "enter")
    wizard.sees("Ready to create .*shop", "project slug +shop")


def test_a_target_that_is_taken_can_be_renamed(here: Path) -> None:
    (here / "order-desk").mkdir()
    (here / "order-desk/mine.txt").write_text("mine")
    with Terminal(QUICK, here, size=(120, 24)) as terminal:
        terminal.sees("What it is called")
        terminal.press("enter", "enter", "enter", "enter")
        terminal.sees("order-desk exists and is not empty", "❯ Create")
        terminal.press("enter", "down", "enter")  # Create does nothing, Back goes to the last question
        terminal.sees("Whether it is documented")
        terminal.press("esc", "esc")
        terminal.sees("What its folder is called")
        terminal.press("ctrl-u", "shop", "enter", "enter", "enter")
        terminal.sees("Ready to create .*shop")


@pytest.mark.parametrize(
    ("page", "key"),
    [("text", "ctrl-c"), ("choices", "ctrl-c"), ("choices", "q"), ("review", "ctrl-c"), ("review", "q")],
)
def test_cancelling_leaves_nothing(here: Path, page: str, key: str) -> None:
    arguments, sign = PAGES[page]
    with Terminal([*QUICK, *arguments], here) as terminal:
        terminal.sees(sign)
        terminal.press(key)

        assert terminal.ended() == 130
        assert terminal.received.count(ENTERED) == terminal.received.count(LEFT) == 1
        assert "Cancelled" in terminal.text
    assert list(here.iterdir()) == []


def test_cancel_stands_on_the_review_page_too(here: Path) -> None:
    arguments, sign = PAGES["review"]
    with Terminal([*QUICK, *arguments], here) as terminal:
        terminal.sees(sign)
        terminal.press("down", "down", "enter")
        assert terminal.ended() == 130
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_gives_the_terminal_back(wizard: Terminal, here: Path, number: signal.Signals, code: int) -> None:
    os.kill(wizard.pid, number)

    assert wizard.ended() == code
    assert wizard.received.count(ENTERED) == wizard.received.count(LEFT) == 1
    assert list(here.iterdir()) == []


def test_a_crash_gives_the_terminal_back_and_is_one_sentence(here: Path, template: Path) -> None:
    (template / "template/{{part.files}}/src/store.py.jinja").write_text("{{ 1 / 0 }}")
    with Terminal(QUICK, here) as terminal:
        terminal.sees("What it is called")
        terminal.press("enter", "enter")

        assert terminal.ended() != 0
        assert terminal.received.count(ENTERED) == terminal.received.count(LEFT) == 1
        assert "error" in terminal.text
        assert "Traceback" not in terminal.text
    assert list(here.iterdir()) == []


def test_help_explains_the_keys(wizard: Terminal) -> None:
    wizard.press("f1")
    wizard.sees("Keys", "Any key closes this page")
    wizard.press("x")
    wizard.sees("❯ Order Desk\n")
    wizard.press("enter", "enter", "?")
    wizard.sees("Keys")
    wizard.press("esc")
    wizard.sees("Where data is kept")


def test_keys_typed_ahead_are_taken_in_their_order(wizard: Terminal) -> None:
    wizard.press("\x15Shop\r\rj\r\x153\r\r")
    wizard.sees("Ready to create shop", "--store server --replicas 3")


def test_a_flag_with_a_wrong_value_is_refused_before_anything_is_asked(here: Path) -> None:
    with Terminal([*QUICK, "--store", "fils"], here) as terminal:
        assert terminal.ended() == 2
        assert "did you mean files?" in terminal.text
        assert ENTERED not in terminal.received


def test_a_small_window_has_the_question_whole(here: Path) -> None:
    arguments, _ = PAGES["choices"]
    with Terminal([*QUICK, *arguments], here, size=(60, 20)) as terminal:
        terminal.sees("Where data is kept", "❯ 1  Files", "4  Nowhere", "Compared with Nowhere", "Enter next")
        terminal.press("enter", "enter")
        terminal.sees("Ready to create", "❯ Create", "PgDn more")
        terminal.press("page-down", "page-down")
        terminal.sees("└── pyproject.toml")
        terminal.press("enter")  # what Enter would do is out of sight, so it comes into sight first
        terminal.sees("❯ Create")
        terminal.press("enter")
        assert terminal.ended() == 0


def test_a_wide_window_has_the_answers_beside_the_question(here: Path) -> None:
    with Terminal(QUICK, here, size=(200, 60)) as terminal:
        terminal.sees("What it is called")
        terminal.press("ctrl-u", "Shop", "enter")
        terminal.sees("project name Shop +What its folder is called\n")
        terminal.press("enter", "enter", "enter")
        terminal.sees("Ready to create .* files\n", "├── src/")


def test_follows_the_window_when_it_is_resized(wizard: Terminal) -> None:
    wizard.resize(60, 20)
    wizard.sees("^ newapi create +step 1 of 5\n─{60}\n")
    wizard.resize(120, 40)
    wizard.sees("^ newapi create +step 1 of 5\n─{120}\n", "❯ project name +What it is called")


def test_without_colour_there_is_no_colour_code(here: Path) -> None:
    arguments, sign = PAGES["choices"]
    for environment, coloured in (({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)):
        with Terminal([*QUICK, *arguments], here, env=environment) as terminal:
            terminal.sees(sign, "Compared with")
            terminal.press("enter", "enter")
            terminal.sees("Ready to create")
            terminal.press("q")
            terminal.ended()
            assert bool(COLOUR.search(terminal.received)) == coloured


def test_a_dumb_terminal_is_told_of_the_flags(here: Path) -> None:
    with Terminal(QUICK, here, env={"TERM": "dumb"}) as terminal:
        assert terminal.ended() == 2
        assert "TERM=dumb" in terminal.text
        assert "--yes" in terminal.text
    assert list(here.iterdir()) == []


def test_the_real_template_can_be_asked_to_the_end(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWAPI_TEMPLATE")
    with Terminal([*QUICK, "--author-name", "Ada", "--author-email", ""], here) as terminal:
        asked = Questionnaire(load(own()))
        given = {"author_name": "Ada", "author_email": ""}
        applying = asked.applying(asked.complete(given))
        terminal.sees("What to start from", "❯ 1  Custom", "Compared with Minimal")
        terminal.press("enter")
        for question in asked.questions:
            if question.name in applying and question.name not in given:
                extra = ("Compared with None", "sqlalchemy") if question.name == "database" else ()
                terminal.sees(question.help, *extra)
                terminal.press("enter")
        terminal.sees("Ready to create")
        terminal.press("page-down")
        terminal.sees("--author-name Ada")
        terminal.press("page-up")
        terminal.sees("❯ Create")
        terminal.press("enter")
        assert terminal.ended() == 0
    assert (here / "order-desk/pyproject.toml").is_file()


def test_a_preset_answers_its_questions_and_leaves_the_rest(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWAPI_TEMPLATE")
    with Terminal([*QUICK, "--author-name", "Ada", "--author-email", "", "--sample"], here) as terminal:
        terminal.sees("What to start from", "2  Minimal +database none, auth none, no sample")
        terminal.press("2", "enter")
        for page in ("Name of the service", "Name of the distribution", "Name to import", "What the service does"):
            terminal.sees(page)
            terminal.press("enter")
        terminal.sees("Licence of")
        terminal.press("enter")
        terminal.sees("Where the service keeps what it may forget")
        terminal.press("q")


def test_a_flag_for_a_question_that_a_choice_leaves_out_is_named_on_the_review(here: Path) -> None:
    with Terminal([*QUICK, "--replicas", "3", "--docs"], here) as terminal:
        terminal.sees("What it is called")
        terminal.press("enter", "enter")
        terminal.sees("Where data is kept")
        terminal.press("enter")
        terminal.sees("Ready to create", "replicas cannot be 3 where store is files.")


def test_a_flag_that_no_page_can_help_is_refused_at_once(here: Path) -> None:
    with Terminal([*QUICK, "--replicas", "3", "--store", "files"], here) as terminal:
        assert terminal.ended() == 2
        assert "replicas cannot be 3 where store is files." in terminal.text
