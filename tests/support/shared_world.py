"""Replicas, a lossy line and a real store in virtual time, and referees who count as a provider would."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any

import redis

from pointsman.limits import Amounts, Limit, Reservation, Shortage
from pointsman.limits.shared.batch import Terms, decode
from pointsman.limits.shared.link import Link, Sending, Wish
from pointsman.limits.values.limit import MINUTE_US

SECOND_US = 1_000_000
START_US = 1_790_000_000_000_000
TERMS = Terms(lease=10 * SECOND_US, grace=3 * SECOND_US, hold=120 * SECOND_US)
BEAT_US = SECOND_US


def one(count: int) -> Amounts:
    """A request of so many tokens."""
    return (1, count, count, count, count, count, 1)


class Referee:
    """Counts what was sent, by the provider's rule. ``over``: the most that a limit was ever exceeded by."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.sent: list[tuple[int, int]] = []

    def total(self, since_us: int = 0) -> int:
        return sum(count for at, count in self.sent if at >= since_us)

    def over(self) -> float:
        return self._over_window() if self.limit.window == "rolling" else self._over_bucket()

    def _over_window(self) -> int:
        worst, inside, first = 0, 0, 0
        for at, count in self.sent:
            inside += count
            while self.sent[first][0] <= at - MINUTE_US:
                inside -= self.sent[first][1]
                first += 1
            worst = max(worst, inside - self.limit.amount)
        return worst

    def _over_bucket(self) -> float:
        worst, level, last = 0.0, float(self.limit.amount), 0
        for at, count in self.sent:
            level = min(self.limit.amount, level + (at - last) * self.limit.amount / MINUTE_US) - count
            last = at
            worst = max(worst, -level)
        return worst


class World:
    """The line's troubles are the caller's to set; time passes by ``step``."""

    def __init__(self, url: str, seed: int, replicas: int) -> None:
        self.dice = random.Random(seed)
        self.now = START_US
        self.client = redis.Redis.from_url(url)
        self.client.flushall()
        self.script = (
            resources.files("pointsman.limits.shared").joinpath("shared.lua").read_text(encoding="utf-8")
        )
        self.sha: Any = self.client.script_load(self.script)
        self.names = itertools.count()
        self.replicas = [Replica(self) for _ in range(replicas)]
        self.late: list[tuple[int, Sending]] = []
        """Batches that the store gets later than anybody waits for, and when."""
        self.cut: Callable[[Replica], bool] = lambda replica: False
        self.losses = 0.0

    def close(self) -> None:
        self.client.close()

    def run(self, seconds: float, each: Callable[[], None], *, step_us: int = 100_000) -> None:
        """Let time pass; ``each`` is called at every step."""
        until = self.now + round(seconds * SECOND_US)
        while self.now < until:
            self.now += step_us
            for at, sending in [late for late in self.late if late[0] <= self.now]:
                self.late.remove((at, sending))
                self.do(sending)
            each()
            for replica in self.replicas:
                replica.beat()

    def do(self, sending: Sending) -> bytes:
        raw: Any = self.client.evalsha(self.sha, len(sending.keys), *sending.keys, sending.payload)
        return bytes(raw)

    def empty(self) -> None:
        """As a server that was killed and remembers nothing. The script stays, to save time."""
        self.client.flushdb()

    def save(self) -> dict[bytes, Any]:
        """All that the store knows now."""
        keys: Any = self.client.keys("*")
        return {key: self.client.dump(key) for key in keys}

    def restore(self, saved: dict[bytes, Any]) -> None:
        """As a server that comes back with what it knew then."""
        self.empty()
        for key, value in saved.items():
            self.client.restore(key, 0, value)

    def carry(self, replica: Replica, sending: Sending) -> bytes | None:
        """None: no answer."""
        trouble = self.dice.random() < self.losses
        if self.cut(replica) or (trouble and self.dice.random() < 0.3):
            if self.dice.random() < 0.3:
                self.late.append((self.now + self.dice.randint(0, 5 * SECOND_US), sending))
            return None
        raw = self.do(sending)
        return None if trouble else raw


MakeWorld = Callable[..., World]


@contextmanager
def worlds(url: str) -> Iterator[MakeWorld]:
    """Makes worlds over one server, and closes them."""
    made: list[World] = []

    def make(**given: int) -> World:
        made.append(World(url, **given))
        return made[-1]

    try:
        yield make
    finally:
        for world in made:
            world.close()


class Replica:
    """One of those who share. What it was granted it has sent at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.link = Link(
            f"r{next(world.names)}", "world", TERMS, lambda: f"life {next(world.names)}", lambda: world.now
        )
        self.heard = 0
        self.open: list[Reservation] = []
        self.alive = True

    def reserve(self, limits: Sequence[Limit], amounts: Amounts) -> Reservation | Shortage:
        if self.link.away:
            answer = self.link.on_share(tuple(limits), amounts, self.world.now)
        else:
            answers: list[Any] = []
            self.link.ask(Wish(tuple(limits), amounts, answers.append))
            while not answers:
                self.exchange()
            answer = answers[0]
        if isinstance(answer, Reservation):
            self.open.append(answer)
        return answer

    def settle(self, used: Amounts) -> None:
        """The oldest reservation."""
        if self.open:
            self.link.settle(self.open.pop(0), used)

    def beat(self) -> None:
        if self.alive and (self.link.waiting() or self.world.now - self.heard >= BEAT_US):
            self.exchange()

    def exchange(self) -> None:
        """One batch, as ``redis.py`` does it."""
        self.link.shares.sweep(self.world.now)
        sending = self.link.next_batch(self.world.now)
        self.heard = self.world.now
        raw = self.world.carry(self, sending)
        if raw is None:
            self.link.lost(self.world.now)
        elif not self.link.heard(decode(raw), self.world.now):
            self.exchange()
