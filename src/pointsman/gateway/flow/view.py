"""The flow as it stands, for the admin listener: ``flow_metrics.FlowView`` over what the gateway runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pointsman.gateway.call.ports import Clock
from pointsman.limits import LocalLimits, SharedLimits
from pointsman.limits.queue.asking import asking
from pointsman.limits.show import limits_view
from pointsman.limits.values.view import LimitsView

from .flow import Flow
from .metrics import BreakerRow, FlowMetrics


class FlowOverview:
    """Looks, and changes nothing.

    Args:
        store: where limits are counted.
        key_names: the names of keys by their ids.
        shared: says what is wrong with a store that replicas share, "" if nothing; None for one of our own.
    """

    def __init__(
        self,
        flow: Flow,
        store: LocalLimits | SharedLimits,
        clock: Clock,
        *,
        key_names: Callable[[], Mapping[str, str]] = dict,
        shared: Callable[[], str] | None = None,
    ) -> None:
        self._flow = flow
        self._clock = clock
        self._key_names = key_names
        self._shared = shared
        self._store = asking(store, flow.queue.now_us)

    @property
    def counted(self) -> FlowMetrics:
        return self._flow.counted

    def breakers(self) -> Sequence[BreakerRow]:
        now = self._clock.monotonic()
        return [BreakerRow(each.key, each.breaker.state(now)) for each in self._flow.health]

    async def limits(self) -> LimitsView:
        book, queue, shared = self._flow.book, self._flow.queue, self._shared
        levels = await self._store.levels(tuple(book.all_limits()))
        return limits_view(
            levels,
            await queue.snapshot(),
            book.all_learned(),
            at_us=self._clock.now_us(),
            now_us=queue.now_us(),
            key_names=self._key_names(),
            store="memory" if shared is None else "redis",
            trouble="" if shared is None else shared(),
        )
