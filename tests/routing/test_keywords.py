from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.keywords import KEYWORDS, keyword_class, keyword_position


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the capital of France?", "simple"),
        ("WHO wrote it, and when?", "simple"),
        ("Explain tides.", "moderate"),
        ("Synthesize both reports.", "complex"),
        ("Design a payment system; what are the failure modes?", "complex"),
        ("Compare them and list the differences", "moderate"),
        (
            "Listen to the account manager",
            "moderate",
        ),
        ("Whatever the designer counted", "moderate"),
        ("discount-list", "simple"),
        ("", "moderate"),
    ],
)
def test_whole_words_count_and_the_hardest_class_wins(text: str, expected: str) -> None:
    assert keyword_class(text) == expected


@pytest.mark.parametrize(
    ("text", "models", "position"),
    [
        ("list", 1, 0),
        ("list", 3, 0),
        ("explain", 3, 1),
        ("explain", 2, 1),
        ("explain", 1, 0),
        ("design", 2, 1),
        ("design", 4, 3),
    ],
)
def test_a_class_stands_for_a_place_in_the_pool(text: str, models: int, position: int) -> None:
    assert keyword_position(text, models) == position


@given(st.text(), st.sampled_from([word for words in KEYWORDS.values() for word in words]))
def test_a_word_between_spaces_is_always_seen(text: str, word: str) -> None:
    own = next(name for name, words in KEYWORDS.items() if word in words)
    order = ["simple", "moderate", "complex"]
    assert own == "simple" or order.index(keyword_class(f"{text} {word} {text}")) >= order.index(own)


@given(st.text(max_size=200), st.integers(1, 9))
def test_the_place_is_one_of_the_pool(text: str, models: int) -> None:
    assert 0 <= keyword_position(text, models) < models


def test_of_a_long_text_both_ends_are_looked_at() -> None:
    middle = "word " * 20_000
    assert keyword_class(f"design {middle}") == keyword_class(f"{middle} design") == "complex"
    assert keyword_class(f"list {middle} design {middle}") == "simple"
