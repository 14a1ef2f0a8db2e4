"""Is a mean above zero? A test by betting, exact at every number of observations.

Start with a capital of 1 and stake a part of it on each observation before it is seen. If the mean is not
above zero, no way of betting makes the capital grow in expectation, so it reaches 1/p with a probability of
at most p (Ville's inequality): 1/(largest capital) is a p-value, whatever the distribution. This is the
method of I. Waudby-Smith and A. Ramdas, "Estimating means of bounded random variables by betting", 2024.

How much is staked decides how often a true gain is seen. Here the stake aims at the capital that the wanted
confidence needs by the last observation, and aims anew at each step, as in V. Voráček and F. Orabona,
"STaR-Bets: sequential target-recalculating bets for tighter confidence intervals", 2025: nothing is wasted on
getting richer than that. It needs a number of observations that is known beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, log1p, sqrt

_PRIOR = 0.0625
"""The second moment that is believed at first, with the weight of one observation."""
_BOLDEST = 0.5
"""Of the capital that the worst observation can take at a time, at most."""


def p_value(observations: Sequence[float], lowest: float, confidence: float) -> float:
    """Of the hypothesis that the mean is not above 0. Small for a mean above it.

    Args:
        observations: none below ``lowest``, in an order that has nothing to do with their values.
        lowest: below 0.
        confidence: what the stakes aim at. The p-value holds whatever it is, and is seldom much smaller
            than 1 - confidence.
    """
    target, most = -log(1 - confidence), _BOLDEST / -lowest
    capital = highest = 0.0
    squares, left = _PRIOR, len(observations)
    for seen, x in enumerate(observations, start=1):
        stake = min(sqrt(2 * (target - capital) * seen / (left * squares)), most)
        capital += log1p(stake * x)
        if capital > highest:
            highest = capital
            if capital >= target:
                break
        squares += x * x
        left -= 1
    return exp(-highest)
