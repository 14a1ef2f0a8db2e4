"""Settings in the form that the rooms which act on them take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.config.settings import PresetSettings, RetrySettings, TimeoutSettings
from pointsman.http1.port import Timeouts
from pointsman.resilience.retry import RetryPolicy


def upstream_timeouts(given: TimeoutSettings) -> Timeouts:
    """0, which TOML can say, becomes None, which is no limit."""
    return Timeouts(
        connect=given.connect or None,
        first_byte=given.first_byte or None,
        idle=given.idle or None,
        total=given.total or None,
    )


def retry_policy(given: RetrySettings) -> RetryPolicy:
    return RetryPolicy(**msgspec.structs.asdict(given))


def preset_overrides(given: Mapping[str, PresetSettings]) -> dict[str, dict[str, Any]]:
    """Only what was given: the rest of a preset stays as it is."""
    return {
        name: {field: value for field, value in msgspec.structs.asdict(preset).items() if value is not None}
        for name, preset in given.items()
    }
