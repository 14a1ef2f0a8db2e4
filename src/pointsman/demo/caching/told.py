"""What the act of the caches is told: by its clients, the simulators' invoices, and ``pointsman savings``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from pointsman.costs import PicoUsd, parse_usd

from .caching import HOURS, PARTS, Part


class Sent(msgspec.Struct, frozen=True):
    """One request that was answered, as its client sees it."""

    part: Part
    at: float
    """Hours after midnight."""
    request_id: str
    cache: str
    """What ``x-pointsman-cache`` said, "" where it was not there."""


class Lane:
    """What became of the day at one gateway so far."""

    def __init__(self, name: str, all_: int) -> None:
        self.name = name
        self.all = all_
        self.sent: list[Sent] = []
        self.errors: list[str] = []

    @property
    def done(self) -> int:
        return len(self.sent) + len(self.errors)

    @property
    def given_again(self) -> int:
        return sum(each.cache in ("hit", "coalesced") for each in self.sent)


def by_hour(sent: Sequence[Sent], wanted: Callable[[Sent], bool]) -> list[int]:
    """How many there were in each hour of the day."""
    counts = [0] * HOURS
    for each in sent:
        counts[min(HOURS - 1, int(each.at))] += wanted(each)
    return counts


class BilledCall(msgspec.Struct, frozen=True):
    """One line of an invoice."""

    client_request_id: str
    usd: str | None


class Billed(msgspec.Struct, frozen=True):
    """``GET /invoice``."""

    calls: list[BilledCall]
    total_usd: str
    in_flight: int


class CapabilityTold(msgspec.Struct, frozen=True):
    count: int
    saved_usd: str
    unknown: int


class SparedTold(msgspec.Struct, frozen=True):
    """``pointsman savings --json``, as far as it is about caches."""

    capabilities: dict[str, CapabilityTold]

    def saved(self, *names: str) -> PicoUsd:
        return sum(parse_usd(self.capabilities[name].saved_usd) for name in names)


class Cost(msgspec.Struct, frozen=True):
    """Of one part of the day at one gateway."""

    calls: int
    """That reached a provider."""
    usd: PicoUsd


def costs_by_part(billed: Billed, sent: Iterable[Sent]) -> dict[Part, Cost]:
    """The lines of the invoice, by the part that the request belongs to."""
    parts = {each.request_id: each.part for each in sent}
    found: dict[Part, list[PicoUsd]] = {part: [] for part in PARTS}
    for call in billed.calls:
        part = parts.get(call.client_request_id.rpartition("-")[0])
        if part is not None:
            found[part].append(parse_usd(call.usd or "0"))
    return {part: Cost(len(paid), sum(paid)) for part, paid in found.items()}


class PartReport(msgspec.Struct, frozen=True):
    part: Part
    requests: int
    """Of its clients, where Pointsman keeps answers."""
    hits: int
    shared: int
    calls: int
    calls_without: int
    paid: PicoUsd
    paid_without: PicoUsd

    @property
    def saved(self) -> PicoUsd:
        return self.paid_without - self.paid


class CachingReport(msgspec.Struct, frozen=True):
    """What came of the act."""

    parts: tuple[PartReport, ...]
    asked_each_hour: list[int]
    given_again_each_hour: list[int]
    """Of those, that asked no provider."""
    calls_each_hour: list[int]
    calls_without_each_hour: list[int]
    invoice: PicoUsd
    invoice_without: PicoUsd
    ledger: SparedTold
    """What Pointsman's own books say that it saved."""
    errors: list[str]

    @property
    def saved(self) -> PicoUsd:
        """The judge: what the providers bill without, less what they bill with."""
        return self.invoice_without - self.invoice

    def of(self, *parts: Part) -> PicoUsd:
        """What these parts saved by the invoices."""
        return sum(each.saved for each in self.parts if each.part in parts)


def part_reports(
    sent: Iterable[Sent], costs: Mapping[Part, Cost], without: Mapping[Part, Cost]
) -> tuple[PartReport, ...]:
    everyone = list(sent)
    return tuple(
        PartReport(
            part,
            len(own := [each for each in everyone if each.part == part]),
            sum(each.cache == "hit" for each in own),
            sum(each.cache == "coalesced" for each in own),
            costs[part].calls,
            without[part].calls,
            costs[part].usd,
            without[part].usd,
        )
        for part in PARTS
    )
