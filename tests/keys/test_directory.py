from __future__ import annotations

import msgspec
import pytest

from pointsman.errors import AuthenticationFailed
from pointsman.keys import NO_LIMITS, KeyDirectory, KeyInfo, KeyLimits
from tests.support.some_keys import a_key, snapshot, stored


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
    directory = KeyDirectory(snapshot(1, stored(1), stored(2, revoked_us=9)))
    for _ in range(2):
        with pytest.raises(AuthenticationFailed, match=says) as failed:
            directory.authenticate(token)
        assert (failed.value.status, failed.value.code) == (401, code)
        assert not token or len(token) < 9 or token not in failed.value.message


def test_a_good_key_says_whose_it_is() -> None:
    directory = KeyDirectory(snapshot(1, stored(1), stored(2)))
    for _ in range(2):
        assert directory.authenticate(a_key(2)) == KeyInfo("key_2", "team-2", "acme")
        assert directory.authenticate(a_key(1)) == KeyInfo("key_1", "team-1", "acme")


def test_a_new_snapshot_takes_over_at_once() -> None:
    directory = KeyDirectory(snapshot(1, stored(1)))
    directory.authenticate(a_key(1))
    directory.replace(snapshot(2, stored(1, revoked_us=9), stored(2)))
    assert directory.version == 2
    assert directory.authenticate(a_key(2)).name == "team-2"
    with pytest.raises(AuthenticationFailed, match="revoked"):
        directory.authenticate(a_key(1))


def test_revoking_the_last_key_opens_no_door() -> None:
    assert KeyDirectory().empty
    assert not KeyDirectory(snapshot(1, stored(1, revoked_us=9))).empty
    directory = KeyDirectory(snapshot(1, stored(1)))
    directory.replace(snapshot(2))
    assert not directory.empty
    with pytest.raises(AuthenticationFailed):
        directory.authenticate(a_key(1))


def test_guesses_do_not_fill_the_memory() -> None:
    directory = KeyDirectory(snapshot(1, stored(1)))
    directory.authenticate(a_key(1))
    for number in range(2, 100):
        with pytest.raises(AuthenticationFailed):
            directory.authenticate(a_key(number))
    assert list(directory._good) == [a_key(1)]


def test_a_key_brings_its_limits_and_new_ones_are_seen() -> None:
    limits = KeyLimits(rpm=60, weight=2)
    directory = KeyDirectory(snapshot(1, msgspec.structs.replace(stored(1), limits=limits)))
    assert directory.authenticate(a_key(1)).limits is limits
    directory.replace(snapshot(2, stored(1)))
    assert directory.authenticate(a_key(1)).limits is NO_LIMITS
