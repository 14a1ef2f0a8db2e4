"""Takes the ledger's entries one after the other and sums up what routing saved. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, get_args

import msgspec

from pointsman.config.auto_routes import AUTO
from pointsman.costs import PicoUsd
from pointsman.costs.ratio import TokenRatio, ratios_against
from pointsman.costs.savings import Baseline, Identify, weigh
from pointsman.costs.tally import Purpose, Tally, purpose_of, total
from pointsman.errors import InvalidRequest, ModelNotFound
from pointsman.gateway.auto.baselines import Models, baseline_of
from pointsman.ledger import Entry, as_if_alone
from pointsman.ledger.report import day_of
from pointsman.routing.labels.kept import Labelled

from .spared import EMBEDDED, Capability, Prices, Spared, joined, spared

Column = Literal["route", "key", "model", "day", "tenant"]
COLUMNS: tuple[Column, ...] = get_args(Column)

NAMED = "(named)"
"""In the place of a route: requests that named their model."""


class Learned(NamedTuple):
    """What the labels of a route tell of its baseline."""

    ratios: Mapping[str, TokenRatio]
    """By model, tokens of the baseline for each of its own."""
    shadows: Mapping[str, PicoUsd]
    """By request, what the baseline's unseen answer to it cost."""


NOTHING = Learned({}, {})

Learn = Callable[[str, str], Learned]
"""Of a route and its baseline."""


def learned_from(labelled: Iterable[Labelled], baseline: str) -> Learned:
    """In the memory of one prompt, and of the costs of the shadows."""
    shadows: dict[str, PicoUsd] = {}

    def tokens() -> Iterator[Mapping[str, tuple[int, int]]]:
        for each in labelled:
            for mark in each.marks:
                if mark.model == baseline and mark.source == "shadow" and mark.cost is not None:
                    shadows[each.prompt.id] = mark.cost
            yield each.tokens

    return Learned(ratios_against(baseline, tokens()), shadows)


def parse_columns(text: str) -> tuple[Column, ...]:
    """The words of ``--by``. Raises InvalidRequest for one that is none."""
    chosen: list[Column] = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        known = next((name for name in COLUMNS if name == word), None)
        if known is None:
            raise InvalidRequest(
                f"Savings have no column {word}: --by takes {', '.join(COLUMNS)}.", param="by"
            )
        if known not in chosen:
            chosen.append(known)
    return tuple(chosen)


