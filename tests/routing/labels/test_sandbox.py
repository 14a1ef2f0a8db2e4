"""The parts of it that do not lock up the tests. ``test_subprocess.py`` has what they come to."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from pointsman.routing.labels.sandbox import NotConfined, confine, passes, readable, run


def test_tests_are_functions_or_the_whole_file() -> None:
    tests = "def test_a():\n    assert x == 1\ndef test_b():\n    assert x == 2\n"
    assert run("x = 1", tests) == {"passed": 1, "tests": 2}
    assert run("x = 1", "assert x == 1") == {"passed": 1, "tests": 1}
    assert run("x = 1", "assert x == 2\n" + tests) == {"passed": 0, "tests": 1}
    assert run("x = ", tests) == {"passed": 0, "tests": 1}


def test_whatever_is_raised_is_no_pass() -> None:
    def leave() -> None:
        raise SystemExit(0)

    assert not passes(leave)
    assert passes(lambda: None)


def test_only_the_library_can_be_read() -> None:
    places = readable()
    assert str(Path(platform.__file__).parent) in [str(Path(place).resolve()) for place in places]
    assert all("lib" in place for place in places)


@pytest.mark.parametrize("machine", [("linux", "riscv64"), ("darwin", "x86_64"), ("win32", "AMD64")])
def test_another_machine_is_told_apart(machine: tuple[str, str]) -> None:
    with pytest.raises(NotConfined, match=" on ".join(machine)):
        confine(1, 1 << 28, *machine)
