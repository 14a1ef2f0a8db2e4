from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.features import Features, featurise
from pointsman.routing.learned_from import MOST, Overlap, learned_from, mark_of, overlap
from pointsman.routing.sample import Sample


def prompts(first: int, last: int) -> list[Features]:
    """Each has words that no other has: digits are folded."""
    letters = [chr(97 + number) for number in range(26)]
    return [
        featurise(Sample("Tell me of " + "".join(letters[n // 26**place % 26] for place in range(4))))
        for n in range(first, last)
    ]


@given(st.integers(0, 40), st.integers(0, 40))
def test_of_few_prompts_each_is_told(learned: int, shift: int) -> None:
    found = overlap(learned_from(prompts(0, learned)), prompts(shift, shift + 40))
    assert found == Overlap(40 if learned else 0, max(learned - shift, 0))


def test_of_many_prompts_some_are_told_and_these_rightly() -> None:
    many = prompts(0, 4 * MOST)
    learned = learned_from(many)
    assert len(learned) == 4 * MOST
    same, other = overlap(learned, many), overlap(learned, prompts(4 * MOST, 5 * MOST))
    assert same == Overlap(MOST, MOST) and same.is_most
    assert MOST / 5 < other.told < MOST / 3 and other.known == 0 and not other.is_most
    half = overlap(learned, [*many[:3000], *prompts(4 * MOST, 4 * MOST + 4000)])
    assert 0 < half.known < half.told / 2 and not half.is_most


def test_a_few_copies_are_no_matter_and_nothing_is_told_of_nothing() -> None:
    assert not Overlap(4, 4).is_most
    assert Overlap(5, 5).is_most
    assert not overlap(b"", prompts(0, 3)).is_most


def test_the_place_that_a_prompt_comes_from_does_not_count() -> None:
    here, there = (featurise(Sample("Why?", route=route, system=route)) for route in "ab")
    assert mark_of(here) == mark_of(there)
