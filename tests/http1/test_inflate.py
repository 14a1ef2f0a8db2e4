from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import UpstreamMalformed
from pointsman.http1.inflate import Inflater


def _bare(data: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(data) + encoder.flush()


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:]) + b"\0\0",
    "deflate": zlib.compress,
    " Deflate ": _bare,
}


@given(st.binary(max_size=300), st.sampled_from(sorted(_ENCODERS)), st.integers(1, 400))
def test_any_chunking_gives_the_data_back(data: bytes, encoding: str, size: int) -> None:
    encoded = _ENCODERS[encoding](data)
    inflater = Inflater(encoding)
    out = [inflater.feed(encoded[at : at + size]) for at in range(0, len(encoded), size)]
    inflater.end()
    assert b"".join(out) == data


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", ""])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(UpstreamMalformed, match="not asked for"):
        Inflater(encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_is_not_encoded_is_refused(encoding: str) -> None:
    with pytest.raises(UpstreamMalformed, match=f"not valid {encoding}"):
        Inflater(encoding).feed(b'{"plain": "json"}')


def test_a_cut_body_is_refused_and_no_body_is_none() -> None:
    inflater = Inflater("gzip")
    inflater.feed(gzip.compress(b"hello")[:-4])
    with pytest.raises(UpstreamMalformed, match="too early"):
        inflater.end()
    Inflater("gzip").end()


def test_many_members_at_once() -> None:
    assert Inflater("gzip").feed(gzip.compress(b"a") * 3000) == b"a" * 3000


def test_a_bomb_does_not_go_off() -> None:
    bomb = gzip.compress(bytes(65 << 20), 1)
    with pytest.raises(UpstreamMalformed, match="inflates to more"):
        Inflater("gzip").feed(bomb)
