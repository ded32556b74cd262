"""The limits on attempts: guessing passwords takes longer than anybody lives."""

from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from litestar.exceptions import TooManyRequestsException
from litestar.stores.base import Store

from ..stores import Counters

WINDOW = 60
STRANGERS_WINDOW = 60 * 60
KNOWN = timedelta(days=90)


def network_of(address: str) -> str:
    """What one client has as its own: an IPv4 address, or the /64 of an IPv6 one; of a proxy that tells it, no port.

    A service that listens on `::` knows an IPv4 client as `::ffff:192.0.2.1`.
    """
    host = address.rpartition(":")[0] if address.count(":") == 1 or "]:" in address else address
    try:
        found = ip_address(host.strip("[]"))
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


class AttemptLimiter:
    """Counts attempts for a key, in windows of a minute; those of strangers, in windows of an hour.

    A stranger to an account is a network from which nobody has logged in to it. All of them together have so many
    attempts that guessing from many addresses is as slow as from one; the owner, at home, is none of them.
    """

    def __init__(self, counters: Counters, known: Store) -> None:
        self.counters = counters
        self.known = known

    async def count(self, key: str, most: int, window: int = WINDOW) -> None:
        """Count one attempt; raises 429 after `most` of them. Refused attempts do not lengthen the wait."""
        attempts, rest = await self.counters.add(f"attempts {key}", window)
        if attempts > most:
            raise TooManyRequestsException("Too many attempts; wait.", headers={"retry-after": str(rest)})

    async def count_stranger(self, email: str, network: str, most: int) -> None:
        if not await self.known.exists(acquaintance(email, network)):
            await self.count(f"strangers {email}", most, STRANGERS_WINDOW)

    async def acquaint(self, email: str, network: str) -> None:
        await self.known.set(acquaintance(email, network), b"known", KNOWN)

    async def forget(self, key: str) -> None:
        await self.counters.forget(f"attempts {key}")


def acquaintance(email: str, network: str) -> str:
    return sha256(f"{network} {email}".encode()).hexdigest()
