"""Numbers as people and models write them: ``$1,200.50``, ``18 %``, ``3/4``, ``\\boxed{\\frac{3}{4}}``."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?|\.\d+"
_EXPONENT = r"(?:[eE][-+]?\d{1,3})?(?![\w^])"
# A minus belongs to the number only where nothing stands before it that could be subtracted from.
_SIGN = r"(?:(?<![\w)\]}.])[-−–+]\s?)?"
_UNDER = r"(?:\s?/\s?(?P<under>\d{1,60})(?![\d/]))?"
_NUMBER = re.compile(rf"(?P<sign>{_SIGN})\\?\$?\s?(?P<whole>(?:{_DIGITS})(?:{_EXPONENT})?){_UNDER}")
_TEX_FRACTION = re.compile(r"\\[dt]?frac\s?\{\s?(\d+)\s?\}\s?\{\s?(\d+)\s?\}")
_BOXED = re.compile(r"\\boxed\s?\{((?:[^{}]|\{[^{}]*\}){1,200})\}")
_AROUND = re.compile(r"^[\s$*_\\(\[{]+|[\s$*_\\)\]}.!%°]+$")


def last_number(text: str) -> str | None:
    """The last one, normalised (`1,200.50` → `1200.5`, `6/8` → `3/4`, `1/2` → `0.5`); of the last
    ``\\boxed{}`` where that has one; None if there is none. Units and signs of currency are left off."""
    boxed = _last(_BOXED, text)
    if boxed is not None:
        within = _last(_NUMBER, _plain(boxed[1]))
        if within is not None:
            return _normal(within)
    found = _last(_NUMBER, _plain(text))
    return None if found is None else _normal(found)


def whole_number(text: str) -> str | None:
    """As `last_number` where the text is a number with its signs and nothing else, such as ``$1,200``."""
    bare = _AROUND.sub("", _plain(text))
    found = _NUMBER.fullmatch(bare) if len(bare) <= 80 else None
    return None if found is None else _normal(found)


def _plain(text: str) -> str:
    return _TEX_FRACTION.sub(r"\1/\2", text).replace("{,}", ",").replace("\\,", "")


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = None
    for found in pattern.finditer(text):
        last = found
    return last


def _normal(found: re.Match[str]) -> str:
    whole = found["whole"].replace(",", "")
    if len(whole) > 60:
        return whole
    value = Fraction(whole)
    if found["under"] is not None and int(found["under"]):
        value /= int(found["under"])
    if found["sign"].strip() in ("-", "−", "–"):
        value = -value
    return _written(value)


def _written(value: Fraction) -> str:
    """As a decimal where that ends, else as a fraction in lowest terms."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        places = max(places, count)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    if not places:
        return str(value.numerator)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"
