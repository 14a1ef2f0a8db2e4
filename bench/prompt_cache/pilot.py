"""The autopilot before the provider: what it makes of a trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from heapq import heappop, heappush

from bench.prompt_cache.provider import START_US, Provider, duration
from bench.prompt_cache.traces import Sent
from pointsman.chat import Usage
from pointsman.costs import Pricer
from pointsman.costs.prompt_cache import earned
from pointsman.dialects.splice import read_fields
from pointsman.promptcache import Autopilot, Placement, Prices, Sight, Terms, settle
from pointsman.promptcache.apply import apply, read_prompt

RISK = 10**12
"""One dollar."""


class Pilot:
    """One tenant at one deployment."""

    def __init__(
        self,
        provider: Provider,
        risk: int = RISK,
        *,
        tenant: str = "tenant",
        autopilot: Autopilot | None = None,
    ) -> None:
        """
        Args:
            autopilot: of a gateway that other tenants had before.
        """
        self.provider = provider
        self.autopilot = Autopilot(risk) if autopilot is None else autopilot
        self._tenant = tenant
        self.breakpoints = 0
        self.declined: list[str] = []
        self._pricer = Pricer(provider.model)

    def send(self, sent: Sent) -> None:
        """A request, and the whole answer at once."""
        self.begin(sent)()

    def begin(self, sent: Sent) -> Callable[[], None]:
        """A request; call what is returned when its answer is over."""
        fields = read_fields(sent.body)
        prompt = read_prompt(fields, "anthropic/model", self._tenant)
        assert prompt is not None
        sight = self.autopilot.look(prompt, sent.at)
        assert not isinstance(sight, str), sight
        placement = self.autopilot.place(sight, self.terms(sight, sent), sent.at)
        if not isinstance(placement, Placement):
            self.declined.append(placement)
            return partial(sight.learn, self.provider.take(sent))
        body, count = apply(placement, sent.body, fields)
        self.breakpoints += count
        usage = self.provider.take(sent._replace(body=body))
        return partial(self.settle, placement, usage, sent)

    def terms(self, sight: Sight, sent: Sent) -> Terms:
        rates = self._pricer.rates(_at_us(sent), sight.tokens)
        fresh, read, five, hour = rates[0], rates[2], rates[3], rates[5]
        assert fresh is not None and read is not None and five is not None and hour is not None
        return Terms(Prices(fresh, read, five, hour), self.provider.model.prompt_cache_min_tokens or 1024)

    def settle(self, placement: Placement, usage: Usage, sent: Sent) -> None:
        settle(placement, usage, earned(usage, self._pricer, _at_us(sent)))

    def send_all(self, conversations: Sequence[Sequence[Sent]]) -> None:
        """Each request at its time, and so beside the answers that are not over yet."""
        open_calls: list[tuple[float, int, Callable[[], None]]] = []
        every = sorted((sent for each in conversations for sent in each), key=lambda sent: sent.at)
        for number, sent in enumerate(every):
            while open_calls and open_calls[0][0] <= sent.at:
                heappop(open_calls)[2]()
            heappush(open_calls, (sent.at + duration(sent), number, self.begin(sent)))
        for _, _, end in sorted(open_calls):
            end()


def _at_us(sent: Sent) -> int:
    return START_US + round(sent.at * 1e6)
