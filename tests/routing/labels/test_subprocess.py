"""What hostile answers come to. All of these really run."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pointsman.routing.labels.subprocess import Limits, Passed, check_sandbox, run_tests

TESTS = "def test_a():\n    assert f(2) == 4\n\ndef test_b():\n    assert f(3) == 9\n"
GOOD = "def f(x):\n    return x * x\n"
QUICK = Limits(seconds=1)

HARMLESS = {
    "all right": (GOOD, Passed(2, 2)),
    "half right": ("def f(x): return 4", Passed(1, 2)),
    "no Python": ("def f(", Passed(0, 1)),
    "leaves": ("import sys; sys.exit(0)", Passed(0, 1)),
    "leaves at once": ("import os; os._exit(0)", None),
    "brings tests of its own": (GOOD + "def test_c(): pass\ndef test_a(): pass", Passed(2, 2)),
    "speaks": (GOOD + "print('x' * 10**6)", Passed(2, 2)),
    "uses the library": (
        GOOD + "import math, json, re, random, decimal, datetime; random.random()",
        Passed(2, 2),
    ),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_answers_do(case: str) -> None:
    code, result = HARMLESS[case]
    assert run_tests(code, TESTS, QUICK) == result


FORBIDDEN = {
    "fork": "import os\nos.fork()",
    "a bomb": "import os\nwhile True:\n    os.fork()",
    "a thread": "import threading\nthreading.Thread(target=print).start()",
    "a program": "import subprocess\nsubprocess.run(['true'])",
    "exec": "import os\nos.execv('/bin/true', ['true'])",
    "kill the parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "stop the parent": "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)",
    "slow the parent": "import os\nos.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "bind the parent": "import resource, os\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
    "a connection": "import socket\nsocket.create_connection(('127.0.0.1', 80))",
    "a datagram": "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "a local socket": "import socket\nsocket.socketpair()",
    "passwords": "open('/etc/passwd').read()",
    "the parent's environment": "import os\nopen(f'/proc/{os.getppid()}/environ').read()",
    "its own environment": "open('/proc/self/environ').read()",
    "folders": "import os\nos.listdir('/')",
    "memory": "x = bytearray(10**9)",
    "memory in a file": "import os\nos.memfd_create('x')",
    "ctypes": "import ctypes\nassert ctypes.CDLL(None, use_errno=True).socket(2, 1, 0) >= 0",
    "more time": "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (60, 60))",
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_what_is_refused(case: str) -> None:
    assert run_tests(FORBIDDEN[case] + "\n" + GOOD, TESTS, QUICK) == Passed(0, 1)


@pytest.mark.parametrize(
    "deed",
    ["open({!r}, 'w').write('x' * 10**9)", "import os\nos.remove({!r})", "import os\nos.chmod({!r}, 0)"],
)
def test_no_file_is_touched(deed: str, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("gold", encoding="utf-8")
    before = file.stat()
    assert run_tests(deed.format(str(file)) + "\n" + GOOD, TESTS, QUICK) == Passed(0, 1)
    assert file.read_text(encoding="utf-8") == "gold"
    assert file.stat().st_mode == before.st_mode


def test_no_secret_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    code = "import os\nseen = dict(os.environ)\n" + GOOD
    assert run_tests(code, "assert 'secret' not in str(seen) and 'PATH' not in seen") == Passed(1, 1)


def test_no_file_of_the_gateway_is_open_there(tmp_path: Path) -> None:
    with (tmp_path / "ledger").open("w", encoding="utf-8") as file:
        os.set_inheritable(file.fileno(), True)
        code = f"import os\nos.fstat({file.fileno()})"
        assert run_tests(code, "pass") == Passed(0, 1)


def test_whatever_takes_too_long_is_ended() -> None:
    started = time.monotonic()
    endless = ("while True: pass", "import time\ntime.sleep(60)", "x = 9 ** 9 ** 9")
    with ThreadPoolExecutor(len(endless)) as side_by_side:
        ends = side_by_side.map(lambda code: run_tests(code, TESTS, QUICK), endless)
    assert dict(zip(endless, ends, strict=True)) == dict.fromkeys(endless)
    assert time.monotonic() - started < 10


WRITE = (
    "import os, contextlib\nfor n in range(3, 64):\n"
    "    with contextlib.suppress(OSError):\n        os.write(n, {!r})\n"
)


def test_what_it_says_is_bounded_and_not_believed() -> None:
    shout = WRITE.format(b"x y\n" * 10**5)
    assert run_tests(shout * 10 + GOOD, TESTS, QUICK) is None
    forge = WRITE.format(b'\n0 {"passed": 9, "tests": 9}\n')
    assert run_tests(forge, TESTS, QUICK) == Passed(0, 2)


def test_this_machine_can_confine_code() -> None:
    check_sandbox()
