"""Guessing: whether a secret was drawn at random, or typed."""

import re

from ..config import Secret

# Pairs of letters that words are made of, and those that lie side by side on a keyboard.
USUAL_PAIRS = """
    ab ac ad ag al am an ap ar as at ay ba be bl bn ca ce ch ci ck cl co cr ct cv da de df di do ea ec ed ee ef eg el em
    en ep er es et ev ex fg fi fo ge gh gr ha he hi hj ho ia ic id ie ig il im in io ir is it jk ke kl la le li ll lo ls
    lt lu ma me mi mo mp na nc nd ne nf ng ni nm no ns nt nv oc od ol om on op or os ot ou ow pa pe pl po pr pt qu qw ra
    rc rd re ri rm ro rr rs rt sa sc sd se sh si sl so sp ss st su ta tc te th ti to tr ts tt ty ue ui ul um un up ur us
    ut va vb ve vi we xc xt yu zx
"""
LEAST_SURPRISES = 14


def is_guessable(secret: Secret) -> bool:
    """Whether a secret is none: of one that was drawn at random, little follows from what comes before.

    Nobody is surprised by what is repeated, by what counts up or down, and by words; a number is typed, too.
    """
    text = re.sub(r"[\W_]", "", secret.reveal().lower())
    surprises = sum(not follows(text, at) for at in range(len(text)))
    return text.isdigit() or surprises < LEAST_SURPRISES


def follows(text: str, at: int) -> bool:
    """Whether a character is one that the two before it would make anybody expect."""
    if not at:
        return False
    before, here = text[at - 1], text[at]
    repeated = at > 1 and text[at - 2 : at + 1] in text[:at]
    return repeated or abs(ord(here) - ord(before)) <= 1 or before + here in USUAL_PAIRS
