"""The guards on labelled pairs, and on prompts of which one thing was changed: that never passes."""

from __future__ import annotations

from hashlib import blake2b
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.caching.semantic.guards import GUARDS, VERSION, refusals, traits, verdicts
from tests.support.semantic import labelled_pairs


def refused(one: str, other: str) -> tuple[str, ...]:
    return refusals(traits(one), traits(other))


def test_every_guard_says_something_in_its_order() -> None:
    told = tuple(verdicts(traits("What is 5 + 3?"), traits("What is 5 + 4?")))
    assert tuple(each.guard for each in told) == GUARDS
    assert [each.guard for each in told if not each.agrees] == ["numbers"]
    numbers = told[GUARDS.index("numbers")]
    assert (numbers.left, numbers.right) == ("5 3", "5 4")


@pytest.mark.parametrize("guard", GUARDS)
def test_each_guard_refuses_something_alone(guard: str) -> None:
    alone = {
        "literals": ("What does `ls` do to it?", "What does `rm` do to it?"),
        "numbers": ("Give me 5 ideas.", "Give me 6 ideas."),
        "negation": ("Is it safe to eat?", "Is it not safe to eat?"),
        "modality": ("Can I bring it all?", "Must I bring it all?"),
        "names": ("Who founded Zalando?", "Who founded Aldi?"),
        "language": ("Taxi im Park", "Taxi in the Park"),
        "question": ("Where is the invoice?", "When is the invoice?"),
        "form": ("Write a haiku about it.", "Write a poem about it."),
        "opposites": ("Is the tap on the left?", "Is the tap on the right?"),
        "tense": ("Who owned the old house?", "Who owns the old house?"),
        "roles": ("How do I send you a file?", "How do you send me a file?"),
        "ties": ("Show me books by Kafka.", "Show me books about Kafka."),
        "order": ("How do I turn water into wine?", "How do I turn wine into water?"),
        "words": ("Can dogs eat grapes?", "Can dogs eat apples?"),
    }
    one, other = map(traits, alone[guard])
    assert refusals(one, other, synonyms=guard != "words") == (guard,)
    assert guard in refusals(one, other)


def test_what_they_let_through_of_the_labelled_pairs() -> None:
    """Also the figures of docs/semantic-cache.md."""
    pairs = labelled_pairs()[::2]
    told = [refused(pair.a, pair.b) for pair in pairs]
    same = [not guards for pair, guards in zip(pairs, told, strict=True) if pair.same]
    other = [not guards for pair, guards in zip(pairs, told, strict=True) if not pair.same]
    assert len(same) >= 150 and len(other) >= 350
    assert sum(same) / len(same) >= 0.7
    assert sum(other) / len(other) <= 0.002
    seen = blake2b(repr(list(zip(pairs, told, strict=True))).encode(), digest_size=6).hexdigest()
    assert (VERSION, seen) == (3, "aef96f81cd85"), (
        "The guards say something else of a pair: certificates that were made with them do not hold any more,"
        " so raise VERSION, and put the new digest here. (If only pairs were added, the digest will do.)"
    )


def test_synonyms_pass_where_a_route_allows_them_and_names_can_be_seen() -> None:
    one, other = traits("How do I clean a flat tire?"), traits("How do I wash a flat tire?")
    assert refusals(one, other) == ("words",) and refusals(one, other, synonyms=True) == ()
    small = traits("who founded aldi"), traits("who founded lidl")
    assert refusals(*small, synonyms=True) == ("words",)


def test_they_do_not_care_which_is_first() -> None:
    for pair in labelled_pairs()[::12]:
        assert refused(pair.a, pair.b) == refused(pair.b, pair.a)
        assert refused(pair.a, pair.a) == ()


PROMPTS = st.sampled_from([pair.a for pair in labelled_pairs()] + [pair.b for pair in labelled_pairs()])
NAMES = st.sampled_from(["Zalando", "Aldi", "Kowalski", "Mbeki", "NASA", "Ulm", "Oslo", "Bach"])
EITHER = settings(max_examples=60, deadline=None)


@EITHER
@given(PROMPTS, st.integers(0, 10**6), st.integers(0, 10**6))
def test_another_number_never_passes(prompt: str, one: int, other: int) -> None:
    if one != other:
        assert "numbers" in refused(f"{prompt} Take {one} of them.", f"{prompt} Take {other} of them.")


@EITHER
@given(PROMPTS, NAMES, NAMES, st.sampled_from(["{0} {1}", "{1} says: {0}", "{0} Ask {1}."]))
def test_another_name_never_passes(prompt: str, one: str, other: str, frame: str) -> None:
    if one != other:
        assert refused(frame.format(prompt, one), frame.format(prompt, other))


@EITHER
@given(
    PROMPTS,
    st.sampled_from(
        [
            "not",
            "never",
            "without it",
            "nobody",
            "don't",
            "nicht",
            "kein",
            "ohne",
            "ne pas",
            "sans",
            "sin",
            "nunca",
        ]
    ),
)
def test_a_negation_more_never_passes(prompt: str, negation: str) -> None:
    assert "negation" in refused(prompt, f"{prompt} {negation}")


@EITHER
@given(PROMPTS, PROMPTS)
def test_another_language_never_passes(one: str, other: str) -> None:
    left, right = traits(one), traits(other)
    if left.language != right.language:
        assert "language" in refusals(left, right)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert refused(text, text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1000,
        "a." * 500,
        "a@" * 500,
        "'a" * 500,
        '"' * 1000,
        "`" * 1000,
        "/a" * 500,
        "-" * 1000,
        "1-" * 500,
        "1," * 500,
        "abcd" * 250,
        " ".join(f"w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(250)),
        " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(140)),
        "one hundred thousand " * 47,
        "三" * 1000,
        "_A" * 500,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    """Of a length that is looked up at all: tens of milliseconds on a busy machine, not seconds."""
    start = process_time()
    refusals(traits(text), traits(text[::-1]))
    assert process_time() - start < 0.25
