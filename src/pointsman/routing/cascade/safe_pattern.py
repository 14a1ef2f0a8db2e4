"""Which regular expressions may read the text of strangers.

Python's backtrack: ``(a+)+b`` needs a time that doubles with every character. Refused is what makes that
possible, a repeated group that can match a text in more ways than one, and backreferences; at most one part
may match any text of any length. The rest is polynomial in the text, and that is cut (`WINDOW`).
"""

from __future__ import annotations

import re

from pointsman.errors import ConfigurationError

WINDOW = 4_000
"""Characters, from the end of an answer, that a pattern reads."""

_QUANTIFIER = re.compile(r"[*+?]|\{\d*,?\d*\}")
_HEADS = re.compile(r"\?(?:P<\w+>|[:=!]|<[=!]|[aiLmsux-]+[:)])")


def compile_safe(pattern: str, path: str) -> re.Pattern[str]:
    """
    Args:
        path: the setting it comes from, for the error.

    Raises:
        ConfigurationError: it is none, is longer than 500 characters, or could run for ever.
    """
    if not pattern or len(pattern) > 500:
        raise ConfigurationError(f"{path}: a pattern has 1 to 500 characters.", param=path)
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ConfigurationError(
            f"{path}: {pattern!r} is no regular expression: {error}.", param=path
        ) from error
    why = _danger(pattern)
    if why is not None:
        raise ConfigurationError(
            f"{path}: {pattern!r} {why}, and could take for ever on some texts. Write it simpler.", param=path
        )
    return compiled


class _Group:
    __slots__ = ("many",)

    def __init__(self) -> None:
        self.many = False
        """It can match texts of different lengths, or in different ways."""


def _danger(pattern: str) -> str | None:
    groups, at, anything = [_Group()], 0, 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "(":
            groups.append(_Group())
            head = _HEADS.match(pattern, at + 1)
            if head is None and pattern.startswith("?", at + 1):
                return "has a group of a rare kind"
            at = head.end() if head else at + 1
            if head is not None and head[0].endswith(")"):
                groups.pop()  # flags for the whole, such as (?i)
            continue
        if sign == "|":
            groups[-1].many = True
            at += 1
            continue
        group, wide = None, sign == "."
        if sign == ")":
            group = groups.pop()
            groups[-1].many = groups[-1].many or group.many
        elif sign == "\\":
            if pattern[at + 1].isdigit() and pattern[at + 1] != "0":
                return "refers back to a group"
            wide = pattern[at + 1] in "DSW"
            at += 1
        elif sign == "[":
            wide = pattern.startswith("^", at + 1)
            at = _end_of_class(pattern, at)
        at += 1
        repeat = _QUANTIFIER.match(pattern, at)
        if repeat is None:
            continue
        if group is not None and group.many and repeat[0] != "?":
            return "repeats a group that matches in more ways than one"
        endless = repeat[0] in "*+" or repeat[0].endswith(",}")
        anything += wide and endless
        groups[-1].many = groups[-1].many or repeat[0] in "*+?" or "," in repeat[0]
        at = repeat.end() + pattern.startswith(("?", "+"), repeat.end())
    return "has more than one part that matches anything" if anything > 1 else None


def _end_of_class(pattern: str, at: int) -> int:
    at += 1 + pattern.startswith("^", at + 1)
    at += pattern.startswith("]", at)
    while pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at
