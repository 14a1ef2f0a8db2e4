from __future__ import annotations

import pytest

from pointsman.cli.keys.limits import limit_changes
from pointsman.errors import InvalidRequest
from pointsman.keys import LIMIT_NAMES


def test_only_what_was_given_changes() -> None:
    assert limit_changes(rpm=60, tpm=None, max_wait=0.0) == {"rpm": 60, "max_wait": 0.0}
    assert limit_changes() == {}


@pytest.mark.parametrize("clear", ["input-tpm, weight", "input_tpm,weight,"])
def test_what_is_cleared_is_as_if_never_set(clear: str) -> None:
    assert limit_changes(clear, rpm=5) == {"input_tpm": None, "weight": 1.0, "rpm": 5}


def test_all_can_be_cleared_and_some_set_anew() -> None:
    changes = limit_changes("all", rpm=5)
    assert set(changes) == set(LIMIT_NAMES)
    assert (changes["rpm"], changes["tpm"], changes["priority"]) == (5, None, 0)


@pytest.mark.parametrize(("clear", "words"), [("rmp", "no limit rmp"), ("rpm", "set and cleared at once")])
def test_what_makes_no_sense_is_told(clear: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        limit_changes(clear, rpm=5)
