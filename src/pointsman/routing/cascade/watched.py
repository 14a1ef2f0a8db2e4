"""What the watch for drift sees of a cascade: whether an answer was believed, in the terms of a judgement.

A certificate of a cascade holds the share of prompts whose answers were believed, as the spread of their
familiarity (``points.py``). If later traffic is believed in another share, it is not what was certified.
"""

from __future__ import annotations

from pointsman.routing.judgement import Judgement

_NOT_OF_THE_ANSWER = frozenset({"failed", "busy", "nothing_to_check"})
"""A provider that is away, a full limit, a request that no rule fits: these tell nothing of prompts."""
_BELIEVED = Judgement((), (-1.0, 0.0), 1.0)
_NOT_BELIEVED = Judgement((), (-1.0, 0.0), 0.0)

DRIFTED = "Answers of its cheap models are believed in another share of requests than when it was certified."


def watched(verdict: str) -> Judgement | None:
    """
    Args:
        verdict: `Decision.cascade`, as in "accepted:agree".

    Returns:
        None where it tells nothing.
    """
    said, _, because = verdict.partition(":")
    if not because or because in _NOT_OF_THE_ANSWER:
        return None
    return _BELIEVED if said == "accepted" else _NOT_BELIEVED
