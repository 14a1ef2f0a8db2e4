"""A trained router: from a prompt to what is expected of each model. Pure Python; nothing of training is needed."""

from __future__ import annotations

from array import array
from bisect import bisect_right

import msgspec

from .features import SHAPE, Features, featurise
from .judgement import Judgement
from .parts import Curve, Head, Parts
from .router_file import digest_of, read_parts, write_parts
from .sample import Sample


class Contribution(msgspec.Struct, frozen=True):
    """What a part of a prompt adds to the raw score of a model (negative: takes from it)."""

    name: str
    weight: float


class Router:
    """
    Attributes:
        models: from weak to strong; the last is the baseline.
        digest: of the file; the same parts have the same.
        labels, prompts: how many it was trained on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._data = write_parts(parts)
        self.models = parts.models
        self.digest = digest_of(self._data)
        self.labels, self.prompts = parts.labels, parts.prompts
        self._quality = [_Scorer(head) for head in parts.quality]
        self._losses = [_Scorer(head) for head in parts.losses]

    def encode(self) -> bytes:
        return self._data

    def judge(self, sample: Sample) -> Judgement:
        return self.judge_features(featurise(sample))

    def judge_features(self, features: Features) -> Judgement:
        terms = (*features.words, *features.pairs)
        return Judgement(
            tuple(scorer(features, terms) for scorer in self._quality),
            (*(scorer(features, terms) for scorer in self._losses), 0.0),
            self._familiarity(terms),
        )

    def explain(self, sample: Sample, position: int, top: int = 8) -> tuple[Contribution, ...]:
        """What speaks most for and against the model at ``position``; with "rest" and "bias" it sums up exactly
        to the raw score that the model's probability was read from."""
        features = featurise(sample)
        head = self._parts.quality[position]
        shape = (Contribution(n, a * b) for n, a, b in zip(SHAPE, head.shape, features.shape, strict=True))
        known = sorted(shape, key=lambda c: -abs(c.weight))[:top]
        raw = self._quality[position].raw(features, (*features.words, *features.pairs))
        rest = raw - head.bias - sum(c.weight for c in known)
        return (*known, Contribution("rest", rest), Contribution("bias", head.bias))

    def _familiarity(self, terms: tuple[int, ...]) -> float:
        known = self._parts.known
        return on(self._parts.familiar, sum(known[t] > 0 for t in terms) / (len(terms) or 1))


class _Scorer:
    def __init__(self, head: Head) -> None:
        self.head = head
        self.weights = array("b", head.weights)

    def raw(self, features: Features, terms: tuple[int, ...]) -> float:
        head = self.head
        total = sum(map(self.weights.__getitem__, terms)) * head.scale / (len(terms) or 1) ** 0.5
        total += sum(a * b for a, b in zip(head.shape, features.shape, strict=True))
        return total + sum(head.origin.get(o, 0.0) for o in features.origin) + head.bias

    def __call__(self, features: Features, terms: tuple[int, ...]) -> float:
        return on(self.head.curve, self.raw(features, terms))


def on(curve: Curve, x: float) -> float:
    """The height of a curve at x."""
    at = bisect_right(curve.x, x)
    if at == 0 or at == len(curve.x):
        return curve.y[max(at - 1, 0)]
    x0, x1, y0, y1 = curve.x[at - 1], curve.x[at], curve.y[at - 1], curve.y[at]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def load_router(data: bytes) -> Router:
    """Raises ConfigurationError where this is no router file, or not a whole one."""
    return Router(read_parts(data))
