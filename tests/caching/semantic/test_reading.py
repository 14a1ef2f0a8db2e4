from __future__ import annotations

import pytest

from pointsman.caching.semantic.reading import read


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ("What does `git rebase` do?", ("git rebase",)),
        ("Explain ```py\nx = 1\n``` please", ("py\nx = 1\n",)),
        ("Translate “good morning”.", ("good morning",)),
        ('Translate "good morning".', ("good morning",)),
        ("Write to anna@example.com now.", ("anna@example.com",)),
        ("Open https://example.com/a?b=1.", ("https://example.com/a?b=1",)),
        ("Rename get_user to setUser()", ("get_user", "setUser()")),
        ("Read /etc/hosts and docs/a.md", ("/etc/hosts", "docs/a.md")),
        ("ls --all -l", ("--all", "-l")),
        ("GPT4 and H2O", ("GPT4", "H2O")),
        ("It's 3.10, isn't it?", ()),
        ("", ()),
    ],
)
def test_what_must_be_taken_literally(text: str, literals: tuple[str, ...]) -> None:
    assert read(text).literals == literals


def test_words_know_where_sentences_begin() -> None:
    words = read("Paris is big. Is it? (Really)").words
    assert [(word.lower, word.first) for word in words] == [
        ("paris", True),
        ("is", False),
        ("big", False),
        ("is", True),
        ("it", False),
        ("really", True),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("France's capital", ["france", "capital"]),
        ("l'Italie n'est pas", ["l", "italie", "n", "est", "pas"]),
        ("don’t", ["don't"]),
        ("ｆｕｌｌ　width", ["full", "width"]),
    ],
)
def test_words_have_one_spelling(text: str, words: list[str]) -> None:
    assert [word.lower for word in read(text).words] == words


@pytest.mark.parametrize(
    ("text", "symbols"),
    [("2 + 3", ("+",)), ("2 - 3", ("-",)), ("well-known", ()), ("a < b 🎉", ("<", "🎉")), ("5% of $3", ())],
)
def test_signs_of_mathematics_and_emoji(text: str, symbols: tuple[str, ...]) -> None:
    assert read(text).symbols == symbols
