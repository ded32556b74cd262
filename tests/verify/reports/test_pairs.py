from newapi.verify.model import Coverage
from newapi.verify.reports.pairs import picture

PAIRS = Coverage(
    2,
    run=(("db=none", "auth=none"), ("db=sqlite", "auth=none"), ("db=sqlite", "auth=jwt")),
    missing=(("db=pg", "auth=none"), ("db=pg", "auth=jwt")),
)


def test_every_pair_of_answers_to_different_questions_is_one_square() -> None:
    squares = {square.said for square in picture(PAIRS).squares}

    assert squares == {
        "db=none with auth=none: run",
        "db=none with auth=jwt: cannot be had together",
        "db=sqlite with auth=none: run",
        "db=sqlite with auth=jwt: run",
        "db=pg with auth=none: never run",
        "db=pg with auth=jwt: never run",
    }


def test_no_two_squares_share_a_place_and_all_are_inside() -> None:
    drawn = picture(PAIRS)
    places = {(square.x, square.y) for square in drawn.squares}

    assert len(places) == len(drawn.squares)
    assert all(square.x < square.y < drawn.height and square.x < drawn.width for square in drawn.squares)


def test_questions_and_answers_stand_in_the_order_of_the_variants() -> None:
    drawn = picture(PAIRS, [("auth=jwt", "db=pg"), ("auth=none", "db=none")])

    assert [name.text for name in drawn.names] == ["auth=jwt", "auth=none", "db=pg", "db=none", "db=sqlite"]


def test_the_same_is_said_in_words() -> None:
    words = {one.answer: one for one in picture(PAIRS).words}

    assert words["db=pg"].missing == ("auth=none", "auth=jwt")
    assert words["auth=jwt"].run == ("db=sqlite",)
    assert words["auth=jwt"].missing == ("db=pg",)


def test_where_nothing_can_be_combined_there_is_nothing_to_draw() -> None:
    assert picture(Coverage(2, (), ())).squares == ()
