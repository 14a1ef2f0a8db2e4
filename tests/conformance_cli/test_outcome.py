from __future__ import annotations

import pytest

from tests.conformance_cli.outcome import Outcome, holds, same, table


def run(*problems: str) -> Outcome:
    outcome = Outcome()
    for n, problem in enumerate(problems):
        with outcome.check("judge", f"check {n}"):
            holds(problem, not problem)
    return outcome


def test_all_passed() -> None:
    outcome = run("", "")
    assert outcome.exit_code == 0
    assert "2 of   2  passed" in table(outcome.checks)


def test_one_failure_is_named_and_the_rest_still_runs() -> None:
    outcome = run("", "it is red", "")
    assert outcome.exit_code == 1
    said = table(outcome.checks)
    assert "2 of   3  FAILED" in said
    assert "judge: check 1\n    AssertionError: it is red" in said


def test_nothing_checked_is_no_success() -> None:
    assert Outcome().exit_code == 1


def test_a_mistake_of_the_script_itself_is_not_swallowed() -> None:
    outcome = Outcome()
    with pytest.raises(TypeError), outcome.check("judge", "name"):
        raise TypeError("no such argument")


def test_what_differs_is_told() -> None:
    same("colour", 1, 1)
    with pytest.raises(AssertionError, match="colour: 1 instead of 2"):
        same("colour", 1, 2)
