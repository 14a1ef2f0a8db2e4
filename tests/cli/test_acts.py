from __future__ import annotations

from pointsman.cli.acts import Act


def test_the_acts_are_played_in_this_order() -> None:
    assert [act.value for act in Act] == ["prompts", "burst", "routing", "caching"]
