from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.routing.labels.kept import Labels
from pointsman.routing.labels.memory import MemoryLabels
from pointsman.routing.labels.sqlite import SqliteLabels
from tests.support.labels_contract import CONTRACT, a_mark, a_prompt


@pytest.mark.parametrize("rule", CONTRACT, ids=lambda rule: rule.__name__)
def test_it_is_a_store_of_labels(rule: Callable[[Labels], None]) -> None:
    rule(MemoryLabels())


def test_the_oldest_go_first_when_there_are_too_many() -> None:
    store = MemoryLabels(most=2)
    for number in range(4):
        store.put(a_prompt(f"req_{number}"), [a_mark()])
    assert [found.prompt.id for found in store.labelled("default")] == ["req_2", "req_3"]


MOVES = st.lists(st.tuples(st.sampled_from(["hold", "give back"]), st.integers(0, 60)), max_size=40)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@settings(max_examples=12, deadline=None)
@given(moves=MOVES)
def test_whatever_is_held_and_given_back_the_most_is_never_exceeded(
    kind: str, moves: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store: Labels = MemoryLabels() if kind == "memory" else SqliteLabels(tmp_path_factory.mktemp("db") / "x")
    held: list[int] = []
    for move, amount in moves:
        if move == "hold":
            fits = sum(held) + amount <= 100
            assert store.hold("2026-11-23", "x", amount, 100) is fits
            if fits:
                held.append(amount)
        elif held:
            store.give_back("2026-11-23", "x", held.pop())
        assert store.spent("2026-11-23", "x") == sum(held) <= 100
