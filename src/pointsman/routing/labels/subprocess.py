"""Runs the code of answers in a process of its own, which locks itself in first (``sandbox.py``).

Nothing of the gateway goes there: the environment is empty, and no file or connection is inherited.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from pointsman.errors import ConfigurationError, InternalError

_PROGRAM = Path(__file__).with_name("sandbox.py")
_MOST_OUTPUT = 65_536
_GRACE = 1.0
"""Seconds that the interpreter takes to start, on a busy machine."""


class Limits(msgspec.Struct, frozen=True):
    """What one answer's tests may use, all together."""

    seconds: int = 5
    """Of processor time, and as many again until it must have ended."""
    memory_mb: int = 256


class Passed(msgspec.Struct, frozen=True):
    """What came of it."""

    passed: int
    tests: int


class _Result(msgspec.Struct):
    passed: int = 0
    tests: int = 1
    trouble: str = ""


_result = msgspec.json.Decoder(_Result)


def run_tests(code: str, tests: str, limits: Limits = Limits()) -> Passed | None:  # noqa: B008 - a frozen value
    """Run ``tests`` on ``code``; waits for it. None: it did not come to its end, or ended the process itself.

    Raises:
        ConfigurationError: code cannot be confined on this machine; it was not run.
    """
    token = secrets.token_hex(16)
    job = {
        "code": code,
        "tests": tests,
        "token": token,
        "seconds": limits.seconds,
        "memory_mb": limits.memory_mb,
    }
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    watch = threading.Timer(2 * limits.seconds + _GRACE, process.kill)
    watch.start()
    try:
        said = _talk(process, msgspec.json.encode(job))
    finally:
        watch.cancel()
        process.kill()
        process.wait()
    return _read(said, token.encode())


def check_sandbox() -> None:
    """Raises ConfigurationError where code cannot be confined."""
    if run_tests("x = 1", "assert x == 1") != Passed(1, 1):
        raise InternalError("A process to run tests of code in could not be started; see the system's log.")


def _talk(process: subprocess.Popen[bytes], job: bytes) -> bytes:
    """At most so much is read of what it says."""
    assert process.stdin is not None and process.stdout is not None
    with process.stdout as output:
        try:
            with process.stdin as stdin:
                stdin.write(job)
        except BrokenPipeError:
            return b""
        return output.read(_MOST_OUTPUT)


def _read(said: bytes, token: bytes) -> Passed | None:
    for line in said.splitlines():
        before, _, result = line.partition(b" ")
        if before != token:
            continue
        try:
            read = _result.decode(result)
        except msgspec.DecodeError:
            return None
        if read.trouble:
            raise ConfigurationError(
                f"Answers' code cannot be run safely on this machine: {read.trouble}. Use another grader, or "
                "another machine.",
                param="grader.kind",
            )
        return Passed(read.passed, read.tests)
    return None
