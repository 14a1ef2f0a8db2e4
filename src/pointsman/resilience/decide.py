"""What to do after an attempt failed: one pure table.

    outcome     something else is ready          nothing else is ready
    AGAIN       next candidate at once           wait where the wait is shortest, here or elsewhere
    ELSEWHERE   next candidate                   give up
    LARGER      next with a larger window        give up
    REFUSED     next, if ``on_refusal`` says so  give up
    NOTHING     give up                          give up

Over all of it: never once a byte was forwarded (unless a broken stream may be continued elsewhere), never
more attempts than the policy allows, no wait that would end after the deadline, no retry at a provider whose
retry budget is used up. Nothing here waits, sends or remembers: ``course.py`` remembers, the caller sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from .outcome import Outcome, Remedy
from .retry import RetryPolicy, wait_for

Why = Literal[
    "final", "refused", "forwarded", "attempts", "deadline", "budget", "retry_after", "no_candidate"
]
"""Why no further attempt is made."""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A place where the request could be sent next."""

    window: int | None = None
    """Context window in tokens; None: not known."""
    healthy: bool = True
    """Its breaker lets requests through. Others come last, but they do come."""
    tries: int = 0
    """How often this request was sent there."""
    may_retry: bool = True
    """False: its provider has had this request already, and has no room left in its retry budget."""
    not_before: float = 0.0
    """Monotonic seconds before which it would be refused (its Retry-After, a full bucket)."""
    ruled_out: bool = False
    """It has said, or its provider has, that it will never take this request."""


class SendAgain(msgspec.Struct, frozen=True, gc=False):
    """Send to the same candidate once more, after ``wait`` seconds."""

    wait: float


class Next(msgspec.Struct, frozen=True, gc=False):
    """Send to the candidate at position ``index``, after ``wait`` seconds."""

    index: int
    wait: float


class Continue(msgspec.Struct, frozen=True, gc=False):
    """Let the candidate at ``index`` go on from what was forwarded, as a prefill of its answer."""

    index: int


class GiveUp(msgspec.Struct, frozen=True, gc=False):
    why: Why


Verdict = SendAgain | Next | Continue | GiveUp


def decide(
    outcome: Outcome,
    candidates: Sequence[Candidate],
    here: int,
    *,
    made: int,
    policy: RetryPolicy,
    deadline: float,
    now: float,
    jitter: float,
    forwarded: bool = False,
) -> Verdict:
    """What comes after an attempt at ``candidates[here]`` ended with ``outcome``.

    Args:
        candidates: in order of preference, as they stand after that attempt (``tries``, ``not_before`` and
            ``ruled_out`` include it).
        made: attempts made so far, over all candidates.
        deadline: monotonic seconds; no attempt is begun at or after it. ``math.inf`` for none.
        now: monotonic seconds.
        jitter: a random number in [0, 1).
        forwarded: something of the answer has reached the client.
    """
    remedy = outcome.remedy
    if remedy is Remedy.NOTHING:
        return GiveUp("final")
    if forwarded and not (outcome.broke and policy.continue_streams):
        return GiveUp("forwarded")
    if remedy is Remedy.REFUSED and policy.on_refusal == "stop":
        return GiveUp("refused")
    if made >= policy.attempts:
        return GiveUp("attempts")
    if now >= deadline:
        return GiveUp("deadline")

    best, best_rank = -1, (True, 0.0, 0)
    why: Why = "no_candidate"
    for index, candidate in enumerate(candidates):
        if not _fits(candidate, remedy, candidates[here], index == here):
            continue
        wait = _wait(candidate, outcome if index == here else None, policy, now, jitter)
        if wait is None:
            why = _worse(why, "retry_after")
        elif not candidate.may_retry:
            why = _worse(why, "budget")
        elif now + wait >= deadline:
            why = _worse(why, "deadline")
        else:
            rank = (not candidate.healthy, wait, candidate.tries)
            if best < 0 or rank < best_rank:
                best, best_rank = index, rank
    if best < 0:
        return GiveUp(why)
    if forwarded:
        return Continue(best)
    return SendAgain(best_rank[1]) if best == here else Next(best, best_rank[1])


def _fits(candidate: Candidate, remedy: Remedy, at: Candidate, is_here: bool) -> bool:
    if candidate.ruled_out:
        return False
    if remedy is Remedy.AGAIN:
        return True
    if is_here:
        return False
    if remedy is not Remedy.LARGER:
        return True
    return candidate.window is not None and at.window is not None and candidate.window > at.window


def _wait(
    candidate: Candidate, outcome: Outcome | None, policy: RetryPolicy, now: float, jitter: float
) -> float | None:
    """Seconds until the candidate may be tried; None where it asks for more than is waited for."""
    floor = candidate.not_before - now
    asked = outcome.retry_after if outcome is not None else None
    if asked is None and floor > 0.0:
        asked = floor
    if asked is None and not candidate.tries:
        return 0.0
    return wait_for(asked, candidate.tries, policy, jitter=jitter)


_ORDER: tuple[Why, ...] = ("no_candidate", "retry_after", "budget", "deadline")


def _worse(one: Why, other: Why) -> Why:
    """The reason that is told, where candidates fall out for several: the one nearest to success."""
    return max(one, other, key=_ORDER.index)
