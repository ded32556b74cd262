"""Passwords: argon2id, off the event loop, and not too many at once."""

from functools import cache

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash

# Each hash takes 64 MiB of memory and a good part of a core for a while.
AT_ONCE = 2


class Passwords:
    def __init__(self) -> None:
        self.hasher = PasswordHash.recommended()
        self.limiter = CapacityLimiter(AT_ONCE)

    async def hash(self, password: str) -> str:
        return await to_thread.run_sync(self.hasher.hash, password, limiter=self.limiter)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Compare with the hash, or, for an account that does not exist, with one that takes as long."""
        known = password_hash is not None
        expected = password_hash or await to_thread.run_sync(hash_of_nobody, limiter=self.limiter)
        return await to_thread.run_sync(self.hasher.verify, password, expected, limiter=self.limiter) and known


@cache
def hash_of_nobody() -> str:
    return PasswordHash.recommended().hash("the password of nobody")
