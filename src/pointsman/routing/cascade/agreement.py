"""Believed is what several answers say alike: those of different models, or several of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .extract import Extractor
from .reply import Reply, calls_key
from .rule import Accept, Asked, Escalate, Verdict, unusable


class Agreement:
    """All models say the same. The answer given is the first one's."""

    def __init__(self, extract: Extractor) -> None:
        self._extract = extract

    def before(self, asked: Asked) -> Escalate | None:
        return None

    def decide(self, asked: Asked, replies: Sequence[Reply | None]) -> Verdict:
        if (missing := unusable(replies)) is not None:
            return missing
        said = [_key(reply, self._extract) for reply in replies if reply is not None]
        if len(said) < 2 or None in said:
            return Escalate("unclear", "an answer has nothing that can be compared")
        if len(set(said)) > 1:
            return Escalate("differ", "the cheap models say different things")
        return Accept(0, "agree", " and ".join(reply.model for reply in replies if reply is not None))


class Consistency:
    """A share of the answers of one model say the same. The answer given is the first of those.

    Args:
        share: of all answers that were asked for; those that failed or say nothing count against it.
    """

    def __init__(self, extract: Extractor, share: float) -> None:
        self._extract = extract
        self._share = share

    def before(self, asked: Asked) -> Escalate | None:
        return None

    def decide(self, asked: Asked, replies: Sequence[Reply | None]) -> Verdict:
        said = [
            _key(reply, self._extract) if reply is not None and reply.ended else None for reply in replies
        ]
        counted = Counter(key for key in said if key is not None)
        if not counted:
            return unusable(replies) or Escalate("unclear", "no answer has anything that can be compared")
        key, votes = counted.most_common(1)[0]
        if votes < 2 or votes < self._share * len(replies):
            return Escalate("differ", f"at most {votes} of {len(replies)} answers say the same")
        return Accept(said.index(key), "majority", f"{votes} of {len(replies)} answers")


def _key(reply: Reply, extract: Extractor) -> str | None:
    """Calls of tools are compared as such: what is said beside them does not count."""
    if reply.calls:
        return calls_key(reply.calls)
    said = extract(reply.text)
    return None if said is None else f"said {said}"
