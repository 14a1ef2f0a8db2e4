from __future__ import annotations

import sys
import tracemalloc

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import AuthenticationFailed
from pointsman.keys import NO_LIMITS, Gone, KeyDirectory, KeyInfo, KeyLimits, hash_key
from tests.support.some_keys import a_key, stored

_OF_A_SHELF = sys.getsizeof(b"")
"""Nearly all keys of so few are the only ones on their shelves."""


@pytest.mark.parametrize(
    ("token", "code", "says"),
    [
        (None, "missing_api_key", "No API key was sent"),
        ("", "missing_api_key", "No API key was sent"),
        ("sk-proj-abcdefgh", "malformed_api_key", "start with pm_"),
        (a_key()[:-1], "malformed_api_key", "typo or is cut off"),
        (a_key().swapcase().replace("PM_", "pm_"), "malformed_api_key", "typo or is cut off"),
        ("pm_ü\udcff", "malformed_api_key", "typo or is cut off"),
        (a_key(3), "invalid_api_key", "not known here"),
        (a_key(2), "revoked_api_key", "was revoked"),
    ],
)
def test_each_way_to_fail_is_told_apart(token: str | None, code: str, says: str) -> None:
    directory = KeyDirectory([stored(1), stored(2, revoked_us=9)])
    for _ in range(2):
        with pytest.raises(AuthenticationFailed, match=says) as failed:
            directory.authenticate(token)
        assert (failed.value.status, failed.value.code) == (401, code)
        assert not token or len(token) < 9 or token not in failed.value.message


def test_a_good_key_says_whose_it_is() -> None:
    directory = KeyDirectory([stored(1), stored(2)])
    for _ in range(2):
        assert directory.authenticate(a_key(2)) == KeyInfo("key_2", "team-2", "acme")
        assert directory.authenticate(a_key(1)) == KeyInfo("key_1", "team-1", "acme")


def refused(directory: KeyDirectory, number: int) -> str:
    with pytest.raises(AuthenticationFailed) as failed:
        directory.authenticate(a_key(number))
    return failed.value.code


def test_changes_hold_at_once_for_keys_in_use() -> None:
    directory = KeyDirectory([stored(1), stored(2), stored(3), stored(4)])
    for number in (1, 2, 3):
        directory.authenticate(a_key(number))
    limited = msgspec.structs.replace(stored(3), limits=KeyLimits(rpm=5))
    directory.change([stored(1, revoked_us=9), Gone(hash_key(a_key(2))), limited, stored(5)])
    assert refused(directory, 1) == "revoked_api_key"
    assert refused(directory, 2) == "invalid_api_key"
    assert directory.authenticate(a_key(3)).limits == KeyLimits(rpm=5)
    assert directory.authenticate(a_key(4)).name == "team-4"
    assert directory.authenticate(a_key(5)).name == "team-5"
    assert len(directory) == 4


def test_a_key_whose_hash_becomes_another_is_good_by_the_new_one_alone() -> None:
    directory = KeyDirectory([stored(1)])
    directory.authenticate(a_key(1))
    other = msgspec.structs.replace(stored(1), hash=hash_key(a_key(2)))
    directory.change([other, Gone(hash_key(a_key(1)))])
    assert refused(directory, 1) == "invalid_api_key"
    assert directory.authenticate(a_key(2)).id == "key_1"


def test_all_can_be_put_anew() -> None:
    directory = KeyDirectory([stored(1), stored(2), stored(3)])
    for number in (1, 2, 3):
        directory.authenticate(a_key(number))
    renewal = directory.renewal()
    renewal.add(sorted((stored(2, revoked_us=9), stored(3), stored(4)), key=lambda key: key.hash))
    renewal.finish()
    assert refused(directory, 1) == "invalid_api_key"
    assert refused(directory, 2) == "revoked_api_key"
    assert [directory.authenticate(a_key(number)).name for number in (3, 4)] == ["team-3", "team-4"]
    assert len(directory) == 3


def test_revoking_the_last_key_opens_no_door() -> None:
    assert KeyDirectory().empty
    assert not KeyDirectory([stored(1, revoked_us=9)]).empty
    for directory in (KeyDirectory([stored(1)]), KeyDirectory([stored(1)])):
        directory.change([Gone(hash_key(a_key(1)))])
        directory.renewal().finish()
        assert not directory.empty
        assert refused(directory, 1) == "invalid_api_key"


def test_guesses_do_not_fill_the_memory() -> None:
    directory = KeyDirectory([stored(1)])
    directory.authenticate(a_key(1))
    for number in range(2, 100):
        assert refused(directory, number) == "invalid_api_key"
    assert list(directory._good) == [a_key(1)]
    assert len(directory._used) == 1


def test_those_used_last_are_at_hand_and_all_are_good() -> None:
    directory = KeyDirectory(map(stored, range(1, 10)), most_in_use=3)
    for number in (1, 2, 3, 4, 2, 5):
        assert directory.authenticate(a_key(number)).id == f"key_{number}"
    assert directory.names() == {"key_4": "team-4", "key_2": "team-2", "key_5": "team-5"}
    assert set(directory._good) == {a_key(4), a_key(2), a_key(5)}
    directory.change([stored(2, revoked_us=9)])
    assert directory.names()["key_2"] == "team-2", "its requests may wait still"


@given(
    limits=st.builds(
        KeyLimits,
        rpm=st.none() | st.integers(1, 10**12),
        tpm=st.none() | st.integers(1, 10**12),
        concurrency=st.none() | st.integers(1, 10**12),
        max_wait=st.none() | st.floats(0, 10**9),
        weight=st.floats(0.001, 1000),
        priority=st.integers(-1000, 1000),
    ),
    name=st.text(max_size=64),
)
def test_what_a_key_brings_comes_out_as_it_was_stored(limits: KeyLimits, name: str) -> None:
    name = name.encode("utf-8", "replace").decode()
    directory = KeyDirectory([msgspec.structs.replace(stored(1), name=name, limits=limits)])
    assert directory.authenticate(a_key(1)) == KeyInfo("key_1", name, "acme", limits)


def test_a_key_without_limits_has_none() -> None:
    directory = KeyDirectory([stored(1)])
    assert directory.authenticate(a_key(1)).limits is NO_LIMITS


def test_what_is_no_hash_as_we_write_it_is_nobodys() -> None:
    odd = [msgspec.structs.replace(stored(1), hash=each) for each in ("h", "", "ab" * 31, "AB" * 32)]
    directory = KeyDirectory([*odd, stored(2)])
    assert len(directory) == 1
    directory.change([Gone("h")])
    assert directory.authenticate(a_key(2)).id == "key_2"


def test_a_key_that_is_not_in_use_takes_some_hundred_bytes() -> None:
    """Beside the table of shelves, of half a MB, and what a shelf itself takes, which is 2 MB in all."""
    limits = [KeyLimits(rpm=1_000 + number, tpm=100_000 + number) for number in range(4_000)]
    some = [
        msgspec.structs.replace(stored(number), id=f"key_{number:012}", limits=limits[number])
        for number in range(4_000)
    ]
    tracemalloc.start()
    try:
        directory = KeyDirectory(some[:2_000], most_in_use=10)
        before = tracemalloc.get_traced_memory()[0]
        directory.change(some[2_000:])
        each = (tracemalloc.get_traced_memory()[0] - before) / 2_000
    finally:
        tracemalloc.stop()
    assert len(directory) == 4_000
    assert 80 < each - _OF_A_SHELF < 130
