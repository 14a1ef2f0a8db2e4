from __future__ import annotations

import base64
import struct
import zlib

import pytest

from pointsman.demo.prompts.picture import PICTURES, SIZE, data_url, png


def rows(data: bytes) -> list[bytes]:
    """Decode the PNG again, chunk by chunk, with every checksum."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, names = 8, b"", []
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
        assert checksum == zlib.crc32(name + body)
        names.append(name)
        if name == b"IHDR":
            assert struct.unpack(">IIBBBBB", body) == (SIZE, SIZE, 8, 2, 0, 0, 0)
        packed += body if name == b"IDAT" else b""
        at += 12 + length
    assert names == [b"IHDR", b"IDAT", b"IEND"]
    raw = zlib.decompress(packed)
    stride = 1 + 3 * SIZE
    assert len(raw) == stride * SIZE
    lines = [raw[start : start + stride] for start in range(0, len(raw), stride)]
    assert all(line[0] == 0 for line in lines)
    return [line[1:] for line in lines]


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_a_png_of_more_than_one_colour(name: str) -> None:
    pixels = {line[at : at + 3] for line in rows(png(name)) for at in range(0, len(line), 3)}
    assert len(pixels) >= 2


def test_the_tallest_bar_is_the_one_in_the_middle() -> None:
    columns = [
        sum(line[3 * x : 3 * x + 3] != b"\xfa\xfa\xfa" for line in rows(png("bars"))) for x in range(SIZE)
    ]
    assert columns.index(max(columns)) // (SIZE // 3) == 1


def test_data_url() -> None:
    head, _, data = data_url("ring").partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data) == png("ring")
