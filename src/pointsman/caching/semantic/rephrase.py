"""A text's words with usual phrases put in one way: "is it possible to" is "may i", and "could you tell me"
says nothing. Pure."""

from __future__ import annotations

from .courtesy import GREETINGS, POLITE
from .phrases import ANYWHERE, LENGTHS, LONGEST, START
from .reading import Word

_HOW_MUCH = "how-much"


def rephrase(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Longest phrase first, from left to right, once."""
    words = _asked_first(_beside(words))
    at = _start(words)
    explains = any(word.lower in ("explain", "describe") for word in words[:at])
    found: list[Word] = []
    lower = [word.lower for word in words]
    if "cost" in lower[at:]:
        lower = _priced(lower)
    while at < len(words):
        for length in LENGTHS.get(lower[at], ()):
            said = ANYWHERE.get(tuple(lower[at : at + length]))
            if said is not None:
                found += [Word(word, word, words[at].first) for word in said]
                at += length
                break
        else:
            found.append(words[at] if lower[at] != _HOW_MUCH else Word(_HOW_MUCH, _HOW_MUCH, words[at].first))
            at += 1
    while explains and found and found[-1].lower in POLITE:
        found.pop()
    if explains and [word.lower for word in found[-2:]] in (["to", "me"], ["to", "us"]):
        del found[-2:]
    return tuple(found)


def _beside(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """ "Turn the light on" as "turn on the light"."""
    if len(words) < 3 or words[-1].lower not in ("on", "off"):
        return words
    for at in range(len(words) - 2, max(-1, len(words) - 6), -1):
        if words[at].lower in ("turn", "switch"):
            return (*words[: at + 1], words[-1], *words[at + 1 : -1])
    return words


def _asked_first(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """ "It is frozen, what can I do?" and "What can I do when it is frozen?" as "what can I do if …"."""
    lower = [word.lower for word in words]
    for at in range(len(words) - 3):
        if lower[at] == "what" and lower[at + 2] in ("i", "we") and lower[at + 3] == "do":
            break
    else:
        return words
    asked, case, behind = words[at : at + 4], words[:at], words[at + 4 :]
    if behind and behind[0].lower in ("when", "if"):
        behind = behind[1:]
    elif behind or not case:
        return words
    return (*asked, Word("if", "if", False), *case, *behind)


def _priced(lower: list[str]) -> list[str]:
    """ "What does it cost" as "how much"."""
    for at, word in enumerate(lower[:-1]):
        if word == "what" and lower[at + 1] in ("do", "does", "did", "will", "would"):
            return [*lower[:at], _HOW_MUCH, *lower[at + 1 :]]
    return lower


def _start(words: tuple[Word, ...]) -> int:
    """Where that begins which is asked: behind greetings and "could you tell me". Never at the end."""
    at = 0
    moved = True
    while moved:
        moved = False
        rest = tuple([word.lower for word in words[at : at + LONGEST]])
        for length in range(len(rest), 0, -1):
            greets = length == 1 and rest[0] in GREETINGS
            if (greets or rest[:length] in START) and at + length < len(words):
                at, moved = at + length, True
                break
    return at
