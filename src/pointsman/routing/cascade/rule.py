"""What a rule of acceptance is: from the answers of cheap models to whether one of them is believed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

import msgspec

from pointsman.chat import Request

from .reply import Reply

Because = Literal[
    "agree", "majority", "schema", "tools", "graded", "score", "shadow",
    "differ", "unclear", "unfinished", "failed", "busy", "invalid", "below", "nothing_to_check", "risky",
]  # fmt: skip
"""Why an answer was believed (the first line), or was not. Few, since metrics count by them. "shadow": by
some rule, where no more than that was kept."""


class Accept(msgspec.Struct, frozen=True):
    """The answer at ``index`` is believed."""

    index: int
    because: Because
    detail: str = ""


class Escalate(msgspec.Struct, frozen=True):
    """None of them is: the baseline shall answer."""

    because: Because
    detail: str = ""


Verdict = Accept | Escalate


class Asked(msgspec.Struct, frozen=True):
    """What the cheap models were asked."""

    request: Request
    loss: float | None = None
    """Expected loss of quality of the first model against the baseline, where a router says it."""


class Rule(Protocol):
    def before(self, asked: Asked) -> Escalate | None:
        """Why there is no use in asking cheap models; None if there is."""
        ...

    def decide(self, asked: Asked, replies: Sequence[Reply | None]) -> Verdict:
        """
        Args:
            replies: in the order in which models were to be asked; None for one that failed.
        """
        ...


Validate = Callable[[Any], str | None]
"""What is wrong with a value; None if nothing is."""
CompileSchema = Callable[[dict[str, Any]], Validate]
"""Raises ConfigurationError or InvalidRequest: the schema is none."""


def unusable(replies: Sequence[Reply | None]) -> Escalate | None:
    """Where one is missing or was cut, for rules that need all of them."""
    for reply in replies:
        if reply is None:
            return Escalate("failed", "a cheap model did not answer")
        if not reply.ended:
            return Escalate("unfinished", f"{reply.model} did not come to its end")
    return None if replies else Escalate("failed", "no cheap model was asked")
