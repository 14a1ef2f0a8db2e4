"""Labelled pairs → the lowest threshold whose hits are shown to be seldom wrong, if there is one. Pure.

Learn then Test (A. Angelopoulos and others, arXiv 2110.01052) over a few thresholds that were fixed before
any pair was seen. A hit is wrong or not, so the test at one threshold is the exact one for a share (C.
Clopper and E. Pearson, 1934): p is the chance to see so few wrong among so many hits if the share were
``max_wrong``. All that pass at (1 - confidence) / (number of thresholds) hold together (Bonferroni), and the
lowest of them, which has the most hits, is taken.

Why not a walk from the safest threshold on, as for routers: there a safe threshold has as many prompts as a
risky one. Here the safest has hardly a hit, and nothing can be shown of hardly a hit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from math import ceil, exp, lgamma, log, log1p

import msgspec

from .certificate import SemanticCertificate, seal
from .guards import VERSION

THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.96, 0.99)
DAYS = 90


class Measured(msgspec.Struct, frozen=True):
    """A labelled pair, with what the cache makes of it."""

    left: str
    right: str
    same: bool
    """The answer to one is right for the other."""
    similarity: float
    refused: tuple[str, ...] = ()
    """Guards that refuse it."""

    def hits(self, threshold: float) -> bool:
        return not self.refused and self.similarity >= threshold


class NotCertified(msgspec.Struct, frozen=True, kw_only=True):
    reason: str
    """For people."""
    route: str
    pairs: int
    hits: int
    """At the lowest threshold."""
    wrong: int
    needed: int
    """Hits that are needed even if none of them is wrong."""


def certify(
    pairs: Sequence[Measured],
    *,
    route: str,
    vectors: str,
    now: datetime,
    synonyms: bool = False,
    max_wrong: float = 0.01,
    confidence: float = 0.95,
    thresholds: Sequence[float] = THRESHOLDS,
    days: float = DAYS,
) -> SemanticCertificate | NotCertified:
    """
    Args:
        pairs: like those that the cache will compare, each independent of the others, and none that the
            thresholds were chosen by. A pair that stands there twice counts once.
        now: with a time zone.
        synonyms: the guards let one word of weight stand in the place of another.
        thresholds: to be tried; fixed before the pairs were seen.
    """
    unique = list({frozenset((pair.left, pair.right)): pair for pair in pairs}.values())
    level = (1 - confidence) / len(thresholds)
    for threshold in sorted(thresholds):
        hits = [pair for pair in unique if pair.hits(threshold)]
        wrong = sum(not pair.same for pair in hits)
        p = share_p_value(wrong, len(hits), max_wrong)
        if p > level:
            continue
        return seal(
            SemanticCertificate(
                route=route,
                vectors=vectors,
                guards=VERSION,
                synonyms=synonyms,
                threshold=threshold,
                max_wrong=max_wrong,
                confidence=confidence,
                pairs=len(unique),
                hits=len(hits),
                wrong=wrong,
                found=len(hits) - wrong,
                same=sum(pair.same for pair in unique),
                p=p,
                tried=len(thresholds),
                data=_digest(unique),
                made_at=now,
                expires_at=now + timedelta(days=days),
            )
        )
    return _refused(unique, route, max_wrong, confidence, thresholds)


def share_p_value(wrong: int, hits: int, share: float) -> float:
    """Of the hypothesis that at least ``share`` of hits are wrong: the chance of so few among so many."""
    logs = [
        lgamma(hits + 1) - lgamma(k + 1) - lgamma(hits - k + 1) + k * log(share) + (hits - k) * log1p(-share)
        for k in range(wrong + 1)
    ]
    return min(1.0, sum(map(exp, logs)))


def needed_hits(max_wrong: float, confidence: float, tried: int) -> int:
    """Hits without a wrong one from which on the test passes."""
    return ceil(log((1 - confidence) / tried) / log(1 - max_wrong))


def _refused(
    pairs: Sequence[Measured], route: str, max_wrong: float, confidence: float, thresholds: Sequence[float]
) -> NotCertified:
    lowest = [pair for pair in pairs if pair.hits(min(thresholds))]
    wrong = sum(not pair.same for pair in lowest)
    needed = needed_hits(max_wrong, confidence, len(thresholds))
    best = max(thresholds, key=lambda t: _shown(pairs, t, max_wrong))
    hits = [pair for pair in pairs if pair.hits(best)]
    errors = sum(not pair.same for pair in hits)
    reason = (
        f"No threshold is shown to have at most {max_wrong:.1%} wrong hits with {confidence:.0%} confidence."
        f" The best, {best:g}, has {errors:,} wrong of {len(hits):,} hits; without a wrong one it takes"
        f" {needed:,} hits. "
    )
    reason += (
        "Label more pairs, allow more with --max-wrong, or name one --threshold before you look."
        if errors <= max_wrong * len(hits)
        else "These vectors do not part what you call different: others may."
    )
    return NotCertified(
        reason=reason, route=route, pairs=len(pairs), hits=len(lowest), wrong=wrong, needed=needed
    )


def _shown(pairs: Sequence[Measured], threshold: float, max_wrong: float) -> float:
    hits = [pair for pair in pairs if pair.hits(threshold)]
    return -share_p_value(sum(not pair.same for pair in hits), len(hits), max_wrong)


def _digest(pairs: Sequence[Measured]) -> str:
    said = sorted((*sorted((pair.left, pair.right)), pair.same) for pair in pairs)
    return blake2b(msgspec.json.encode(said), digest_size=10).hexdigest()
