"""Tiny pictures for the demo's vision prompts, drawn and packed as PNG here so that no file is shipped."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable

SIZE = 48
"""Width and height in pixels."""

Colour = tuple[int, int, int]

_WHITE: Colour = (250, 250, 250)
_BARS: tuple[tuple[int, Colour], ...] = ((18, (200, 60, 50)), (40, (40, 110, 190)), (29, (60, 150, 80)))


def _bars(x: int, y: int) -> Colour:
    height, colour = _BARS[x * len(_BARS) // SIZE]
    in_bar = 3 <= x % (SIZE // len(_BARS)) < SIZE // len(_BARS) - 3
    return colour if in_bar and SIZE - y <= height else _WHITE


def _checks(x: int, y: int) -> Colour:
    return (90, 40, 110) if (x // 8 + y // 8) % 2 else (240, 210, 120)


def _gradient(x: int, y: int) -> Colour:
    share = 255 * x // (SIZE - 1)
    return (255 - share, 120, share)


def _ring(x: int, y: int) -> Colour:
    distance = (2 * x - SIZE + 1) ** 2 + (2 * y - SIZE + 1) ** 2
    return (220, 90, 30) if 28**2 <= distance <= 42**2 else _WHITE


PICTURES: dict[str, Callable[[int, int], Colour]] = {
    "bars": _bars,
    "checks": _checks,
    "gradient": _gradient,
    "ring": _ring,
}


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(name: str) -> bytes:
    """The picture ``name`` (one of :data:`PICTURES`) as an 8-bit RGB PNG (W3C PNG, sections 5 and 11)."""
    pixel = PICTURES[name]
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(SIZE)) for y in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def data_url(name: str) -> str:
    return "data:image/png;base64," + base64.b64encode(png(name)).decode()
