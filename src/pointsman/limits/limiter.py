"""``RateLimiter``: the limits and the queue around any coroutine, without a gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType

from pointsman.catalog import Catalog, load_catalog
from pointsman.clock import SystemClock
from pointsman.errors import ConfigurationError

from .local.memory import MemoryLimits
from .queue.queue import OnPlace, Queue
from .values.limit import MINUTE_US, Amounts, Dimension, Limit, Scope, make_limit
from .values.port import Reservation
from .values.ticket import Ticket

_FOR_EVER_US = 1_000_000 * MINUTE_US
_DIMENSIONS: tuple[Dimension, ...] = ("rpm", "input_tpm", "output_tpm", "tpm", "concurrency")

MOST_NAMES = 4_096
"""Models whose names are remembered."""


class LimitedCall:
    """One call that may be made. Yielded by ``RateLimiter.limit``."""

    __slots__ = ("_used", "waited")

    def __init__(self, reserved: Amounts) -> None:
        self._used = reserved
        self.waited = 0.0
        """Seconds for which it had to wait."""

    def used(self, *, input: int | None = None, output: int | None = None) -> None:
        """Say how many tokens the call really took; what is not said stays as it was estimated. What was
        reserved beyond that is free for others at once; what was taken beyond that is owed."""
        self._used = _amounts(
            self._used[1] if input is None else input, self._used[2] if output is None else output
        )


class RateLimiter:
    """Lets calls begin when their limits allow it: in fair order, as early as possible, and no earlier.

    Each model has the limits to itself, and its aliases count as the same model. An instance belongs to one
    event loop at a time, and may be made before there is one.

    Args:
        rpm: requests a minute.
        input_tpm: prompt tokens a minute.
        output_tpm: answer tokens a minute.
        tpm: tokens a minute, both together.
        concurrency: calls at once; counted by ``limit`` only.
        requests_per_minute: another name for ``rpm``.
        tokens_per_minute: another name for ``tpm``.
        models: other limits for some models, as in ``{"claude-opus-4-6": {"rpm": 10}}``. What is not named
            is as for all.
        rolling: no minute, wherever it begins, exceeds a limit. Otherwise what was taken flows back evenly
            over a minute, so that the first minute can take up to twice a limit. Providers of both kinds
            exist: OpenAI's count is the first, Anthropic's the second.
        max_waiting: calls that may wait.

    Raises:
        ConfigurationError: no limit, one below 1, or one that is named twice.
    """

    def __init__(
        self,
        *,
        rpm: int | None = None,
        input_tpm: int | None = None,
        output_tpm: int | None = None,
        tpm: int | None = None,
        concurrency: int | None = None,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        models: Mapping[str, Mapping[Dimension, int]] | None = None,
        rolling: bool = False,
        max_waiting: int = 1_000_000,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        self._rolling = rolling
        self._catalog: Catalog | None = None
        self._names: dict[str, str] = {}
        self._limits: dict[str, tuple[Limit, ...]] = {}
        found = {
            "rpm": _one("rpm", rpm, "requests_per_minute", requests_per_minute),
            "input_tpm": input_tpm,
            "output_tpm": output_tpm,
            "tpm": _one("tpm", tpm, "tokens_per_minute", tokens_per_minute),
            "concurrency": concurrency,
        }
        self._all = {name: amount for name, amount in found.items() if amount is not None}
        if not self._all and not models:
            raise ConfigurationError("A RateLimiter needs a limit: rpm, input_tpm, output_tpm, tpm, …")
        _check(self._all)
        self._of: dict[str, dict[str, int]] = {}
        for model, limits in (models or {}).items():
            _check(limits)
            self._of[self._name(model)] = dict[str, int](limits.items())
        self._queue = Queue(
            MemoryLimits(), monotonic=monotonic or SystemClock().monotonic, max_waiting=max_waiting
        )

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return self._queue.waiting

    async def acquire(
        self,
        model: str,
        estimated_tokens: int = 0,
        *,
        max_wait: float | None = None,
        key: str = "",
    ) -> bool:
        """Wait until a call may be made; then it counts. Tokens count for ``tpm``, and as the prompt's.

        Nothing is settled afterwards, so ``limit`` serves better where the real usage becomes known.

        Returns:
            True, always.

        Raises:
            RateLimited: as ``limit`` does.
        """
        ticket = self._ticket(model, _amounts(estimated_tokens, 0), key)
        ticket.limits = tuple(limit for limit in ticket.limits if limit.window != "slots")
        reservation = await _start(self._queue, ticket, max_wait, None)
        self._queue.settle(reservation, reservation.amounts)
        return True

    def limit(
        self,
        model: str,
        *,
        input: int = 0,
        output: int = 0,
        max_wait: float | None = None,
        key: str = "",
        weight: float = 1.0,
        priority: int = 0,
        on_place: OnPlace | None = None,
    ) -> _Turn:
        """``async with limiter.limit(…) as call:`` waits until the call may be made, and counts it.

        Args:
            model: its name or any alias.
            input: prompt tokens, estimated.
            output: answer tokens, estimated; ``max_tokens`` is safe, and mostly far too much.
            max_wait: seconds. None waits as long as it takes.
            key: for whom it is. Keys get equal shares, or by ``weight``, of what there is.
            weight: of the key.
            priority: within the key; the lowest number goes first.
            on_place: called with the ``Place`` of a call that has to wait, every few seconds.

        Raises:
            RateLimited: on entry: it cannot begin within ``max_wait``. Said at once, with ``retry_after``.
        """
        ticket = self._ticket(model, _amounts(input, output), key, weight, priority)
        return _Turn(self._queue, ticket, max_wait, on_place)

    def _ticket(
        self, model: str, amounts: Amounts, key: str, weight: float = 1.0, priority: int = 0
    ) -> Ticket:
        return Ticket(
            self._limits_of(model),
            amounts,
            key=key,
            lane=self._name(model),
            at_us=0,
            deadline_us=0,
            weight=weight,
            priority=priority,
        )

    def _name(self, model: str) -> str:
        """The id of a model that the catalog knows by this name, or the name."""
        name = self._names.get(model)
        if name is None:
            if self._catalog is None:
                self._catalog = load_catalog()
            found = self._catalog.resolve(model)
            name = model if found is None else found.id
            if len(self._names) < MOST_NAMES:
                self._names[model] = name
        return name

    def _limits_of(self, model: str) -> tuple[Limit, ...]:
        name = self._name(model)
        limits = self._limits.get(name)
        if limits is None:
            sizes: dict[str, int] = self._all | self._of.get(name, {})
            scope = Scope("model", name)
            limits = tuple(
                make_limit(scope, each, sizes[each], window="rolling" if self._rolling else "refill")
                for each in _DIMENSIONS
                if each in sizes
            )
            if len(self._limits) < MOST_NAMES:
                self._limits[name] = limits
        return limits


async def _start(
    queue: Queue, ticket: Ticket, max_wait: float | None, on_place: OnPlace | None
) -> Reservation:
    now = queue.now_us()
    patience = _FOR_EVER_US if max_wait is None else round(max_wait * 1_000_000)
    ticket.at_us, ticket.deadline_us = now, now + patience
    return queue.try_enter(ticket) or await queue.enter(ticket, None, on_place)


class _Turn:
    """The block of ``async with limiter.limit(…)``."""

    __slots__ = ("_call", "_max_wait", "_on_place", "_queue", "_reservation", "_ticket")

    def __init__(
        self, queue: Queue, ticket: Ticket, max_wait: float | None, on_place: OnPlace | None
    ) -> None:
        self._queue = queue
        self._ticket = ticket
        self._max_wait = max_wait
        self._on_place = on_place
        self._reservation: Reservation | None = None
        self._call = LimitedCall(ticket.amounts)

    async def __aenter__(self) -> LimitedCall:
        if self._reservation is not None:
            raise RuntimeError("limit(…) is for one block; call it again for the next")
        self._reservation = await _start(self._queue, self._ticket, self._max_wait, self._on_place)
        self._call.waited = (self._queue.now_us() - self._ticket.at_us) / 1_000_000
        return self._call

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._reservation is not None:
            self._queue.settle(self._reservation, self._call._used)


def _amounts(tokens_in: int, tokens_out: int) -> Amounts:
    both = tokens_in + tokens_out
    return (1, tokens_in, tokens_out, both, tokens_in, both, 1)


def _one(name: str, amount: int | None, other: str, also: int | None) -> int | None:
    if amount is not None and also is not None:
        raise ConfigurationError(f"{name} and {other} are the same limit: give one of them.", param=other)
    return also if amount is None else amount


def _check(limits: Mapping[Dimension, int] | Mapping[str, int]) -> None:
    for name, amount in limits.items():
        if name not in _DIMENSIONS:
            raise ConfigurationError(
                f"{name} is no limit; there are {', '.join(_DIMENSIONS)}.", param=str(name)
            )
        if amount < 1:
            raise ConfigurationError(f"{name} must be at least 1, not {amount}.", param=str(name))
