"""Recorded answers: which model once answered a known prompt with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from pointsman.errors import ConfigurationError


class Recorded(msgspec.Struct, frozen=True):
    text: str


class _Line(msgspec.Struct, frozen=True):
    prompt: str
    answers: dict[str, Recorded]


_line = msgspec.json.Decoder(_Line)


class Replay:
    """Recorded answers by prompt and model."""

    def __init__(self, answers: Mapping[str, Mapping[str, Recorded]]) -> None:
        self._answers = answers
        self.models = frozenset(model for by_model in answers.values() for model in by_model)

    def find(self, prompt: str, names: Iterable[str]) -> str | None:
        """The text that the first of ``names`` (a model's id and its aliases) answered to ``prompt``."""
        by_model = self._answers.get(prompt.strip())
        if by_model is None:
            return None
        return next((by_model[name].text for name in names if name in by_model), None)


def parse_replay(lines: Iterable[bytes], source: str) -> Replay:
    """Read JSONL: an object on each line with ``prompt`` and ``answers`` (model to ``{"text": …}``).

    Raises:
        ConfigurationError: names the line that is wrong.
    """
    answers: dict[str, Mapping[str, Recorded]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            decoded = _line.decode(line)
        except msgspec.DecodeError as error:
            message = f"{source}, line {number}: {error}. Each line needs a prompt and answers by model."
            raise ConfigurationError(message, param="replay") from None
        answers[decoded.prompt.strip()] = decoded.answers
    return Replay(answers)
