from __future__ import annotations

from collections.abc import Callable

import pytest

from pointsman.routing.labels.kept import Labels
from pointsman.routing.labels.memory import MemoryLabels
from tests.support.labels_contract import CONTRACT, a_mark, a_prompt


@pytest.mark.parametrize("rule", CONTRACT, ids=lambda rule: rule.__name__)
def test_it_is_a_store_of_labels(rule: Callable[[Labels], None]) -> None:
    rule(MemoryLabels())


def test_the_oldest_go_first_when_there_are_too_many() -> None:
    store = MemoryLabels(most=2)
    for number in range(4):
        store.put(a_prompt(f"req_{number}"), [a_mark()])
    assert [found.prompt.id for found in store.labelled("default")] == ["req_2", "req_3"]
