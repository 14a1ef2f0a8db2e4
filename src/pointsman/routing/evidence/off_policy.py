"""What another policy would have been worth, from requests that were routed by chance with known odds.

Each logged request says what was chosen, with which probability, and how well it went. A policy that would
have chosen the same with another probability is worth the reward times the ratio of the two (inverse
propensity scoring); a prediction of rewards for all choices takes most of the noise out of that (doubly
robust: right if either the propensities or the predictions are). M. Dudík, J. Langford and L. Li, "Doubly
robust policy evaluation and learning", ICML 2011.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .estimate import Estimate, mean_of, ratio_of


class Logged(msgspec.Struct, frozen=True):
    """One request. Probabilities and predictions in the order of the pool."""

    chosen: int
    propensity: float
    """With which it was chosen; above 0."""
    reward: float
    """A score, or a cost: any number."""
    target: tuple[float, ...]
    """The probability with which the policy to be judged would choose each model."""
    predicted: tuple[float, ...] = ()
    """The reward expected of each model; only the doubly robust estimate needs it."""

    @property
    def weight(self) -> float:
        return self.target[self.chosen] / self.propensity


def ips(log: Sequence[Logged], confidence: float = 0.95) -> Estimate:
    """The mean reward; unbiased where every choice of the policy had a propensity above 0, and noisy."""
    return mean_of([one.weight * one.reward for one in _checked(log)], confidence)


def self_normalised(log: Sequence[Logged], confidence: float = 0.95) -> Estimate | None:
    """The same over the sum of the weights: a little biased and steadier. None where no weight is above 0."""
    checked = _checked(log)
    return ratio_of([one.weight * one.reward for one in checked], [one.weight for one in checked], confidence)


def doubly_robust(log: Sequence[Logged], confidence: float = 0.95) -> Estimate:
    """Raises ValueError where a request lacks its predictions."""
    values = []
    for one in _checked(log):
        expected = sum(p * value for p, value in zip(one.target, one.predicted, strict=True))
        values.append(expected + one.weight * (one.reward - one.predicted[one.chosen]))
    return mean_of(values, confidence)


def effective_size(log: Sequence[Logged]) -> float:
    """How many requests logged under the policy itself would tell as much (L. Kish); 0 where none would."""
    weights = [one.weight for one in _checked(log)]
    squares = sum(weight * weight for weight in weights)
    return sum(weights) ** 2 / squares if squares else 0.0


def _checked(log: Sequence[Logged]) -> Sequence[Logged]:
    if any(not 0 < one.propensity <= 1 for one in log):
        raise ValueError("a propensity is above 0 and at most 1: what could not be chosen was not")
    return log
