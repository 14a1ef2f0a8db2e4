"""Sensible text for a prompt: about its topic, in its language, as code where it asks for code."""

from __future__ import annotations

import re

from .dice import Dice
from .phrases import CODE, COMMON_WORDS, SCRIPTS, SENTENCES

_WORD = re.compile(r"[^\W\d_]{2,}")
_WANTS_CODE = re.compile(
    r"\b(code|function|script|regex|refactor|unit test|implement|sql query|funktion|fonction|función)\b", re.I
)
_MENTIONS = tuple((name, re.compile(rf"\b{name}\b", re.I)) for name in CODE)
_STOP_WORDS = (
    "about above after again answer another around because before below between could describe "
    "explain first following given other please provide question reason should their there these "
    "thing think those through under using where which while would write "
)
_NOT_A_TOPIC = frozenset(_STOP_WORDS.split())
_READ_AT_MOST = 20_000


def language_of(text: str) -> str:
    """The language of a prompt, by its letters or its most common words; "en" where nothing shows."""
    sample = text[:_READ_AT_MOST]
    if not sample.isascii():
        letters = [letter for letter in sample if letter > "\u02ff"]
        for language, low, high in SCRIPTS:
            found = sum(low <= letter <= high for letter in letters)
            if found * 4 > len(letters) and found * 20 > len(sample):
                return language
    words = [word.lower() for word in _WORD.findall(sample)]
    scores = {language: sum(map(common.__contains__, words)) for language, common in COMMON_WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] > scores["en"] else "en"


def topic_of(text: str, dice: Dice) -> str:
    """A word of the prompt that carries meaning."""
    words = _WORD.findall(text[:_READ_AT_MOST])
    telling = [word for word in words if len(word) > 4 and word.lower() not in _NOT_A_TOPIC] or words
    return dice.choice("topic", telling) if telling else "this"


def code_language(text: str) -> str | None:
    """The programming language that a prompt asks for; None if it asks for no code."""
    if not _WANTS_CODE.search(text[:_READ_AT_MOST]):
        return None
    return next((name for name, pattern in _MENTIONS if pattern.search(text)), "python")


def compose(prompt: str, dice: Dice, words: int) -> str:
    """An answer to ``prompt`` of about so many words, ending with a whole sentence or block of code."""
    language = language_of(prompt)
    topic = topic_of(prompt, dice)
    sentences = SENTENCES[language]
    wanted = code_language(prompt)
    paragraphs: list[str] = []
    written = 0
    if wanted is not None:
        name = re.sub(r"\W+", "_", topic.lower()) if topic.isascii() else "example"
        body = CODE[wanted].format(name=name)
        paragraphs += [sentences[0].format(topic=topic), f"```{wanted}\n{body}\n```"]
        written = len(body.split())
    start = dice.integer("first sentence", 0, len(sentences) - 1)
    paragraph: list[str] = []
    count = 0
    while written < words or not (paragraphs or paragraph):
        sentence = sentences[(start + count) % len(sentences)].format(topic=topic)
        paragraph.append(sentence)
        written += max(len(sentence.split()), len(sentence) // 6)
        count += 1
        if len(paragraph) == 4:
            paragraphs.append(" ".join(paragraph))
            paragraph = []
    if paragraph:
        paragraphs.append(" ".join(paragraph))
    return "\n\n".join(paragraphs)
