"""What is kept is plain values; that stores keep it is in the tests of each."""

from __future__ import annotations

from pointsman.routing.journal import InService


def test_nothing_is_in_service_unless_it_is_said() -> None:
    assert InService("x") == InService("x", "", 0, b"", "", 0, None)
