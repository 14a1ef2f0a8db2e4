"""Does later traffic still fit a certificate? Two tests that may be looked at after every observation.

Quality: does the certified policy still keep the floor, on prompts that are labelled later (shadows)?
Traffic: are expected losses and familiarity still spread as they were, on all prompts, without a label?

Both bet as betting.py does, but without an end. Drift may begin at any time, so a little of the capital is
first staked at each observation n, of weight 1/(n(n + 1)); these sum up to 1, so the whole is a bet that
began with a capital of 1, and reaches 1/alarm with a probability of at most ``alarm`` ever while nothing has
changed (Ville's inequality). One observation costs the same whether it is the first or the millionth.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal

import msgspec

from pointsman.routing.judgement import Judgement

from .certificate import Certificate
from .fingerprint import Histogram, smallest

_STAKES = (0.02, 0.06, 0.2, 0.6)
_GROWTHS = (0.1, 0.4, 0.8)
"""What part of the traffic that was elsewhere is bet to have moved beyond an edge."""


class DriftAlarm(msgspec.Struct, frozen=True):
    kind: Literal["quality", "traffic"]
    reason: str
    """A sentence for people."""
    observations: int


class DriftState(msgspec.Struct):
    """What a monitor must keep, to go on after a restart."""

    certificate: str
    labelled: int
    quality: list[float]
    seen: int
    traffic: list[list[float]]


class DriftMonitor:
    """Of one certificate. Not for use by several threads at once.

    Args:
        alarm: the probability that it ever alarms while nothing has changed; half of it goes to each test.
        tolerance: what share of all prompts may move from one side of a tenth of traffic to the other before
            that counts as a change; three standard errors of the certificate's own count are allowed too.
    """

    def __init__(
        self,
        certificate: Certificate,
        state: DriftState | None = None,
        *,
        alarm: float = 0.01,
        tolerance: float = 0.05,
    ) -> None:
        self._certificate = certificate
        self._limit = 2 / alarm
        fingerprint = certificate.fingerprint
        self._loss = _Spread(fingerprint.loss, fingerprint.count, tolerance)
        self._familiarity = _Spread(fingerprint.familiarity, fingerprint.count, tolerance)
        if state is None or state.certificate != certificate.id or not self._fits(state):
            self._labelled = self._seen = 0
            self._quality = [0.0] * len(_STAKES)
        else:
            self._labelled, self._seen = state.labelled, state.seen
            self._quality = list(state.quality)
            self._loss.capitals, self._familiarity.capitals = map(list, state.traffic)

    def _fits(self, state: DriftState) -> bool:
        """Whether it was kept by a monitor that makes the same bets."""
        own = [len(_STAKES), len(self._loss.capitals), len(self._familiarity.capitals)]
        return own == [len(state.quality), *map(len, state.traffic)]

    def state(self) -> DriftState:
        traffic = [list(self._loss.capitals), list(self._familiarity.capitals)]
        return DriftState(self._certificate.id, self._labelled, list(self._quality), self._seen, traffic)

    def observe_label(self, chosen: float, strong: float) -> DriftAlarm | None:
        """The scores of what the certified policy would choose and of the baseline, on a prompt that came by
        chance and not because of what was chosen for it."""
        self._labelled += 1
        n = self._labelled
        loss = self._certificate.floor * strong - chosen
        self._quality = [
            (capital + 1 / (n * (n + 1))) * (1 + stake * loss)
            for capital, stake in zip(self._quality, _STAKES, strict=True)
        ]
        if sum(self._quality) < self._limit * len(_STAKES):
            return None
        return DriftAlarm(
            "quality",
            f"The floor of {self._certificate.floor:.1%} is no longer kept: what later labels show would be a"
            f" chance of less than 1 in {self._limit:,.0f} if it were.",
            n,
        )

    def observe_traffic(self, judgement: Judgement) -> DriftAlarm | None:
        """Of any prompt of the route, whichever model answers it."""
        self._seen += 1
        start = 1 / (self._seen * (self._seen + 1))
        for what, spread, value in (
            ("an expected loss", self._loss, smallest(judgement.losses)),
            ("a familiarity", self._familiarity, judgement.familiarity),
        ):
            grown = spread.observe(value, start, 2 * self._limit)
            if grown is not None:
                reason = (
                    f"Prompts are not what they were: more than when it was certified have {what} {grown}."
                )
                return DriftAlarm("traffic", reason, self._seen)
        return None


class _Spread:
    """Bets that more is above an edge of a histogram than was, or more below it."""

    def __init__(self, histogram: Histogram, count: int, tolerance: float) -> None:
        self._histogram = histogram
        self._most: list[float] = []
        """The share that may be above each edge, then the share that may be below."""
        above = [sum(histogram.shares[at + 1 :]) for at in range(len(histogram.edges))]
        for share in (*above, *(1 - share for share in above)):
            error = sqrt(max(share * (1 - share), 0.0) / count)
            self._most.append(min(share + tolerance + 3 * error, 0.999))
        self.capitals = [0.0] * (len(self._most) * len(_GROWTHS))
        self._factors = [self._factors_of(at) for at in range(len(histogram.edges) + 1)]

    def _factors_of(self, hit: int) -> list[float]:
        """What each capital is multiplied by where a value is in the bin ``hit``."""
        edges, factors = len(self._histogram.edges), []
        for growth in _GROWTHS:
            for at, most in enumerate(self._most):
                happened = hit > at if at < edges else hit <= at - edges
                factors.append(1 - growth + growth / most if happened else 1 - growth)
        return factors

    def observe(self, value: float, start: float, limit: float) -> str | None:
        """What has grown, in words, once the mean capital is at the limit."""
        factors = self._factors[self._histogram.bin_of(value)]
        capitals = [(c + start) * factor for c, factor in zip(self.capitals, factors, strict=True)]
        self.capitals = capitals
        if sum(capitals) < limit * len(capitals) or not capitals:
            return None
        edges = self._histogram.edges
        at = max(range(len(capitals)), key=capitals.__getitem__) % len(self._most)
        return f"of {edges[at]:.3g} or more" if at < len(edges) else f"below {edges[at - len(edges)]:.3g}"
