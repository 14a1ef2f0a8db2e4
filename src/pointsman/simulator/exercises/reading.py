"""Numbers that stand in a text: in a document among others, or in the words of another language."""

from __future__ import annotations

from .exercise import Numerals, Span, Template, Values
from .names import CITIES, FIRMS, GOODS, MONTHS, PEOPLE

_ORDER = (
    "{firm}, order {order} of {day} {month}: {pieces} {goods} at {price} euros each, to be delivered to "
    "{city} within {days} days. {ask}"
)
_BOOKING = (
    "Dear {who}, your booking {order} is confirmed: train {train} from {city} to {other} on {day} {month}, "
    "coach {coach}, {price} euros. {ask}"
)
_REPAIR = (
    "Workshop note: {who} brought in a van with {order} km on the clock on {day} {month}. {pieces} {goods} "
    "were fitted, the work took {days} hours, and the bill is {price} euros. {ask}"
)
_NOTE = (
    "Minutes of the meeting in {city}: {who} reported {pieces} complaints in {month}, {days} of them still "
    "open. {firm} offers a credit of {price} euros under contract {order}. {ask}"
)

_ASKED: dict[str, tuple[tuple[str, str], ...]] = {
    _ORDER: (
        ("Which order number is it?", "order"),
        ("What does one piece cost?", "price"),
        ("How many pieces were ordered?", "pieces"),
        ("Within how many days is it to be delivered?", "days"),
    ),
    _BOOKING: (
        ("What is the number of the booking?", "order"),
        ("Which coach is it?", "coach"),
        ("What did it cost?", "price"),
        ("Which train is it?", "train"),
    ),
    _REPAIR: (
        ("How many kilometres were on the clock?", "order"),
        ("What does the bill come to?", "price"),
        ("How many hours did the work take?", "days"),
        ("Give me the number of parts that were fitted.", "pieces"),
    ),
    _NOTE: (
        ("How many complaints were there?", "pieces"),
        ("Which contract is it about?", "order"),
        ("What credit is offered?", "price"),
        ("How many complaints are still open?", "days"),
    ),
}


def _document(text: str) -> Template:
    asked = _ASKED[text]
    fields = [field for _, field in asked]

    def right(values: Values) -> int:
        return values[fields[values["ask"]]]

    def slip(values: Values) -> int:
        return values[fields[(values["ask"] + 1) % len(fields)]]

    places: dict[str, Span | tuple[str, ...]] = {
        "ask": tuple(question for question, _ in asked),
        "firm": FIRMS,
        "order": Span(10_000, 99_999),
        "day": Span(1, 28),
        "month": MONTHS,
        "pieces": Span(12, 240),
        "goods": GOODS,
        "price": Span(241, 990),
        "city": CITIES,
        "other": CITIES,
        "days": Span(2, 11),
        "who": PEOPLE,
        "train": Span(1000, 9999),
        "coach": Span(2, 19),
    }
    return Template("reading", text, right, slip, {k: v for k, v in places.items() if f"{{{k}}}" in text})


DOCUMENTS = tuple(map(_document, _ASKED))

_GERMAN_ONES = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_GERMAN_TENS = ("zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_FRENCH_ONES = ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
_FRENCH_TENS = ("vingt", "trente", "quarante", "cinquante", "soixante")
_SPANISH_ONES = ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")
_SPANISH_TENS = ("treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")


def _numerals(words: list[tuple[str, int]]) -> Numerals:
    return Numerals(tuple(word for word, _ in words), tuple(value for _, value in words))


GERMAN = _numerals(
    [
        (f"{one}und{ten}", 10 * t + o)
        for t, ten in enumerate(_GERMAN_TENS, 2)
        for o, one in enumerate(_GERMAN_ONES, 1)
    ]
)
FRENCH = _numerals(
    [
        (f"{ten}-{one}", 10 * t + o)
        for t, ten in enumerate(_FRENCH_TENS, 2)
        for o, one in enumerate(_FRENCH_ONES, 2)
    ]
)
SPANISH = _numerals(
    [
        (f"{ten} y {one}", 10 * t + o)
        for t, ten in enumerate(_SPANISH_TENS, 3)
        for o, one in enumerate(_SPANISH_ONES, 1)
    ]
)
"""Only the regular ones."""

_SENTENCES: tuple[tuple[str, Numerals], ...] = (
    ("{who} schreibt aus {city}: „Auf dem Gleis stehen {word} Wagen.“", GERMAN),
    ("In dem Brief von {who} steht: „Wir haben {word} Briefe aus {city} bekommen.“", GERMAN),
    ("{who} écrit de {city} : « Il y a {word} wagons sur la voie. »", FRENCH),
    ("On lit dans la lettre de {who} : « Nous avons reçu {word} lettres de {city}. »", FRENCH),
    ("{who} escribe desde {city}: «En la vía hay {word} vagones.»", SPANISH),
    ("En la carta de {who} se lee: «Hemos recibido {word} cartas de {city}.»", SPANISH),
)
_WANTED = (
    "What number does this sentence name?",
    "Translate the number into figures.",
    "Which number is meant?",
    "Write the number in digits, please.",
)


def _swapped(values: Values) -> int:
    return values["word"] % 10 * 10 + values["word"] // 10


SENTENCES = tuple(
    Template(
        "languages",
        f"{sentence} {{ask}}",
        lambda values: values["word"],
        _swapped,
        {"who": PEOPLE, "city": CITIES, "word": words, "ask": _WANTED},
    )
    for sentence, words in _SENTENCES
)
