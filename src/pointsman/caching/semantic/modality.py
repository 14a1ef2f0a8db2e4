"""Whether one may, must or should. Pure.

"Can I bring a guest?" is not "Must I bring a guest?". With a question word, "can" says little ("How can I …"
is "How do I …"), and so does it of "you" ("Can you ship …" is "Do you ship …").
"""

from __future__ import annotations

from .reading import Word

_MODALS = {
    **dict.fromkeys(["may", "can", "could", "might", "cannot", "can't", "couldn't", "mightn't"], "may"),
    **dict.fromkeys(["kann", "können", "könnte", "darf", "dürfen", "könnten"], "may"),
    **dict.fromkeys(
        ["peux", "peut", "puis", "pouvez", "pouvons", "peuvent", "puedo", "puede", "pueden", "podemos"], "may"
    ),
    **dict.fromkeys(
        ["must", "mustn't", "muss", "müssen", "musst", "müsste", "dois", "doit", "devez", "devons", "faut"],
        "must",
    ),
    **dict.fromkeys(["debo", "debe", "deben", "debemos"], "must"),
    **dict.fromkeys(
        [
            "should",
            "shouldn't",
            "ought",
            "soll",
            "sollen",
            "sollte",
            "sollten",
            "devrais",
            "devrait",
            "debería",
        ],
        "should",
    ),
}
_YOU = frozenset({"you", "du", "sie", "ihr", "tu", "vous", "usted"})


def modality(words: tuple[Word, ...]) -> frozenset[str]:
    """ "may", "must", "should"; "may-you" where it is said of who is asked.

    Args:
        words: rephrased.
    """
    found = set()
    for at, word in enumerate(words):
        modal = _MODALS.get(word.lower)
        if modal is None or (word.lower == "puis" and at and words[at - 1].first is False and at > 3):
            continue
        follows = words[at + 1].lower if at + 1 < len(words) else ""
        found.add("may-you" if modal == "may" and follows in _YOU else modal)
    return frozenset(found)


def same_modality(left: frozenset[str], right: frozenset[str], *, asks: bool) -> bool:
    """
    Args:
        asks: with a question word; not for yes or no.
    """
    light = {"may", "may-you"} if asks else {"may-you"}
    ours, theirs = left - light, right - light
    if not asks:
        return ours == theirs
    # "what must I bring" asks for less than "what may I bring"; "what do I bring" is either
    if ours and theirs:
        return ours == theirs or ours | theirs == {"must", "should"}
    return not ((ours and right) or (theirs and left))