class Savings:
    """What came of all entries so far.

    Args:
        against: the baseline of everything; else each route has its own.
        route: only this one.
        everything: requests that named their model too.
        of_keys: by id of the key, the route that "auto" means for it.

    Raises:
        ModelNotFound: there is no such baseline.
    """

    def __init__(
        self,
        columns: tuple[Column, ...],
        models: Models,
        identify: Identify,
        learn: Learn,
        *,
        against: str | None = None,
        route: str | None = None,
        everything: bool = False,
        of_keys: Mapping[str, str] | None = None,
    ) -> None:
        self.columns = columns
        self._models = models
        self._identify = identify
        self._learn = learn
        self._against = None if against is None else baseline_of(against, models)
        self._route = route
        self._everything = everything
        self._of_keys = of_keys or {}
        self._groups: dict[tuple[str, ...], Tally] = {}
        self._prices = Prices(models.catalog, identify)
        self._spared: dict[tuple[str, ...], dict[Capability, Spared]] = {}
        self._baselines: dict[str, Baseline | None] = {}
        self._learned: dict[str, Learned] = {}
        self.not_routed = 0
        """Requests that named their model, and so are in no sum."""

    def route_of(self, entry: Entry) -> tuple[Purpose, str] | None:
        """What it was for and the route that it belongs to; None where it named its model. An alias of the
        settings may stand for "auto:NAME", and "auto" means of a key what that says."""
        requested = entry.requested
        if requested == AUTO and (own := self._of_keys.get(entry.key_id)) is not None:
            return "request", own
        return purpose_of(requested) or purpose_of(self._models.names.aliases.get(requested, requested))

    def take(self, entry: Entry) -> None:
        if entry.requested.startswith(EMBEDDED):
            served = msgspec.structs.replace(entry, requested=entry.requested.removeprefix(EMBEDDED))
            self._spare(entry, (self.route_of(served) or ("request", NAMED))[1])
            return
        purpose = self.route_of(entry)
        kind, route = purpose or ("request", NAMED)
        self._spare(entry, route)
        asked = as_if_alone(entry)
        if asked is None:
            return
        entry = asked
        if purpose is None and not self._everything:
            self.not_routed += 1
            return
        if self._route not in (None, route):
            return
        tally = self._tally(entry, route)
        if kind != "request":
            tally.add_call(kind, entry.cost)
            return
        baseline = self._baseline(route)
        if baseline is None:
            tally.leave_out("baseline unknown", entry.cost)
            return
        ratios, shadows = self._learned[route]
        shadow = shadows.get(entry.request_id)
        weighed = weigh(entry, baseline, self._identify, ratios.get(entry.model), shadow)
        if isinstance(weighed, str):
            tally.leave_out(weighed, entry.cost)
        else:
            tally.add(weighed)

    def _spare(self, entry: Entry, route: str) -> None:
        """Count what it was spared otherwise, whether it was routed or not."""
        if self._route not in (None, route):
            return
        for capability, saved, count in spared(entry, self._prices):
            sums = self._spared.setdefault(self._values(entry, route), {})
            sums.setdefault(capability, Spared()).add(saved, count)

    def _values(self, entry: Entry, route: str) -> tuple[str, ...]:
        return tuple(_value(entry, route, column) for column in self.columns)

    def _tally(self, entry: Entry, route: str) -> Tally:
        values = self._values(entry, route)
        tally = self._groups.get(values)
        if tally is None:
            tally = self._groups[values] = Tally()
        return tally

    def _baseline(self, route: str) -> Baseline | None:
        if route not in self._baselines:
            baseline = self._against or self._own_baseline(route)
            self._baselines[route] = baseline
            self._learned[route] = NOTHING if baseline is None else self._learn(route, baseline.name)
        return self._baselines[route]

    def _own_baseline(self, route: str) -> Baseline | None:
        auto = self._models.autos.get(route)
        if auto is None:
            return None
        try:
            return baseline_of(auto.models[-1], self._models)
        except ModelNotFound:
            return None

    @property
    def empty(self) -> bool:
        return not self._groups and not self._spared

    @property
    def baselines(self) -> dict[str, str | None]:
        """By route: the baseline's name; None where none is known."""
        return {
            route: None if baseline is None else baseline.name
            for route, baseline in sorted(self._baselines.items())
        }

    @property
    def against(self) -> str | None:
        """The one baseline that was named for all."""
        return None if self._against is None else self._against.name

    @property
    def rows(self) -> list[tuple[dict[str, str], Tally]]:
        """By day where that comes first, otherwise what saved most first."""
        names: tuple[str, ...] = self.columns
        made = [(dict(zip(names, values, strict=True)), tally) for values, tally in self._groups.items()]
        if self.columns[:1] == ("day",):
            return sorted(made, key=lambda row: tuple(row[0].values()))
        return sorted(made, key=lambda row: (-row[1].saved, tuple(row[0].values())))

    @property
    def capabilities(self) -> dict[Capability, Spared]:
        """What was saved otherwise than by routing, in all."""
        return joined(self._spared.values())

    @property
    def spared_rows(self) -> list[tuple[dict[str, str], dict[Capability, Spared], PicoUsd | None]]:
        """The same by group, with what routing saved there; None where nothing of it was compared."""
        names: tuple[str, ...] = self.columns
        made = [
            (
                dict(zip(names, values, strict=True)),
                joined([self._spared.get(values, {})]),
                tally.saved if (tally := self._groups.get(values)) is not None and tally.requests else None,
            )
            for values in self._spared.keys() | self._groups.keys()
        ]
        if self.columns[:1] == ("day",):
            return sorted(made, key=lambda row: tuple(row[0].values()))
        return sorted(made, key=lambda row: (-all_saved(row[1], row[2]), tuple(row[0].values())))

    @property
    def total(self) -> Tally:
        return total(self._groups.values())


def all_saved(parts: Mapping[Capability, Spared], routing: PicoUsd | None) -> PicoUsd:
    """By routing and by all else, as far as known."""
    return (routing or 0) + sum(part.saved for part in parts.values())


def _value(entry: Entry, route: str, column: Column) -> str:
    match column:
        case "route":
            return route
        case "key":
            return entry.key_name
        case "model":
            return entry.model
        case "tenant":
            return entry.tenant
        case "day":
            return day_of(entry.at_us)
