from __future__ import annotations

from tests.support.some_keys import a_key, stored


def test_a_key_is_good_until_it_is_revoked() -> None:
    assert stored().active
    assert not stored(revoked_us=5).active
    assert not stored(revoked_us=0).active


def test_what_is_stored_does_not_hold_the_key() -> None:
    assert a_key() not in repr(stored())
    assert a_key()[5:-4] not in repr(stored())
