"""The bytes of a stream without what all its events repeat. Pure.

Nine tenths of a stream are the same from event to event: what stands between two words. Such a seam becomes
one byte that no JSON text holds, and is put back by one ``replace``: twenty times quicker than to inflate
what zlib has made of it, and nearly as small. Whatever was folded comes back to the byte, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

_MARKS = tuple([bytes([at]) for at in range(1, 9)])
"""Control characters, which JSON and the lines of a stream do not hold."""
_SHORTEST = 8
"""Bytes of a seam that is worth a mark."""
_PLACES = 6
"""Where in a stream it is looked at how its events join."""
_NEIGHBOURS = 8
"""Events at each place that are counted with."""
_LONGEST = 2048
"""Bytes of an event that is looked at: what is the same in more is no seam."""


class Folded(msgspec.Struct, frozen=True, array_like=True, gc=False):
    text: bytes
    seams: tuple[bytes, ...] = ()
    """What the marks stand for, in their order."""

    @property
    def size(self) -> int:
        return len(self.text) + sum(map(len, self.seams))


def fold(whole: bytes) -> Folded:
    """What holds a mark already is left as it is."""
    text, seams = whole, list[bytes]()
    if any(mark in whole for mark in _MARKS):
        return Folded(whole)
    for candidate in _by_gain(whole):
        if len(seams) == len(_MARKS):
            break
        shorter = text.replace(candidate, _MARKS[len(seams)])
        if len(shorter) + len(candidate) < len(text):
            text = shorter
            seams.append(candidate)
    return Folded(text, tuple(seams))


def unfold(folded: Folded) -> bytes:
    """As it was. A seam may hold the marks of those before it, so the last is put back first."""
    text = folded.text
    for mark, seam in zip(reversed(_MARKS[: len(folded.seams)]), reversed(folded.seams), strict=True):
        text = text.replace(mark, seam)
    return text


def _by_gain(whole: bytes) -> list[bytes]:
    """What may be seams, what spares most first: as it is among some neighbours from all of the stream."""
    events = whole.split(b"\n\n")
    step = max(1, (len(events) - 1) // _PLACES)
    found, seen = set[bytes](), list[bytes]()
    for at in range(1, len(events) - 2, step):
        found.update(_candidates(events[at][:_LONGEST], events[at + 1][:_LONGEST]))
        seen += events[at : at + min(step, _NEIGHBOURS)]
    sample = b"\n\n".join(seen)
    gains = {each: sample.count(each) * len(each) for each in found if len(each) >= _SHORTEST}
    return sorted(
        (each for each, gain in gains.items() if gain > len(each)), key=lambda each: (-gains[each], each)
    )


def _candidates(one: bytes, other: bytes) -> Iterator[bytes]:
    """What joins the words of two events that are alike, and what stands within both behind their words.

    Words may begin or end alike, too: a seam begins and ends with a quote, if there is one."""
    before, behind = _same_start(one, other), _same_start(one[::-1], other[::-1])
    head, tail = one[:before], one[max(before, len(one) - behind) :]
    head, tail = head[: head.rfind(b'"') + 1], tail[max(0, tail.find(b'"')) :]
    yield tail + b"\n\n" + head
    yield b"\n\n" + head  # where spaces of some number stand behind the words
    inner = one[len(head) : len(one) - len(tail)]
    within = inner[max(0, inner.find(b'"')) : inner.rfind(b'"') + 1]
    if within in other:
        yield within


def _same_start(one: bytes, other: bytes) -> int:
    """How many bytes, by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
