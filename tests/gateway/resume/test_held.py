"""Who makes room: what has ended, then what nobody reads, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.gateway.resume.held import Held


class World:
    """Answers of ten bytes each.

    Args:
        ended, alone, read: how many of them.
    """

    def __init__(self, most: int, ended: int, alone: int, read: int) -> None:
        self.held = Held(most, self._evict)
        self.ended = ended
        self.held.bytes = 10 * (ended + alone + read)
        self.gone: list[int] = []
        for number in range(alone):
            self.held.alone[_Alone(self, number)] = None

    def _evict(self) -> bool:
        if not self.ended:
            return False
        self.ended -= 1
        self.held.bytes -= 10
        return True


class _Alone:
    def __init__(self, world: World, number: int) -> None:
        self._world, self._number = world, number

    def outgrow(self) -> None:
        self._world.gone.append(self._number)
        del self._world.held.alone[self]
        self._world.held.bytes -= 10


SOME = st.integers(0, 6)


@given(st.integers(0, 200), SOME, SOME, SOME)
def test_no_more_goes_than_must_and_in_its_order(most: int, ended: int, alone: int, read: int) -> None:
    world = World(most, ended, alone, read)
    too_many = max(0, -(-(10 * (ended + alone + read) - most) // 10))
    full = world.held.is_full()
    assert full is (10 * read > most)
    assert world.ended == max(0, ended - too_many)
    assert world.gone == list(range(min(alone, max(0, too_many - ended))))


@given(st.integers(0, 200), SOME, SOME, SOME, st.integers(0, 50))
def test_for_a_new_one_nothing_under_way_has_to_go(
    most: int, ended: int, alone: int, read: int, size: int
) -> None:
    world = World(most, ended, alone, read)
    before = world.held.bytes
    assert world.held.has_room(size) is (10 * (alone + read) + size <= most)
    assert not world.gone
    assert world.held.bytes == before - 10 * (ended - world.ended)
