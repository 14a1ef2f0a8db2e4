"""How many tokens an answer will have: more than are needed in nine of ten calls, learned from real answers.

By model and key, since one key asks for labels and another for essays; where a key is new, by its model
alone; where that is new too, a guess. What is kept is the quantile of the logarithm, found by stochastic
approximation as in ``tokens/learned.py``: up by ``QUANTILE`` steps when an answer was longer, down by
``1 - QUANTILE`` steps when it was not, which stands still where the quantile is. Answers differ by factors
rather than by amounts, so it is their logarithm that has steps of one size: a part of the usual distance from
the mean. Steps that stay so large follow what changes, and their errors even out: over many calls a share of
``QUANTILE`` is covered.
"""

from __future__ import annotations

from collections import OrderedDict
from math import exp, log
from typing import TypeVar

import msgspec

K = TypeVar("K")

QUANTILE = 0.9
PRIOR = 512
"""For a model that nobody has called yet. A high guess lets the first calls wait for nothing, and a low one
is made good by a debt."""
FIRST_CALLS = 10
"""Of so many the longest is taken, which is what the quantile comes to. With fewer the next is asked."""
STEP = 0.3
LEAST_STEP = 0.02
FORGET = 0.02
MOST_KEYS = 20_000
MOST_MODELS = 1_000


class _Known(msgspec.Struct, gc=False):
    """Of the logarithm of one kind of answers."""

    calls: int = 0
    mean: float = 0.0
    deviation: float = 0.0
    high: float = 0.0

    def observe(self, tokens: int) -> None:
        value = log(tokens) if tokens > 0 else 0.0
        calls = self.calls = self.calls + 1
        if calls == 1:
            self.mean = self.high = value
            return
        weight = max(1 / calls, FORGET)
        distance = value - self.mean
        self.mean += weight * distance
        self.deviation += weight * (abs(distance) - self.deviation)
        if calls <= FIRST_CALLS:
            self.high = max(self.high, value)
        elif value != self.high:  # answers of always the same length stay put
            step = max(STEP * self.deviation, LEAST_STEP)
            self.high += step * (QUANTILE if value > self.high else QUANTILE - 1)

    def tokens(self) -> int:
        return int(exp(self.high)) + 1


class Outputs:
    """What is known of all models and keys. Bounded: who has not answered for longest is forgotten first."""

    __slots__ = ("_keys", "_models", "_most_keys", "_most_models")

    def __init__(self, most_keys: int = MOST_KEYS, most_models: int = MOST_MODELS) -> None:
        self._most_keys = most_keys
        self._most_models = most_models
        self._keys: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._models: OrderedDict[str, _Known] = OrderedDict()

    def __len__(self) -> int:
        """Of how many kinds of answers something is known."""
        return len(self._keys) + len(self._models)

    def expect(self, model: str, key: str, most: int | None) -> int:
        """Tokens to reserve for an answer, at least 1.

        Args:
            most: the bound that the request states; never exceeded.
        """
        known = self._keys.get((model, key))
        if known is None or known.calls < FIRST_CALLS:
            known = self._models.get(model)
        tokens = PRIOR if known is None or known.calls < FIRST_CALLS else known.tokens()
        return tokens if most is None or tokens <= most else max(most, 1)

    def observe(self, model: str, key: str, tokens: int) -> None:
        """A whole answer had so many tokens, the hidden ones included. Of one that broke off nobody knows."""
        _recent(self._keys, (model, key), self._most_keys).observe(tokens)
        _recent(self._models, model, self._most_models).observe(tokens)


def _recent(table: OrderedDict[K, _Known], name: K, most: int) -> _Known:
    """Find it or make it, and let it be the last to be forgotten."""
    known = table.get(name)
    if known is None:
        if len(table) >= most:
            table.popitem(last=False)
        known = table[name] = _Known()
    else:
        table.move_to_end(name)
    return known
