"""One attempt's way through, as a value."""

from __future__ import annotations

from pointsman.gateway.call.passage import Need, Passage
from pointsman.limits import NOTHING, Reservation, Way
from pointsman.resilience import Health


def test_it_begins_neither_refused_nor_over() -> None:
    watch = Health().deployment("acme/m", "acme", 1.0).begin(1.0)
    need = Need(size=10, most=None, media=False)
    passage = Passage(Way((), 0, "acme/m"), NOTHING, need, Reservation((), NOTHING, 1), watch)
    assert (passage.refused, passage.over, passage.need.size) == (False, False, 10)
