"""What the judges said: checks that passed or not, as a table and an exit code."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

import msgspec

_FAILURES = (
    AssertionError,
    AttributeError,  # what SDKs raise at answers that lack something
    LookupError,
    OSError,
    ValueError,
    msgspec.MsgspecError,
    subprocess.SubprocessError,
)


class Check(msgspec.Struct, frozen=True):
    judge: str
    name: str
    problem: str
    """Empty: it passed."""
    seconds: float


def same(what: str, seen: object, wanted: object) -> None:
    """Raises AssertionError, in words, because these run without pytest."""
    if seen != wanted:
        raise AssertionError(f"{what}: {seen!r} instead of {wanted!r}")


def holds(what: str, condition: object) -> None:
    """Raises AssertionError where something must hold and does not."""
    if not condition:
        raise AssertionError(what)


class Outcome:
    """Collects checks. One that fails does not keep the others from running."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    @contextmanager
    def check(self, judge: str, name: str) -> Iterator[None]:
        began = perf_counter()
        problem = ""
        try:
            yield
        except _FAILURES as error:
            problem = f"{type(error).__name__}: {error}"
        self.checks.append(Check(judge, name, problem, perf_counter() - began))

    @property
    def exit_code(self) -> int:
        """0 only where something was checked and all of it passed."""
        return 0 if self.checks and not any(check.problem for check in self.checks) else 1


def table(checks: Sequence[Check]) -> str:
    """One line for each judge, then what did not pass, with its problem."""
    width = max([len(check.judge) for check in checks], default=0)
    lines = []
    for judge in dict.fromkeys(check.judge for check in checks):
        mine = [check for check in checks if check.judge == judge]
        good = sum(not check.problem for check in mine)
        took = sum(check.seconds for check in mine)
        word = "passed" if good == len(mine) else "FAILED"
        lines.append(f"{judge:<{width}}  {good:>3} of {len(mine):>3}  {word}  {took:>5.1f} s")
    failures = [check for check in checks if check.problem]
    lines += [f"\n{check.judge}: {check.name}\n    {check.problem}" for check in failures]
    return "\n".join(lines)
