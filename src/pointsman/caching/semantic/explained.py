"""Two questions, and what the cache would make of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .guards import Verdict, traits, verdicts
from .lexical import cosine


class Explained(msgspec.Struct, frozen=True):
    similarity: float | None
    """None: there was no vector."""
    threshold: float | None
    """None: nothing is certified."""
    guards: tuple[Verdict, ...]
    """What each of them says, in their order."""
    hit: bool
    why: str
    """In a sentence."""

    @property
    def refused(self) -> tuple[str, ...]:
        return tuple([verdict.guard for verdict in self.guards if not verdict.agrees])


class Compare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which questions a running gateway shall compare."""

    route: str
    pairs: tuple[tuple[str, str], ...]


class Compared(msgspec.Struct, frozen=True):
    vectors: str
    """What they are from."""
    pairs: tuple[Explained, ...]


def explain(
    left: str,
    right: str,
    vectors: Sequence[Sequence[float]] | None,
    threshold: float | None,
    why_off: str = "",
    *,
    synonyms: bool = False,
) -> Explained:
    """
    Args:
        vectors: of both, of length 1; None where there are none.
        why_off: why nothing is given at any threshold, as half a sentence.
        synonyms: one word of weight may stand in the place of another.
    """
    guards = tuple(verdicts(traits(left), traits(right), synonyms=synonyms))
    similarity = None if vectors is None else min(1.0, cosine(vectors[0], vectors[1]))
    refusing = [verdict for verdict in guards if not verdict.agrees]
    close = similarity is not None and threshold is not None and similarity >= threshold
    hit = close and not refusing and not why_off
    return Explained(similarity, threshold, guards, hit, _why(similarity, threshold, refusing, why_off))


def _why(similarity: float | None, threshold: float | None, refusing: Sequence[Verdict], why_off: str) -> str:
    if refusing:
        first = refusing[0]
        seen = (
            f" ({first.left or 'nothing'} | {first.right or 'nothing'})" if first.left or first.right else ""
        )
        others = f", and {len(refusing) - 1} more" if len(refusing) > 1 else ""
        return f"No hit: the guard of {first.guard} refuses it{seen}{others}."
    if similarity is None:
        return "No hit: there are no vectors, so nobody knows how close they are."
    if threshold is None or why_off:
        return f"No hit: {why_off or 'no threshold is certified'}. The guards agree."
    if similarity < threshold:
        return f"No hit: {similarity:.3f} is below the threshold of {threshold:g}. The guards agree."
    return f"A hit: {similarity:.3f} is at least {threshold:g}, and all guards agree."
