from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from pointsman.errors import ServerBusy
from pointsman.gateway.prompt_cache.keeping import HabitKeeping
from pointsman.promptcache.habits import EVERYONE, Habits, Whose
from pointsman.promptcache.memory import Memory
from pointsman.promptcache.odds import FIRST_GUESS
from pointsman.promptcache.sqlite import SqliteHabits
from tests.support.coding_agent import agent
from tests.support.gateway import MESSAGES
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual
from tests.support.warmed import ON


class Shelf:
    """A ``HabitStore`` in memory, which can be away."""

    def __init__(self) -> None:
        self.kept: dict[Whose, bytes] = {}
        self.away = False

    def load(self) -> Habits:
        self._ask()
        return self.kept

    def save(self, habits: Mapping[Whose, bytes]) -> None:
        self._ask()
        self.kept |= habits

    def _ask(self) -> None:
        if self.away:
            raise ServerBusy("The file is locked.")


def seen(memory: Memory, tenant: str) -> None:
    for counts in (memory.space("d", tenant).counts, memory.usual):
        for tally in counts.of("task"):
            tally.not_soon()
            tally.later()


def test_what_one_process_has_seen_the_next_one_knows(tmp_path: Path) -> None:
    """Of a tenant, and of all together for others; what did not come again stays in the file."""
    store = SqliteHabits(tmp_path / "p.db", now_us=lambda: 10**15)
    for tenant in ("one", "two", "three", "four"):
        memory = Memory(1)
        keeping = HabitKeeping(memory, store)
        assert asyncio.run(keeping.keep()) == 0
        for _ in range(3):
            seen(memory, tenant)
        assert asyncio.run(keeping.keep()) == 2
        assert asyncio.run(keeping.keep()) == 0
    memory = Memory(1)
    HabitKeeping(memory, store)
    odds = {tenant: memory.space("d", tenant).odds("task") for tenant in ("one", "four", "new")}
    assert odds["one"].soon < odds["new"].soon < FIRST_GUESS["task"].soon
    assert odds["one"].soon == pytest.approx(odds["four"].soon, abs=0.15)
    assert odds["one"].later > 0.8


def test_a_gateway_knows_after_a_restart_how_long_pauses_are() -> None:
    """The first request after it is kept for the hour."""
    shelf, placed = Shelf(), []

    async def work(seed: str) -> None:
        async with virtual_stack(given=ON, habits=shelf) as stack:
            for body in agent(6, seed=seed):
                answer = await stack.post(MESSAGES, body)
                placed.append(answer.headers["x-pointsman-prompt-cache"])
                await asyncio.sleep(360.0)

    for seed in ("one", "two"):
        run_virtual(partial(work, seed))
    assert placed[0] == "tools=5m, system=5m, messages=5m"
    assert placed[6] == "tools=1h, system=1h, messages=1h"


def test_a_store_that_is_away_is_tried_again_and_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    shelf, memory, rounds = Shelf(), Memory(1), 0

    async def sleep(_: float) -> None:
        nonlocal rounds
        rounds += 1
        shelf.away = rounds < 4
        if rounds == 5:
            raise asyncio.CancelledError

    keeping = HabitKeeping(memory, shelf, sleep=sleep)
    seen(memory, "one")
    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        asyncio.run(keeping.run())
    assert [record.message.partition(". ")[2] for record in caplog.records] == [
        "Until then what is counted of prompts is in memory alone."
    ]
    assert set(shelf.kept) == {EVERYONE, ("d", "one")}


def test_without_a_store_nothing_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory(1)
    keeping = HabitKeeping(memory, None)
    seen(memory, "one")
    assert asyncio.run(keeping.keep()) == 0
    assert memory.changed()
    shelf = Shelf()
    shelf.away = True
    HabitKeeping(Memory(1), shelf)
    assert "begins anew" in caplog.text
