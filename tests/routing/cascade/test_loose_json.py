from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.cascade.loose_json import FieldReader


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"answer": "42"}', "42"),
        ('Here it is:\n```json\n{\n "reasoning": "a",\n\n "answer": 42\n}\n```\nI hope it helps.', 42),
        ('{"reasoning": "line one\nline two:\t3", "answer": "4"}', "4"),
        ('{"answer": "line one\nline two",}', "line one\nline two"),
        ('{"a": "the \\"answer\\": 1", "answer": "2"}', "2"),
        ('{"answer": "1"} or rather {"answer": "2"}', "2"),
        ('{"answer": "he said "no" to it"}', 'he said "no" to it'),
        ('{"answer": "a \\"quoted\\" word"}', 'a "quoted" word'),
        ('{"answer": "\\frac{1}{2}"}', "\\frac{1}{2}"),
        ('{"answer": "\\\\frac{1}{2} \\times \\sqrt{2}"}', "\\frac{1}{2} \\times \\sqrt{2}"),
        ('{"answer": "a\\nb\\u00e9"}', "a\nbé"),
        ('{"answer": true}', True),
        ('{"answer": -1.5e3}', -1500.0),
        ('{"answer": {"x": [1, "}"]}}', {"x": [1, "}"]}),
        ('{"answer": 5 apples}', 5),
        ('{"answer": five}', "five"),
        ('{"answer": null}', None),
        ('{"answer": "cut of', None),
        ('{"answer": {"x": 1', None),
        ('{"answer":', None),
        ('{"other": "1"}', None),
        ("no JSON", None),
    ],
)
def test_the_last_value_of_the_field_is_read(text: str, value: Any) -> None:
    assert FieldReader("answer").read(text) == value


AMBIGUOUS = re.compile(r'["\\]|[\b\f\n\r\t][a-z]')
"""Written as JSON, a form feed before an "a" is the beginning of a TeX command: it is read as that."""


@given(st.text(max_size=60).filter(lambda text: not AMBIGUOUS.search(text)))
def test_what_is_written_as_json_should_be_is_read_as_it_is(text: str) -> None:
    written = msgspec.json.encode({"reasoning": "x", "field": text, "more": 1}).decode()
    assert FieldReader("field").read(f"Sure!\n```json\n{written}\n```") == text


@given(st.text(alphabet='{}[]":,\\answer \n0', max_size=80))
def test_no_text_makes_it_fail(text: str) -> None:
    FieldReader("answer").read('"answer": ' + text)
