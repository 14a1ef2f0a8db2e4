"""What a provider says about when to come back, in the three forms that are in use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait: ``retry-after-ms``, ``retry-after`` in seconds, or as an HTTP date. None where nothing
    usable is said.

    A date is measured against the answer's own ``date``, so that a clock of ours that is wrong does no harm;
    where there is none, against ``now`` (with its zone), if that is given.

    Args:
        headers: looked up by lower-case names.
    """
    millis = _number(headers.get("retry-after-ms"))
    if millis is not None:
        return millis / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    until, since = _date(text), _date(headers.get("date")) or now
    if until is None or since is None:
        return None
    return max(0.0, (until - since).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) and value >= 0.0 else None


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
