"""The limit on attempts: guessing passwords takes longer than anybody lives."""

from ipaddress import ip_address, ip_network

from litestar.exceptions import TooManyRequestsException

from ..stores import Counters

WINDOW = 60


def network_of(address: str) -> str:
    """What one client has as its own: an IPv4 address, or the /64 of an IPv6 one; of a proxy that tells it, no port."""
    host = address.rpartition(":")[0] if address.count(":") == 1 else address
    try:
        found = ip_address(host.strip("[]"))
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False) if found.version == 6 else found)


class AttemptLimiter:
    """Counts attempts for a key, in windows of a minute."""

    def __init__(self, counters: Counters) -> None:
        self.counters = counters

    async def count(self, key: str, most: int) -> None:
        """Count one attempt; raises 429 after `most` of them. Refused attempts do not lengthen the wait."""
        attempts, rest = await self.counters.add(f"attempts {key}", WINDOW)
        if attempts > most:
            raise TooManyRequestsException("Too many attempts; wait a minute.", headers={"retry-after": str(rest)})

    async def forget(self, key: str) -> None:
        await self.counters.forget(f"attempts {key}")
