"""Past or not, of a verb without an auxiliary: who owned it, and who owns it. And who did it, or had it done
to them: "was it sued" is not "did it sue". Pure.

With auxiliaries on both sides, "is" and "was" are opposites of their own, and a form in "-ed" may be a
participle ("is it included"), which says nothing of time.
"""

from __future__ import annotations

from .names import same_word
from .tables import word_set

_BE = word_set("is are am was were be been being get gets got getting isn't aren't wasn't weren't")
_HAVE = word_set("has have had hasn't haven't hadn't")


def same_tense(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, str] | None:
    """Two forms of one verb that do not go together; None if there are none.

    Args:
        left: words in small letters.
    """
    if _HAVE & {*left, *right} or (_BE & {*left} and _BE & {*right}):
        return None
    return (
        _apart(_ending(left, "ed"), _bare(right))
        or _apart(_bare(left), _ending(right, "ed"))
        or _aspect(left, right)
        or _turned(_aspect(right, left))
    )


def _aspect(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, str] | None:
    """ "Are you smoking?" is asked of now, "do you smoke?" of always."""
    if one and other and one[0] in _BE and other[0] in ("do", "does", "did"):
        return _apart(_ending(one, "ing"), _bare(other))
    return None


def _turned(pair: tuple[str, str] | None) -> tuple[str, str] | None:
    return pair and (pair[1], pair[0])


def _apart(left: list[str], right: list[str]) -> tuple[str, str] | None:
    for one in left:
        for other in right:
            if one[:2] == other[:2] and (
                same_word(one, other, "en") or f"{other}d" == one or f"{one}d" == other
            ):
                return one, other
    return None


def _ending(words: tuple[str, ...], ending: str) -> list[str]:
    return [word for word in words if word.endswith(ending) and len(word) > len(ending) + 1]


def _bare(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if len(word) > 2 and not word.endswith(("ed", "ing"))]
