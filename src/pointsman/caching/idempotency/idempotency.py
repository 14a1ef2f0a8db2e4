"""One key, one answer: what is kept under an ``Idempotency-Key``, and what a second request is told. Pure.

    nothing known ── claim ──> begun ── final answer ──> kept ── 24 h ──> nothing known
                                 │
                                 ├── failed, or cut ──> nothing known: the next one is a real attempt
                                 └── its process died ──> asked anew if nothing was sent, else told so

The form is Stripe's and that of draft-ietf-httpapi-idempotency-key-header. Two things are done otherwise. A
second request waits for the first one's answer where they turn it away; and the draft's 422 for another body
is 409 here, since SDKs and people take 422 for a flaw of the body itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from hashlib import blake2b
from typing import Protocol

import msgspec

from pointsman.errors import AnswerUnderWay, Conflict, InvalidRequest

MOST_KEY = 255
"""Characters of a key, as at Stripe."""
_DIGEST = 24
_FINAL = frozenset({400, 403, 404, 405, 406, 410, 411, 413, 414, 415, 416, 422, 451})
"""Refusals that the same request would meet again. Not among them: credentials and money (401, 402), which
people mend; clashes (408, 409, 425) and limits (429), which pass."""

Headers = Sequence[tuple[bytes, bytes]]


class Asked(msgspec.Struct, frozen=True):
    """A request with a key."""

    ident: bytes
    """Digest of the virtual key's id and the idempotency key: no two virtual keys share one."""
    fingerprint: bytes
    """Digest of path, query and body."""
    request_id: str
    at_us: int
    """Unix time in microseconds."""


class Kept(msgspec.Struct, frozen=True):
    """A final answer."""

    fingerprint: bytes
    request_id: str
    """Of the first request."""
    at_us: int
    """When that came."""
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes | None
    """None: it was too large to be kept."""
    streamed: bool


class Begun(msgspec.Struct, frozen=True):
    """A first request that is not under way in this process, and has no answer."""

    fingerprint: bytes
    request_id: str
    alive: bool
    """Another process is at it, as far as is known."""
    elsewhere: bool = False
    """It was another process's, whose ledger need not be ours: what came of it may not be known here."""


Found = Kept | Begun


class IdempotencyStore(Protocol):
    """Where answers are kept. What is asked of it is done in the order in which it was asked."""

    async def claim(self, asked: Asked, instead_of: str = "") -> Found | None:
        """Begin, if nothing is known under that key; else say what is.

        Args:
            instead_of: id of a request that had begun and that this one takes the place of.

        Raises:
            ServerBusy: the store is away.
        """
        ...

    def finish(self, asked: Asked, kept: Kept) -> Awaitable[None]:
        """Keep the answer of what was begun. Raises ServerBusy (when awaited)."""
        ...

    def forget(self, asked: Asked) -> Awaitable[None]:
        """As if it had not been asked. Raises ServerBusy (when awaited)."""
        ...

    @property
    def evicted(self) -> int:
        """Answers that had to go before their time, for want of room."""
        ...

    async def close(self) -> None: ...


class IdempotencyPolicy(msgspec.Struct, frozen=True):
    """How long and how much is kept."""

    keep_us: int = 24 * 3_600 * 1_000_000
    """Microseconds, from the first request on."""
    most: int = 256 << 20
    """Bytes of all answers that are kept."""
    most_answer: int = 16 << 20
    """Bytes of one answer. One that is larger is passed on, but not kept."""
    linger: float = 60.0
    """Seconds for which an answer is gone on with though no client is there for it."""


def asked_of(
    header: bytes, *, key_id: str, path: str, query: str, body: bytes, request_id: str, at_us: int
) -> Asked:
    """Raises InvalidRequest: the key is empty, too long, or not printable ASCII."""
    key = checked_key(header)
    return Asked(
        _digest(key_id.encode(), key),
        fingerprint_of(path, query, body),
        request_id,
        at_us,
    )


