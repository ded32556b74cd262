"""Passwords: argon2id, off the event loop, and not too many at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# Each hash takes its memory, and a good part of a core for a while.
AT_ONCE = 2


class Passwords:
    def __init__(self, memory_kib: int, passes: int) -> None:
        self.hasher = PasswordHash((Argon2Hasher(memory_cost=memory_kib, time_cost=passes),))
        self.threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self.hash_of_nobody = ""

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self.threads, self.hasher.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Compare with the hash, or, for an account that does not exist, with one that takes as long."""
        if not self.hash_of_nobody:
            self.hash_of_nobody = await self.hash("the password of nobody")
        expected = password_hash or self.hash_of_nobody
        loop = asyncio.get_running_loop()
        matches = await loop.run_in_executor(self.threads, self.hasher.verify, password, expected)
        return matches and password_hash is not None
