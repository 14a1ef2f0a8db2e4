"""What could have come of the demo's act of the routing."""

from __future__ import annotations

from datetime import UTC, datetime

from pointsman.demo.routing.routing import STRONG, WEAK, KindReport, LaneReport, lanes
from pointsman.demo.routing.show import RoutingReport
from pointsman.demo.routing.told import CertificateTold, Interval, RouteTold, SavingsTotal

CERTIFICATE = CertificateTold(
    certificate="cert_1",
    threshold=0.1,
    floor=0.98,
    confidence=0.95,
    labels=990,
    quality=Interval(0.991, 0.985, 0.997),
    saving=Interval(0.41, 0.38, 0.44),
    shares={WEAK: 0.54, STRONG: 0.46},
    p=0.049,
    expires_at=datetime(2027, 1, 31, tzinfo=UTC),
)
CERTIFIED = RouteTold(2000, CERTIFICATE, None, 1010, 990, applied=True)
REFUSED = RouteTold(27, None, "27 labelled prompts are fewer than the 500 that are asked for.", 33, 27, False)


def a_report(route: RouteTold = CERTIFIED) -> RoutingReport:
    """Of 1,000 prompts in each lane, and 2,000 to learn from."""
    ours = (540, 976, 600_000_000_000) if route is CERTIFIED else (0, 980, 1_000_000_000_000)
    sums = [
        (0, 980, 1_000_000_000_000),
        ours,
        (540, 900, 480_000_000_000),
        (270, 930, 740_000_000_000),
        (1000, 820, 50_000_000_000),
    ]
    return RoutingReport(
        learning_requests=2000,
        learning_errors=0,
        labelled_prompts=2000,
        learning_cost=2_000_000_000_000,
        shadows_cost=100_000_000_000,
        route=route,
        lanes=tuple(
            LaneReport(lane.name, 1000, 0, weak, right, cost)
            for lane, (weak, right, cost) in zip(lanes(route.weak_share(WEAK)), sums, strict=True)
        ),
        kinds=(KindReport("sums", 600, 540, 595, 597), KindReport("law", 400, 0, 381, 383)),
        savings=SavingsTotal(3000, "3.01", "2.7", "0.1", 2020, "0.31", 0.1029, {}),
    )
