from __future__ import annotations

import pytest

from pointsman.caching.semantic.reading import read
from pointsman.caching.semantic.rephrase import rephrase


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hi, could you please tell me where it is?", "where it is"),
        ("I would like to know how vaccines work.", "how vaccines work"),
        ("Explain recursion to me, please.", "recursion"),
        ("At what time does it open?", "when-time does it open"),
        ("Is it possible to pay?", "may i pay"),
        ("What's the reason for it?", "why it"),
        ("Who was the founder of it?", "who founded it"),
        ("What does it cost?", "how-much does it cost"),
        ("It is frozen, what should I do?", "what should I do if It is frozen"),
        ("What should I do when it is frozen?", "What should I do if it is frozen"),
        ("Turn the light on", "enable the light"),
        ("Please.", "Please"),
        ("Tell me", "Tell me"),
        ("What is the way to Rome?", "how i Rome"),
        ("", ""),
    ],
)
def test_phrases_are_put_in_one_way(text: str, found: str) -> None:
    assert " ".join(word.text for word in rephrase(read(text).words)) == found
