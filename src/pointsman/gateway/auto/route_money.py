"""What each route cost, and what its baseline would have: for the metrics, as requests are settled. No I/O.

Counts as ``pointsman savings`` does, but for the ratio of tokens, which nobody reads from a disk here: tokens
of another model are priced on the baseline as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pointsman.costs.savings import Baseline, Identify, weigh
from pointsman.costs.tally import Tally, purpose_of
from pointsman.ledger.entry import Entry, as_if_alone


class RouteMoney:
    """
    Args:
        baselines: by name of the route. Requests of others are not counted, so that nobody can fill the
            memory with names.
        identify: tells the model of an attempt.
    """

    __slots__ = ("_baselines", "_identify", "_tallies")

    def __init__(self, baselines: Mapping[str, Baseline], identify: Identify) -> None:
        self._baselines = dict(baselines)
        self._identify = identify
        self._tallies = {name: Tally() for name in baselines}

    def observe(self, entry: Entry, route: str | None = None) -> None:
        """
        Args:
            route: the one that it was routed by, where its name does not tell.
        """
        kind, name = (purpose_of(entry.requested) if route is None else ("request", route)) or ("request", "")
        tally = self._tallies.get(name)
        if tally is None:
            return
        if kind == "shadow" or kind == "judge":
            tally.add_call(kind, entry.cost)
            return
        asked = as_if_alone(entry)
        if asked is None:
            return
        weighed = weigh(asked, self._baselines[name], self._identify)
        if isinstance(weighed, str):
            tally.leave_out(weighed, entry.cost)
        else:
            tally.add(weighed)

    def tallies(self) -> Iterator[tuple[str, Tally]]:
        yield from self._tallies.items()
