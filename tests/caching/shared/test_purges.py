from __future__ import annotations

import pytest

from pointsman.caching.shared.answers import Purge
from pointsman.caching.shared.purges import Purges
from tests.support.clock import FakeClock


def means(purges: Purges, began: float, tenant: str = "us", model: str = "m", *tags: str) -> bool:
    return purges.mean(began, tenant=tenant, model=model, tags=tags)


@pytest.mark.parametrize(
    ("which", "told"),
    [
        (Purge(), True),
        (Purge(tenant="us"), True),
        (Purge(tenant="them"), False),
        (Purge(tag="a", model="m"), True),
        (Purge(tag="b"), False),
        (Purge(older_than=0.0), False),
    ],
)
def test_what_was_asked_for_before_a_purge_and_is_meant_by_it(which: Purge, told: bool) -> None:
    clock = FakeClock()
    began = clock.monotonic()
    purges = Purges(clock.monotonic)
    assert not means(purges, began, "us", "m", "a")
    clock.advance(1)
    purges.note(which)
    assert means(purges, began, "us", "m", "a") is told
    assert means(purges, clock.monotonic(), "us", "m", "a") is told, (
        "at the same moment: who knows which was first"
    )
    assert not means(purges, clock.monotonic() + 0.1, "us", "m", "a")


def test_of_more_than_are_told_apart_the_oldest_mean_everything() -> None:
    clock = FakeClock()
    began = clock.monotonic()
    purges = Purges(clock.monotonic, most=2)
    for n in range(3):
        clock.advance(1)
        purges.note(Purge(tenant=f"t{n}"))
    assert means(purges, began + 1)
    assert not means(purges, began + 1.1)
    assert means(purges, began + 1.1, "t1")
