from __future__ import annotations

import gc
import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.caching.semantic.guards import traits
from pointsman.caching.semantic.index import Index, Known
from pointsman.caching.semantic.lexical import cosine, lexical, unit
from tests.support.semantic import labelled_pairs

TRAITS = traits("Why is it so?")
HERE, THERE = b"here", b"there"


def known(name: str) -> Known:
    return Known(name.encode(), TRAITS)


def filled(*texts: str, max_bytes: int = 1 << 20) -> Index:
    index = Index(max_bytes)
    for text in texts:
        index.add(HERE, lexical(text), known(text))
    return index


def names(index: Index, text: str, least: float = 0.3, context: bytes = HERE) -> list[str]:
    return [near.known.key.decode() for near in index.near(context, lexical(text), least)]


def test_the_closest_come_first_and_only_of_that_context() -> None:
    index = filled("reset my password", "reset the old password", "send an invoice")
    index.add(THERE, lexical("reset my password"), known("elsewhere"))
    assert names(index, "reset my password") == ["reset my password", "reset the old password"]
    assert names(index, "reset my password", context=THERE) == ["elsewhere"]
    assert names(index, "reset my password", context=b"nowhere") == []
    assert index.near(HERE, lexical("reset my password"), 0.99)[0].similarity == pytest.approx(1)


def test_a_large_shelf_is_searched_piece_by_piece() -> None:
    """Eight rows at a time, of vectors so long."""

    def one_hot(at: int) -> list[float]:
        return [0.0] * at + [1.0] + [0.0] * ((1 << 17) - at - 1)

    index = Index(1 << 26)
    for number in range(20):
        index.add(HERE, one_hot(number), known(str(number)))
    assert [len(part) for part in index.parts(HERE, one_hot(18), 0.5)] == [0, 0, 1]
    parts = index.parts(HERE, one_hot(18), 0.5)
    assert next(parts) == []
    index.drop(HERE, b"3")  # others ran in between, and 19 moved to its place
    assert [near.known.key for part in parts for near in part] == [b"18"]


def test_what_has_gone_is_not_used_any_more() -> None:
    index = filled("reset my password")
    index.drop(HERE, b"reset my password")
    index.use(HERE, b"reset my password")
    assert len(index) == 0


def test_no_more_come_than_are_asked_for() -> None:
    index = filled(*(f"question number {number}" for number in range(50)))
    text = "question number 7"
    near = index.near(HERE, lexical(text), 0.1, 3)
    assert [each.known.key.decode() for each in near] == names(index, text, 0.1)[:3]
    assert near[0].known.key.decode() == text


def test_the_same_key_takes_the_place_of_the_former() -> None:
    index = filled("a question here")
    index.add(HERE, lexical("another one there"), known("a question here"))
    assert len(index) == 1
    assert names(index, "another one there") == ["a question here"]


def test_vectors_of_another_length_are_not_compared() -> None:
    index = filled("a question here")
    assert index.near(HERE, [1.0, 0.0], 0.0) == []
    index.add(HERE, [1.0, 0.0], known("short"))
    assert len(index) == 1


def test_what_was_used_last_stays() -> None:
    index = filled("first question asked", max_bytes=60_000)
    for number in range(40):
        index.use(HERE, b"first question asked")
        index.add(HERE, lexical(f"word{number} other{number}"), known(str(number)))
    assert index.evicted > 0 and index.bytes <= 60_000
    assert names(index, "first question asked") == ["first question asked"]


def test_questions_whose_answers_are_gone_are_forgotten() -> None:
    index = filled("first question asked", "second question asked", "third question asked")
    index.prune(lambda key: b"second" in key, 1)
    assert len(index) == 2
    index.prune(lambda key: b"second" in key)
    assert names(index, "question asked", 0.1) == ["second question asked"]
    index.prune(lambda _: False)
    assert (len(index), index.bytes) == (0, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ad"), st.integers(0, 30)), max_size=120))
def test_it_finds_what_a_plain_search_finds(steps: list[tuple[str, int]]) -> None:
    rng, index, kept = random.Random(1), Index(1 << 22), {}
    vectors = [unit([rng.gauss(0, 1) for _ in range(8)]) for _ in range(31)]
    for step, number in steps:
        if step == "a":
            index.add(HERE, vectors[number], known(str(number)))
            kept[number] = vectors[number]
        else:
            index.drop(HERE, str(number).encode())
            kept.pop(number, None)
    found = index.near(HERE, vectors[0], 0.2, 99)
    assert {int(near.known.key) for near in found} == {
        number for number, vector in kept.items() if cosine(vector, vectors[0]) >= 0.2
    }
    assert [near.similarity for near in found] == sorted((near.similarity for near in found), reverse=True)
    assert len(index) == len(kept) and (index.bytes == 0) is (not kept)


def test_it_takes_the_memory_that_it_says() -> None:
    texts = sorted({f"{pair.a} {pair.b}" for pair in labelled_pairs()[::7]})
    rows = [[1.0, *[0.0] * 63] for _ in texts]
    gc.collect()
    tracemalloc.start()
    index = Index(1 << 30)
    for text, row in zip(texts, rows, strict=True):
        index.add(HERE, row, Known(text.encode()[:32], traits(text)))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(index) > 150 and taken == pytest.approx(index.bytes, rel=0.1)