def fingerprint_of(path: str, query: str, body: bytes) -> bytes:
    """What two requests share if they are the same one, to the byte."""
    return _digest(path.encode("utf-8", "surrogateescape"), query.encode("utf-8", "surrogateescape"), body)


def checked_key(header: bytes) -> bytes:
    """The key that a header bears. Raises InvalidRequest: it is empty, too long, or not printable ASCII."""
    key = header.strip()
    if not key:
        raise _bad_key("is empty")
    if len(key) > MOST_KEY:
        raise _bad_key(f"has {len(key)} characters; {MOST_KEY} are allowed")
    if not (key.isascii() and key.decode("ascii").isprintable()):
        raise _bad_key("has characters that are not printable ASCII")
    return key


def is_final(status: int, *, sent: bool) -> bool:
    """Whether a whole answer is kept.

    Args:
        sent: a provider was asked. What was refused before that cost nothing, and may be right once a
            setting is mended, so that it is tried again.
    """
    return status < 300 or (sent and status in _FINAL)


def judge(asked: Asked, found: Found, *, sent: bool) -> Kept | None:
    """What to do: replay what was kept; or None, to ask anew in the place of what had begun.

    Args:
        sent: our ledger knows the first request, and that a provider was asked for it.

    Raises:
        Conflict: the key belongs to another request, its answer was too large, or is not known.
        AnswerUnderWay: another process is at it.
    """
    if found.fingerprint != asked.fingerprint:
        raise other_request(found.request_id)
    if isinstance(found, Kept):
        if found.body is None:
            raise too_large(found.request_id)
        return found
    if found.alive and not sent:
        raise under_way(found.request_id)
    if sent or found.elsewhere:
        was = "was" if sent else "may have been"
        raise Conflict(
            f"The first request with this Idempotency-Key, {found.request_id}, {was} sent to a provider, and"
            " the gateway stopped before its answer was kept. It is not sent again by itself, since it may"
            f" have been billed: see GET /v1/requests/{found.request_id}. To ask anew, take a new key.",
            param="Idempotency-Key",
            code="idempotency_unknown",
        )
    return None


def other_request(first: str) -> Conflict:
    return Conflict(
        f"This Idempotency-Key was used for another request ({first}), with another path or body. Take a new"
        " key for a new request; to retry that one, send exactly what was sent then.",
        param="Idempotency-Key",
        code="idempotency_key_reused",
    )


def too_large(first: str) -> Conflict:
    return Conflict(
        f"The answer to the first request with this Idempotency-Key, {first}, was too large to be kept, by"
        " itself or with all others under way (idempotency.max_answer_mb). What it cost:"
        f" GET /v1/requests/{first}. To ask anew, take a new key.",
        param="Idempotency-Key",
        code="idempotency_answer_too_large",
    )


def under_way(first: str) -> AnswerUnderWay:
    return AnswerUnderWay(
        f"The first request with this Idempotency-Key, {first}, is under way elsewhere. Send the"
        " same again in a moment, to get its answer.",
        param="Idempotency-Key",
        retry_after=1.0,
    )


def write_headers(headers: Headers) -> bytes:
    """A line each, ``name: value``."""
    return b"\n".join(map(b": ".join, headers))


def read_headers(lines: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """As they were written."""
    if not lines:
        return ()
    pairs = (line.partition(b": ") for line in lines.split(b"\n"))
    return tuple((name, value) for name, _, value in pairs)


def _bad_key(what: str) -> InvalidRequest:
    return InvalidRequest(
        f"The Idempotency-Key {what}. Send a random string of at most {MOST_KEY} characters, as a UUID, and"
        " the same one for each retry.",
        param="Idempotency-Key",
        code="invalid_idempotency_key",
    )


def _digest(*parts: bytes) -> bytes:
    digest = blake2b(digest_size=_DIGEST)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()
