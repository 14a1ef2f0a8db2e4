"""What a call carries along is filled in ``test_choosing.py``, and for cascades in ``test_cascading.py``."""

from __future__ import annotations

from pointsman.gateway.call.chosen import Chosen


def test_only_a_cascade_asks_others_first() -> None:
    assert Chosen.__struct_defaults__ == ((),)
    assert Chosen.__struct_fields__[-1] == "first"
