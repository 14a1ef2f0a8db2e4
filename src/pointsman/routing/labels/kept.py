"""Labels as they are kept, and the port of what keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, get_args

import msgspec

from pointsman.costs import PicoUsd

Source = Literal["feedback", "shadow", "grader", "import"]
"""Who says so: a client; a grader of the settings, of an answer that was made to be graded, or of one that a
client had anyway; a file."""
SOURCES: tuple[Source, ...] = get_args(Source)


class Prompt(msgspec.Struct, frozen=True):
    """What labels are of."""

    id: str
    """Of the request, or of an import a digest."""
    route: str
    tenant: str
    at_us: int
    features: bytes | None
    """``Features.encode()``; None where the route keeps none, and then nothing can be learned from it."""
    group: str = ""


class Mark(msgspec.Struct, frozen=True):
    """How well a model answered a prompt."""

    model: str
    """As the route's pool spells it."""
    score: float
    source: Source
    at_us: int
    key_id: str = ""
    """Of who gave feedback."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: PicoUsd | None = None
    answer: str = ""
    """Id of the request whose answer it was: the client's own, or a shadow's."""


class Labelled(msgspec.Struct, frozen=True):
    """A prompt with all that is known of it."""

    prompt: Prompt
    marks: tuple[Mark, ...]

    @property
    def scores(self) -> dict[str, float]:
        """By model; the mean where several sources have marked it."""
        given: dict[str, list[float]] = {}
        for mark in self.marks:
            given.setdefault(mark.model, []).append(mark.score)
        return {model: sum(scores) / len(scores) for model, scores in given.items()}

    @property
    def tokens(self) -> dict[str, tuple[int, int]]:
        """By model: input and output, where both are known."""
        return {
            mark.model: (mark.input_tokens, mark.output_tokens)
            for mark in self.marks
            if mark.input_tokens is not None and mark.output_tokens is not None
        }

    @property
    def costs(self) -> dict[str, PicoUsd]:
        """By model, where it is known what the answer did cost."""
        return {mark.model: mark.cost for mark in self.marks if mark.cost is not None}


class LabelCount(msgspec.Struct, frozen=True):
    """One line of what there is."""

    route: str
    model: str
    source: Source
    labels: int
    prompts: int
    mean: float
    first_us: int
    last_us: int


class Labels(Protocol):
    """Keeps labels. Any thread may use it; all of it may wait for a disk.

    All raise ServerBusy where the store cannot be used just now.
    """

    def put(self, prompt: Prompt, marks: Sequence[Mark]) -> None:
        """Add marks of a prompt. One of the same model, source and key takes the place of the last."""
        ...

    def labelled(
        self, route: str, sources: Sequence[Source] = SOURCES, *, since_us: int = 0, until_us: int = 2**62
    ) -> Iterator[Labelled]:
        """All prompts of the route that sources have marked, the oldest first."""
        ...

    def counts(self) -> tuple[LabelCount, ...]:
        """What there is, by route, model and source."""
        ...

    def hold(self, day: str, route: str, amount: PicoUsd, most: PicoUsd) -> bool:
        """Take ``amount`` of what shadows may cost on ``day``, if no more than ``most`` is taken then."""
        ...

    def give_back(self, day: str, route: str, amount: PicoUsd) -> None:
        """Of what was held, this was not spent."""
        ...

    def spent(self, day: str, route: str) -> PicoUsd:
        """What is spent or held."""
        ...

    def prune(self, route: str, before_us: int) -> int:
        """Forget the features of requests that are older. Labels stay, for reports; returns how many prompts
        were changed. What was imported stays as it is."""
        ...
