"""What two texts must agree on before one may be given the answer to the other, however close they are. Pure.

    literals    code, quotations, addresses, identifiers, signs of mathematics
    numbers     digits or words, with units, dates and days
    negation    not, never, without, only, all …
    names       capitalised words and known names, in their order
    language    script, and in Latin letters the language
    question    who, when, how long … and whether it is a question
    form        the form that the answer is wanted in
    opposites   words that exclude each other: on and off, more and less, before and after
    order       of the words of weight that both have: who does what to whom
    words       of weight: the same, with any ending ("open" is neither "closed" nor "open on holidays");
                synonyms are refused too, unless the route allows them

Each of them can only refuse. What they do not know (a rare synonym, an unusual name) costs a hit; where two
texts agree on all of it and still mean something else, nothing here sees that, and the certificate of the
threshold says how often it happens.
"""

from __future__ import annotations

import msgspec

from .language import language
from .names import has_capitals, names, same_names, signs, unmatched
from .numbers import numbers
from .opposites import opposed
from .order import same_order
from .question import form, question, same_question
from .reading import Word, read
from .tables import NEGATIONS

VERSION = 1
"""Of all the guards. A certificate holds for one version."""
GUARDS = (
    "literals",
    "numbers",
    "negation",
    "names",
    "language",
    "question",
    "form",
    "opposites",
    "order",
    "words",
)


class Traits(msgspec.Struct, frozen=True):
    """What the guards look at in a text."""

    literals: tuple[str, ...]
    numbers: tuple[str, ...]
    negations: tuple[str, ...]
    names: tuple[str, ...]
    signs: tuple[str, ...]
    """Of scripts without capitals."""
    capitals: bool
    language: str
    question: frozenset[str]
    form: frozenset[str]
    words: tuple[str, ...]
    """In small letters."""


class Verdict(msgspec.Struct, frozen=True):
    """What one guard says of two texts."""

    guard: str
    agrees: bool
    left: str = ""
    """What it saw in the one text."""
    right: str = ""


def traits(text: str) -> Traits:
    reading = read(text)
    spoken = language(reading)
    return Traits(
        literals=reading.literals + reading.symbols,
        numbers=numbers(reading, spoken),
        negations=tuple(sorted(_negations(reading.words))),
        names=names(reading),
        signs=signs(reading),
        capitals=has_capitals(reading),
        language=spoken,
        question=question(reading),
        form=form(reading),
        words=tuple([word.lower for word in reading.words]),
    )


def verdicts(left: Traits, right: Traits, *, synonyms: bool = False) -> tuple[Verdict, ...]:
    """Of every guard, in the order of ``GUARDS``.

    Args:
        synonyms: one word of weight may stand in the place of another.
    """
    opposites = opposed(left.words, right.words)
    return (
        _equal("literals", left.literals, right.literals),
        _equal("numbers", left.numbers, right.numbers),
        _equal("negation", left.negations, right.negations),
        _names(left, right),
        Verdict("language", left.language == right.language, left.language, right.language),
        Verdict(
            "question",
            same_question(left.question, right.question),
            _set(left.question),
            _set(right.question),
        ),
        Verdict("form", left.form == right.form, _set(left.form), _set(right.form)),
        Verdict("opposites", opposites is None, *(opposites or ("", ""))),
        Verdict("order", same_order(left.words, right.words)),
        _words(left, right, synonyms),
    )


def refusals(left: Traits, right: Traits, *, synonyms: bool = False) -> tuple[str, ...]:
    """The guards that refuse; none: the texts agree."""
    return tuple(
        [verdict.guard for verdict in verdicts(left, right, synonyms=synonyms) if not verdict.agrees]
    )


def _negations(words: tuple[Word, ...]) -> list[str]:
    found = ["not" if word.lower.endswith("n't") else NEGATIONS.get(word.lower, "") for word in words]
    return [negation for negation in found if negation]


def _names(left: Traits, right: Traits) -> Verdict:
    agrees = left.signs == right.signs and same_names(left.names, right.names, left.words, right.words)
    seen = " ".join((*left.names, *left.signs)), " ".join((*right.names, *right.signs))
    return Verdict("names", agrees, *seen)


def _words(left: Traits, right: Traits, synonyms: bool) -> Verdict:
    """Who writes no capitals may hide a name among such words, so there none may stand for another."""
    if synonyms and left.capitals and right.capitals:
        return Verdict("words", True)
    ours, theirs = unmatched(left.words, right.words)
    agrees = not (ours and theirs) if synonyms else not (ours or theirs)
    return Verdict("words", agrees, " ".join(ours), " ".join(theirs))


def _equal(guard: str, left: tuple[str, ...], right: tuple[str, ...]) -> Verdict:
    return Verdict(guard, left == right, " ".join(left), " ".join(right))


def _set(words: frozenset[str]) -> str:
    return " ".join(sorted(words))
