"""Timeouts as the upstream client wants them."""

from __future__ import annotations

from pointsman.config.settings import TimeoutSettings
from pointsman.http1.port import Timeouts


def upstream_timeouts(given: TimeoutSettings) -> Timeouts:
    """0, which TOML can say, becomes None, which is no limit."""
    return Timeouts(
        connect=given.connect or None,
        first_byte=given.first_byte or None,
        idle=given.idle or None,
        total=given.total or None,
    )
