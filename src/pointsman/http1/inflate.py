"""Undo a content-encoding that we did not ask for but an upstream used all the same."""

from __future__ import annotations

import zlib

from pointsman.errors import UpstreamMalformed

_PIECE_MAX = 64 << 20
"""Bytes that one received piece may inflate to. A piece is at most some 256 KB, so only a bomb exceeds it."""


class Inflater:
    """Decodes ``gzip`` or ``deflate`` piece by piece.

    Raises:
        UpstreamMalformed: at construction if the encoding is another one; later if the data are not what
            the encoding says.
    """

    __slots__ = ("_encoding", "_first", "_zlib")

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("gzip", "x-gzip", "deflate"):
            raise UpstreamMalformed(
                f"The upstream answered with content-encoding {encoding!r}, which was not asked for."
            )
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._first = True

    def feed(self, data: bytes) -> bytes:
        """What can be decoded so far; may be empty."""
        if self._zlib.eof:
            if self._encoding == "deflate" or not data.strip(b"\0"):
                return b""
            self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip: members may follow each other
        try:
            out = self._decompress(data)
        except zlib.error as error:
            raise UpstreamMalformed(
                f"The upstream's answer is not valid {self._encoding}: {error}."
            ) from None
        self._first = False
        if self._zlib.unconsumed_tail:
            raise UpstreamMalformed(
                f"The upstream's answer inflates to more than {_PIECE_MAX} bytes at once."
            )
        if self._zlib.eof and self._zlib.unused_data:
            return out + self.feed(self._zlib.unused_data)
        return out

    def _decompress(self, data: bytes) -> bytes:
        try:
            return self._zlib.decompress(data, _PIECE_MAX)
        except zlib.error:
            # "deflate" means zlib's format, but some servers send the bare stream; only the start tells.
            if self._encoding != "deflate" or not self._first:
                raise
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._zlib.decompress(data, _PIECE_MAX)

    def end(self) -> None:
        """The body is over.

        Raises:
            UpstreamMalformed: the encoded data are not.
        """
        if not self._zlib.eof and not self._first:
            raise UpstreamMalformed(f"The upstream's {self._encoding} answer ends too early.")
