"""Labels in memory, for a journey without a database: they end with the process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

import msgspec

from pointsman.costs import PicoUsd

from .kept import SOURCES, LabelCount, Labelled, Mark, Prompt, Source

_MOST = 100_000
"""Prompts; the oldest go first."""
_place = attrgetter("model", "source", "key_id")


class MemoryLabels:
    """``Labels`` of this process."""

    def __init__(self, most: int = _MOST) -> None:
        self._prompts: dict[str, Prompt] = {}
        self._marks: dict[str, dict[tuple[str, str, str], Mark]] = {}
        self._money: Counter[tuple[str, str]] = Counter()
        self._most = most

    def put(self, prompt: Prompt, marks: Sequence[Mark]) -> None:
        known = self._prompts.get(prompt.id)
        if known is None:
            self._prompts[prompt.id] = prompt
            self._marks[prompt.id] = {}
        elif known.features is None:
            self._prompts[prompt.id] = msgspec.structs.replace(known, features=prompt.features)
        for mark in marks:
            self._marks[prompt.id][_place(mark)] = mark
        while len(self._prompts) > self._most:
            oldest = next(iter(self._prompts))
            del self._prompts[oldest], self._marks[oldest]

    def labelled(
        self, route: str, sources: Sequence[Source] = SOURCES, *, since_us: int = 0, until_us: int = 2**62
    ) -> Iterator[Labelled]:
        chosen = [
            prompt
            for prompt in self._prompts.values()
            if prompt.route == route and since_us <= prompt.at_us < until_us
        ]
        for prompt in sorted(chosen, key=attrgetter("at_us", "id")):
            marks = [mark for mark in self._marks[prompt.id].values() if mark.source in sources]
            if marks:
                yield Labelled(prompt, tuple(sorted(marks, key=_place)))

    def counts(self) -> tuple[LabelCount, ...]:
        rows = sorted(
            (self._prompts[ident].route, mark.model, mark.source, mark.score, mark.at_us, ident)
            for ident, marks in self._marks.items()
            for mark in marks.values()
        )
        made = []
        for (route, model, source), group in groupby(rows, key=lambda row: row[:3]):
            lines = list(group)
            times = [line[4] for line in lines]
            made.append(
                LabelCount(
                    route,
                    model,
                    source,
                    len(lines),
                    len({line[5] for line in lines}),
                    sum(line[3] for line in lines) / len(lines),
                    min(times),
                    max(times),
                )
            )
        return tuple(made)

    def hold(self, day: str, route: str, amount: PicoUsd, most: PicoUsd) -> bool:
        if self._money[day, route] + amount > most:
            return False
        self._money[day, route] += amount
        return True

    def give_back(self, day: str, route: str, amount: PicoUsd) -> None:
        self._money[day, route] -= amount

    def spent(self, day: str, route: str) -> PicoUsd:
        return self._money[day, route]

    def prune(self, route: str, before_us: int) -> int:
        changed = 0
        for ident, prompt in self._prompts.items():
            old = prompt.route == route and prompt.at_us < before_us and prompt.features is not None
            if old and not any(mark.source == "import" for mark in self._marks[ident].values()):
                self._prompts[ident] = msgspec.structs.replace(prompt, features=None)
                changed += 1
        return changed
