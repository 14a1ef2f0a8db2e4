from __future__ import annotations

from pointsman.caching.semantic.phrases import ANYWHERE, LONGEST, START


def test_no_phrase_is_empty() -> None:
    assert all(pattern and read for pattern, read in ANYWHERE.items())
    assert all(START) and max(map(len, START)) <= LONGEST


def test_alternatives_are_written_out() -> None:
    assert ANYWHERE["what", "time"] == ANYWHERE["at", "which", "time"] == ("when-time",)
    assert ("could", "you", "tell", "me") in START and ("could", "you", "please", "tell", "us") in START


def test_what_is_read_has_no_marks_of_the_lines() -> None:
    words = {word for pattern, read in ANYWHERE.items() for word in (*pattern, *read)}
    words |= {word for pattern in START for word in pattern}
    assert not any(set(word) & set("/|:") or word == "-" for word in words)
    assert words == {word.lower() for word in words}
