"""The examples of docs/queue.md run, and print what the page says."""

from __future__ import annotations

import pytest

from tests.support.pages import Example, examples, run_python

PAGE = "queue.md"
EXAMPLES = examples(PAGE)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples(example: Example) -> None:
    assert example.language == "python"
    assert run_python(example, PAGE, {}) == example.output
