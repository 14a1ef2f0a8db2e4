from __future__ import annotations

import secrets
from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.shared.encryption import IDENT_BYTES, Key, Keys, raw_keys, read_keys
from pointsman.errors import ConfigurationError
from pointsman.secret import Secret

ONE, OTHER = Key(b"\x01" * 32), Key(b"\x02" * 32)


@pytest.mark.parametrize(
    ("key", "bound", "sealed"),
    [
        (b"\x01" * 32, b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        (
            b"\x03" * 32,
            b"c2sp.org/XAES-256-GCM",
            "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
        ),
    ],
)
def test_the_vectors_of_the_specification(key: bytes, bound: bytes, sealed: str) -> None:
    nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX"
    assert Key(key).encrypt(b"XAES-256-GCM", bound, nonce).hex() == sealed
    assert Key(key).decrypt(bytes.fromhex(sealed), bound, nonce) == b"XAES-256-GCM"


@given(plain=st.binary(max_size=200), bound=st.binary(max_size=40), data=st.data())
def test_only_what_was_sealed_so_is_opened(plain: bytes, bound: bytes, data: st.DataObject) -> None:
    keys = Keys((ONE,), secrets.token_bytes)
    sealed = keys.encrypt(plain, bound)
    assert keys.decrypt(sealed, bound) == plain
    assert keys.decrypt(sealed, bound + b"x") is None
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert keys.decrypt(bytes(changed), bound) is None
    assert keys.decrypt(sealed[:at], bound) is None


def test_no_two_are_alike() -> None:
    keys = Keys((ONE,), secrets.token_bytes)
    assert len({keys.encrypt(b"same", b"place") for _ in range(100)}) == 100


def test_keys_change_by_putting_a_new_one_before_the_old() -> None:
    before, both = Keys((ONE,), secrets.token_bytes), Keys((OTHER, ONE), secrets.token_bytes)
    after = Keys((OTHER,), secrets.token_bytes)
    old, new = before.encrypt(b"a", b""), both.encrypt(b"b", b"")
    assert [keys.decrypt(old, b"") for keys in (before, both, after)] == [b"a", b"a", None]
    assert [keys.decrypt(new, b"") for keys in (before, both, after)] == [None, b"b", b"b"]
    assert [keys.knows(old) for keys in (before, both, after)] == [True, True, False]
    assert old[:IDENT_BYTES] == ONE.ident != OTHER.ident


def test_keys_are_read_as_they_are_written() -> None:
    raw = [bytes([number + 250]) * 32 for number in range(2)]
    text = f" {b64encode(raw[0]).decode()} , {urlsafe_b64encode(raw[1]).decode()} "
    keys = read_keys(Secret(text), secrets.token_bytes, "cache.encryption_key")
    for each in raw:
        assert keys.decrypt(Keys((Key(each),), secrets.token_bytes).encrypt(b"a", b""), b"") == b"a"


@pytest.mark.parametrize("text", ["hunter2", "", "aGVsbG8=", b64encode(b"k" * 32).decode() + ",", "ü" * 44])
def test_what_is_no_key_is_said_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigurationError, match="32 bytes in Base64") as caught:
        read_keys(Secret(text), secrets.token_bytes, "cache.encryption_key")
    with pytest.raises(ConfigurationError, match="32 bytes in Base64"):
        raw_keys(Secret(text), "cache.encryption_key")
    assert "hunter2" not in caught.value.message
    assert caught.value.param == "cache.encryption_key"
