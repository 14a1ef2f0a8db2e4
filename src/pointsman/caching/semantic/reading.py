"""A text as the guards read it: one spelling of its signs, its words, and what must be taken literally.
Pure."""

from __future__ import annotations

import re
import unicodedata

import msgspec

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("’‘‛ʼ´`＇", "'"),
        **dict.fromkeys("“”„«»‟「」『』＂", '"'),
        **dict.fromkeys("‐‑‒–—―−－", "-"),
        **dict.fromkeys("\u00a0\u2009\u202f\u3000\t", " "),
    }
)
_TICKS = str.maketrans(
    {
        "`": "\x00",
        # NFKC would make 52 of 5², and 11/2 of 1½
        **{sign: f"^{digit}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
        **{
            chr(code): f" {unicodedata.normalize('NFKC', chr(code))}"
            for code in (*range(0xBC, 0xBF), *range(0x2150, 0x215F))
        },
    }
)
_LITERAL = re.compile(
    r"""
      \x00{3}.*?(?:\x00{3}|\Z)                                  # a block of code
    | \x00[^\x00\n]+\x00                                        # code in a line
    | "[^"\n]{1,400}"                                           # quoted
    | (?<!\w)'[^'\n]{1,400}'(?!\w)
    | https?://[^\s<>"']+ | \bwww\.[^\s<>"']+                   # addresses
    | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | [@\#]\w[\w-]*                                             # mentions, tags
    | (?<!\w)--?[A-Za-z][\w-]*                                  # options of a command
    | (?<!\w)~?(?:/[\w.-]+)+/? | [A-Za-z]:\\[\w\\.-]+ | \b[\w.-]+(?:/[\w.-]+)+  # paths
    | \b\w+(?:\.\w+)+\b                                         # files, modules, versions
    | (?<![\w.])\.[A-Za-z]\w+                                  # .NET, .gitignore
    | \b\w*_\w*\b                                               # identifiers
    | (?<!\w)(?:\+\+|--)\w+ | \b\w+(?:\+\+|--)(?!\w)              # operators on them, C++
    | \b\w+\(\)?
    | \b[a-z]+[A-Z]\w*\b | \b[A-Z][a-z0-9]+[A-Z]\w*\b
    | \b(?=\w*\d)(?=\w*[^\W\d])[^\W\d]\w*\b                     # letters with digits
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN_NUMBER = re.compile(r"\d+(?:[.]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ELIDED_TEXT = """
l d n qu j m t s c jusqu lorsqu puisqu quelqu dell all nell un
"""
_ELIDED = frozenset(_ELIDED_TEXT.split())
_ENDS = frozenset(".!?:;\n•*")
_SYMBOLS = frozenset("*/&@#\\_{}[]%^")
_AROUND = frozenset("0123456789+-*/^")
"""What makes a bracket one of mathematics."""
_BESIDE_NUMBERS = frozenset("%$€£¥₹₽₩°")


class Word(msgspec.Struct, frozen=True, gc=False):
    text: str
    """As it is written."""
    lower: str
    first: bool
    """It begins a sentence, so that a capital letter says nothing."""


class Reading(msgspec.Struct, frozen=True):
    whole: str
    """In one spelling of quotes, dashes, spaces and compatible characters."""
    literals: tuple[str, ...]
    """Code, quotations, addresses, identifiers, in their order and letter by letter."""
    words: tuple[Word, ...]
    """All other words."""
    symbols: tuple[str, ...]
    """Signs of mathematics and of code outside of literals, and emoji."""


def read(text: str) -> Reading:
    ticked = unicodedata.normalize("NFKC", text.translate(_TICKS)).translate(_SIGNS)
    literals: list[str] = []

    def cut(found: re.Match[str]) -> str:
        literal = found[0]
        if _PLAIN_NUMBER.fullmatch(literal):
            return literal
        literals.append(literal.strip("\x00\"'").rstrip(".,;:!?"))
        return " \x01 "

    rest = _LITERAL.sub(cut, ticked)
    return Reading(ticked.replace("\x00", "`"), tuple(literals), tuple(_words(rest)), tuple(_symbols(rest)))


def _words(text: str) -> list[Word]:
    found: list[Word] = []
    for match in _WORD.finditer(text):
        before = text[: match.start()].rstrip(" \"'()-")
        first = not before or before[-1] in _ENDS
        whole = match[0]
        head, mark, tail = whole.partition("'")
        if mark and head.lower() in _ELIDED:
            found.append(Word(head, head.lower(), first))
            found.append(Word(tail, tail.lower(), False))
            continue
        if whole[-2:].lower() == "'s":
            whole = whole[:-2]
        found.append(Word(whole, whole.lower(), first))
    return found


def _symbols(text: str) -> list[str]:
    found: list[str] = []
    for at, sign in enumerate(text):
        if sign.isalnum() or sign.isspace() or sign == "\x01":
            continue
        if sign in "()" and {text[at - 1 : at], text[at + 1 : at + 2]} & _AROUND:
            found.append(sign)
        elif sign == "!" and text[at - 1 : at].isdigit():
            found.append(sign)  # a factorial, or a shout
        elif sign == "-":
            before, behind = text[:at].rstrip()[-1:], text[at + 1 :].lstrip()[:1]
            if before.isdigit() and behind.isdigit():
                found.append(sign)
        elif sign in _BESIDE_NUMBERS:
            continue
        elif sign in _SYMBOLS or unicodedata.category(sign) in ("Sm", "So", "Sk", "Sc"):
            found.append(sign)
    return found
