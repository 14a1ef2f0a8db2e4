"""What the metrics page says of shared calls."""

from __future__ import annotations

from pointsman.admin.prometheus import exposition
from pointsman.gateway.flights.metrics import FlightMetrics
from pointsman.gateway.metrics import Metrics


def test_shared_calls_are_on_the_page() -> None:
    metrics = Metrics()
    metrics.flights = counted = FlightMetrics()
    counted.coalesced, counted.handed_on, counted.got_off, counted.asked_again = 60, 2, 1, 4
    counted.under_way, counted.riding = lambda: 3, lambda: 7
    for riders in (1, 1, 50):
        counted.land(riders)
    lines = exposition(metrics).decode().splitlines()
    for line in (
        "pointsman_coalesced_requests_total 60.0",
        'pointsman_flight_turns_total{turn="handed_on"} 2.0',
        'pointsman_flight_turns_total{turn="got_off"} 1.0',
        'pointsman_flight_turns_total{turn="asked_again"} 4.0',
        "pointsman_flights 3.0",
        "pointsman_flight_riders 7.0",
        'pointsman_flight_requests_bucket{le="1"} 2.0',
        'pointsman_flight_requests_bucket{le="50"} 3.0',
        'pointsman_flight_requests_bucket{le="+Inf"} 3.0',
        "pointsman_flight_requests_sum 52.0",
        "pointsman_flight_requests_count 3.0",
    ):
        assert line in lines, line


def test_without_there_is_nothing_of_it() -> None:
    assert b"flight" not in exposition(Metrics())
