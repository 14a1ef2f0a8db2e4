"""A trained router: from a prompt to what is expected of each model, in plain Python and microseconds."""

from __future__ import annotations

from bisect import bisect_left
from operator import mul

from .explaining import Contribution, named
from .features import Features, Reading, featurise, read_features, read_sample
from .judgement import Judgement
from .packed import Packed
from .parts import Parts
from .router_file import digest_in, read_parts, write_parts
from .sample import Sample
from .scorer import Scorer
from .shape import COUNTED, OCTAVE, SHAPE

_COUNTED = tuple(map(SHAPE.index, COUNTED))
_FAR = 2 * OCTAVE


class Router:
    """
    Attributes:
        models: from weak to strong; the last is the one that the others are held against.
        digest: names it; routers of the same parts have the same.
        prompts, labels: how many it was trained on.
        learned: marks of those prompts, as ``learned_from.overlap`` takes them.
    """

    def __init__(self, parts: Parts, data: bytes | None = None) -> None:
        self._data = data or write_parts(parts)
        self.digest = digest_in(self._data)
        self.models = parts.models
        self.prompts, self.labels, self.learned = parts.prompts, parts.labels, parts.learned
        self._scorers = [Scorer(head, parts.low, parts.high) for head in parts.heads]
        self._gaps = parts.gaps
        self._tables = Packed([scorer.words for scorer in self._scorers], parts.known)
        self._low, self._high = parts.low, parts.high
        self._middle, self._usual = parts.middle, parts.usual

    def encode(self) -> bytes:
        return self._data

    def judge(self, sample: Sample) -> Judgement:
        return self.judge_reading(read_sample(sample))

    def judge_features(self, features: Features) -> Judgement:
        return self.judge_reading(read_features(features))

    def judge_reading(self, reading: Reading) -> Judgement:
        totals, words, pairs = self._tables.sums(reading.words, reading.pairs)
        raw = [scorer.chance(reading, total) for scorer, total in zip(self._scorers, totals, strict=True)]
        chances = [scorer.curved(one) for scorer, one in zip(self._scorers, raw, strict=True)]
        strong = raw[-1]
        losses = [a + b * (strong - one) for (a, b), one in zip(self._gaps, raw, strict=False)]
        return Judgement(tuple(chances), (*losses, 0.0), self._familiarity(reading, words, pairs))

    def explain(
        self, sample: Sample, position: int, top: int = 8, against: int | None = None
    ) -> tuple[Contribution, ...]:
        """What speaks most for (above 0) and against the model at ``position``, the largest first; then all
        else as "rest", and as "bias" what a prompt of usual shape without a known word has. They sum up to
        the model's log-odds, before its curve; with ``against``, to how far these are above those of that
        other model."""
        features = featurise(sample)
        shape = self._within(features.shape)
        found: dict[str, float] = {}
        bias = 0.0
        for at, sign in ((position, 1.0), *(() if against is None else ((against, -1.0),))):
            scorer = self._scorers[at]
            bias += sign * (scorer.bias + sum(map(mul, scorer.shape, self._middle)))
            for name, weight in named(sample, scorer, shape, self._middle, features.origin):
                found[name] = found.get(name, 0.0) + sign * weight
        largest = sorted(found.items(), key=lambda item: -abs(item[1]))
        shown = [Contribution(name, weight) for name, weight in largest[:top] if weight]
        rest = Contribution("rest", sum(weight for _, weight in largest[top:]))
        return (*shown, rest, Contribution("bias", bias))

    def _within(self, shape: bytes) -> bytes:
        return bytes(map(max, self._low, map(min, self._high, shape)))

    def _familiarity(self, reading: Reading, words: int, pairs: int) -> float:
        """The share of the prompts learned from that were no better known, each by all the others."""
        for at in _COUNTED:
            if reading.shape[at] > self._high[at] + _FAR:
                return 0.0
        known = knownness(words, pairs, len(reading.words), len(reading.pairs))
        return bisect_left(self._usual, known) / len(self._usual)


def knownness(words_known: int, pairs_known: int, words: int, pairs: int) -> float:
    """How well known the words and pairs of a prompt are: 0 to 1. Of few words less is said, so that two
    known words in a row are no well-known prompt: as if there were one unknown word and pair more."""
    return 0.5 * words_known / (words + 1) + 0.5 * pairs_known / (pairs + 1)


def load_router(data: bytes) -> Router:
    """Raises ConfigurationError where this is no router file, or not a whole one."""
    return Router(read_parts(data), data)
