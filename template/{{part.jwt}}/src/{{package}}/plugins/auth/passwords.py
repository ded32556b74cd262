"""Passwords: which ones are good enough, and argon2id, off the event loop, and not too many at once."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from unicodedata import normalize

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from ...errors import DomainError

# Each hash takes its memory, and a good part of a core for a while.
AT_ONCE = 2
# What the commonest passwords that are long enough are made of, with a few characters that people add to it.
COMMONEST = re.compile(
    """
    p[a@][s$]{2}w[o0]rd | passwort | qwert[yz](uiop)? | azerty(uiop)? | asdf(gh)?(jkl)? | zxcvbn | 1q2w3e(4r)? |
    1qaz(2wsx)?(3edc)? | qazwsx(edc)?(rfv)? | 1234(567890|56789|5678|567|56|5)? | abc(def)?(ghi)?(jkl)? |
    iloveyou | letmein | welcome | monkey | dragon | sunshine | princess | football | baseball | superman | trustno1 |
    whatever | administrator | admin | login | secret | changeme | default | master
    """,
    re.VERBOSE,
)
LEAST_AROUND = 8
LEAST_DIFFERENT = 5


def is_common(password: str, email: str) -> bool:
    """Whether a password has no letter, or is little more than the commonest ones, than the name in the address, or
    than a few characters again and again.
    """
    text, name = canonical(password).lower(), email.partition("@")[0].lower()
    # Of a name that is a letter, the rest of a common word would be left.
    rests = [COMMONEST.sub("", one) for one in (text, text.replace(name, ""))]
    return not any(map(str.isalpha, text)) or any(is_little(rest) for rest in rests)


def refuse_common(password: str, email: str) -> None:
    if is_common(password, email):
        raise DomainError("The password is easy to guess.")


def is_little(text: str) -> bool:
    return len(text) < LEAST_AROUND or len(set(text)) < LEAST_DIFFERENT


def canonical(password: str) -> str:
    """One form of a password, whatever way a keyboard makes its accents."""
    return normalize("NFC", password)


class Passwords:
    def __init__(self, memory_kib: int, passes: int) -> None:
        self.hasher = PasswordHash((Argon2Hasher(memory_cost=memory_kib, time_cost=passes),))
        self.threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self.hash_of_nobody = ""

    async def hash(self, password: str) -> str:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, self.hasher.hash, canonical(password))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Compare with the hash, or, for an account that does not exist, with one that takes as long."""
        if not self.hash_of_nobody:
            self.hash_of_nobody = await self.hash("the password of nobody")
        expected = password_hash or self.hash_of_nobody
        loop = asyncio.get_running_loop()
        matches = await loop.run_in_executor(self.threads, self.hasher.verify, canonical(password), expected)
        return matches and password_hash is not None
