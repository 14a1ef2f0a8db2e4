from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.errors import InvalidRequest
from pointsman.routing.label import Label, read_label, read_labels
from pointsman.routing.sample import Sample


def line(**fields: Any) -> str:
    return json.dumps({"prompt": "Hi", "model": "m", "score": 1} | fields)


def test_fields_that_are_not_known_are_let_pass() -> None:
    assert read_label(line(comment="x", split="test"), "f:1") == Label("Hi", "m", 1.0)


def test_a_label_of_messages() -> None:
    label = read_label(line(prompt=[{"role": "user", "content": "Hi"}], route="r", tenant="t"), "f:1")
    assert label.sample() == Sample("Hi", route="r", tenant="t")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{", "f:7: Input data was truncated"),
        ("{}", "missing required field `prompt`"),
        (line(score="good"), r"Expected `float`, got `str` - at `\$.score`"),
        (line(score=1.01), "f:7: score is 1.01, and must be from 0 to 1"),
        (line(score=-0.1), "score is -0.1"),
        (line(prompt=3), "at `\\$.prompt`"),
        (line(prompt=[{"content": "x"}]), "missing required field `role`"),
        (line(input_tokens=-1), "input_tokens is -1, and cannot be below 0"),
        (line(output_tokens=-5), "output_tokens is -5"),
        (line().replace("1}", "NaN}"), "f:7"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(bad: str, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        read_label(bad, "f:7")


def test_a_file_that_is_not_utf_8_is_said_to_be_none() -> None:
    with pytest.raises(InvalidRequest, match="f:7: this is not UTF-8"):
        read_label('{"prompt": "café", "model": "m", "score": 1}'.encode("latin-1"), "f:7")


def test_lines_are_counted_with_the_empty_ones() -> None:
    assert [label.model for label in read_labels([line(), "", line(model="n"), "  \n"], "f")] == ["m", "n"]
    with pytest.raises(InvalidRequest, match="f:3: "):
        list(read_labels([line(), "", "x"], "f"))


def test_names_may_be_numbers_or_null() -> None:
    line = '{"prompt": "p", "model": "m", "score": 1, "id": 7, "group": null, "route": null, "tenant": 3}'
    assert read_label(line, "x") == Label("p", "m", 1.0, id="7", tenant="3")


@pytest.mark.parametrize("value", ["true", "1.5", "[]", "{}"])
def test_nothing_else_may(value: str) -> None:
    with pytest.raises(InvalidRequest, match="id"):
        read_label(f'{{"prompt": "p", "model": "m", "score": 1, "id": {value}}}', "x")
