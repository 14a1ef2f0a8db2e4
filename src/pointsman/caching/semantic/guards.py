"""What two texts must agree on before one may be given the answer to the other, however close they are. Pure.

    literals    code, quotations, addresses, identifiers, signs of mathematics
    numbers     digits or words, with units, dates and days
    negation    not, never, without, only, all …
    modality    can, must, should
    names       capitalised words and known names, in their order
    language    script, and in Latin letters the language
    question    who, when, how long … and whether it is a question
    form        the form that the answer is wanted in
    opposites   words that exclude each other: on and off, more and less, before and after
    tense       of a verb that has no auxiliary: who owns it, who owned it
    roles       who does it, to whom, and whose it is: I, you, he, she, they
    ties        prepositions and conjunctions before the words of weight: by or about, and or or
    order       of the words of weight that both have: who does what to whom
    words       of weight: the same, with any ending ("open" is neither "closed" nor "open on holidays");
                synonyms are refused too, unless the route allows them

Each of them can only refuse. What they do not know (a rare synonym, an unusual name) costs a hit; where two
texts agree on all of it and still mean something else, nothing here sees that, and the certificate of the
threshold says how often it happens.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from .language import language
from .modality import modality, same_modality
from .names import cased, has_capitals, names, same_names, signs
from .numbers import numbers
from .opposites import opposed
from .order import same_order
from .question import WHETHER, WHETHER_IT_IS, form, question, same_question
from .reading import Word, read
from .rephrase import rephrase
from .roles import roles, same_roles, told
from .tables import NEGATIONS
from .tense import same_tense
from .ties import same_ties
from .weight import Weighed, aligned, key, unmatched, weigh

VERSION = 3
"""Of all the guards. A certificate holds for one version."""
GUARDS = (
    "literals",
    "numbers",
    "negation",
    "modality",
    "names",
    "language",
    "question",
    "form",
    "opposites",
    "tense",
    "roles",
    "ties",
    "order",
    "words",
)


SUMS = frozenset({key("cost"), key("fee"), key("earn"), key("charge"), key("weigh")})
"""What "how much" is asked of as "what" is."""


class Traits(msgspec.Struct, frozen=True):
    """What the guards look at in a text."""

    literals: tuple[str, ...]
    numbers: tuple[str, ...]
    negations: tuple[str, ...]
    modality: frozenset[str]
    names: tuple[str, ...]
    cased: frozenset[str]
    """Names that without their capital are another word."""
    signs: tuple[str, ...]
    """Of scripts without capitals."""
    capitals: bool
    language: str
    question: frozenset[str]
    form: frozenset[str]
    roles: tuple[str, ...]
    words: tuple[str, ...]
    """In small letters."""
    said: tuple[str, ...]
    """The same, rephrased."""
    weighed: tuple[Weighed, ...]
    """Words of weight, with what ties them, as they are read."""


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
    # phrases are English, but a text of one or two words may not show it
    words = rephrase(reading.words) if spoken in ("en", "") else reading.words
    counted = numbers(reading, spoken)
    return Traits(
        literals=reading.literals + reading.symbols,
        numbers=counted,
        negations=tuple(_negations(words)),
        modality=modality(words),
        names=names(words),
        cased=cased(words),
        signs=signs(reading),
        capitals=has_capitals(reading),
        language=spoken,
        question=question(words, spoken),
        form=form(reading),
        roles=roles(words, spoken),
        words=tuple([word.lower for word in reading.words]),
        said=tuple([word.lower for word in words]),
        weighed=weigh(words, spoken, counts=bool(counted)),
    )


def verdicts(left: Traits, right: Traits, *, synonyms: bool = False) -> Iterator[Verdict]:
    """Of every guard, in the order of ``GUARDS``; worked out as they are asked for.

    Args:
        synonyms: one word of weight may stand in the place of another.
    """
    yield _equal("literals", left.literals, right.literals)
    yield _equal("numbers", left.numbers, right.numbers)
    language = left.language or right.language
    weighed = aligned(left.weighed, right.weighed, language)
    only = unmatched(left.weighed, weighed)
    yield _negation(left, right, weighed)
    yield _sets("modality", left.modality, right.modality, _modality(left, right))
    yield _names(left, right)
    yield Verdict("language", _language(left, right, only), left.language, right.language)
    yield _sets("question", left.question, right.question, _question(left, right, weighed))
    yield _sets("form", left.form, right.form, left.form == right.form)
    yield _found("opposites", opposed(left.words, right.words))
    yield _found("tense", same_tense(left.said, right.said))
    yield Verdict("roles", same_roles(left.roles, right.roles), told(left.roles), told(right.roles))
    yield _found("ties", same_ties(_ties(left.weighed), _ties(weighed), language))
    # a German verb may stand at the end; the order of nouns is that of names
    yield Verdict("order", same_order(left.weighed, weighed if language == "en" else right.weighed))
    yield _words(left, right, only, synonyms)


def refusals(left: Traits, right: Traits, *, synonyms: bool = False) -> tuple[str, ...]:
    """The guards that refuse; none: the texts agree."""
    return tuple(
        [verdict.guard for verdict in verdicts(left, right, synonyms=synonyms) if not verdict.agrees]
    )


def agree(left: Traits, right: Traits, *, synonyms: bool = False) -> bool:
    """None refuses. The first that does ends it, so that it takes less than ``refusals``."""
    return all(verdict.agrees for verdict in verdicts(left, right, synonyms=synonyms))


def _negations(words: tuple[Word, ...]) -> list[str]:
    found = ["not" if word.lower.endswith("n't") else NEGATIONS.get(word.lower, "") for word in words]
    return [negation for negation in found if negation]


def _negation(left: Traits, right: Traits, weighed: tuple[Weighed, ...]) -> Verdict:
    """As many, and of the same words: "safe, or not cheap" is not "not safe, or cheap"."""
    ours = {each.key for each in left.weighed if each.negated}
    theirs = {each.key for each in weighed if each.negated}
    shared = {each.key for each in left.weighed} & {each.key for each in weighed}
    agrees = left.negations == right.negations
    if ours and theirs and ours | theirs <= shared and "en" in (left.language, right.language):
        agrees = agrees and ours == theirs
    return Verdict("negation", agrees, " ".join(left.negations), " ".join(right.negations))


def _names(left: Traits, right: Traits) -> Verdict:
    # in English the guard of order sees those that have weight, and knows "X of Y"
    weighed = {each.word for each in (*left.weighed, *right.weighed)}
    english = left.language == right.language == "en" and weighed.issuperset((*left.names, *right.names))
    agrees = left.signs == right.signs and same_names(
        left.names, right.names, left.words, right.words, ordered=not english
    )
    if left.capitals and right.capitals:
        agrees = agrees and left.cased == right.cased
    seen = " ".join((*left.names, *left.signs)), " ".join((*right.names, *right.signs))
    return Verdict("names", agrees, *seen)


def _words(
    left: Traits, right: Traits, only: tuple[tuple[str, ...], tuple[str, ...]], synonyms: bool
) -> Verdict:
    """Who writes no capitals may hide a name among such words, so there none may stand for another."""
    if synonyms and left.capitals and right.capitals:
        return Verdict("words", True)
    ours, theirs = only
    agrees = not (ours and theirs) if synonyms else not (ours or theirs)
    return Verdict("words", agrees, " ".join(ours), " ".join(theirs))


def _modality(left: Traits, right: Traits) -> bool:
    plain = WHETHER_IT_IS, WHETHER
    asks = not any(not each.question or each.question & {*plain} for each in (left, right))
    return same_modality(left.modality, right.modality, asks=asks)


def _question(left: Traits, right: Traits, weighed: tuple[Weighed, ...]) -> bool:
    keys = {each.key for each in left.weighed} & {each.key for each in weighed}
    return same_question(left.question, right.question, sum_=bool(left.numbers) or bool(keys & SUMS))


def _language(left: Traits, right: Traits, only: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    """A text too short to tell is of the language of one that has the same words."""
    if left.language == right.language:
        return True
    return not (left.language and right.language) and not any(only) and not (left.signs or right.signs)


def _ties(weighed: tuple[Weighed, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in weighed:
        found.setdefault(each.key, set()).add(each.tie)
    return found


def _found(guard: str, pair: tuple[str, str] | None) -> Verdict:
    return Verdict(guard, pair is None, *(pair or ("", "")))


def _sets(guard: str, left: frozenset[str], right: frozenset[str], agrees: bool) -> Verdict:
    return Verdict(guard, agrees, " ".join(sorted(left)), " ".join(sorted(right)))


def _equal(guard: str, left: tuple[str, ...], right: tuple[str, ...]) -> Verdict:
    return Verdict(guard, left == right, " ".join(left), " ".join(right))
