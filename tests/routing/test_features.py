from __future__ import annotations

import random
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import InvalidRequest
from pointsman.routing.features import (
    BUCKETS,
    HEAD,
    TAIL,
    VERSION,
    Features,
    bounded,
    decode_features,
    featurise,
    hashes_in,
    ident,
    pair,
    read_features,
    read_sample,
    tokens,
    word,
)
from pointsman.routing.sample import Sample

TEXTS = st.text(max_size=400) | st.text("ab 1.\n", max_size=400)


def words_of(text: str) -> list[str]:
    return [written for _, written in tokens(bounded(text))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tell me, why?", ["Tell", "me", ",", "why", "?"]),
        ("x1 = 17.5", ["x1", "=", "17", ".", "5"]),
        ("Größe naïve", ["Größe", "naïve"]),
        ("Привет, мир", ["Привет", ",", "мир"]),
        ("天气 好", ["天", "气", "好"]),
        ("ok 👍!", ["ok", "👍", "!"]),
        ("“quoted” – so", ["“", "quoted", "”", "–", "so"]),
        (" \n\t", []),
    ],
)
def test_words_marks_and_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(TEXTS, st.sampled_from(["", "r"]), st.sampled_from(["", "t"]), st.text(max_size=20))
def test_what_was_kept_comes_back(text: str, route: str, tenant: str, system: str) -> None:
    features = featurise(Sample(text, system=system, route=route, tenant=tenant))
    assert decode_features(features.encode()) == features
    for held in (features.words, features.pairs):
        hashes = list(hashes_in(held))
        assert hashes == sorted(set(hashes))
        assert all(0 <= value < BUCKETS for value in hashes)


@given(st.text(st.characters(max_codepoint=127), max_size=300))
def test_ascii_is_read_as_any_other_text(text: str) -> None:
    """Splitting is a shortcut."""
    features = featurise(Sample(text))
    read = [folded for folded, _ in tokens(text.encode())]
    assert set(hashes_in(features.words)) == {word(one) for one in read}
    assert set(hashes_in(features.pairs)) == {pair(a, b) for a, b in pairwise(read)}


def test_neither_capitals_nor_digits_nor_repetition_change_the_words() -> None:
    assert featurise(Sample("In 1984 they MET")).words == featurise(Sample("in 2077 they met they")).words


def test_the_order_of_words_counts_in_pairs_only() -> None:
    one, other = featurise(Sample("dog bites man")), featurise(Sample("man bites dog"))
    assert one.words == other.words
    assert one.pairs != other.pairs
    assert pair(b"dog", b"bites") in set(hashes_in(one.pairs)) - set(hashes_in(other.pairs))


def test_the_hashes_of_a_version_stay_what_they_are() -> None:
    """Routers and kept features of all releases rest on them: whoever changes them raises VERSION."""
    features = featurise(Sample("Tell me, why?", route="r", tenant="t", system="s"))
    assert VERSION == 1
    assert list(hashes_in(features.words)) == FROZEN_WORDS
    assert list(hashes_in(features.pairs)) == FROZEN_PAIRS
    assert features.origin == FROZEN_ORIGIN
    assert features.shape.hex() == FROZEN_SHAPE


FROZEN_WORDS = [49840, 125124, 164718, 167920, 168642]
FROZEN_PAIRS = [18137, 109029, 169745, 228434]
FROZEN_ORIGIN = (476252946, 1812594589, 2238339752)
FROZEN_SHAPE = "2d00004c9934ff0000003c000c0c000000"


def test_route_tenant_and_system_prompt_are_not_mistaken_for_each_other() -> None:
    features = featurise(Sample("a", route="x", tenant="x", system="x"))
    assert len({*features.origin, 0}) == 4
    assert featurise(Sample("a")).origin == (0, 0, 0)
    assert ident("x" * 5000, 3) != ident("x" * 5001, 3)


def test_of_a_long_text_both_ends_are_read() -> None:
    long = "beginning " + "middle " * 60_000 + "end"
    features = featurise(Sample(long))
    read = set(hashes_in(features.words))
    assert {word(b"beginning"), word(b"end")} <= read
    inside = "x" * HEAD + "secret" + "y" * TAIL
    assert word(b"secret") not in set(hashes_in(featurise(Sample(inside)).words))
    assert len(bounded(long)) <= HEAD + TAIL + 1


def test_they_are_small() -> None:
    rng = random.Random(3)
    short = " ".join(f"word{rng.randint(0, 5000)}" for _ in range(50))
    dense = " ".join("".join(rng.choices("abcdefgh", k=3)) for _ in range(2000))
    assert len(featurise(Sample(short)).encode()) < 350
    assert len(featurise(Sample(dense)).encode()) < 3000


def test_a_lone_surrogate_is_no_reason_to_fail() -> None:
    assert featurise(Sample("a \ud800 b", route="\udfff")).origin[0]


@given(st.binary(max_size=200))
def test_what_are_no_features_is_said_to_be_none(data: bytes) -> None:
    try:
        features = decode_features(data)
    except InvalidRequest:
        return
    assert isinstance(features, Features)


GOOD = (VERSION, b"\x01", b"", bytes(17), (0, 0, 0))


@pytest.mark.parametrize(
    ("packed", "says"),
    [
        ((2, *GOOD[1:]), "Features of version 2 cannot be read here"),
        ((*GOOD[:3], bytes(16), (0, 0, 0)), "cannot be read here"),
        ((*GOOD[:4], (0, 0, 1 << 32)), "an origin is out of bounds"),
        ((*GOOD[:4], (0, 0, -1)), "an origin is out of bounds"),
        ((VERSION, b"\x81", *GOOD[2:]), "cut short or out of bounds"),
        ((VERSION, b"\xff\xff\xff\xff\xff\x01", *GOOD[2:]), "cut short or out of bounds"),
        ((VERSION, b"\xff\xff\x7f", *GOOD[2:]), "cut short or out of bounds"),
        (GOOD[:4], "no features of a prompt"),
    ],
)
def test_hostile_features_are_refused(packed: tuple[object, ...], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        decode_features(msgspec.msgpack.encode(packed))
    assert decode_features(msgspec.msgpack.encode(GOOD)).shape == bytes(17)


@given(st.text())
def test_a_reading_holds_what_the_features_do(text: str) -> None:
    reading = read_sample(Sample(text))
    assert reading.features() == featurise(Sample(text))
    assert read_features(reading.features()).features() == reading.features()
