from __future__ import annotations

import pytest

from pointsman.caching.semantic.reading import read
from pointsman.caching.semantic.roles import roles, same_roles, told


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("how do i send you a file", "en", ("1s", "2o")),
        ("how do you send me a file", "en", ("2s", "1o")),
        ("where is my bag", "en", ("1p",)),
        ("wie schickst du mir eine datei", "de", ("2s", "1o")),
        ("tu m'aimes", "fr", ("2s", "1o")),
        ("¿te llamo?", "es", ("2o",)),
        ("我怎么给你发文件", "han", ("1s", "2s")),
        ("ti chiamo", "it", ()),
    ],
)
def test_who_does_it_and_to_whom(text: str, language: str, found: tuple[str, ...]) -> None:
    assert roles(read(text).words, language) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("1s", "2o"), ("2s", "1o"), False),
        (("1s",), ("1o",), False),
        (("1p",), ("2p",), False),
        (("1s", "1o"), ("1o",), False),
        (("1s", "ho", "hs", "1o"), ("hs", "1o", "1s", "ho"), False),
        (("1s", "2s"), ("2s", "1s"), False),
        (("2s", "1o-to"), ("2s", "1o-for"), False),
        (("2s", "1o-to"), ("2s", "1o"), True),
        (("1s", "1p"), ("1p",), True),
        (("1s", "2o"), (), True),
        (("1s", "1p"), ("1s",), True),
    ],
)
def test_persons_agree_where_both_name_them(one: tuple[str, ...], other: tuple[str, ...], same: bool) -> None:
    assert same_roles(one, other) is same_roles(other, one) is same


def test_they_are_told_in_words() -> None:
    assert told(("1s", "2o-for", "tp")) == "I, for you, their"
    assert told(()) == ""
