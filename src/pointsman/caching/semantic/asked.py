"""A request as its last words and all the rest. Only the words may differ from another's; the rest may not.
Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pointsman.caching.equal.key import Asked, Partition, make_key
from pointsman.chat import Message, Request, Response, Text

from .guards import Traits

MOST_CHARACTERS = 1_000
LEAST_WORDS = 3


class Question(msgspec.Struct, frozen=True):
    text: str
    """Of the last turn, which is the user's."""
    context: bytes
    """Digest of the tenant and of all the rest: instructions, earlier turns, tools, parameters, model."""


class Likeness(msgspec.Struct, frozen=True):
    """What was found out of a question, to be kept with its answer."""

    question: Question
    traits: Traits
    vector: Sequence[float]


class Unfit(Exception):
    """Nothing is looked up for it; the message says why, in a word."""


def question_of(partition: Partition, asked: Asked, request: Request) -> Question:
    """
    Args:
        asked: as for the key of its answer.
        request: the same in the hub.

    Raises:
        Unfit: its last turn is not the user's, holds more than text, or is too long or too short.
    """
    last = request.messages[-1] if request.messages else None
    if last is None or last.role != "user":
        raise Unfit("no_question")
    if not last.parts or not all(isinstance(part, Text) for part in last.parts):
        raise Unfit("not_text")
    text = "\n".join(part.text for part in last.parts if isinstance(part, Text)).strip()
    if len(text) > MOST_CHARACTERS:
        raise Unfit("long")
    if len(text.split()) < LEAST_WORDS and text.isascii():
        raise Unfit("short")
    rest = msgspec.structs.replace(
        request, messages=(*request.messages[:-1], Message(last.role, (), last.name))
    )
    return Question(text, make_key(partition, asked, lambda _: rest))


def may_answer_others(response: Response) -> bool:
    """An answer that calls tools does so with what it was asked, letter by letter."""
    return bool(response.parts) and all(isinstance(part, Text) for part in response.parts)
