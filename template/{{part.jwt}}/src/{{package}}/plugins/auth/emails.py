"""E-mail addresses: the one form of each, so that no two which look the same are two accounts."""

import re
from unicodedata import normalize

from ...errors import DomainError
from .models import LONGEST_EMAIL

# What Python would print and nobody sees: the rest of Unicode's Default_Ignorable_Code_Point, and the blank of Braille.
BLANK = re.compile(r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def normalised(email: str) -> str:
    """The one form of an address, whatever way its letters were typed; raises where that is too long, or not all of it
    can be seen.
    """
    normal = normalize("NFC", email).lower()
    if len(normal) > LONGEST_EMAIL:
        raise DomainError("The e-mail address is too long.")
    if not normal.isprintable() or BLANK.search(normal):
        raise DomainError("The e-mail address has characters that cannot be seen.")
    return normal
