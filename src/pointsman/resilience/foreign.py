"""Read failures that are not ours, by their looks: of the OpenAI and Anthropic SDKs, httpx, aiohttp,
requests, urllib. None of them is imported; what they have in common is a status, headers, and names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pointsman.errors import PointsmanError

from .outcome import Outcome, Remedy, outcome_of
from .retry_after import retry_after

_NOTHING = Outcome(Remedy.NOTHING)

_AGAIN_STATUS = frozenset((408, 409, 425, 429))
_NEVER_STATUS = frozenset((400, 401, 402, 403, 404, 422))
"""Whatever a header says: the same request would be refused again."""

_SPENT = (
    "insufficient_quota",
    "insufficient_balance",
    "credit_balance",
    "spend_limit",
    "billing",
    "usage_limit_exceeded",
    "hard_limit",
    "request too large",
)
"""Words of a 429 that waiting does not mend: money is missing, or it is larger than the limit of a minute."""

_LOST = frozenset(
    (
        *("ConnectionError", "TimeoutError", "gaierror"),  # Python, requests
        *("APIConnectionError",),  # the SDKs
        *("TransportError",),  # httpx
        *("ClientConnectionError", "ClientPayloadError"),  # aiohttp
        *("Timeout", "ChunkedEncodingError", "IncompleteRead", "RemoteDisconnected"),  # requests, http.client
    )
)
"""Names, anywhere among an error's classes, that mean: the connection failed, broke, or was too slow."""
_HOPELESS = frozenset(
    ("SSLCertVerificationError", "UnsupportedProtocol", "LocalProtocolError", "InvalidURL", "InvalidProxyURL")
)
"""Names, among the classes of an error or of its causes, that no waiting mends."""
_DEEPEST = 8


def outcome_of_failure(error: BaseException, now: datetime | None = None) -> Outcome:
    """What the failure of a call means, whoever raised it. What is not understood is not repeated.

    Args:
        now: with its zone; for a Retry-After that is a date in an answer that tells no date of its own.
    """
    if isinstance(error, PointsmanError):
        return outcome_of(error)
    response = getattr(error, "response", None)
    status = _status(error) or _status(response)
    if status is not None:
        words = f"{_words(error)} {_text_of(response)}"
        return _by_status(status, _headers(response) or _headers(error), words, now)
    causes = list(_chain(error))
    if any(_HOPELESS & _names(each) for each in causes):
        return _NOTHING
    return Outcome(Remedy.AGAIN) if _LOST & _names(error) else _NOTHING


def outcome_of_response(value: object, now: datetime | None = None) -> Outcome | None:
    """What an answer means that was returned, not raised, as httpx, aiohttp and requests do it whatever its
    status. None: it is not such an answer, or it is a good one."""
    if not callable(getattr(value, "raise_for_status", None)):
        return None
    status = _status(value)
    if status is None or status < 400:
        return None
    return _by_status(status, _headers(value), _text_of(value), now)


def _by_status(status: int, headers: Mapping[str, str], words: str, now: datetime | None) -> Outcome:
    if status in _NEVER_STATUS or (status == 429 and any(word in words for word in _SPENT)):
        return _NOTHING
    should = headers.get("x-should-retry", "").lower()
    if should == "false":
        return _NOTHING
    if should == "true" or status in _AGAIN_STATUS or status >= 500:
        return Outcome(Remedy.AGAIN, retry_after(headers, now))
    return _NOTHING


def _status(value: object) -> int | None:
    for found in (
        getattr(value, "status_code", None),
        getattr(value, "status", None),
        _own(value, "code"),
    ):
        if type(found) is int and 300 <= found <= 599:
            return int(found)
    return None


def _headers(value: object) -> Mapping[str, str]:
    found = getattr(value, "headers", None)
    if found is None or not callable(getattr(found, "items", None)):
        return {}
    return {str(name).lower(): str(text) for name, text in found.items()}


def _words(error: BaseException) -> str:
    """Where an SDK's error says of which kind it is."""
    return " ".join(str(_own(error, name) or "") for name in ("code", "type", "body")).lower()


def _own(value: object, name: str) -> Any:
    """An attribute of the object itself: a property of that name can be a deprecated one, which warns."""
    return getattr(value, "__dict__", {}).get(name)


def _text_of(response: object) -> str:
    """The body, where it is at hand (httpx, requests); aiohttp has a stream in its place."""
    try:
        content = getattr(response, "content", b"")
    except RuntimeError:  # httpx and requests: a stream that was not read, or was read away
        return ""
    return content.decode("utf-8", "replace").lower() if isinstance(content, bytes) else ""


def _names(error: BaseException) -> set[str]:
    return {each.__name__ for each in type(error).__mro__}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, to a depth; ``reason`` and ``args`` as urllib3 and requests nest."""
    at: BaseException | None = error
    for _ in range(_DEEPEST):
        if at is None:
            return
        yield at
        inner = [at.__cause__, at.__context__, getattr(at, "reason", None), *at.args[:1]]
        at = next((each for each in inner if isinstance(each, BaseException)), None)
