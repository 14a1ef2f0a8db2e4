"""Which request fails, and how: the ``--faults`` script, read and applied.

A script is a list of rules with commas between them. A rule is ``[SCOPE/]KIND[:PROBABILITY][:NAME=VALUE]…``:

    429:0.02                          2 % of the requests are refused with 429 and Retry-After
    anthropic/529:0.3                 only at this provider; a model's id is a scope too
    reset:at=3+5:after=7              exactly the 3rd and 5th request, after 7 tokens
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

import msgspec

from pointsman.errors import ConfigurationError

from .dice import Dice

Kind = Literal["429", "500", "502", "503", "504", "529", "slow", "stall", "reset", "malformed"]

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "429": ("retry_after",),
    "500": (),
    "502": (),
    "503": ("retry_after",),
    "504": (),
    "529": ("retry_after",),
    "slow": ("factor",),
    "stall": ("after", "seconds"),
    "reset": ("after",),
    "malformed": ("after",),
}
"""Kinds of faults, and what each can be told besides ``at``."""


class Rule(msgspec.Struct, frozen=True):
    """One piece of the script."""

    kind: Kind
    probability: float = 0.0
    scope: tuple[str, ...] = ()
    """Provider, model, or both, that it is restricted to."""
    at: tuple[int, ...] = ()
    """Numbers, from 1, of the requests in its scope that it strikes without fail."""
    retry_after: float = 1.0
    """Seconds."""
    factor: float = 10.0
    """How many times longer a slow answer takes."""
    after: int | None = None
    """Tokens before it strikes; None: drawn at random within the answer."""
    seconds: float | None = None
    """How long a stall lasts; None: until the client leaves."""


class Faults:
    """Applies the rules to requests in the order in which they come."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._rules = tuple(rules)
        self._seen = [0] * len(self._rules)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def strike(self, dice: Dice, provider: str, model: str) -> Rule | None:
        """The fault of the next request, if any. Rules share one draw, so that their probabilities add up."""
        certain: Rule | None = None
        drawn: Rule | None = None
        draw = dice.uniform("fault")
        for number, rule in enumerate(self._rules):
            if not all(name in (provider, model) for name in rule.scope):
                continue
            self._seen[number] += 1
            if certain is None and self._seen[number] in rule.at:
                certain = rule
            if drawn is None and draw < rule.probability:
                drawn = rule
            draw -= rule.probability
        return certain or drawn


def parse_faults(script: str) -> tuple[Rule, ...]:
    """Read a script; an empty one has no rules.

    Raises:
        ConfigurationError: names the piece that is wrong, and what would be right.
    """
    rules = tuple(_parse_rule(piece.strip()) for piece in script.split(",") if piece.strip())
    total = sum(rule.probability for rule in rules if not rule.scope)
    if total > 1:
        raise _wrong(script, f"its probabilities add up to {total:g}, which is more than 1")
    return rules


def _parse_rule(piece: str) -> Rule:
    head, *rest = piece.split(":")
    *scope, kind = head.strip().split("/")
    if kind not in PARAMETERS:
        raise _wrong(piece, f"{kind!r} is no kind of fault; there are {', '.join(PARAMETERS)}")
    if not all(scope):
        raise _wrong(piece, "a provider or model must stand before each '/'")
    values: dict[str, float | int | tuple[int, ...]] = {}
    for position, part in enumerate(rest):
        name, equals, value = part.partition("=")
        if not equals:
            if position:
                raise _wrong(piece, f"{part!r} should be NAME=VALUE")
            values["probability"] = _number(piece, "the probability", part, 1.0)
            continue
        if name != "at" and name not in PARAMETERS[kind]:
            known = ", ".join((*PARAMETERS[kind], "at"))
            raise _wrong(piece, f"{name!r} is no parameter of {kind}; it takes {known}")
        values[name] = _value(piece, name, value)
    if not values.keys() & {"probability", "at"}:
        raise _wrong(piece, f"say how often: {head}:0.01, or which: {head}:at=3")
    return msgspec.convert({"kind": cast(Kind, kind), "scope": tuple(scope), **values}, Rule)


def _value(piece: str, name: str, text: str) -> float | int | tuple[int, ...]:
    if name == "at":
        return tuple(_whole(piece, name, number, 1) for number in text.split("+"))
    if name == "after":
        return _whole(piece, name, text, 0)
    return _number(piece, name, text, float("inf"))


def _whole(piece: str, name: str, text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise _wrong(piece, f"{name} must be a whole number of at least {least}, not {text!r}")
    return int(text)


def _number(piece: str, name: str, text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= most:
        bound = f"from 0 to {most:g}" if most < float("inf") else "of at least 0"
        raise _wrong(piece, f"{name} must be a number {bound}, not {text!r}")
    return number


def _wrong(piece: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"The faults script is wrong at {piece!r}: {why}.", param="faults")
