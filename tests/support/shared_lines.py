"""Processes that share answers and flights over a real server."""

from __future__ import annotations

from pointsman.caching.shared.redis import RedisSharing
from pointsman.secret import Secret


class Lines(RedisSharing):
    """One process."""

    def __init__(
        self,
        url: str,
        prefix: str,
        *,
        timeout: float = 1.0,
        lease: float = 10.0,
        keys: str | None = None,
        most: int = 1 << 20,
    ) -> None:
        super().__init__(
            Secret(url),
            timeout=timeout,
            lease=lease,
            prefix=prefix,
            most=most,
            keys=None if keys is None else Secret(keys),
        )
