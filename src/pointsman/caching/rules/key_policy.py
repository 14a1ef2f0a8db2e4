"""The cache's policy for a virtual key, as its operator writes it: words with commas between. Pure.

off            its requests pass by the cache
sampled        requests that sample are cached too
unsampled      they are not, whatever holds for all
exact          no answers to similar questions
own            its answers are for this key alone, not for all of its tenant
marked         the prompt-cache autopilot is on for it
unmarked       it is off, and its prompts are sent as they are
ttl=SECONDS    for which its answers are given again
"""

from __future__ import annotations

from typing import Any

from pointsman.errors import InvalidRequest

from .policy import KeyRules

WORDS: dict[str, tuple[str, Any]] = {
    "off": ("enabled", False),
    "sampled": ("sampled", True),
    "unsampled": ("sampled", False),
    "exact": ("semantic", False),
    "own": ("own", True),
    "marked": ("marked", True),
    "unmarked": ("marked", False),
}
_LONGEST_TTL = 31_536_000
"""Seconds: a year."""


def parse_key_policy(text: str) -> KeyRules:
    """
    Args:
        text: "" is the policy of all.

    Raises:
        InvalidRequest: a word is none of these, or contradicts another.
    """
    rules: dict[str, Any] = {}
    for word in _words(text):
        name, equals, number = word.partition("=")
        field, value = ("ttl", _seconds(number)) if name == "ttl" and equals else WORDS.get(word, ("", None))
        if not field or value is None:
            raise InvalidRequest(
                f"A key's cache policy knows no {word[:40]!r}. It is made of off, sampled, unsampled, exact, "
                f"own, marked, unmarked and ttl=SECONDS (1 to {_LONGEST_TTL:,}), with commas between; "
                '"" is the policy of all.',
                param="cache",
            )
        if rules.setdefault(field, value) != value:
            raise InvalidRequest(f"A key's cache policy says two things of {field}: {text}.", param="cache")
    return KeyRules(**rules)


def canonical_key_policy(text: str) -> str:
    """The same policy, as it is stored and shown.

    Raises:
        InvalidRequest: see ``parse_key_policy``.
    """
    parse_key_policy(text)
    return ", ".join(dict.fromkeys(_words(text)))


def _words(text: str) -> list[str]:
    return [word for part in text.lower().split(",") if (word := "".join(part.split()))]


def _seconds(number: str) -> float | None:
    seconds = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    return float(seconds) if 0 < seconds <= _LONGEST_TTL else None
