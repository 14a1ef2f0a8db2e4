"""What ties a word of weight to the rest of a text: "by", "about", "to", "or". Pure.

"Books by Kafka" are not "books about Kafka", and soup or salad is not soup and salad.
"""

from __future__ import annotations

from .tables import word_set

_TIES = {
    "en": """
        in at inside within on | to into onto toward towards for | from off | with | without | by |
        about on | of | and | or | before | after | against versus vs | between among | under below beneath |
        over above |
        during | until till | since | through | per | than | despite | except | for | near | behind | if |
        because | while""",
    "de": """
        in im ins auf am an bei beim | zu zum zur nach für | von vom aus | mit | ohne | über | und | oder |
        vor | gegen | zwischen | unter | während | bis | seit | durch | pro | als | wenn | weil""",
    "fr": """
        dans en à au aux sur chez | pour vers | de du des | avec | sans | par | et | ou | avant | après |
        contre | entre | sous | pendant | depuis | si""",
    "es": """
        en al | a para hacia | de del desde | con | sin | por | y e | o u | antes | después | contra | entre |
        bajo | sobre | durante | hasta | si""",
}


def _read(text: str) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, side in enumerate(text.split("|")):
        for word in side.split():
            found.setdefault(word, set()).add(number)
    return {word: frozenset(sides) for word, sides in found.items()}


_TABLES = {language: _read(text) for language, text in _TIES.items()}
_LEFT_OUT = word_set("in at on for into im am an für à en pour para if wenn si")
"""Ties that may as well be left out: "pay for parking" is "pay parking"."""
_OF = word_set("of de du des del von vom d")
_LIKE_OF = word_set("in on at for im am auf en dans") | {""}


def is_tie(word: str, language: str) -> bool:
    return word in _TABLES.get(language or "en", {})


def same_ties(left: dict[str, set[str]], right: dict[str, set[str]], language: str) -> tuple[str, str] | None:
    """Two ties of one word that do not go together, and None where there are none.

    Args:
        left: words of weight, as they are compared, and their ties. What ends a text is a tie of "".
    """
    table = _TABLES.get(language or "en", {})
    ours_all, theirs_all = set().union(*left.values()) | {""}, set().union(*right.values()) | {""}
    for word in left.keys() & right.keys():
        ours, theirs = left[word], right[word]
        if word == "":
            if not (ours <= theirs_all and theirs <= ours_all):
                return " ".join(sorted(ours)), " ".join(sorted(theirs))
            continue
        if not any(_together(one, other, table) for one in ours for other in theirs):
            return " ".join([*sorted(ours), word]), " ".join([*sorted(theirs), word])
    return None


def _together(one: str, other: str, table: dict[str, frozenset[int]]) -> bool:
    if one == other:
        return True
    if one in _OF or other in _OF:
        return (one in _OF or one in _LIKE_OF) and (other in _OF or other in _LIKE_OF)
    if not one or not other:
        return (one or other) in _LEFT_OUT
    return bool(table.get(one, frozenset()) & table.get(other, frozenset()))
