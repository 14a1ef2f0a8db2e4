"""What a router expects of each model for one prompt."""

from __future__ import annotations

import msgspec


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """In the order of the router's models; the last is the strong one that the others are held against."""

    probabilities: tuple[float, ...]
    """That each answers well; calibrated."""
    losses: tuple[float, ...]
    """Expected loss of quality of each against the last one, which has 0. A router's score s(i) of a pair:
    the larger, the more it needs the strong one. What thresholds are held against."""
    familiarity: float
    """0 (nothing like it was learned from) to 1."""


def choose(losses: tuple[float, ...], costs: tuple[float, ...], threshold: float) -> int:
    """The position of the cheapest model whose expected loss is below ``threshold``; else the last.

    ``threshold`` -inf is always the last, +inf always the cheapest; the larger, the more is risked. Of equal
    costs the one with the smaller loss.
    """
    last = len(losses) - 1
    best, best_cost, best_loss = last, costs[last], 0.0
    for position in range(last):
        loss, cost = losses[position], costs[position]
        if loss < threshold and (cost < best_cost or (cost == best_cost and loss < best_loss)):
            best, best_cost, best_loss = position, cost, loss
    return best
