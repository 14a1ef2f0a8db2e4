from __future__ import annotations

import msgspec
import pytest

from pointsman.caching.shared.answers import Purge


@pytest.mark.parametrize(
    ("which", "means"),
    [
        (Purge(), True),
        (Purge(tenant="acme"), True),
        (Purge(tenant="zeta"), False),
        (Purge(tenant=""), False),
        (Purge(model="m", tag="b"), True),
        (Purge(model="m", tag="c"), False),
        (Purge(model="n", tag="b"), False),
        (Purge(older_than=9.0), True),
        (Purge(older_than=10.0), False),
    ],
)
def test_all_that_is_given_must_hold(which: Purge, means: bool) -> None:
    assert which.means(tenant="acme", model="m", tags=("a", "b"), age=10.0) is means
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(which), type=Purge) == which
