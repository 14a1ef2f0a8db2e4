from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.demo.stage.long_text import KINDS, Draw, long_text


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 10**6), characters=st.integers(500, 6000))
def test_any_length_is_met_and_not_passed(kind: str, seed: int, characters: int) -> None:
    text = long_text(kind, seed, characters)
    assert characters - 500 <= len(text) <= characters
    assert text == long_text(kind, seed, characters)


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_is_another_text(kind: str) -> None:
    assert long_text(kind, 1, 2000) != long_text(kind, 2, 2000)


def test_a_recorded_answer_still_belongs_to_its_prompt() -> None:
    """Pinned: a change here means that the answers recorded for the demo's prompts are lost."""
    assert [Draw(7).below(1000), Draw(8).below(1000)] == [859, 767]
    text = "".join(long_text(kind, 1, 5000) for kind in KINDS)
    assert sha256(text.encode()).hexdigest()[:16] == "636dec64fb3e8d53"


def test_the_log_has_what_is_asked_of_it() -> None:
    lines = long_text("log", 23, 30_000).splitlines()
    trips = [number for number, line in enumerate(lines) if "chiller-7 tripped" in line]
    assert len(trips) >= 3
    for number in trips:
        assert "press-6 stopped" in lines[number + 1]
        assert any("chiller-7 vibration" in line for line in lines[number - 8 : number])


def test_the_letters_turn_once() -> None:
    letters = long_text("letters", 3, 9000).split("\n\n")
    turned = [number for number, letter in enumerate(letters) if "burnt the offer" in letter]
    assert turned == [4]
    assert not any("sell" in letter and "Your sister, Runa" in letter for letter in letters[5:])
