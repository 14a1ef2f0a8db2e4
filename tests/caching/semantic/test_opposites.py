from __future__ import annotations

import pytest

from pointsman.caching.semantic.opposites import opposed


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("turn it on", "turn it off", ("on", "off")),
        ("turn it on", "enable it", None),
        ("is it possible", "is it impossible", ("possible", "impossible")),
        ("lock the card", "unlock the card", ("lock", "unlock")),
        ("a harmless plant", "a harmful plant", ("harmless", "harmful")),
        ("on and off", "off and on", None),
        ("the largest ocean", "the smallest ocean", ("largest", "smallest")),
        ("summarize it", "translate it", ("summarize", "translate")),
        ("who is it", "who was it", ("is", "was")),
        ("mehr davon", "weniger davon", ("mehr", "weniger")),
        ("activer ceci", "désactiver ceci", ("activer", "désactiver")),
        ("abrir esto", "cerrar esto", ("abrir", "cerrar")),
        ("what is it", "what is that", None),
    ],
)
def test_words_that_exclude_each_other(one: str, other: str, found: tuple[str, str] | None) -> None:
    left, right = tuple(one.split()), tuple(other.split())
    assert opposed(left, right) == found
    assert opposed(right, left) == (found and found[::-1])
