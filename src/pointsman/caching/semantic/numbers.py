"""The numbers of a text, in their order: digits, written out, with units; dates and days too. Pure.

A number stays as it is written ("3.10" is not "3.1", which may be versions), but "1,000" is "1000" in a text
that is not of a language with a decimal comma, and "twenty-five" is "25". What is not recognised as equal
makes two texts differ, never agree: only misses come of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .reading import Reading
from .tables import CALENDAR, NUMBER_WORDS, TENS, UNITS

_NUMBER = re.compile(
    r"(?P<sign>(?<![\w)\].])[-+])?(?P<money>[$€£¥₹₽₩] ?)?(?P<digits>\d+(?:[.,:/'-]\d+)*)"
    r"(?: ?(?P<unit>%|‰|°[CFcf]?|[$€£¥₹₽₩]|[^\W\d_]+))?"
)
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(rf"(?P<number>{_NUMBER.pattern})|(?P<word>{_WORD.pattern})")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COMMA_LANGUAGES = frozenset({"de", "fr", "es", "it", "pt", "nl", "cyrillic"})
_HAN = dict(
    zip(
        "零〇一二两兩三四五六七八九十百千万萬亿億半几幾双",
        "零零一二二二三四五六七八九十百千万万亿亿半几几双",
        strict=True,
    )
)
_GERMAN = re.compile(
    r"(?:(ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und)(zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)"
)
_CASED = {"mb": ("MB",), "gb": ("GB",), "kb": ("KB", "kB"), "tb": ("TB",), "mw": ("MW",)}
"""Units of which a capital makes another one: a megawatt, a milliwatt; a megabyte, a megabit."""
_LEFT_OUT = frozenset({"and", "y", "et", "und"})


def numbers(reading: Reading, language: str) -> tuple[str, ...]:
    found: list[str] = []
    run: list[int] = []
    for match in _TOKEN.finditer(reading.whole):
        if match["number"] is not None:
            _end(run, found)
            _digits(match, language, found)
            continue
        for word in _parts(match["word"].lower()):
            value = NUMBER_WORDS.get(word)
            if value is not None:
                run.append(value)
                continue
            if word in _LEFT_OUT and run:
                continue
            _end(run, found)
            if word in CALENDAR:
                found.append(CALENDAR[word])
            elif found and found[-1].isdigit() and word in UNITS:
                found.append(UNITS[word])
            else:
                found += [_HAN[sign] for sign in word if sign in _HAN]
    _end(run, found)
    return tuple(found)


def _digits(match: re.Match[str], language: str, found: list[str]) -> None:
    digits = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in match["digits"])
    if language not in _COMMA_LANGUAGES and _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    found.append(("-" if match["sign"] == "-" else "") + digits)
    if match["money"]:
        found.append(UNITS.get(match["money"].strip(), match["money"].strip()))
    if unit := match["unit"]:
        written, unit = unit, unit.lower()
        if unit in _CASED:
            found.append(unit if written in _CASED[unit] else written)
        elif unit in UNITS:
            found.append(UNITS[unit])
        elif unit in CALENDAR:
            found.append(CALENDAR[unit])
        elif unit in NUMBER_WORDS:
            found.append(str(NUMBER_WORDS[unit]))
        else:
            found += [_HAN[sign] for sign in unit if sign in _HAN]


def _parts(word: str) -> tuple[str, ...]:
    """A German number that is written as one word, in the order of its value."""
    compound = _GERMAN.fullmatch(word)
    return (word,) if compound is None else (compound[2], compound[1])


def _end(run: list[int], found: list[str]) -> None:
    found += map(str, spelled(run))
    run.clear()


def spelled(values: Sequence[int]) -> list[int]:
    """Words of numbers that stand side by side, as the numbers that they make: 3, 1000, 2, 100 is 3,200."""
    found: list[int] = []
    total = current = 0
    scale: int | None = None
    for at, value in enumerate(values):
        if at and value >= 1000 and (scale is None or value < scale):
            total, current, scale = total + max(current, 1) * value, 0, value
        elif at and value == 100 and (0 < current < 100 or (not current and total)):
            current = max(current, 1) * 100
        elif at and _goes_on(total, current, value):
            current += value
        else:
            if at:
                found.append(total + current)
            total, current, scale = (value, 0, value) if value >= 1000 else (0, value, None)
    return [*found, total + current] if values else []


def _goes_on(total: int, current: int, value: int) -> bool:
    if not 0 < value < 100:
        return False
    return (current % 100 == 0 and current + total > 0) or (current % 100 in TENS and value < 10)
