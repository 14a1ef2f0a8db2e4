from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.shared.encryption import Key, Keys
from pointsman.caching.shared.envelope import LARGEST, SMALL, Envelopes

KEYS = Keys((Key(b"k" * 32),), secrets.token_bytes)
OTHERS = Keys((Key(b"o" * 32),), secrets.token_bytes)
TEXT = b"the rain in Spain stays mainly in the plain. " * 100


@pytest.mark.parametrize("keys", [None, KEYS])
@given(content=st.binary(max_size=3 * SMALL), bound=st.binary(max_size=40))
def test_what_goes_in_comes_out(keys: Keys | None, content: bytes, bound: bytes) -> None:
    envelopes = Envelopes(keys)
    assert envelopes.unwrap(envelopes.wrap(content, bound), bound) == content
    assert not envelopes.unreadable


@pytest.mark.parametrize("keys", [None, KEYS])
def test_what_is_large_is_made_smaller_and_what_is_random_is_not_made_larger(keys: Keys | None) -> None:
    envelopes = Envelopes(keys)
    assert len(envelopes.wrap(TEXT, b"")) < len(TEXT) / 5
    noise = secrets.token_bytes(4000)
    assert len(envelopes.wrap(noise, b"")) <= len(noise) + 64
    assert envelopes.before == len(TEXT) + len(noise) > envelopes.after
    assert b"Spain" not in Envelopes(KEYS).wrap(b"Spain", b"")


@pytest.mark.parametrize(
    ("writes", "reads", "bound", "change", "why"),
    [
        (KEYS, None, b"here", lambda sealed: sealed, "encrypted"),
        (None, KEYS, b"here", lambda plain: plain, "not_encrypted"),
        (KEYS, OTHERS, b"here", lambda sealed: sealed, "other_key"),
        (KEYS, KEYS, b"elsewhere", lambda sealed: sealed, "corrupt"),
        (KEYS, KEYS, b"here", lambda sealed: sealed[:-1], "corrupt"),
        (KEYS, KEYS, b"here", lambda sealed: sealed[:9], "corrupt"),
        (None, None, b"here", lambda plain: plain[:-1], "corrupt"),
        (None, None, b"here", lambda plain: b"", "corrupt"),
        (None, None, b"here", lambda plain: b"\x09" + plain, "version"),
        (KEYS, KEYS, b"here", lambda sealed: b"\x09" + sealed, "version"),
    ],
)
def test_what_cannot_be_read_is_counted(
    writes: Keys | None, reads: Keys | None, bound: bytes, change: object, why: str
) -> None:
    assert callable(change)
    wrapped = change(Envelopes(writes).wrap(TEXT, b"here"))
    envelopes = Envelopes(reads)
    assert envelopes.unwrap(wrapped, bound) is None
    assert envelopes.unreadable == {why: 1}
    assert envelopes.encrypts is (reads is not None)


@given(st.binary(max_size=100))
def test_whatever_stands_there_is_no_error(wrapped: bytes) -> None:
    for envelopes in (Envelopes(), Envelopes(KEYS)):
        content = envelopes.unwrap(wrapped, b"")
        assert content is None or wrapped[:1] in (b"\x01", b"\x02")


def test_what_would_grow_beyond_measure_is_not_opened() -> None:
    envelopes = Envelopes()
    wrapped = envelopes.wrap(bytes(LARGEST + 1), b"here")
    assert len(wrapped) < 1_000_000
    assert envelopes.unwrap(wrapped, b"here") is None
    assert envelopes.unreadable == {"too_large": 1}
