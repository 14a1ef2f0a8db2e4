"""The key of an answer: a digest of everything that changes it. Pure.

In the order in which it is taken in:

1. the tenant, and within it what the policy of the caller's key parts further: whatever else is equal, two
   tenants never share;
2. the model that the name was resolved to, by its name in the catalog and not by who serves it: the same
   model at another provider answers as well, so a fallback to there still hits. An answer by *another* model
   is not stored under this key (``policy.py``);
3. what a preset fills in, the headers that change the answer, the query of the address, and the form in which
   it is told, where another form would lose something of it, or nobody here knows (``unknown.py``);
4. what is asked for, by ``meaning.py``, if the hub holds all of the request: both dialects share that. If
   not, all of the body in the one spelling of its JSON, under the name of its dialect; if it is not JSON, its
   bytes.

The digest is BLAKE2b of 256 bits over JSON, where nothing can be mistaken for its neighbour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b, sha256
from typing import Any

import msgspec

from pointsman.caching.kept.stored import Form
from pointsman.chat import Request

from .canonical import canonical_json
from .defaults import Told
from .meaning import IDLE, meaning
from .unknown import has_one_form

Read = Callable[[bytes], Request | None]
"""The request of a body in the hub; None where the hub does not hold all of it."""

_any = msgspec.json.Decoder()
_VERSION = 2
"""Of what is digested. Another number makes all that was stored before unknown."""
_NO_DEFAULTS: Mapping[str, Any] = {}
_SPOKEN_VERSION = b"2023-06-01"
"""Anthropic's version of the API where the caller names none."""
_STRICTER_VERSION = b"2026-10-21"
"""The one that its SDKs name since. It answers as the other does, or refuses."""
_SAMPLING = ("temperature", "top_p", "top_k")
_REFUSED = (*[b'"%b"' % name.encode() for name in _SAMPLING], b'"document"', b'"citations"')
"""What it may refuse to a request that has this anywhere."""


class Partition(msgspec.Struct, frozen=True, gc=False):
    """Who may be given the answer. Within one, equal requests share; between two, none ever does."""

    tenant: str
    scope: str = ""
    """What parts a tenant further: the id of a key that keeps its answers to itself; "": nothing."""


class Asked(msgspec.Struct, frozen=True):
    """A request, as far as it changes the answer."""

    dialect: str
    body: bytes
    model: str
    """The catalog's name of the model that answers (``Route.name``); of several that may, all."""
    defaults: Mapping[str, Any] = _NO_DEFAULTS
    """What a preset fills in, by hub name."""
    headers: tuple[str, ...] = ()
    """As ``answer_headers`` tells them."""
    query: str = ""
    told: Told = ()
    """What leaving a field out means, as far as all say so who may answer."""
    form: Form | None = None
    """The form in which it is wanted, if no other would do."""
    wanted: Form | None = None
    """The form in which it is wanted. It counts where it says something that nobody here has heard of."""


class Keys:
    """Makes keys. Remembers those of the last bodies, so that who asks again is not read again.

    Args:
        most: bodies that are remembered; about 400 bytes each.
    """

    def __init__(self, most: int = 8192) -> None:
        self._most = most
        self._seen: dict[tuple[object, ...], bytes] = {}

    def key(self, partition: Partition, asked: Asked, read: Read) -> bytes:
        """32 bytes. A body that was seen before costs one pass over its bytes."""
        defaults = canonical_json(dict(asked.defaults)) if asked.defaults else b""
        # by content: who could make two bodies collide here would fool nobody but their own tenant
        digest = sha256(asked.body).digest()
        seen = (
            digest,
            partition.tenant,
            partition.scope,
            asked.model,
            asked.dialect,
            asked.headers,
            asked.query,
            asked.told,
            asked.form,
            asked.wanted,
            defaults,
        )
        known = self._seen.get(seen)
        if known is None:
            known = make_key(partition, asked, read)
            if len(self._seen) >= self._most:
                del self._seen[next(iter(self._seen))]
            self._seen[seen] = known
        return known


def make_key(partition: Partition, asked: Asked, read: Read) -> bytes:
    """The same, remembering nothing."""
    form, content, has_one = _content(asked, read)
    told_in = asked.wanted if has_one and asked.form is None else asked.form
    whole = [
        _VERSION,
        partition.tenant,
        partition.scope,
        asked.model,
        dict(asked.defaults),
        _nulls(asked),
        asked.headers,
        asked.query,
        None if told_in is None else msgspec.to_builtins(told_in),
        form,
    ]
    return blake2b(canonical_json(whole) + b"\n" + content, digest_size=32).digest()


def answer_headers(
    headers: Mapping[bytes, bytes],
    body: bytes = b"",
    defaults: Mapping[str, Any] = _NO_DEFAULTS,
    *,
    anthropic: bool = True,
    openai: bool = True,
) -> tuple[str, ...]:
    """Of a client's headers (names in lower case) those that change the answer to ``body``, in one
    spelling.

    Args:
        defaults: what a preset fills in.
        anthropic: it may be sent to who understands Anthropic's headers.
        openai: the same for OpenAI's.
    """
    found: list[str] = []
    for name, heard in ((b"anthropic-beta", anthropic), (b"openai-beta", openai)):
        if heard and (value := headers.get(name)):
            words = {word.strip() for word in value.decode("latin-1").split(",")}
            found.append(f"{name.decode()}: {','.join(sorted(words))}")
    version = headers.get(b"anthropic-version") if anthropic else None
    if version and not _says_nothing(version, body, defaults):
        found.append(f"anthropic-version: {version.decode('latin-1')}")
    return tuple(found)


def _says_nothing(version: bytes, body: bytes, defaults: Mapping[str, Any]) -> bool:
    if version == _SPOKEN_VERSION:
        return True
    if version != _STRICTER_VERSION or any(name in defaults for name in _SAMPLING):
        return False
    return not any(word in body for word in _REFUSED)


def _content(asked: Asked, read: Read) -> tuple[str, bytes, bool]:
    """How the content is written, the content, and whether its answer has one form."""
    request = read(asked.body)
    has_one = has_one_form(asked.dialect, request)
    try:
        if request is not None:
            return "hub", canonical_json(meaning(asked.dialect, request, asked.told)), has_one
        value = _any.decode(asked.body)
        if isinstance(value, dict):
            idle = IDLE.get(asked.dialect, frozenset()) | {"model"}
            value = {name: inner for name, inner in value.items() if name not in idle}
        return f"json {asked.dialect}", canonical_json(value), has_one
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return f"bytes {asked.dialect}", asked.body, has_one


def _nulls(asked: Asked) -> list[str]:
    """Fields that the caller set to null, where a preset fills in what is absent: it may let null stand."""
    if not asked.defaults:
        return []
    try:
        value = _any.decode(asked.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return []
    return sorted(name for name, inner in value.items() if inner is None) if isinstance(value, dict) else []
