"""A router as one file: a mark, a digest of what follows, and the parts as MessagePack."""

from __future__ import annotations

import math
from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from pointsman.errors import ConfigurationError

from .features import BUCKETS, SHAPE
from .parts import Curve, Head, Parts

MARK = b"pointsman-router-1\n"
_DIGEST = 16
MOST_BYTES = 10_000_000
MOST_MODELS = 16

_decoder = msgspec.msgpack.Decoder(Parts)


def write_parts(parts: Parts) -> bytes:
    body = msgspec.msgpack.encode(parts)
    return MARK + blake2b(body, digest_size=_DIGEST).digest() + body


def digest_of(data: bytes) -> str:
    """The name of a router that certificates hold on to."""
    return data[len(MARK) : len(MARK) + _DIGEST].hex()


def read_parts(data: bytes) -> Parts:
    """Raises ConfigurationError where this is no router, or none that can be read whole."""
    if not data.startswith(MARK):
        raise ConfigurationError(
            "This is no router file of this version of Pointsman. Make one with 'pointsman route train'."
        )
    start = len(MARK) + _DIGEST
    body = data[start:]
    if blake2b(body, digest_size=_DIGEST).digest() != data[len(MARK) : start]:
        raise ConfigurationError("The router file is damaged or cut short. Copy or train it again.")
    try:
        parts = _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ConfigurationError(f"The router file cannot be read: {error}.") from error
    wrong = next(_faults(parts), None)
    if wrong:
        raise ConfigurationError(f"The router file is wrong: {wrong}. Train it again.")
    return parts


def _faults(parts: Parts) -> Iterator[str]:
    if not 2 <= len(set(parts.models)) == len(parts.models) <= MOST_MODELS:
        yield "it names no two to sixteen different models"
    if len(parts.quality) != len(parts.models) or len(parts.losses) != len(parts.models) - 1:
        yield "its models and their weights do not match"
    if len(parts.known) != BUCKETS:
        yield "its table of known words has the wrong size"
    for head in (*parts.quality, *parts.losses):
        if len(head.weights) != BUCKETS or len(head.shape) != len(SHAPE):
            yield "a table of weights has the wrong size"
        if not all(map(math.isfinite, (head.scale, head.bias, *head.shape, *head.origin.values()))):
            yield "a weight is no number"
        yield from _curve_faults(head.curve)
    yield from _curve_faults(parts.familiar)


def _curve_faults(curve: Curve) -> Iterator[str]:
    if not 1 <= len(curve.x) == len(curve.y) <= 4096:
        yield "a curve has no points, or too many"
    elif not all(map(math.isfinite, (*curve.x, *curve.y))):
        yield "a point of a curve is no number"
    elif any(a > b for points in (curve.x, curve.y) for a, b in zip(points, points[1:], strict=False)):
        yield "a curve falls"
