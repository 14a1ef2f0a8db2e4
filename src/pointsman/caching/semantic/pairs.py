"""Labelled pairs of questions, from JSON lines. Pure."""

from __future__ import annotations

import msgspec

from pointsman.errors import InvalidRequest


class Pair(msgspec.Struct, frozen=True):
    """``{"a": …, "b": …, "same": true}``; other fields of a line are passed over."""

    a: str
    b: str
    same: bool
    """The answer to one is right for the other."""


_decode = msgspec.json.Decoder(Pair).decode


def read_pairs(data: bytes, name: str) -> list[Pair]:
    """Empty lines are passed over.

    Raises:
        InvalidRequest: a line is no pair; names the file and the line.
    """
    pairs: list[Pair] = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            pairs.append(_decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidRequest(
                f'{name}, line {number}: this is no pair: {error}. Each line is {{"a": "one question", "b":'
                ' "another", "same": true}}.'.replace("}}", "}"),
                param="pairs",
            ) from error
    return pairs
