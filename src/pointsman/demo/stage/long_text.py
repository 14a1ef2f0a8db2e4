"""Long texts for the demo's prompts, made up from a seed: the same seed gives the same text everywhere.

A generator of our own, and not :mod:`random`, because a recorded answer belongs to one exact prompt and the
standard library does not promise the same draws in another version of Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b


class Draw:
    """A deterministic source of numbers: block ``n`` is a hash of the seed and ``n``."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def below(self, bound: int) -> int:
        """A number in [0, bound). The bias of the modulo is under 2⁻⁵⁰ here, and of no matter."""
        self._count += 1
        digest = blake2b(f"{self._seed}:{self._count}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % bound

    def of(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]


_PEOPLE = ("Ama", "Bruno", "Chiara", "Dagny", "Emre", "Farah", "Goran", "Hye-jin")
_SUBJECTS = (
    "the new intake screen",
    "the ticket machine on platform two",
    "the cold store",
    "the volunteers' rota",
    "the roof over the archive",
    "the online booking form",
    "the contract for the vans",
    "the spring open day",
)
_VIEWS = (
    "I would rather wait until we have the figures for {month}.",
    "We promised that to the members in {month}, and I want to keep it.",
    "It costs us about {number} a week as it is.",
    "Two of the three offers are over budget; the third is short on detail.",
    "Nobody complained about it to me, and I asked {number} people.",
    "If it slips again we lose the grant, all {number} thousand of it.",
    "I walked past it this morning; it is worse than the photographs.",
    "Can we try it small, with {number} of them, before we sign anything?",
)
_MONTHS = ("January", "March", "April", "June", "September", "October")
_OPEN = (
    "Left open: nobody could say who pays if it is late.",
    "Left open until the insurer answers.",
    "To be taken up again; no one is responsible yet.",
)


def transcript(draw: Draw) -> Iterator[str]:
    """Minutes of a meeting that never ends: item by item, some decided, some left open."""
    item = 0
    while True:
        item += 1
        subject = draw.of(_SUBJECTS)
        yield f"\nItem {item}: {subject}\n"
        for _ in range(3 + draw.below(5)):
            view = draw.of(_VIEWS).format(month=draw.of(_MONTHS), number=2 + draw.below(58))
            yield f"{draw.of(_PEOPLE)}: {view}\n"
        if draw.below(3):
            yield f"Decided: {draw.of(_PEOPLE)} settles {subject} by the end of {draw.of(_MONTHS)}.\n"
        else:
            yield draw.of(_OPEN) + "\n"


_MACHINES = ("mixer-1", "mixer-2", "oven-3", "belt-4", "belt-5", "press-6", "chiller-7", "fan-8")
_QUIET = (
    "temperature {a}.{b} C, within limits",
    "batch {a}{b} finished",
    "speed set to {a} rpm by schedule",
    "door opened and closed",
    "self-test passed in {a} ms",
    "power {a}.{b} kW",
)


def log(draw: Draw) -> Iterator[str]:
    """A plant's log. The chiller hums some minutes before it and the press stop, again and again."""
    minute = 5 * 60 + draw.below(60)
    until_trouble = 20
    while True:
        minute += 1 + draw.below(3)
        until_trouble -= 1
        stamp = f"d{minute // 1440 + 1} {minute // 60 % 24:02d}:{minute % 60:02d}"
        if until_trouble == 6:
            yield f"{stamp} WARN  chiller-7 vibration {4 + draw.below(4)}.{draw.below(10)} mm/s, limit 4.0\n"
        elif until_trouble <= 0:
            yield f"{stamp} ERROR chiller-7 tripped, coolant flow lost\n"
            yield f"{stamp} ERROR press-6 stopped: oil too warm\n"
            yield f"{stamp} INFO  press-6 restarted by hand ({draw.of(_PEOPLE)})\n"
            until_trouble = 40 + draw.below(30)
        else:
            message = draw.of(_QUIET).format(a=10 + draw.below(80), b=draw.below(10))
            yield f"{stamp} INFO  {draw.of(_MACHINES)} {message}\n"


_NEWS = (
    "The river rose past the third ring on the post and the ferry stayed in for two days.",
    "A man brought a piano across, in pieces, and played the lid while we rowed the strings.",
    "The bridge people measured again. They wear clean boots and never ask the price of a crossing.",
    "I greased the cable and counted the planks; eleven want changing before winter.",
    "The school children crossed for nothing, as ever, and sang so badly that the herons left.",
    "Old Tam paid his debt of four years in apples.",
)
_SELLING = (
    "The offer from the bridge company still lies on the table, {reader}, and I look at it too often.",
    "With the money from a sale we could mend Father's house and never wake to ice on an oar again.",
    "If we sell in spring they will pay the season too. I have worked it out twice.",
)
_STAYING = (
    "I will not put my name to a sale while anyone still rings the bell at night and means it.",
    "You speak of ice, {reader}, and I think of the midwife last March; no bridge will wait up for her.",
    "Ask yourself who carries the letters when the road is under water. It was always us.",
)
_TURN = 5
"""The letter in which Runa changes her mind."""


def letters(draw: Draw) -> Iterator[str]:
    """Letters between Runa, who wants to sell the ferry, and Edda, who does not; until letter five."""
    number = 0
    while True:
        number += 1
        selling = number % 2 == 1 and number <= _TURN
        writer, reader = ("Runa", "Edda") if number % 2 else ("Edda", "Runa")
        first = draw.below(len(_NEWS))
        second = (first + 1 + draw.below(len(_NEWS) - 1)) % len(_NEWS)
        mood = draw.of(_SELLING if selling else _STAYING).format(reader=reader)
        yield f"\nDear {reader},\n{_NEWS[first]} {_NEWS[second]} {mood}\n"
        if number == _TURN:
            yield (
                "But I must tell you of Thursday. I rowed the baker's wife across in the fog and the child "
                "came on the water, between the banks. They have named her after the boat. "
                "I have burnt the offer.\n"
            )
        yield f"Your sister, {writer}\n"


_ARTICLES = ("hinge", "bolt", "gasket", "lamp", "hose", "filter", "bearing", "valve", "clamp", "fuse")
_SIZES = ("8 mm", "10 mm", "12 mm", "16 mm", "20 mm", "large", "small", "brass", "steel", "spare")


def stock(draw: Draw) -> Iterator[str]:
    """A stock list: article, pieces left, pieces used a day, days until an order arrives."""
    yield "article; shelf; left; used a day; delivery in days\n"
    shelf = 0
    while True:
        shelf += 1
        name = f"{draw.of(_ARTICLES)} {draw.of(_SIZES)}"
        yield f"{name}; {shelf:04d}; {draw.below(900)}; {1 + draw.below(40)}; {1 + draw.below(21)}\n"


KINDS: dict[str, Callable[[Draw], Iterator[str]]] = {
    "transcript": transcript,
    "log": log,
    "letters": letters,
    "stock": stock,
}


def long_text(kind: str, seed: int, characters: int) -> str:
    """A text of ``kind`` (one of :data:`KINDS`) of at most ``characters``, cut at the end of a line."""
    pieces: list[str] = []
    room = characters
    for piece in KINDS[kind](Draw(seed)):
        room -= len(piece)
        if room < 0:
            break
        pieces.append(piece)
    return "".join(pieces).strip()
