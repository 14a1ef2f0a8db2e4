from __future__ import annotations

from pointsman.caching.semantic.opposites import opposed
from pointsman.caching.semantic.synonyms import SYNONYMS


def test_no_two_of_them_are_opposites() -> None:
    clash = {(one, other) for one, other in SYNONYMS.items() if opposed((one,), (other,))}
    assert clash == set()


def test_each_is_read_as_one_that_is_read_as_itself() -> None:
    assert {SYNONYMS[first] for first in SYNONYMS.values()} == set(SYNONYMS.values())
