"""Labelled prompts → what is certified of a router, if anything.

Learn then Test (A. Angelopoulos and others, arXiv 2110.01052) with fixed-sequence testing: thresholds are
tried from the safest to the riskiest, each is tested at the full level, and the first failure ends the walk.
The first threshold in the walk that breaks the floor is passed with a probability of at most 1 - confidence,
and so is any that does. For this the thresholds must not depend on the data: they are the same steps of
expected loss for everyone.

Passing the test means that the expected quality keeps the floor. As many later prompts, measured in their
turn, may still fall short by chance, most often where these here were lucky. So that what is measured holds
as often as was asked for, the test is made at half of the chance that is allowed; and the walk also ends
where the router's own expected losses, which know nothing of that luck, leave too little room: 2 standard
errors for a confidence of 95 %.

What is tested at a threshold is the mean of x = score of the chosen - floor × score of the baseline, prompt
by prompt, so that the baseline's own mean need not be known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from math import sqrt
from statistics import NormalDist

import msgspec

from .betting import p_value
from .certificate import Certificate, Refused, seal
from .estimate import Estimate, ratio_of
from .fingerprint import fingerprint_of
from .point import Point, Source, digest_of, in_random_order, mean_costs, position

TRUSTED: frozenset[Source] = frozenset({"graded", "shadow", "import"})
DAYS = 30
MIN_LABELS = 500
_STEPS = 200
"""Thresholds to a loss of 1."""


class Doubt(msgspec.Struct, frozen=True):
    """For those who let feedback into certificates: how much of it is taken to be made up."""

    share: float = 0.2
    """Each such label is reckoned as wrong as a label can be, in whichever direction would deceive."""
    tenant_share: float = 0.1
    """Of all feedback, that the feedback of one tenant may be at most; the rest of it is left out."""


class _Walked(msgspec.Struct, frozen=True):
    threshold: float
    p: float
    positions: list[int]
    room: float
    """What the router itself expects the mean of x to be, in standard errors of as many prompts."""


def certify(
    points: Sequence[Point],
    *,
    pool: tuple[str, ...],
    router: str,
    now: datetime,
    floor: float = 0.98,
    confidence: float = 0.95,
    min_labels: int = MIN_LABELS,
    min_familiarity: float = 0.0,
    route: str = "",
    days: float = DAYS,
    prices: str = "",
    period: tuple[datetime, datetime] | None = None,
    sources: Collection[Source] = TRUSTED,
    doubt: Doubt | None = None,
    policy: str = "the router",
) -> Certificate | Refused:
    """
    Args:
        points: prompts that the router was not trained on, scored for all models of the pool, and no choice
            of whoever certifies: exchangeable with the traffic to come. All are of the route.
        router: its digest.
        now: when it is made, with a time zone.
        days: until it expires.
        prices: in words, at which prices the points' costs are; "" if they are no costs.
        sources: of labels that count; others are left out.
        doubt: of feedback, where that is among the sources.
        policy: what is certified, in words.
    """
    counted = in_random_order(_admitted(points, sources, doubt or Doubt()))
    if len(counted) < min_labels:
        more = f"{len(points) - len(counted):,} more do not count. " if len(points) > len(counted) else ""
        reason = (
            f"{len(counted):,} labelled prompts are fewer than the {min_labels:,} that are asked for. {more}"
        )
        return Refused(reason=reason + "Label more.", route=route, labels=len(counted))
    feedback = sum(point.source == "feedback" for point in counted) / len(counted)
    allowance = (doubt or Doubt()).share * feedback * (1 + floor)
    costs = mean_costs(counted)
    level, needed = (1 - confidence) / 2, NormalDist().inv_cdf((1 + confidence) / 2)
    passed: _Walked | None = None
    failed: _Walked | None = None
    for step in _walk(counted, costs, min_familiarity, floor, 1 - level, allowance):
        if step.p > level or step.room < needed:
            failed = step
            break
        passed = step
    if passed is None:
        return _refused(counted, failed, floor, confidence, route, allowance, policy)
    return seal(
        Certificate(
            route=route,
            router=router,
            pool=pool,
            costs=costs,
            threshold=passed.threshold,
            min_familiarity=min_familiarity,
            floor=floor,
            confidence=confidence,
            labels=len(counted),
            data=digest_of(counted),
            since=period[0] if period else None,
            until=period[1] if period else None,
            quality=_quality(counted, passed.positions) or Estimate(1.0, 1.0, 1.0),
            shares=tuple(passed.positions.count(at) / len(counted) for at in range(len(pool))),
            saving=_saving(counted, passed.positions) if prices else None,
            prices=prices,
            p=passed.p,
            made_at=now,
            expires_at=now + timedelta(days=days),
            fingerprint=fingerprint_of([p.losses for p in counted], [p.familiarity for p in counted]),
        )
    )


def floor_p_value(
    chosen: Sequence[float], strong: Sequence[float], floor: float, confidence: float = 0.95
) -> float:
    """Of the hypothesis that one given policy does not keep the floor: a cascade, say, or any rule that was
    fixed before these prompts were seen. Both are scores, prompt by prompt, in an order without meaning."""
    return p_value([c - floor * s for c, s in zip(chosen, strong, strict=True)], -floor, confidence)


def _walk(
    points: Sequence[Point],
    costs: tuple[float, ...],
    min_familiarity: float,
    floor: float,
    confidence: float,
    allowance: float,
) -> Iterator[_Walked]:
    """The thresholds that send anything elsewhere than to the baseline, each more than the one before."""
    familiar = [point for point in points if point.familiarity >= min_familiarity]
    losses = sorted(loss for point in familiar for loss in point.losses[:-1])
    before: list[int] = [len(costs) - 1] * len(points)
    below = 0
    for step in range(-_STEPS, _STEPS + 2):
        threshold = step / _STEPS
        if bisect_left(losses, threshold) == below:
            continue
        below = bisect_left(losses, threshold)
        positions = [position(point, costs, threshold, min_familiarity) for point in points]
        if positions == before:
            continue
        before = positions
        kept = [
            point.scores[at] - floor * point.scores[-1] - allowance
            for point, at in zip(points, positions, strict=True)
        ]
        expected = sum(
            (1 - floor) * p.scores[-1] - p.losses[at] for p, at in zip(points, positions, strict=True)
        )
        error = sqrt(sum(x * x for x in kept)) or 1.0
        yield _Walked(threshold, p_value(kept, -floor - allowance, confidence), positions, expected / error)


def _admitted(points: Sequence[Point], sources: Collection[Source], doubt: Doubt) -> list[Point]:
    trusted = [point for point in points if point.source in sources and point.source != "feedback"]
    if "feedback" not in sources:
        return trusted
    said = in_random_order(point for point in points if point.source == "feedback")
    most = int(doubt.tenant_share * len(said))
    by_tenant: dict[str, int] = {}
    for point in said:
        by_tenant[point.tenant] = by_tenant.get(point.tenant, 0) + 1
        if by_tenant[point.tenant] <= most:
            trusted.append(point)
    return trusted


def _refused(
    points: Sequence[Point],
    failed: _Walked | None,
    floor: float,
    confidence: float,
    route: str,
    allowance: float,
    policy: str,
) -> Refused:
    n = len(points)
    if failed is None:
        reason = (
            f"{policy.capitalize()} would send nothing to a cheaper model at any threshold: there is nothing"
            " to certify."
        )
        return Refused(reason=reason, route=route, labels=n)
    quality = _quality(points, failed.positions)
    reason = (
        f"Even at the safest threshold {policy} itself expects to keep hardly more than {floor:.1%} of the"
        f" baseline's quality: too little for {n:,} prompts to measure."
        if failed.p <= (1 - confidence) / 2
        else f"Even the safest threshold is not shown to keep {floor:.1%} of the baseline's quality with"
        f" {confidence:.0%} confidence: the test gives p = {failed.p:.2f} on {n:,} labelled prompts."
    )
    if allowance:
        reason += f" Doubt in feedback alone takes {allowance:.3f} of a score from each."
    elif quality is not None and quality.value >= floor:
        reason += f" It kept {quality.value:.1%} of it here, so more labels may show it."
    return Refused(
        reason=reason, route=route, labels=n, threshold=failed.threshold, p=failed.p, quality=quality
    )


def _quality(points: Sequence[Point], positions: Sequence[int]) -> Estimate | None:
    chosen = [point.scores[at] for point, at in zip(points, positions, strict=True)]
    return ratio_of(chosen, [point.scores[-1] for point in points])


def _saving(points: Sequence[Point], positions: Sequence[int]) -> Estimate | None:
    paid = ratio_of(
        [point.costs[at] for point, at in zip(points, positions, strict=True)],
        [point.costs[-1] for point in points],
    )
    return None if paid is None else Estimate(1 - paid.value, 1 - paid.high, 1 - paid.low)
