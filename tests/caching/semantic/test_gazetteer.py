from __future__ import annotations

from pointsman.caching.semantic.gazetteer import NAMES


def test_names_are_in_small_letters_and_are_no_common_words() -> None:
    assert len(NAMES) > 300
    assert all(name == name.lower() for name in NAMES)
    assert not NAMES & {"the", "how", "order", "list", "may", "will"}
