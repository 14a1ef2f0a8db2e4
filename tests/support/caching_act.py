"""What could have come of the demo's act of the caches."""

from __future__ import annotations

from pointsman.costs import PicoUsd
from pointsman.demo.caching.caching import HOURS, PARTS, Part
from pointsman.demo.caching.told import CachingReport, CapabilityTold, PartReport, SparedTold

CENT: PicoUsd = 10**10
PAID: dict[Part, tuple[int, int, int, int, PicoUsd, PicoUsd]] = {
    "questions": (100, 80, 5, 15, 6 * CENT, 40 * CENT),
    "boards": (60, 1, 47, 12, 2 * CENT, 9 * CENT),
    "agent": (20, 0, 0, 20, 15 * CENT, 38 * CENT),
    "retries": (8, 0, 0, 4, CENT, 2 * CENT),
    "resumed": (6, 0, 0, 3, CENT, 2 * CENT),
}


def a_report(hits: str = "0.34", autopilot: str = "0.23", errors: tuple[str, ...] = ()) -> CachingReport:
    """Whose parts sum up to its invoices."""
    told = {"hits": hits, "similar": "0", "shared": "0.07", "autopilot": autopilot, "own marks": "0"}
    parts = tuple(
        PartReport(part, asked, again, shared, calls, asked, paid, without)
        for part, (asked, again, shared, calls, paid, without) in ((part, PAID[part]) for part in PARTS)
    )
    return CachingReport(
        parts=parts,
        asked_each_hour=[8] * HOURS,
        given_again_each_hour=[number // 3 for number in range(HOURS)],
        calls_each_hour=[2] * HOURS,
        calls_without_each_hour=[8] * HOURS,
        invoice=sum(part.paid for part in parts),
        invoice_without=sum(part.paid_without for part in parts),
        ledger=SparedTold({name: CapabilityTold(int(usd != "0"), usd, 0) for name, usd in told.items()}),
        errors=list(errors),
    )
