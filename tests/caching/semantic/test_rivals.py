from __future__ import annotations

from pointsman.caching.semantic.rivals import RIVALS


def test_every_line_has_sides_that_share_no_word() -> None:
    assert len(RIVALS) > 100
    for sides in RIVALS:
        assert len(sides) >= 2
        words = [word for side in sides for word in side]
        assert all(words) and len(words) == len(set(words)), sides
