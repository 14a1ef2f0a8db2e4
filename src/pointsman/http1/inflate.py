"""Undo a content-encoding that we did not ask for but an upstream used all the same."""

from __future__ import annotations

import zlib

from pointsman.errors import UpstreamMalformed

_GZIP = zlib.MAX_WBITS | 16
_PIECE_MAX = 64 << 20
"""Bytes that one received piece may inflate to. A piece is at most some 256 KB, so only a bomb exceeds it."""


class Inflater:
    """Decodes ``gzip`` or ``deflate`` piece by piece.

    Raises:
        UpstreamMalformed: at construction if the encoding is another one; later if the data are not what
            the encoding says.
    """

    __slots__ = ("_encoding", "_start", "_zlib")

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("gzip", "x-gzip", "deflate"):
            raise UpstreamMalformed(
                f"The upstream answered with content-encoding {encoding!r}, which was not asked for."
            )
        self._start = b""
        self._zlib: zlib._Decompress | None = None
        """None until the first two bytes, by which the formats differ, have come."""

    def feed(self, data: bytes) -> bytes:
        """What can be decoded so far; may be empty."""
        if self._zlib is None:
            self._start = data = self._start + data
            if len(data) < 2:
                return b""
            self._zlib = zlib.decompressobj(self._window(data))
        pieces: list[bytes] = []
        size = 0
        while data:
            if self._zlib.eof:
                if self._encoding == "deflate" or not data.strip(b"\0"):
                    break
                self._zlib = zlib.decompressobj(_GZIP)  # members may follow each other
            try:
                pieces.append(self._zlib.decompress(data, _PIECE_MAX))
            except zlib.error as error:
                raise UpstreamMalformed(
                    f"The upstream's answer is not valid {self._encoding}: {error}."
                ) from None
            size += len(pieces[-1])
            if self._zlib.unconsumed_tail or size > _PIECE_MAX:
                raise UpstreamMalformed(
                    f"The upstream's answer inflates to more than {_PIECE_MAX} bytes at once."
                )
            data = self._zlib.unused_data
        return b"".join(pieces)

    def _window(self, start: bytes) -> int:
        """ "deflate" means zlib's format (RFC 9110 8.4.1.2), but some servers send the bare stream."""
        if self._encoding != "deflate":
            return _GZIP
        framed = start[0] & 0x0F == 8 and int.from_bytes(start[:2]) % 31 == 0  # RFC 1950 2.2
        return zlib.MAX_WBITS if framed else -zlib.MAX_WBITS

    def end(self) -> None:
        """The body is over.

        Raises:
            UpstreamMalformed: the encoded data are not.
        """
        if self._start and not (self._zlib is not None and self._zlib.eof):
            raise UpstreamMalformed(f"The upstream's {self._encoding} answer ends too early.")
