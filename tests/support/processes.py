"""Commands as processes of their own: started, waited for by what they print, and stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

COMMAND = [sys.executable, "-c", "from pointsman.cli.main import main; main()"]
_KEYS = re.compile(r"API_KEY|PROXY|POINTSMAN", re.I)


class Process:
    """A command that serves until it is stopped."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self._popen = popen
        self.said: list[str] = []

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first line of stdout that matches; fails with all that was said if the command ends before."""
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            self.said.append(line.rstrip("\n"))
            found = re.search(pattern, line)
            if found is not None:
                return found
        raise AssertionError(f"ended before it said {pattern!r}: {self.said} {self._popen.communicate()[1]}")

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Ask it to end; its exit code and what it wrote to stderr."""
        self._popen.send_signal(number)
        out, err = self._popen.communicate(timeout=30)
        self.said += out.splitlines()
        return self._popen.returncode, err


def environment(home: Path, **more: str) -> dict[str, str]:
    """This environment without what decides what a gateway is, and with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not _KEYS.search(name)}
    return kept | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")} | more


@contextmanager
def running(*arguments: str, home: Path, environ: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Run ``pointsman ARGUMENTS``; killed at the end of the block if it is still there."""
    popen = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=home,
        env=environment(home, **(environ or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with popen:
        try:
            yield Process(popen)
        finally:
            popen.kill()


def ended(
    *arguments: str, home: Path, stdin: str = "", environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``pointsman ARGUMENTS`` to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=home,
        env=environment(home, **(environ or {})),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
