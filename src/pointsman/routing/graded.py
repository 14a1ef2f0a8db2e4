"""Labels put together by their prompts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import msgspec

from .label import Label
from .sample import Sample


class Graded(msgspec.Struct, frozen=True):
    """One prompt, and what is known of models' answers to it."""

    id: str
    sample: Sample
    group: str
    scores: dict[str, float]
    """By model; the mean where an answer was scored more than once."""
    tokens: dict[str, tuple[int, int]]
    """By model: input and output, where both are known."""
    answers: dict[str, tuple[tuple[str, float], ...]] = {}
    """By model: each answer that was kept, and its score."""

    def has(self, models: Sequence[str]) -> bool:
        return all(model in self.scores for model in models)


def grade_prompts(labels: Iterable[Label]) -> list[Graded]:
    """In the order in which the prompts first appear. Labels without an id belong together where prompt,
    route and tenant are the same."""
    first: dict[str, Label] = {}
    scores: dict[str, dict[str, list[float]]] = {}
    tokens: dict[str, dict[str, tuple[int, int]]] = {}
    answers: dict[str, dict[str, tuple[tuple[str, float], ...]]] = {}
    for label in labels:
        ident = label.id or _digest(label)
        first.setdefault(ident, label)
        scores.setdefault(ident, {}).setdefault(label.model, []).append(label.score)
        if label.input_tokens is not None and label.output_tokens is not None:
            tokens.setdefault(ident, {})[label.model] = (label.input_tokens, label.output_tokens)
        if label.answer:
            kept = answers.setdefault(ident, {})
            kept[label.model] = (*kept.get(label.model, ()), (label.answer, label.score))
    return [
        Graded(
            ident,
            label.sample(),
            label.group,
            {model: sum(given) / len(given) for model, given in scores[ident].items()},
            tokens.get(ident, {}),
            answers.get(ident, {}),
        )
        for ident, label in first.items()
    ]


def _digest(label: Label) -> str:
    whole = msgspec.json.encode((label.prompt, label.route, label.tenant))
    return blake2b(whole, digest_size=16).hexdigest()
