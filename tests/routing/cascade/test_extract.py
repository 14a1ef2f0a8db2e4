from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.errors import ConfigurationError
from pointsman.routing.cascade import extractor


@pytest.mark.parametrize(
    ("spec", "answer", "said"),
    [
        ("text", "  Paris\n  it is. ", "paris it is"),
        ("text", " \n", None),
        ("number", "First 3, then $1,000.", "1000"),
        ("number", "none", None),
        ("choice", "The answer is (B).", "B"),
        ("choice", "Answer: C", "C"),
        ("choice", "A is wrong, B too. Hence **D**.", "D"),
        ("choice", "A\n\nBecause B is wrong", "A"),
        ("choice", r"\boxed{J}", "J"),
        ("choice", "c", "C"),
        ("choice", "I think a dog is B", "B"),
        ("choice", "I cannot tell", None),
        ("choice", "answer: A. No: the answer is B", "B"),
        ("json:answer", '```json\n{"answer": "$1,000.0"}\n```', "1000"),
        ("json:answer", '{"answer": 7.0}', "7"),
        ("json:answer", '{"answer": " Yes. "}', "yes"),
        ("json:answer", '{"answer": "5 hours"}', "5 hours"),
        ("json:answer:number", '{"answer": "5 hours", "why": 3}', "5"),
        ("json:answer:number", '{"answer": 5}', "5"),
        ("json:answer:number", '{"answer": true}', None),
        ("json:answer:choice", '{"answer": "(C) the third"}', "C"),
        ("json:ok", '{"ok": false}', "false"),
        ("json:list", '{"list": [2, {"b": 1, "a": 2}]}', '[2,{"a":2,"b":1}]'),
        ("json:answer", '{"answer": null}', None),
        ("json:answer", '{"answer": ""}', None),
        ("json:answer", "no", None),
        (r"regex:label=(\w+)", "label=x, then label=y", "y"),
        (r"regex:\d{4}", "in 1999 and 2001", "2001"),
        (r"regex:label=(\w*)", "label=", None),
        (r"regex:a:(\d)", "a:1", "1"),
        (r"regex:(x)?y", "y", None),
    ],
)
def test_what_counts_of_an_answer(spec: str, answer: str, said: str | None) -> None:
    assert extractor(spec)(answer) == said


@pytest.mark.parametrize("spec", ["", "json", "json:", "regex:", "numbers", "regex:(a+)+b"])
def test_a_wrong_spec_names_its_setting(spec: str) -> None:
    with pytest.raises(ConfigurationError, match=r"auto\.x\.grader\.extract") as refused:
        extractor(spec, "auto.x.grader.extract")
    assert refused.value.param == "auto.x.grader.extract"


@given(st.sampled_from(["text", "number", "choice", "json:a", r"regex:a\s*(\d)"]), st.text(max_size=200))
def test_no_text_makes_an_extractor_fail_or_say_nothing_at_length(spec: str, answer: str) -> None:
    assert extractor(spec)(answer) != ""


@pytest.mark.parametrize("spec", ["text", "number", "choice", "json:a", "json:a:number", r"regex:a(.*)b"])
@pytest.mark.parametrize(
    "piece", ["1,111", '"a": "', "\\boxed{", "(A", "((((", "a ", "1/", "-", '"a":{', "\\frac{1}{", "9", "\\"]
)
def test_the_time_that_a_text_takes_is_bounded(spec: str, piece: str) -> None:
    read = extractor(spec)
    before = time.process_time()
    read((piece * 200_000)[:200_000])
    assert time.process_time() - before < 5
