from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.keys.format import SECRET_BYTES, base62, display_hint, hash_key, looks_valid, make_key

SECRETS = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)
KEY = make_key(bytes(range(SECRET_BYTES)))


@given(SECRETS)
def test_every_key_that_is_made_looks_valid_and_has_one_form(secret: bytes) -> None:
    key = make_key(secret)
    assert looks_valid(key)
    assert len(key) == 42
    assert key.startswith("pm_") and key[3:].isalnum() and key.isascii()


@given(SECRETS, st.integers(0, 41), st.characters())
def test_any_one_wrong_character_is_noticed(secret: bytes, place: int, character: str) -> None:
    key = make_key(secret)
    wrong = key[:place] + character + key[place + 1 :]
    assert looks_valid(wrong) is (wrong == key)


@given(SECRETS, st.integers(3, 40))
def test_two_characters_that_changed_places_are_noticed(secret: bytes, place: int) -> None:
    key = make_key(secret)
    wrong = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert looks_valid(wrong) is (wrong == key)


@given(st.text())
def test_other_text_is_no_key(text: str) -> None:
    assert not looks_valid(text)


@pytest.mark.parametrize("wrong", [KEY[:-1], KEY + "a", KEY[1:], " " + KEY, KEY.upper(), "sk_" + KEY[3:], ""])
def test_cut_off_and_mangled_keys_are_noticed(wrong: str) -> None:
    assert looks_valid(KEY) and not looks_valid(wrong)


@pytest.mark.parametrize("size", [0, 19, 25])
def test_a_secret_of_the_wrong_size_makes_no_key(size: int) -> None:
    with pytest.raises(ValueError, match=f"not {size}"):
        make_key(bytes(size))


def test_different_secrets_make_different_keys_with_different_hashes() -> None:
    keys = {make_key(number.to_bytes(24, "big")) for number in range(500)}
    assert len(keys) == len({hash_key(key) for key in keys}) == 500


def test_a_hash_is_sha_256() -> None:
    assert hash_key("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_hint_gives_little_away() -> None:
    assert display_hint(KEY) == f"{KEY[:5]}…{KEY[-4:]}"
    assert len(display_hint(KEY)) == 10


@pytest.mark.parametrize(("number", "text"), [(0, "000"), (61, "00z"), (62, "010"), (62**3 - 1, "zzz")])
def test_base62(number: int, text: str) -> None:
    assert base62(number, 3) == text
