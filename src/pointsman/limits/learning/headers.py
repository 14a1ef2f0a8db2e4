"""What providers tell of their limits, in the headers of their answers.

The names and forms, and where they come from:

* OpenAI, and most that are compatible with it: ``x-ratelimit-{limit,remaining,reset}-{requests,tokens}``, the
  reset as a duration ("12ms", "6m0s"). Groq's requests are a day's, and OpenAI's can be: a limit whose reset
  shows that it is not a minute's is left alone.
* Azure: the same, the reset in whole seconds; -1 where it does not know; ``x-ratelimit-renewalperiod-*``
  where the period is another.
* Mistral: ``x-ratelimit-{limit,remaining}-{req,tokens}-minute``.
* Anthropic: ``anthropic-ratelimit-{requests,input-tokens,output-tokens}-{limit,remaining,reset}``, the reset
  as RFC 3339. Its ``tokens`` repeats whichever of the two is tighter, and counts only where they are missing.
* Bare ``x-ratelimit-limit`` (Together: a second's; OpenRouter: a day's) says no period, and only its reset is
  of use, after a refusal.

What cannot be true is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from pointsman.limits.values.limit import MINUTE_US, Dimension

MAX_AMOUNT = 10**12
MAX_WAIT_US = 86_400_000_000
"""A provider that names a time further off than a day is not believed."""
MAX_PERIOD_US = 150_000_000
"""What takes longer than this to refill is no limit of a minute, with room for resets that are rounded up."""
_ROUNDING_US = 1_000_000

_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s|d)")
_UNITS_US = {"d": 86_400e6, "h": 3_600e6, "m": 60e6, "s": 1e6, "ms": 1e3, "us": 1.0, "µs": 1.0, "ns": 1e-3}


class Allowance(msgspec.Struct, frozen=True, gc=False):
    """One limit as it was told, a minute."""

    dimension: Dimension
    limit: int
    remaining: int | None = None
    reset_us: int | None = None
    """Until all of it is there again."""


class _Names(msgspec.Struct, frozen=True, gc=False):
    """What the headers of one limit are called."""

    dimension: Dimension
    limit: str
    remaining: str
    reset: str
    period: str = ""


def _openai(dimension: Dimension, what: str) -> _Names:
    return _Names(
        dimension,
        f"x-ratelimit-limit-{what}",
        f"x-ratelimit-remaining-{what}",
        f"x-ratelimit-reset-{what}",
        f"x-ratelimit-renewalperiod-{what}",
    )


def _anthropic(dimension: Dimension, what: str) -> _Names:
    start = f"anthropic-ratelimit-{what}-"
    return _Names(dimension, start + "limit", start + "remaining", start + "reset")


_KNOWN = (
    _openai("rpm", "requests"),
    _openai("rpm", "req-minute"),
    _openai("tpm", "tokens"),
    _openai("tpm", "tokens-minute"),
    _anthropic("rpm", "requests"),
    _anthropic("input_tpm", "input-tokens"),
    _anthropic("output_tpm", "output-tokens"),
    _anthropic("tpm", "tokens"),
)
_LOOK_AGAIN = 256
"""After so many answers the names are looked for anew: a provider may tell more once it has load."""


class HeaderReader:
    """Reads the headers of one deployment, which are called the same each time."""

    __slots__ = ("_limits", "_names", "_until_look")

    def __init__(self) -> None:
        self._names: tuple[_Names, ...] = ()
        self._limits: tuple[str | None, ...] = ()
        self._until_look = 0

    def unchanged(self, headers: Mapping[str, str]) -> bool:
        """Whether the limits are told as they were by the answer read last. What is left is not looked at."""
        if not self._until_look:
            return False
        self._until_look -= 1
        get = headers.get
        for names, limit in zip(self._names, self._limits, strict=True):  # noqa: SIM110 - half the time of all()
            if get(names.limit) != limit:
                return False
        return True

    def read(self, headers: Mapping[str, str]) -> list[Allowance]:
        """All limits that an answer tells, as far as they can be true."""
        if (
            not self._until_look
            or not self._names
            or any(names.limit not in headers for names in self._names)
        ):
            found = tuple(names for names in _KNOWN if names.limit in headers)
            split = any(names.dimension == "input_tpm" for names in found)
            self._names = tuple(names for names in found if not (split and names.dimension == "tpm"))
            self._until_look = _LOOK_AGAIN
        self._limits = tuple(headers.get(names.limit) for names in self._names)
        told = [_allowance(names, headers) for names in self._names]
        return [allowance for allowance in told if allowance is not None]


def read_limits(headers: Mapping[str, str]) -> list[Allowance]:
    """All limits that the headers of one answer (with lower-case names) tell, as far as they can be true."""
    return HeaderReader().read(headers)


def read_wait_us(headers: Mapping[str, str]) -> int | None:
    """Microseconds for which a refusal asks to wait: ``retry-after-ms``, ``retry-after`` in seconds or as a
    date, or else the bare ``x-ratelimit-reset``. None where nothing usable is told."""
    millis = _number(headers.get("retry-after-ms"))
    if millis is not None:
        return _believable(millis * 1e3)
    after = headers.get("retry-after")
    if after is not None:
        seconds = _number(after)
        return _believable(_until(after, headers) if seconds is None else seconds * 1e6)
    reset = headers.get("x-ratelimit-reset")
    return None if reset is None else _reset_us(reset, headers)


def _allowance(names: _Names, headers: Mapping[str, str]) -> Allowance | None:
    limit = _count(headers.get(names.limit))
    if not limit:
        return None
    remaining = _count(headers.get(names.remaining))
    if remaining is not None and remaining > limit:
        remaining = None
    reset = headers.get(names.reset)
    reset_us = _reset_us(reset, headers)
    if reset_us is not None and not _is_minute(limit, remaining, reset_us, even=_PARTS.search(reset or "")):
        return None
    period = _count(headers.get(names.period)) if names.period else None
    if period and period != 60:
        limit = max(1, limit * 60 // period)
        remaining = None
    return Allowance(names.dimension, limit, remaining, reset_us)


def _is_minute(limit: int, remaining: int | None, reset_us: int, *, even: object) -> bool:
    """Whether what is missing would be back at a pace that makes a minute of the whole. ``even``: it comes
    back evenly, as with all who tell a duration with units; others mean the end of a fixed period."""
    if reset_us > 2 * MINUTE_US:
        return False
    used = None if remaining is None else limit - remaining
    return not even or not used or (reset_us - _ROUNDING_US) * limit <= MAX_PERIOD_US * used


def _count(text: str | None) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 13:
        return None
    number = int(text)
    return number if number <= MAX_AMOUNT else None


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _reset_us(text: str | None, headers: Mapping[str, str]) -> int | None:
    """A duration, seconds, a Unix time in seconds or milliseconds, or RFC 3339."""
    if not text:
        return None
    number = _number(text)
    if number is None:
        parts = _PARTS.findall(text)
        if parts and "".join(amount + unit for amount, unit in parts) == text:
            return _believable(sum(float(amount) * _UNITS_US[unit] for amount, unit in parts))
        return _believable(_until(text, headers))
    if number < 1e9:
        return _believable(number * 1e6)
    date = _time(headers.get("date"))
    if date is None:
        return None
    return _believable((number / (1e3 if number > 1e11 else 1) - date.timestamp()) * 1e6)


def _until(text: str, headers: Mapping[str, str]) -> float | None:
    """Microseconds from the answer's own date until a time: no clock is needed, and none can be wrong."""
    time, date = _time(text), _time(headers.get("date"))
    return None if time is None or date is None else max(0.0, (time - date).total_seconds() * 1e6)


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text) if text[0].isdigit() else parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _believable(microseconds: float | None) -> int | None:
    """None for what is negative, not a number, or further off than a day."""
    if microseconds is None or not 0 <= microseconds <= MAX_WAIT_US:
        return None
    return int(microseconds)
