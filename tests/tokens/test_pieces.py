from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tokens import count_text, least_tokens, split_tokens
from pointsman.tokens.pieces import _PIECE

CASES: list[tuple[str, list[str]]] = [
    ("", []),
    ("Hello world", ["Hello", " world"]),
    ("internationalization", ["interna", "tionali", "zation"]),
    ("getUserName", ["get", "User", "Name"]),
    ("HTTP", ["HT", "TP"]),
    ("don't", ["don", "'", "t"]),
    ("12345", ["123", "45"]),
    (" 42", [" ", "42"]),
    ("x = f(y);", ["x", " =", " f", "(", "y", ");"]),
    ("if a:\n    return b", ["if", " a", ":", "\n", "    ", "return", " b"]),
    ("\n\n\n\n\n", ["\n\n\n\n", "\n"]),
    ("größer", ["größer"]),
    ("Привет мир", ["Прив", "ет", " мир"]),
    ("你好。", ["你", "好", "。"]),
    ("안녕 하세요", ["안", "녕", " 하", "세", "요"]),
    ("  字", ["  ", "字"]),
    ("👩‍💻", ["👩", "‍", "💻"]),
    ("a\x00b", ["a", "\x00", "b"]),
    ("\ud800", ["\ud800"]),
]


@pytest.mark.parametrize(("text", "pieces"), CASES)
def test_how_text_is_cut(text: str, pieces: list[str]) -> None:
    assert split_tokens(text) == pieces
    assert count_text(text) == len(pieces)


any_text = st.one_of(
    st.text(),
    st.text(alphabet="aB1 \n\t.,_é你Прה👍🏽‍\ud800"),
    st.lists(st.sampled_from(["word", " ", "12", "\n", "CamelCase", "...", "  ", "字", "é"])).map("".join),
)


@given(any_text)
def test_nothing_is_lost_and_each_piece_is_one_token(text: str) -> None:
    pieces = split_tokens(text)
    assert "".join(pieces) == text
    assert len(pieces) == count_text(text)
    assert all(count_text(piece) == 1 for piece in pieces)


@given(any_text, st.data())
def test_any_run_of_pieces_is_cut_into_the_same_pieces(text: str, data: st.DataObject) -> None:
    pieces = split_tokens(text)
    start = data.draw(st.integers(0, len(pieces)))
    end = data.draw(st.integers(start, len(pieces)))
    assert split_tokens("".join(pieces[start:end])) == pieces[start:end]


@given(any_text, st.data())
def test_the_counts_of_the_parts_of_a_stream_add_up(text: str, data: st.DataObject) -> None:
    pieces = split_tokens(text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(pieces)), max_size=5)))
    bounds = [0, *cuts, len(pieces)]
    groups = ["".join(pieces[a:b]) for a, b in pairwise(bounds)]
    assert sum(map(count_text, groups)) == count_text(text)


@given(any_text, any_text)
def test_putting_texts_together_saves_a_token_at_most_where_they_meet(first: str, second: str) -> None:
    assert count_text(first + second) <= count_text(first) + count_text(second)


def test_the_expression_looks_neither_behind_nor_ahead() -> None:
    outside_classes = re.sub(r"\[(?:\\.|[^\]])*\]", "", _PIECE.pattern)
    assert not re.search(r"\(\?[^:]|\\[bBAZ]|[$^]", outside_classes)


ENGLISH = (
    "When in the Course of human events, it becomes necessary for one people to dissolve the political "
    "bands which have connected them with another, and to assume among the powers of the earth, the "
    "separate and equal station to which the Laws of Nature and of Nature's God entitle them, a decent "
    "respect to the opinions of mankind requires that they should declare the causes which impel them."
)


def test_english_has_about_four_characters_a_token() -> None:
    assert 3.5 < len(ENGLISH) / count_text(ENGLISH) < 5


def test_long_input_takes_linear_time() -> None:
    assert count_text("a" * 700_000) == 100_000
    assert count_text(" " * 160_000) == 10_000


MEASURED = [
    # text, what o200k_base, the densest of the public tokenizers, counts
    ("When in the Course of human events, it becomes necessary", 11),
    ("人工智能正在改变我们的生活方式。请举三个例子说明它们的局限性。", 21),
    ("인공지능은 우리의 생활 방식을 바꾸고 있습니다.", 13),
    ("Искусственный интеллект меняет нашу жизнь.", 10),
    ("الذكاء الاصطناعي يغير طريقة حياتنا.", 13),
]


@pytest.mark.parametrize(("text", "counted"), MEASURED)
def test_the_least_is_never_more_than_is_counted(text: str, counted: int) -> None:
    assert counted / 4 < least_tokens(text) <= counted


@given(any_text)
def test_the_least_is_within_the_count(text: str) -> None:
    assert 9 * count_text(text) // 20 <= least_tokens(text) <= count_text(text)
