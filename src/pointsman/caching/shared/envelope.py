"""The form of what is kept outside this process: compressed where that pays, encrypted where there is a key.

    1 content                     plain
    2 zlib(content)               compressed
    3 key nonce sealed(1 … | 2 …) encrypted, and bound to what it belongs to

The first byte is the version. Pure, but for the randomness that the keys were given.
"""

from __future__ import annotations

import zlib
from collections import Counter

from .encryption import Keys

SMALL = 1024
"""Bytes below which compression gains too little for its time. Of answers with 1 to 4 KB of text it leaves
half where they came whole, and a third where they were streamed and what they repeat was folded away before.
Higher levels of zlib gain a hundredth more."""
LARGEST = 64 << 20
"""Bytes to which anything is opened: a few kilobytes of zlib can hold gigabytes."""
_LEVEL = 1
_PLAIN, _ZLIB, _SEALED = b"\x01", b"\x02", b"\x03"


class Envelopes:
    """
    Args:
        keys: None: nothing is encrypted, and what is cannot be read. With keys, what is not encrypted is not
            read either, since anybody may have written it.
    """

    def __init__(self, keys: Keys | None = None) -> None:
        self._keys = keys
        self.unreadable: Counter[str] = Counter()
        """What could not be opened, by reason: version, encrypted, not_encrypted, other_key, too_large or
        corrupt."""
        self.before = 0
        """Bytes that were put in."""
        self.after = 0
        """Bytes that this came to."""

    @property
    def encrypts(self) -> bool:
        return self._keys is not None

    def wrap(self, content: bytes, bound: bytes) -> bytes:
        """
        Args:
            bound: what it belongs to: a value that is moved elsewhere cannot be opened there, if encrypted.
        """
        wrapped = _PLAIN + content
        if len(content) >= SMALL:
            small = zlib.compress(content, _LEVEL)
            if len(small) < len(content):
                wrapped = _ZLIB + small
        if self._keys is not None:
            wrapped = _SEALED + self._keys.encrypt(wrapped, bound)
        self.before += len(content)
        self.after += len(wrapped)
        return wrapped

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes | None:
        """None, and counted, where it cannot be read: another key, another version, or not whole."""
        content, why = self._opened(wrapped, bound)
        if content is None:
            self.unreadable[why] += 1
        return content

    def _opened(self, wrapped: bytes, bound: bytes) -> tuple[bytes | None, str]:
        version, keys = wrapped[:1], self._keys
        if version == _SEALED:
            if keys is None:
                return None, "encrypted"
            if not keys.knows(wrapped[1:]):
                return None, "other_key"
            inner = keys.decrypt(wrapped[1:], bound)
            return (None, "corrupt") if inner is None else _plain(inner)
        if keys is not None and version in (_PLAIN, _ZLIB):
            return None, "not_encrypted"
        return _plain(wrapped)


def _plain(wrapped: bytes) -> tuple[bytes | None, str]:
    version = wrapped[:1]
    if version == _PLAIN:
        return wrapped[1:], ""
    if version != _ZLIB:
        return None, "version" if version else "corrupt"
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(memoryview(wrapped)[1:], LARGEST + 1)
    except zlib.error:
        return None, "corrupt"
    if len(content) > LARGEST:
        return None, "too_large"
    return (content, "") if inflate.eof else (None, "corrupt")
