"""A flow to look at, without a gateway."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.gateway.flow.metrics import BreakerRow, FlowMetrics
from pointsman.limits.values.limit import Level, Scope, make_limit
from pointsman.limits.values.view import LaneRow, LimitsView, limit_row

PLACE = Scope("deployment", "openai/gpt-4o")
TPM = make_limit(PLACE, "tpm", 30_000, window="rolling", source="learned")
RPM = make_limit(PLACE, "rpm", 500, window="rolling")
SLOTS = make_limit(Scope("key", "key_1"), "concurrency", 4)


def a_view() -> LimitsView:
    """Three limits and one lane."""
    return LimitsView(
        at_us=1_700_000_060_000_000,
        limits=(
            limit_row(Level(RPM, 20, 5, 2_500_000)),
            limit_row(
                Level(TPM, 29_000, 9_000, 58_000_000),
                queued=12,
                learned_from="headers",
                learned_at_us=1_700_000_000_000_000,
            ),
            limit_row(Level(SLOTS, 4, 4, 0), name="team-a"),
        ),
        lanes=(LaneRow("openai/gpt-4o", 12, 3.25, 41.5, {"team-a": 9, "team-b": 3}),),
        waiting=12,
        max_waiting=10_000,
    )


class SomeFlow:
    """A ``FlowView`` of fixed values."""

    def __init__(self, breakers: Sequence[BreakerRow] = (), view: LimitsView | None = None) -> None:
        self.counted = FlowMetrics()
        self._breakers = breakers
        self._view = view or a_view()

    def breakers(self) -> Sequence[BreakerRow]:
        return self._breakers

    async def limits(self) -> LimitsView:
        return self._view
