"""Who does it, and to whom: you and I, he and she, as subject, as object, and as owner. Pure.

"How do I send you a file?" has the same words of weight as "How do you send me a file?". Where both texts
name persons in one of the three places, they must be the same; and who acts in one must not be acted on in
the other. A text that leaves them out ("how to send a file") agrees with either.
"""

from __future__ import annotations

from .reading import Word
from .tables import AUXILIARIES, QUESTIONS, word_set

_ENGLISH = (
    "i:1s me:1o my:1p mine:1p we:1s us:1o our:1p you:2? your:2p yours:2p he:hs him:ho his:hp she:fs her:fp"
)
_PERSONS = {
    "en": f"{_ENGLISH} hers:fp they:ts them:to their:tp theirs:tp myself:1o yourself:2o",
    "de": "ich:1s mich:1o mir:1o mein:1p meine:1p meinen:1p meinem:1p meiner:1p wir:1s uns:1o"
    " unser:1p unsere:1p du:2s dich:2o dir:2o dein:2p deine:2p deinen:2p deinem:2p deiner:2p er:hs"
    " ihn:ho ihm:ho",
    "fr": "je:1s j:1s moi:1o m:1o t:2o mon:1p ma:1p mes:1p notre:1p nos:1p tu:2s te:2o toi:2o ton:2p"
    " ta:2p tes:2p vous:2s votre:2p vos:2p il:hs lui:ho",
    "es": "yo:1s mi:1p mis:1p nosotros:1s nuestro:1p nuestra:1p tú:2s te:2o tu:2p tus:2p usted:2s",
}
_WORDS = (
    "1s:I 1o:me 1p:my 2s:you 2o:you 2p:your hs:he ho:him hp:his fs:she fo:her fp:her ts:they to:them tp:their"
)
_TABLES = {language: dict(each.split(":") for each in text.split()) for language, text in _PERSONS.items()}
_TOLD = dict(each.split(":") for each in _WORDS.split())
_HAN = {"我": "1s", "你": "2s", "您": "2s", "他": "hs", "她": "fs"}
_WITH = word_set(
    "to for from with by about of at on without against für von mit ohne pour avec sans con sin para"
)
_BEFORE_SUBJECTS = AUXILIARIES | QUESTIONS.keys() | {"if", "that", "because", "while", "than", "whether"}


def roles(words: tuple[Word, ...], language: str) -> tuple[str, ...]:
    """Persons and places, in their order: "1s" for "I", "1o" for "me", "1p" for "my", "2s" for "you", and
    "1o-for" for "for me".

    Args:
        words: rephrased.
    """
    if language == "han":
        return tuple([_HAN[sign] for word in words for sign in word.text if sign in _HAN])
    table = _TABLES.get(language or "en", {})
    found = []
    for at, word in enumerate(words):
        role = table.get(word.lower)
        if role is None:
            continue
        if role == "2?":
            acts = not at or words[at - 1].lower in _BEFORE_SUBJECTS
            role = "2s" if acts else "2o"
        before = words[at - 1].lower if at else ""
        found.append(f"{role}-{before}" if role[1] == "o" and before in _WITH else role)
    return tuple(found)


def told(found: tuple[str, ...]) -> str:
    """For people: "I, for you"."""
    return ", ".join([_told(*role.partition("-")) for role in found])


def _told(role: str, _: str, tie: str) -> str:
    """Of two "you" the one that is acted on is told as such."""
    return f"{tie or ('to' if role == '2o' else '')} {_TOLD[role]}".strip()


def same_roles(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    for place in "sop":
        ours, theirs = _at(left, place), _at(right, place)
        if ours and theirs and ours != theirs:
            return False
    if _turned(left, right) or _turned(right, left) or not _same_ties(left, right):
        return False
    acting, there = _acting(left), _acting(right)
    many = 3 if any(role[1] == "o" for role in acting) else 2
    return {*acting} != {*there} or len({*acting}) < many or acting == there


def _at(found: tuple[str, ...], place: str) -> set[str]:
    return {role[0] for role in found if role[1] == place}


def _turned(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Somebody acts here, and is only acted on there."""
    return bool(_at(one, "s") & (_at(other, "o") - _at(other, "s")))


def _same_ties(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """ "Write to me" is "write me"; "write for me" may be that too, but not the first."""
    ours, theirs = _ties(left), _ties(right)
    return all(
        ours[person] == theirs[person] or {*ours[person], *theirs[person]} in ({"", "to"}, {"", "for"})
        for person in ours.keys() & theirs.keys()
    )


def _ties(found: tuple[str, ...]) -> dict[str, set[str]]:
    ties: dict[str, set[str]] = {}
    for role in found:
        if role[1] == "o":
            ties.setdefault(role[0], set()).add(role[3:])
    return ties


def _acting(found: tuple[str, ...]) -> list[str]:
    return [role[:2] for role in found if role[1] != "p"]
