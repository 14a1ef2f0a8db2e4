"""A router as one file: a mark, a digest of what follows, and the parts as MessagePack."""

from __future__ import annotations

import math
from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise

import msgspec

from pointsman.errors import ConfigurationError

from .features import BUCKETS, VERSION
from .parts import ROUTE_BUCKETS, Head, Parts
from .shape import SHAPE

MARK = b"pointsman-router-1.%d\n" % VERSION
"""With the version of the features: weights belong to the hashes that they were learned by."""
MOST_BYTES = 10_000_000
MOST_MODELS = 12
_DIGEST = 16
_START = len(MARK) + _DIGEST

_decoder = msgspec.msgpack.Decoder(Parts)


def write_parts(parts: Parts) -> bytes:
    body = msgspec.msgpack.encode(parts)
    return MARK + blake2b(body, digest_size=_DIGEST).digest() + body


def digest_in(data: bytes) -> str:
    """The name of a router, which certificates hold on to: 32 hexadecimal digits of what is in it."""
    return data[len(MARK) : _START].hex()


def read_parts(data: bytes) -> Parts:
    """Raises ConfigurationError where this is no router, or none that can be read whole."""
    if not data.startswith(MARK):
        raise ConfigurationError(
            "This is no router file of this version of Pointsman. Make one with 'pointsman route train'."
        )
    if len(data) > MOST_BYTES:
        raise ConfigurationError(
            f"The router file has {len(data)} bytes, and must not have over {MOST_BYTES}."
        )
    body = memoryview(data)[_START:]
    if blake2b(body, digest_size=_DIGEST).digest() != data[len(MARK) : _START]:
        raise ConfigurationError("The router file is damaged or cut short. Copy it or train it again.")
    try:
        parts = _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ConfigurationError(f"The router file cannot be read: {error}. Train it again.") from error
    wrong = next(_faults(parts), None)
    if wrong:
        raise ConfigurationError(f"The router file is wrong: {wrong}. Train it again.")
    return parts


def _faults(parts: Parts) -> Iterator[str]:
    """A digest tells damage, not malice: whatever would fail or lie on the request path is found here."""
    if not 2 <= len(set(parts.models)) == len(parts.models) <= MOST_MODELS:
        yield f"it names no 2 to {MOST_MODELS} different models"
    if len(parts.heads) != len(parts.models) or len(parts.gaps) != len(parts.models) - 1:
        yield "its models and their weights do not match"
    if len(parts.known) != BUCKETS or any(
        len(each) != len(SHAPE) for each in (parts.low, parts.high, parts.middle)
    ):
        yield "a table has the wrong size"
    if not parts.usual or any(a > b for a, b in pairwise(parts.usual)):
        yield "how well known prompts are does not ascend"
    numbers = [*parts.usual, *parts.middle, *(number for gap in parts.gaps for number in gap)]
    for head in parts.heads:
        numbers += (head.scale, head.bias, *head.shape, *head.origin.values())
        yield from _head_faults(head)
    if not all(math.isfinite(number) and abs(number) < 1e6 for number in numbers):
        yield "a weight is no number, or a huge one"
    if len(parts.learned) % 4:
        yield "the marks of what it learned from are cut short"
    if min(parts.prompts, parts.labels) < 0:
        yield "it was trained on less than nothing"


def _head_faults(head: Head) -> Iterator[str]:
    if len(head.words) != 2 * BUCKETS or len(head.shape) != len(SHAPE):
        yield "a table of weights has the wrong size"
    if len(head.curve) == 1 or any(a >= c or b > d for (a, b), (c, d) in pairwise(head.curve)):
        yield "a curve does not rise"
    if any(not (0 <= x <= 1 and 0 <= y <= 1) for x, y in head.curve):
        yield "a curve leaves what is between 0 and 1"
    if any(len(words) != 2 * ROUTE_BUCKETS for words in head.routes.values()):
        yield "the weights of a route have the wrong size"
