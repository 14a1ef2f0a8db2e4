"""What ``pointsman doctor`` says of answers that replicas share. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .findings import Finding

if TYPE_CHECKING:
    from pointsman.caching.shared.redis import Probe
    from pointsman.config import Settings

_SUBJECT = "cache.shared"
_MUCH = 0.8
"""Part of what Redis may take; limits, which are in it too, need little."""


def not_shared(settings: Settings) -> list[Finding]:
    cache = settings.cache
    if cache.encryption_key is None:
        return []
    why = (
        "cache.enabled is not set"
        if not cache.enabled
        else "redis.url is not set"
        if settings.redis.url is None
        else "cache.shared is false"
    )
    return [
        Finding(
            "doubtful",
            "cache.encryption_key",
            f"encrypts nothing: replicas share no answers, since {why}",
            "what is in memory and on disk is not encrypted by it",
        )
    ]


def shared(settings: Settings, probe: Probe | None) -> list[Finding]:
    """
    Args:
        probe: None: nobody was asked.
    """
    if probe is None:
        return [Finding("good", _SUBJECT, "is configured, and was not asked")]
    if probe.trouble:
        return [
            Finding(
                "wrong",
                _SUBJECT,
                f"replicas cannot share answers: {probe.trouble}",
                "look at redis.url, the rights of its user, its memory; meanwhile each replica has its own",
            )
        ]
    how = "encrypted" if settings.cache.encryption_key is not None else "not encrypted"
    found = [Finding("good", _SUBJECT, f"replicas share answers and calls by Redis, {how}")]
    if probe.eviction.startswith("allkeys"):
        found.append(
            Finding(
                "doubtful",
                _SUBJECT,
                f"Redis forgets any key when its memory is full ({probe.eviction}), those of limits too",
                "set maxmemory-policy to noeviction: answers keep within cache.shared_max_bytes",
            )
        )
    if probe.max_memory and settings.cache.shared_max_bytes > _MUCH * probe.max_memory:
        found.append(
            Finding(
                "doubtful",
                _SUBJECT,
                f"answers may take {settings.cache.shared_max_bytes:,} of the {probe.max_memory:,} bytes of"
                " Redis, and limits need room too",
                "set cache.shared_max_bytes lower, or maxmemory higher",
            )
        )
    return found
