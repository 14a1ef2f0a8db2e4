from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.rules.key_policy import WORDS, canonical_key_policy, parse_key_policy
from pointsman.caching.rules.policy import KeyRules
from pointsman.errors import InvalidRequest


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", KeyRules()),
        (" , ", KeyRules()),
        ("off", KeyRules(enabled=False)),
        ("Sampled", KeyRules(sampled=True)),
        ("unsampled", KeyRules(sampled=False)),
        ("exact", KeyRules(semantic=False)),
        ("own, ttl = 600", KeyRules(own=True, ttl=600.0)),
        ("ttl=31536000", KeyRules(ttl=31_536_000.0)),
        ("own,own", KeyRules(own=True)),
        ("marked", KeyRules(marked=True)),
        ("unmarked, off", KeyRules(marked=False, enabled=False)),
    ],
)
def test_a_policy_is_words_with_commas_between(text: str, rules: KeyRules) -> None:
    assert parse_key_policy(text) == rules


@pytest.mark.parametrize(
    "text", ["on", "ttl", "ttl=", "ttl=0", "ttl=-1", "ttl=1e3", "ttl=31536001", "own=1", "¹"]
)
def test_what_is_no_policy_is_refused_with_the_words_that_there_are(text: str) -> None:
    with pytest.raises(InvalidRequest, match="off, sampled, unsampled, exact, own, marked, unmarked and ttl"):
        parse_key_policy(f"own, {text}")


@pytest.mark.parametrize("text", ["sampled, unsampled", "marked, unmarked", "ttl=1, ttl=2"])
def test_a_policy_that_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="two things"):
        parse_key_policy(text)


@given(st.lists(st.sampled_from([*WORDS, "ttl=60"]).filter(lambda word: not word.startswith("un"))))
def test_the_canonical_form_means_the_same_and_is_its_own(words: list[str]) -> None:
    text = " ,".join(word.upper() for word in words)
    canonical = canonical_key_policy(text)
    assert parse_key_policy(canonical) == parse_key_policy(text)
    assert canonical_key_policy(canonical) == canonical
