"""What a router learns from and judges by: numbers of a prompt from which its text cannot be read back.

Of words and marks, and of pairs of neighbours, only 18-bit hashes are kept, and not how often they occur: in
prompts that says little. Beside them stand the shape of the prompt (``shape.py``) and where it comes from:
hashes of route, tenant and system prompt. All that is learned and judged goes through here, so a router is
given the same numbers in training and on the request path.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterator
from zlib import crc32

import msgspec

from pointsman.errors import InvalidRequest

from .sample import Sample
from .shape import SHAPE, shape_of

VERSION = 1
"""Of the features; kept features of another one cannot be learned from together with these."""
BUCKETS = 1 << 18
_BITS = BUCKETS - 1
_SHIFT = 5
HEAD, TAIL = 2400, 800
"""Characters that are read of a longer text. What is asked stands at its beginning or its end; what lies
between is mostly material, and reading it all would take milliseconds of the one thread that serves. The
length in the shape is that of the whole."""

_EACH = (1 << 32 * (HEAD + TAIL + 1)) // 0xFFFFFFFF * _BITS
"""These bits of each 32, as many times as there can be words in what is read."""

_FOLD = bytes(range(256)).lower().translate(bytes.maketrans(b"123456789", b"000000000"))
"""Small letters, and all digits alike: 17 and 23 are not two topics."""
_NO_MARK = b"0123456789abcdefghijklmnopqrstuvwxyz \t\n\r\x0b\x0c" + bytes(range(128, 256))
_TOKEN = re.compile(rb"[a-z0-9\x80-\xdf]+|[\xe0-\xef]..|[\xf0-\xff]...|[^\s]", re.DOTALL)
"""Of UTF-8: words of alphabets (one or two bytes a letter); each sign of other scripts; each mark."""


class Features(msgspec.Struct, frozen=True, gc=False):
    words: bytes
    """Hashes of the different words and marks, ascending; ``hashes_in`` reads them."""
    pairs: bytes
    """Of the different pairs of neighbours, the same."""
    shape: bytes
    """A byte for each name of ``SHAPE``."""
    origin: tuple[int, int, int]
    """32-bit hashes of route, tenant and system prompt; 0 where there is none."""

    def encode(self) -> bytes:
        """As they are kept: some 300 bytes, and at most about 2.5 KB."""
        packed = _pack(hashes_in(self.words)), _pack(hashes_in(self.pairs))
        return _encoder.encode((VERSION, *packed, self.shape, self.origin))


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[int, bytes, bytes, bytes, tuple[int, int, int]])


def decode_features(data: bytes) -> Features:
    """Raises InvalidRequest where these are not features, or those of another version."""
    try:
        version, words, pairs, shape, origin = _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"These are no features of a prompt: {error}.") from error
    if version != VERSION or len(shape) != len(SHAPE):
        raise InvalidRequest(f"Features of version {version} cannot be read here, but those of {VERSION}.")
    if not all(0 <= value < 1 << 32 for value in origin):
        raise InvalidRequest("These are no features of a prompt: an origin is out of bounds.")
    return Features(_array(_unpack(words)), _array(_unpack(pairs)), shape, origin)


def hashes_in(held: bytes) -> memoryview[int]:
    return memoryview(held).cast("I")


class Reading(msgspec.Struct, frozen=True, gc=False):
    """The same in no order: enough to judge by, and there sooner."""

    words: frozenset[int]
    pairs: frozenset[int]
    shape: bytes
    origin: tuple[int, int, int]

    def features(self) -> Features:
        return Features(_array(sorted(self.words)), _array(sorted(self.pairs)), self.shape, self.origin)


def read_sample(sample: Sample) -> Reading:
    raw = bounded(sample.text)
    folded = raw.translate(_FOLD)
    read = _read(folded)
    words, pairs = _hashed(read)
    shape = shape_of(sample, raw, folded.count(b"0"), len(read), len(words))
    origin = (ident(sample.route, 1), ident(sample.tenant, 2), ident(sample.system, 3))
    return Reading(words, pairs, shape, origin)


def read_features(features: Features) -> Reading:
    words, pairs = hashes_in(features.words), hashes_in(features.pairs)
    return Reading(frozenset(words), frozenset(pairs), features.shape, features.origin)


def featurise(sample: Sample) -> Features:
    return read_sample(sample).features()


def _read(folded: bytes) -> list[bytes]:
    if not folded.isascii():
        return _TOKEN.findall(folded)
    for mark in set(folded.translate(None, _NO_MARK)):  # the same in a third of the time
        folded = folded.replace(b"%c" % mark, b" %c " % mark)
    return folded.split()


def _hashed(read: list[bytes]) -> tuple[frozenset[int], frozenset[int]]:
    """``word`` of each and ``pair`` of each two neighbours, all at once: with the hashes as digits of one
    large number, which Python shifts and masks in a few microseconds."""
    hashes = array("I", map(crc32, read))
    if sys.byteorder == "big":
        hashes.byteswap()
    whole = int.from_bytes(hashes.tobytes(), "little")
    neighbours = _digits(whole ^ whole >> 32 + _SHIFT, len(read))
    return frozenset(_digits(whole, len(read))), frozenset(neighbours[:-1])


def _digits(whole: int, count: int) -> array[int]:
    """Of each digit of 32 bits, from the lowest on, the bits of a bucket."""
    digits = array("I", (whole & _EACH).to_bytes(4 * count, "little"))
    if sys.byteorder == "big":
        digits.byteswap()
    return digits


def bounded(text: str) -> bytes:
    """What is read of a text, as bytes. Lone surrogates, which JSON can smuggle in, become question marks."""
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    return text.encode("utf-8", "replace")


def tokens(raw: bytes) -> Iterator[tuple[bytes, str]]:
    """Each word or mark in its order: as it is hashed, and as it is written."""
    for found in _TOKEN.finditer(raw.translate(_FOLD)):
        yield found[0], raw[found.start() : found.end()].decode("utf-8", "replace")


def word(folded: bytes) -> int:
    """The bucket of a word or a mark."""
    return crc32(folded) & _BITS


def pair(first: bytes, second: bytes) -> int:
    """The bucket of two neighbours; the order counts."""
    return (crc32(first) ^ crc32(second) >> _SHIFT) & _BITS


def ident(name: str, kind: int) -> int:
    """Of a route (kind 1), a tenant or a system prompt, of which the length and both ends count."""
    return crc32(bounded(name), len(name) * 4 + kind & 0xFFFFFFFF) or 1 if name else 0


def _array(hashes: Iterator[int] | list[int]) -> bytes:
    return array("I", hashes).tobytes()


def _pack(ascending: memoryview[int]) -> bytes:
    """Differences between neighbours, seven bits a byte, lowest first; the eighth says that more follow."""
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
            step = shift = 0
            if value >= BUCKETS:
                break
            yield value
        elif shift > 21:
            break
    if shift or value >= BUCKETS:
        raise InvalidRequest("These are no features of a prompt: a hash is cut short or out of bounds.")
