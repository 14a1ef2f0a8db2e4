"""What calls turned out to be, by limit: how long they took, and how much of what was reserved they used. And
by lane, how far the estimates of the wait were wrong, also because others wait elsewhere.

Running means, exponentially weighted: 1/n at first, never below ``FORGET``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pointsman.limits.values.limit import Amounts, Limit

K = TypeVar("K")

FORGET = 0.02
LATE, PUSHED_OUT, IN_TIME = 0.05, 0.02, 0.0001
"""Steps of a lane's margin: at rest where one start in some hundreds would be late."""
FORGOTTEN = 0.001
"""Of a large margin, with each start in time."""
MOST_MARGIN = 1.0
MOST_STRETCH = 1_000.0
ENOUGH, MOST_DRIFT = 20, 1.5
ALIKE = 8
"""Calls of about one size, before they are judged by themselves."""
MOST = 4_096
"""Limits of which something is known. Keys come and go; the oldest knowledge goes with them."""
_GUESS_US = 1_000_000


class _Mean:
    __slots__ = ("count", "value")

    def __init__(self) -> None:
        self.count = 0
        self.value = 0.0

    def see(self, value: float) -> None:
        self.count += 1
        self.value += max(1 / self.count, FORGET) * (value - self.value)


class _Uses:
    """What calls used of what they had reserved: of all, and of those that reserved about as much. Who bounds
    its answers tightly uses all that it may; who does not, seldom."""

    __slots__ = ("all", "by_size")

    def __init__(self) -> None:
        self.all = _Ratio()
        self.by_size: dict[int, _Ratio] = {}

    def see(self, reserved: int, used: int) -> None:
        self.all.see(reserved, used)
        size = reserved.bit_length()
        ratio = self.by_size.get(size)
        if ratio is None:
            ratio = self.by_size[size] = _Ratio()
        ratio.see(reserved, used)

    def ratio(self, reserved: int) -> float:
        found = self.by_size.get(reserved.bit_length())
        return (self.all if found is None or found.count < ALIKE else found).value


class _Ratio:
    __slots__ = ("count", "reserved", "used")

    def __init__(self) -> None:
        self.count = 0
        self.reserved = 0.0
        self.used = 0.0

    def see(self, reserved: int, used: int) -> None:
        self.count += 1
        part = max(1 / self.count, FORGET)
        self.reserved += part * (reserved - self.reserved)
        self.used += part * (used - self.used)

    @property
    def value(self) -> float:
        return self.used / self.reserved


class Seen:
    """What was learned of each limit's calls."""

    __slots__ = ("_guesses", "_holds", "_margins", "_uses", "_waits")

    def __init__(self) -> None:
        self._holds: dict[str, _Mean] = {}
        self._uses: dict[str, _Uses] = {}
        self._margins: dict[str, float] = {}
        self._guesses: dict[str, _Mean] = {}
        self._waits: dict[str, _Mean] = {}

    def hold(self, limit: Limit, hold_us: int) -> None:
        """A call has kept a slot of ``limit`` for so long."""
        _mean(self._holds, limit.id).see(hold_us)

    def use(self, limit: Limit, reserved: int, used: int) -> None:
        """A call used so much of what it had reserved."""
        if reserved > 0:
            _known(self._uses, limit.id, _Uses).see(reserved, used)

    def late(self, lane: str) -> None:
        """One that was let wait did not start before its deadline: be more careful with the next."""
        self._widen(lane, LATE)

    def pushed_out(self, lane: str) -> None:
        """One that was let wait was told, before its deadline, that others would take its place."""
        self._widen(lane, PUSHED_OUT)

    def _widen(self, lane: str, step: float) -> None:
        if len(self._margins) < MOST or lane in self._margins:
            self._margins[lane] = min(MOST_MARGIN, self.margin(lane) + step)

    def in_time(self, lane: str) -> None:
        """One that waited has started."""
        margin = self._margins.get(lane)
        if margin is not None:
            less = max(IN_TIME, FORGOTTEN * margin)
            if margin > less:
                self._margins[lane] = margin - less
            else:
                del self._margins[lane]

    def waited(self, lane: str, guess_us: int, wait_us: int) -> None:
        """One has waited so long (and has started, or not), that was thought to wait so long."""
        if guess_us > 0:
            _mean(self._guesses, lane).see(guess_us)
            _mean(self._waits, lane).see(wait_us)

    def stretch(self, lane: str) -> float:
        """How many times as long as thought they wait; at least 1, and 1 before anybody has."""
        guess = self._guesses.get(lane)
        if guess is None or guess.value <= 0:
            return 1.0
        return min(MOST_STRETCH, max(1.0, self._waits[lane].value / guess.value))

    def drift(self, lane: str) -> float:
        """The same where nobody waits elsewhere: within bounds, and 1 until enough have waited."""
        guess = self._guesses.get(lane)
        if guess is None or guess.count < ENOUGH or guess.value <= 0:
            return 1.0
        return min(MOST_DRIFT, max(1 / MOST_DRIFT, self._waits[lane].value / guess.value))

    def margin(self, lane: str) -> float:
        """By what part an estimate of the wait must be shorter than the patience. 0 before any was late."""
        return self._margins.get(lane, 0.0)

    def hold_us(self, limit: Limit) -> float | None:
        """How long a call keeps its slot, on average; None before the first has ended."""
        mean = self._holds.get(limit.id)
        return None if mean is None else mean.value

    def hold_among(self, limits: tuple[Limit, ...]) -> float:
        """The same for the first limit on calls at once among these, or a guess."""
        for limit in limits:
            if limit.window == "slots" and (mean := self._holds.get(limit.id)) is not None:
                return mean.value
        return _GUESS_US

    def likely(self, limits: tuple[Limit, ...], amounts: Amounts) -> tuple[float, ...]:
        """What a request will come to have used of what it reserves, by place; all of it before anything is
        known."""
        found: list[float] = list(amounts)
        for limit in limits:
            uses = self._uses.get(limit.id)
            reserved = amounts[limit.place]
            if uses is not None and reserved:
                found[limit.place] = reserved * uses.ratio(reserved)
        return tuple(found)


def _mean(means: dict[str, _Mean], name: str) -> _Mean:
    return _known(means, name, _Mean)


def _known(table: dict[str, K], name: str, make: Callable[[], K]) -> K:
    """Find it or make it; the oldest goes where there are too many."""
    found = table.get(name)
    if found is None:
        if len(table) >= MOST:
            del table[next(iter(table))]
        found = table[name] = make()
    return found
