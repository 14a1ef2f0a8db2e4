"""Respond: the headers that say what happened, and errors in the caller's dialect. Pure."""

from __future__ import annotations

from math import ceil

from pointsman.caching.kept.stored import Stored
from pointsman.costs import PicoUsd, format_usd
from pointsman.dialects.base import Dialect
from pointsman.errors import PointsmanError

from .account import AttemptRecord
from .call import Call
from .values import Answer, HeaderList, header_value

_JSON = b"application/json"
_EVENTS = b"text/event-stream; charset=utf-8"
_OF_THE_ANSWER = frozenset({b"x-pointsman-model", b"x-pointsman-provider", b"x-pointsman-dropped"})
CACHE = b"x-pointsman-cache"
PROMPT_CACHE = b"x-pointsman-prompt-cache"
SIMILARITY = b"x-pointsman-cache-similarity"


def answer_headers(call: Call, record: AttemptRecord, content_type: bytes) -> HeaderList:
    """Headers of an answer by the attempt ``record``: who answered, at what cost, after how many attempts.

    A stream's headers leave before its cost is known: then there is no cost header, and
    ``GET /v1/requests/ID`` tells it afterwards. A cost that is not known at all has none either.
    """
    route = record.route
    request_id = call.arrival.request_id.encode()
    headers: HeaderList = [
        (b"content-type", content_type),
        (b"x-request-id", request_id),
        (b"request-id", request_id),
        route.model_header,
        route.provider_header,
        (b"x-pointsman-attempts", b"%d" % len(call.attempts)),
        (b"x-pointsman-queued-ms", b"%d" % (call.queued_us // 1000) if call.queued_us else b"0"),
    ]
    if call.chosen is not None:
        headers.append(call.chosen.header)
    if call.settled and (cost := call.cost) is not None:
        headers.append((b"x-pointsman-cost-usd", format_usd(cost).encode()))
    if (plan := call.plan) is not None and (warning := plan.warning):
        headers.append((b"x-pointsman-warning", header_value(warning)))
    if call.cache:
        headers.append((CACHE, call.cache.encode()))
    if record.prompt_cache:
        headers.append((PROMPT_CACHE, record.prompt_cache))
    if dropped := record.dropped:
        headers.append((b"x-pointsman-dropped", header_value(",".join(dropped))))
    return headers


def replay_headers(call: Call, stored: Stored, age: int) -> HeaderList:
    """Headers of an answer that was kept: who gave it then, and how many seconds ago. Now it is free."""
    request_id = call.arrival.request_id.encode()
    headers: HeaderList = [
        (b"content-type", _EVENTS if call.streams else _JSON),
        (b"x-request-id", request_id),
        (b"request-id", request_id),
        (b"x-pointsman-model", header_value(stored.model)),
        (b"x-pointsman-provider", header_value(stored.provider)),
        (b"x-pointsman-attempts", b"0"),
        (b"x-pointsman-queued-ms", b"0"),
        (CACHE, b"hit"),
        (b"age", b"%d" % age),
        (b"x-pointsman-cost-usd", b"0"),
    ]
    if call.match is not None:
        headers.append((SIMILARITY, b"%.4f" % call.match.similarity))
    if call.chosen is not None:
        headers.append(call.chosen.header)
    if (plan := call.plan) is not None and (warning := plan.warning):
        headers.append((b"x-pointsman-warning", header_value(warning)))
    return headers


def coalesced_headers(call: Call, made: HeaderList) -> HeaderList:
    """Headers of an answer that was made for another request: its own, and who answered.

    Args:
        made: those of the answer to that one.
    """
    request_id = call.arrival.request_id.encode()
    headers: HeaderList = [
        (b"content-type", _EVENTS if call.streams else _JSON),
        (b"x-request-id", request_id),
        (b"request-id", request_id),
        *(header for header in made if header[0] in _OF_THE_ANSWER),
        (b"x-pointsman-attempts", b"0"),
        (b"x-pointsman-queued-ms", b"0"),
        (CACHE, call.cache.encode()),
    ]
    if call.chosen is not None:
        headers.append(call.chosen.header)
    if (cost := call.cost) is not None:
        headers.append((b"x-pointsman-cost-usd", format_usd(cost).encode()))
    if (plan := call.plan) is not None and (warning := plan.warning):
        headers.append((b"x-pointsman-warning", header_value(warning)))
    return headers


def told_cost(headers: HeaderList, cost: PicoUsd | None) -> HeaderList:
    """Headers of an answer that was made before it was known what its request pays."""
    if cost is None:
        return headers
    return [*headers, (b"x-pointsman-cost-usd", format_usd(cost).encode())]


def waiting_headers(call: Call) -> HeaderList:
    """Headers of a stream that is announced before it has begun: what is known by then."""
    request_id = call.arrival.request_id.encode()
    headers: HeaderList = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"x-request-id", request_id),
        (b"request-id", request_id),
    ]
    if call.chosen is not None:
        headers.append(call.chosen.header)
    if call.cache:
        headers.append((CACHE, call.cache.encode()))
    if (plan := call.plan) is not None and (warning := plan.warning):
        headers.append((b"x-pointsman-warning", header_value(warning)))
    return headers


def error_answer(
    face: Dialect,
    error: PointsmanError,
    request_id: str,
    *,
    attempts: int = 0,
    spent: bool = False,
    chosen: tuple[bytes, bytes] | None = None,
) -> Answer:
    """An error in the caller's dialect. ``x-should-retry`` keeps the SDKs' retries from multiplying ours.

    Args:
        attempts: that were made.
        spent: no more were allowed, by their number, by the retry budget or in time.
        chosen: the header that says how a model was chosen; None if none was.
    """
    ident = request_id.encode()
    headers: HeaderList = [(b"content-type", _JSON), (b"x-request-id", ident), (b"request-id", ident)]
    if attempts:
        headers.append((b"x-pointsman-attempts", b"%d" % attempts))
    if chosen is not None:
        headers.append(chosen)
    if error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % max(1, ceil(error.retry_after))))
        headers.append((b"retry-after-ms", b"%d" % max(1, ceil(error.retry_after * 1000))))
    if not error.retryable or attempts > 1 or spent:
        headers.append((b"x-should-retry", b"false"))
    return Answer(error.status, headers, face.encode_error(error, request_id))
