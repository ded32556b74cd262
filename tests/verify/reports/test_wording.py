import pytest

from newapi.verify.reports.wording import clean, count, duration, listed, tail


@pytest.mark.parametrize(
    ("printed", "standing"),
    [
        ("\x1b[1;31mred\x1b[0m and \x1b[38;5;12mblue\x1b[m", "red and blue"),
        ("\x1b]0;title\x07text \x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "text link"),
        ("\x1b]0;a title without end", ""),
        ("\x1b(B\x1b7\x1b8\x1bMtext\x1b", "text"),
        ("\x9b31mred\x9b0m", "red"),
        ("10 %\r50 %\r100 %\ndone\r\nnext\r", "100 %\ndone\nnext"),
        ("nul \x00, bell \x07, delete \x7f, tab\t, line\n", "nul , bell , delete , tab\t, line\n"),
        ("\u202eturned\u2069", "turned"),
        ("half \ud800 of one \ufffe\uffff", "half \ufffd of one "),
        ("naïve ✓ 日本語 🎉", "naïve ✓ 日本語 🎉"),
    ],
)
def test_output_is_what_a_terminal_leaves_standing(printed: str, standing: str) -> None:
    assert clean(printed) == standing


def test_a_tail_counts_what_it_leaves_out() -> None:
    assert tail("one\ntwo\n\n", 3) == ["one", "two"]
    assert tail("one\ntwo\nthree\nfour\n", 2) == ["one", "… 2 lines left out", "four"]
    assert tail("", 2) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (0.0001, "1 ms"),
        (0.02, "20 ms"),
        (3.14, "3.1 s"),
        (9.96, "10 s"),
        (59.7, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3700, "1 h 1 min"),
    ],
)
def test_a_duration_is_as_exact_as_it_matters(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_numbers_and_names_are_parts_of_sentences() -> None:
    assert count(1, "variant") == "1 variant"
    assert count(1200, "variant") == "1,200 variants"
    assert listed(["a", "b", "c", "d"], most=2) == "a, b and 2 more"
    assert listed(["a", "b", "c"], most=2) == "a, b, c"
