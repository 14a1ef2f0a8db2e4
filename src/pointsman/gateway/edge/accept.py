"""Accept and authenticate: what is looked at before a body is read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pointsman.dialects.anthropic_messages import ANTHROPIC_MESSAGES as ANTHROPIC
from pointsman.dialects.base import Dialect
from pointsman.dialects.openai_chat import OPENAI_CHAT as OPENAI
from pointsman.errors import InvalidRequest, RequestTooLarge

__all__ = [
    "ANTHROPIC",
    "OPENAI",
    "bearer_or_key",
    "check_repeated",
    "declared_size",
    "face_of",
    "join_lists",
    "too_large",
]

_ONCE = {
    name.lower().encode(): name for name in ("Idempotency-Key", "Last-Event-ID", "x-pointsman-resumable")
}
"""Headers that say which answer is meant: of two that differ, to take either would be a guess that costs."""

_LISTS = frozenset(
    {b"anthropic-beta", b"cache-control", b"openai-beta", b"x-pointsman-cache", b"x-pointsman-cache-tag"}
)


def bearer_or_key(headers: Mapping[bytes, bytes]) -> str:
    """The caller's key: ``Authorization: Bearer`` or ``x-api-key``; "" if there is none.

    Where both are sent (Claude Code can), one that is a virtual key by its prefix wins.
    """
    authorization = headers.get(b"authorization", b"")
    if authorization.startswith(b"Bearer pm_"):  # as nearly all write it
        return authorization[7:].strip().decode("latin-1")
    scheme, _, bearer = authorization.partition(b" ")
    token = bearer.strip() if scheme.lower() == b"bearer" else b""
    api_key = headers.get(b"x-api-key", b"").strip()
    chosen = api_key if api_key and (not token or not token.startswith(b"pm_")) else token
    return chosen.decode("latin-1")


def face_of(path: str, headers: Mapping[bytes, bytes]) -> Dialect:
    """The dialect to answer in. ``/v1/models`` means two things: an Anthropic client sends its version."""
    if path.startswith("/v1/messages") or b"anthropic-version" in headers:
        return ANTHROPIC
    return OPENAI


def declared_size(headers: Mapping[bytes, bytes], limit: int) -> int:
    """The content-length; 0 if none is declared.

    Raises:
        RequestTooLarge: over ``limit`` bytes.
        InvalidRequest: not a number.
    """
    declared = headers.get(b"content-length")
    if declared is None:
        return 0
    if not declared.isdigit():
        raise InvalidRequest("The content-length header must be a number of bytes.")
    size = int(declared)
    if size > limit:
        raise too_large(limit)
    return size


def check_repeated(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises InvalidRequest: one that may be sent just once has come with several values. Equal ones, as of a
    proxy that adds what is there, do no harm."""
    said: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _ONCE and said.setdefault(name, value.strip()) != value.strip():
            raise InvalidRequest(
                f"The request has several {_ONCE[name]} headers, with different values. Send one: a proxy or"
                " library between may add its own.",
                param=_ONCE[name],
                code="repeated_header",
            )


def join_lists(headers: dict[bytes, bytes], lines: Iterable[tuple[bytes, bytes]]) -> None:
    """Make one list of what came in several lines, as they mean (RFC 9110, 5.3).

    Args:
        headers: of several lines with a name, they hold the last.
    """
    lists: dict[bytes, list[bytes]] = {}
    for name, value in lines:
        if name in _LISTS:
            lists.setdefault(name, []).append(value)
    headers.update({name: b", ".join(values) for name, values in lists.items()})


def too_large(limit: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"The request body is larger than the {limit // (1024 * 1024)} MB that this gateway takes. "
        "Send less, or raise server.max_body_mb."
    )
