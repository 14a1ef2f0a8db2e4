"""What a router learns from and judges by: numbers of a prompt from which its text cannot be read back.

Words and pairs of neighbours are kept as 18-bit hashes, how often does not matter. Beside them stand the
shape of the prompt (length, digits, code, options …) and where it comes from (route, tenant, system prompt).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from zlib import crc32

import msgspec

from pointsman.errors import InvalidRequest

from .sample import Sample

VERSION = 1
BUCKETS = 1 << 18
HEAD, TAIL = 2400, 800
"""Characters that are read of a longer text. What is asked stands at its beginning or its end; what lies
between is mostly material, and reading it all would take milliseconds of the one thread that serves."""

SHAPE = (
    *(
        "length",
        "lines",
        "digits",
        "capitals",
        "symbols",
        "word length",
        "variety",
        "options",
        "code",
        "math",
    ),
    *("question", "history", "turns", "system", "tools", "images", "structured"),
)
"""Names of the numbers of a shape, in their order."""

_TOKEN = re.compile(rb"[a-z0-9\x80-\xdf]+|[\xe0-\xef]..|[\xf0-\xff]...|[^\s]", re.DOTALL)
"""Words of alphabets, which have one or two bytes a letter in UTF-8; each sign of other scripts; each mark."""

_LOWER = bytes(range(256)).lower()
_OPTION = re.compile(rb"\n\s*\(?[A-Ja-j1-9][.):]\s")


class Features(msgspec.Struct, frozen=True, gc=False):
    words: tuple[int, ...]
    """Hashes of the different words; ascending."""
    pairs: tuple[int, ...]
    """Of the different pairs of neighbours; ascending."""
    shape: tuple[float, ...]
    """Numbers between 0 and about 1, in the order of ``SHAPE``."""
    origin: tuple[int, int, int]
    """32-bit hashes of route, tenant and system prompt; 0 where there is none."""

    def encode(self) -> bytes:
        """A few hundred bytes to 2 KB."""
        return _encoder.encode(
            (VERSION, _pack(self.words), _pack(self.pairs), bytes(_bytes(self.shape)), self.origin)
        )


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[int, bytes, bytes, bytes, tuple[int, int, int]])


def decode_features(data: bytes) -> Features:
    """Raises InvalidRequest where these are not features, or those of another version."""
    try:
        version, words, pairs, shape, origin = _decoder.decode(data)
    except (msgspec.DecodeError, ValueError) as error:
        raise InvalidRequest(f"These are no features of a prompt: {error}.") from error
    if version != VERSION or len(shape) != len(SHAPE):
        raise InvalidRequest(f"Features of version {version} cannot be read here, but those of {VERSION}.")
    return Features(tuple(_unpack(words)), tuple(_unpack(pairs)), tuple(b / 255 for b in shape), origin)


def featurise(sample: Sample) -> Features:
    raw = bounded(sample.text)
    hashes = [crc32(token) for token in _TOKEN.findall(raw.translate(_LOWER))]
    words = {value & (BUCKETS - 1) for value in hashes}
    pairs = {pair(a, b) for a, b in zip(hashes, hashes[1:], strict=False)}
    shape = tuple(b / 255 for b in _bytes(shape_of(sample, raw, len(hashes), len(words))))
    return Features(tuple(sorted(words)), tuple(sorted(pairs)), shape, origin_of(sample))


def bounded(text: str) -> bytes:
    if len(text) > HEAD + TAIL:
        text = text[:HEAD] + "\n" + text[-TAIL:]
    return text.encode("utf-8", "replace")


def pair(a: int, b: int) -> int:
    return ((a * 0x9E3779B1) ^ b) % 0xFFFFFFFB & (BUCKETS - 1)


def origin_of(sample: Sample) -> tuple[int, int, int]:
    return _ident(sample.route), _ident(sample.tenant), _ident(sample.system)


def shape_of(sample: Sample, raw: bytes, tokens: int, different: int) -> tuple[float, ...]:
    size = len(raw) or 1
    letters = raw.translate(None, _NO_LETTERS)
    capitals = letters.translate(None, _NO_CAPITALS)
    digits = raw.translate(None, _NO_DIGITS)
    return (
        _log(len(sample.text)),
        _log(raw.count(b"\n")),
        len(digits) / size * 4,
        len(capitals) / size * 4,
        1 - len(letters) / size,
        size / (tokens or 1) / 10,
        different / (tokens or 1),
        len(_OPTION.findall(raw)) / 10,
        (raw.count(b"```") + raw.count(b"def ") + raw.count(b"();") + raw.count(b"{\n")) / 4,
        (raw.count(b"\\") + raw.count(b"$") + raw.count(b"^") + raw.count(b"=")) / 20,
        raw.count(b"?") / 4,
        _log(len(sample.history)),
        _log(sample.turns),
        _log(len(sample.system)),
        _log(sample.tools),
        _log(sample.images),
        float(sample.structured),
    )


_NO_LETTERS = bytes(b for b in range(256) if not (chr(b).isalpha() and b < 128))
_NO_CAPITALS = bytes(b for b in range(256) if not 65 <= b <= 90)
_NO_DIGITS = bytes(b for b in range(256) if not 48 <= b <= 57)


def _log(count: int) -> float:
    return (
        count.bit_length() / 16
        if count < 64
        else (len(bin(count)) - 2 + count / (1 << count.bit_length())) / 16
    )


def _ident(text: str) -> int:
    if not text:
        return 0
    raw = bounded(text)
    return crc32(raw, len(text)) or 1


def _bytes(shape: tuple[float, ...]) -> list[int]:
    return [min(255, max(0, round(value * 255))) for value in shape]


def _pack(ascending: tuple[int, ...]) -> bytes:
    """Differences between neighbours, seven bits a byte, the lowest first; the eighth says that more follow."""
    out = bytearray()
    before = 0
    for value in ascending:
        step = value - before
        before = value
        while step > 127:
            out.append(step & 127 | 128)
            step >>= 7
        out.append(step)
    return bytes(out)


def _unpack(packed: bytes) -> Iterator[int]:
    value = step = shift = 0
    for byte in packed:
        step |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            value += step
            if value >= BUCKETS:
                raise InvalidRequest("These are no features of a prompt: a hash is out of bounds.")
            yield value
            step = shift = 0
