"""A cascade tried on answers that are there: what it would have said, at what quality, by which calls.

The same rules judge here as in the gateway, so what is certified by this is what runs there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from pointsman.chat import Message, Request, Text
from pointsman.routing.graded import Graded
from pointsman.routing.sample import Sample

from .reply import Reply
from .rule import Accept, Asked, Because, Rule

Price = tuple[float, float]
"""Of one token of input and of output, in any currency."""


class Played(msgspec.Struct, frozen=True, gc=False):
    """What a cascade does with one prompt."""

    id: str
    score: float
    """Of the answer that it gives."""
    baseline_score: float
    calls: tuple[str, ...]
    """Every model that is asked, and paid; one that is asked twice stands there twice."""
    accepted: bool
    because: Because

    @property
    def loss(self) -> float:
        """Of quality against the baseline."""
        return self.baseline_score - self.score


def play(
    prompt: Graded,
    first: Sequence[str],
    baseline: str,
    rule: Rule,
    *,
    samples: int = 1,
    loss: float | None = None,
) -> Played | None:
    """
    Args:
        first: models asked first, at the same time.
        samples: answers taken of each of them.
        loss: expected by a router, for rules that go by it.

    Returns:
        None where an answer or the baseline's score is not there.
    """
    if baseline not in prompt.scores:
        return None
    strong = prompt.scores[baseline]
    asked = Asked(_request(prompt.sample), loss)
    if (idle := rule.before(asked)) is not None:
        return Played(prompt.id, strong, strong, (baseline,), False, idle.because)
    drawn: list[tuple[str, str, float]] = []
    for model in first:
        kept = prompt.answers.get(model, ())[:samples]
        if len(kept) < samples:
            return None
        drawn += [(model, text, score) for text, score in kept]
    verdict = rule.decide(asked, [Reply(model, text) for model, text, _ in drawn])
    calls = tuple(model for model, _, _ in drawn)
    if isinstance(verdict, Accept):
        return Played(prompt.id, drawn[verdict.index][2], strong, calls, True, verdict.because)
    return Played(prompt.id, strong, strong, (*calls, baseline), False, verdict.because)


def play_all(
    prompts: Iterable[Graded],
    first: Sequence[str],
    baseline: str,
    rule: Rule,
    *,
    samples: int = 1,
    expect: Callable[[Sample], float] | None = None,
) -> list[Played]:
    """Those of which all that is needed is there.

    Args:
        expect: a router's expected loss of the first model.
    """
    played = (
        play(
            prompt,
            first,
            baseline,
            rule,
            samples=samples,
            loss=None if expect is None else expect(prompt.sample),
        )
        for prompt in prompts
    )
    return [each for each in played if each is not None]


def cost_of_calls(
    calls: Iterable[str], tokens: Mapping[str, tuple[int, int]], prices: Mapping[str, Price]
) -> float:
    """All of them together.

    Raises:
        KeyError: the tokens or the price of one are not known.
    """
    total = 0.0
    for model in calls:
        (prompt, output), (input_price, output_price) = tokens[model], prices[model]
        total += prompt * input_price + output * output_price
    return total


def _request(sample: Sample) -> Request:
    """As much of it as a sample holds: rules that need tools or a schema find none."""
    return Request("", (Message("user", (Text(sample.text),)),))
