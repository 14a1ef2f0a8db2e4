"""What people write for the time of a report: "7d", "2026-11-01", "2026-11-01T12:30"."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pointsman.errors import InvalidRequest

_UNITS_US = {"m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}
_AGO = re.compile(r"(\d{1,6})([mhdw])")


def parse_moment(text: str, now_us: int, *, param: str) -> int:
    """Microseconds of Unix time.

    Args:
        text: so long ago (``30m``, ``12h``, ``7d``, ``2w``), ``today`` (its start), or a date or a time in
            ISO 8601, which are UTC unless they say otherwise.

    Raises:
        InvalidRequest: it is none of these.
    """
    if ago := _AGO.fullmatch(text):
        return max(0, now_us - int(ago[1]) * _UNITS_US[ago[2]])
    if text == "today":
        return now_us // _UNITS_US["d"] * _UNITS_US["d"]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(
            f"{text} is no time: say how long ago (30m, 12h, 7d, 2w), today, or a date like 2026-11-01"
            " or 2026-11-01T12:30 (UTC).",
            param=param,
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return max(
        0, since_epoch.days * _UNITS_US["d"] + since_epoch.seconds * 1_000_000 + since_epoch.microseconds
    )
