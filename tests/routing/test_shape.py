from __future__ import annotations

import pytest

from pointsman.routing.features import featurise
from pointsman.routing.sample import Sample
from pointsman.routing.shape import COUNTED, OCTAVE, SHAPE, size_of

CHOICE = "Which one?\nA. this\nB) that\n(C) both\nD. none\n"


def number(name: str, sample: Sample) -> int:
    return featurise(sample).shape[SHAPE.index(name)]


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        ("length", Sample("a" * 300), Sample("a" * 400_000)),
        ("lines", Sample("a b"), Sample("a\nb\nc")),
        ("digits", Sample("in the year"), Sample("in the year 1984")),
        ("capitals", Sample("tell me"), Sample("TELL me")),
        ("marks", Sample("tell me"), Sample("t(e)l;l m:e")),
        ("word length", Sample("a b c d"), Sample("incomprehensibilities")),
        ("variety", Sample("no no no no"), Sample("one two three four")),
        ("options", Sample("Which one?"), Sample(CHOICE)),
        ("code", Sample("define f"), Sample("```\ndef f():\n```")),
        ("formulas", Sample("x plus y"), Sample("$x^2 + y = \\alpha$")),
        ("questions", Sample("Say why."), Sample("Why? How?")),
        ("history", Sample("a"), Sample("a", history="b" * 50)),
        ("turns", Sample("a"), Sample("a", turns=9)),
        ("system", Sample("a"), Sample("a", system="Be brief.")),
        ("tools", Sample("a"), Sample("a", tools=3)),
        ("images", Sample("a"), Sample("a", images=1)),
        ("structured", Sample("a"), Sample("a", structured=True)),
    ],
)
def test_each_number_grows_with_what_it_is_named_for(name: str, less: Sample, more: Sample) -> None:
    assert number(name, less) < number(name, more)


def test_all_numbers_are_tried_and_named_once() -> None:
    assert len(set(SHAPE)) == len(SHAPE)
    assert set(COUNTED) < set(SHAPE)


@pytest.mark.parametrize("count", [0, 1, 3, 255, 1_000_000])
def test_a_size_grows_by_an_octave_where_it_doubles(count: int) -> None:
    assert size_of(2 * count + 1) == size_of(count) + OCTAVE
    assert size_of(0) == 0


def test_a_size_never_falls() -> None:
    sizes = [size_of(count) for count in range(5000)]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("text", ["", "\n", "?" * 4000, "9" * 4000, "A" * 4000, "\\$^=" * 1000, "é" * 3000])
def test_the_outermost_texts_have_a_shape(text: str) -> None:
    assert len(featurise(Sample(text, turns=10**9, tools=10**6)).shape) == len(SHAPE)
