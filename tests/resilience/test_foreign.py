"""Failures of other libraries: of the real classes where they can be made, and look-alikes of the rest."""

from __future__ import annotations

import socket
import ssl
import urllib.error
from datetime import UTC, datetime
from email.message import Message
from http.client import IncompleteRead, RemoteDisconnected
from typing import Any

import aiohttp
import httpx2
import openai
import pytest
import requests
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

from pointsman.errors import InvalidRequest, UpstreamRateLimited
from pointsman.resilience import Outcome, Remedy
from pointsman.resilience.foreign import outcome_of_failure, outcome_of_response

AGAIN, NOTHING = Outcome(Remedy.AGAIN), Outcome(Remedy.NOTHING)
NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)


class SdkStatusError(Exception):
    """As ``openai.APIStatusError`` and ``anthropic.APIStatusError`` are: a status, and an httpx response."""

    def __init__(self, status: int, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(f"Error code: {status}")
        self.status_code = status
        self.response = HttpxLike(status, headers or {})
        self.__dict__.update(more)


class HttpxLike:
    def __init__(self, status: int, headers: dict[str, str], content: bytes = b"") -> None:
        self.status_code = status
        self.headers = headers
        self._content = content

    @property
    def content(self) -> bytes:
        if self._content == b"unread":
            raise RuntimeError(
                "Attempted to access streaming response content, without having called `read()`."
            )
        return self._content

    def raise_for_status(self) -> None:
        raise AssertionError("nobody asked")


def connection_error(cause: Exception) -> openai.APIConnectionError:
    """The SDKs wrap what their HTTP library raised."""
    error = openai.APIConnectionError(request=httpx2.Request("POST", "http://127.0.0.1/"))
    error.__cause__ = cause
    return error


def wrapping(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def requests_error(status: int, headers: dict[str, str], content: bytes = b"") -> requests.HTTPError:
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response._content = content
    return requests.HTTPError("refused", response=response)


def aiohttp_error(status: int, headers: dict[str, str]) -> aiohttp.ClientResponseError:
    from multidict import CIMultiDict, CIMultiDictProxy

    address = URL("http://127.0.0.1/")
    info = aiohttp.RequestInfo(address, "POST", CIMultiDictProxy(CIMultiDict()), address)
    return aiohttp.ClientResponseError(
        info, (), status=status, headers=CIMultiDictProxy(CIMultiDict(headers))
    )


def urllib_error(status: int, retry_after: str) -> urllib.error.HTTPError:
    headers = Message()
    headers["Retry-After"] = retry_after
    return urllib.error.HTTPError("http://127.0.0.1/", status, "refused", headers, None)


def connector_error() -> aiohttp.ClientConnectorError:
    key = ConnectionKey("127.0.0.1", 1, False, True, None, None, None)
    return aiohttp.ClientConnectorError(key, OSError(111, "refused"))


def certificate_error() -> aiohttp.ClientConnectorCertificateError:
    key = ConnectionKey("127.0.0.1", 1, True, True, None, None, None)
    return aiohttp.ClientConnectorCertificateError(key, ssl.SSLCertVerificationError("self-signed"))


def after(seconds: float) -> Outcome:
    return Outcome(Remedy.AGAIN, seconds)


STATUSES = [
    *((status, AGAIN) for status in (408, 409, 425, 429, 500, 502, 503, 504, 529)),
    *((status, NOTHING) for status in (400, 401, 402, 403, 404, 405, 413, 422)),
]


@pytest.mark.parametrize(("status", "outcome"), STATUSES)
def test_by_status(status: int, outcome: Outcome) -> None:
    assert outcome_of_failure(SdkStatusError(status)) == outcome
    assert outcome_of_failure(requests_error(status, {})) == outcome
    assert outcome_of_failure(aiohttp_error(status, {})) == outcome
    assert outcome_of_response(HttpxLike(status, {})) == outcome


FAILURES: list[tuple[str, BaseException, Outcome]] = [
    ("ours", UpstreamRateLimited("", retry_after=3.0), after(3.0)),
    ("ours, final", InvalidRequest(""), NOTHING),
    ("seconds", SdkStatusError(429, {"Retry-After": "3"}), after(3.0)),
    ("milliseconds", SdkStatusError(429, {"retry-after-ms": "250", "retry-after": "3"}), after(0.25)),
    (
        "date, no clock in it",
        SdkStatusError(503, {"Retry-After": "Sun, 22 Nov 2026 10:00:07 GMT"}),
        after(7.0),
    ),
    (
        "date against a date",
        SdkStatusError(
            503, {"Retry-After": "Sun, 22 Nov 2026 12:00:07 GMT", "Date": "Sun, 22 Nov 2026 12:00:00 GMT"}
        ),
        after(7.0),
    ),
    ("told not to", SdkStatusError(500, {"x-should-retry": "false"}), NOTHING),
    ("told to", SdkStatusError(418, {"x-should-retry": "true"}), AGAIN),
    ("told to, in vain", SdkStatusError(400, {"x-should-retry": "true"}), NOTHING),
    ("requests", requests_error(429, {"Retry-After": "4"}), after(4.0)),
    ("requests, spent", requests_error(429, {}, b'{"error": {"type": "insufficient_quota"}}'), NOTHING),
    ("requests, no answer", requests.HTTPError("no response"), NOTHING),
    ("aiohttp", aiohttp_error(429, {"Retry-After": "5"}), after(5.0)),
    ("urllib", urllib_error(503, "6"), after(6.0)),
    ("OpenAI's quota", SdkStatusError(429, code="insufficient_quota"), NOTHING),
    ("OpenAI's quota, by type", SdkStatusError(429, type="insufficient_quota", code=None), NOTHING),
    (
        "Anthropic's spend limit",
        SdkStatusError(429, body={"error": {"details": {"error_code": "enforced_spend_limit_reached"}}}),
        NOTHING,
    ),
    (
        "a rate limit is not a spend limit",
        SdkStatusError(429, body={"error": {"type": "rate_limit_error", "message": "Number of tokens"}}),
        AGAIN,
    ),
    ("larger than the limit", SdkStatusError(429, body={"message": "Request too large for gpt-4o"}), NOTHING),
    ("reset", ConnectionResetError(), AGAIN),
    ("time", TimeoutError(), AGAIN),
    ("asyncio's time", TimeoutError(), AGAIN),
    ("name", socket.gaierror(), AGAIN),
    ("http.client", RemoteDisconnected("closed"), AGAIN),
    ("cut", IncompleteRead(b""), AGAIN),
    ("httpx", httpx2.ConnectError("refused"), AGAIN),
    ("httpx, misused", httpx2.UnsupportedProtocol("ftp"), NOTHING),
    ("httpx, time", httpx2.ReadTimeout("slow"), AGAIN),
    ("SDK", connection_error(httpx2.ConnectError("refused")), AGAIN),
    (
        "SDK, certificate",
        connection_error(wrapping(httpx2.ConnectError("tls"), ssl.SSLCertVerificationError())),
        NOTHING,
    ),
    ("aiohttp, connect", connector_error(), AGAIN),
    ("aiohttp, certificate", certificate_error(), NOTHING),
    ("aiohttp, disconnected", aiohttp.ServerDisconnectedError(), AGAIN),
    ("aiohttp, payload", aiohttp.ClientPayloadError(), AGAIN),
    ("aiohttp, URL", aiohttp.InvalidURL("x"), NOTHING),
    ("requests, connect", requests.ConnectionError(), AGAIN),
    ("requests, time", requests.ReadTimeout(), AGAIN),
    ("requests, certificate", requests.exceptions.SSLError(ssl.SSLCertVerificationError()), NOTHING),
    ("requests, cut", requests.exceptions.ChunkedEncodingError(), AGAIN),
    ("requests, URL", requests.exceptions.InvalidURL(), NOTHING),
    ("a bug", KeyError("choices"), NOTHING),
    ("a file", FileNotFoundError(), NOTHING),
    ("a status that is none", SdkStatusError(42), NOTHING),
]


@pytest.mark.parametrize(
    ("error", "outcome"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES]
)
def test_failures(error: BaseException, outcome: Outcome) -> None:
    assert outcome_of_failure(error, NOW) == outcome


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (HttpxLike(200, {}), None),
        (HttpxLike(304, {}), None),
        (HttpxLike(429, {"Retry-After": "2"}), after(2.0)),
        (HttpxLike(429, {}, b'{"error": {"code": "insufficient_quota"}}'), NOTHING),
        (HttpxLike(429, {}, b"unread"), AGAIN),
        (requests_error(503, {"Retry-After": "2"}).response, after(2.0)),
        (SdkStatusError(500), None),  # a value that has a status, but is no answer
        ({"status_code": 500}, None),
        (None, None),
    ],
)
def test_answers_that_are_returned(value: object, outcome: Outcome | None) -> None:
    assert outcome_of_response(value) == outcome


def test_errors_that_go_round_in_circles_are_read_to_a_depth() -> None:
    inner = httpx2.ConnectError("refused")
    error = connection_error(inner)
    inner.__cause__ = error
    assert outcome_of_failure(error) == AGAIN
