"""Processes on a core of their own: start, CPU time, memory, stop. Linux only: it reads ``/proc``."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

PAGE = os.sysconf("SC_PAGE_SIZE")


def usual_environment() -> dict[str, str]:
    """As users have it. Two settings of developers change what is measured: without bytecode files every
    start compiles, and unbuffered output loses what does not fit into a pipe at once."""
    unusual = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    return {name: value for name, value in os.environ.items() if name not in unusual}


def pinned(command: list[str], core: int) -> list[str]:
    """The command on one core, where the machine has more than one."""
    return ["taskset", "-c", str(core), *command] if (os.cpu_count() or 1) > 1 else command


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A process with its children."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def cpu(self) -> dict[int, int]:
        """Nanoseconds on the CPU (user and system) of each thread of the tree, by its id.

        From ``schedstat``, because ``stat`` counts in hundredths of a second.
        """
        found: dict[int, int] = {}
        for pid in self._tree():
            for task in _tasks(pid):
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    found[int(task.name)] = int((task / "schedstat").read_text().split()[0])
        return found

    def memory(self) -> float:
        """Resident MB of the whole tree. Pages that its processes share count once for each."""
        pages = 0
        for pid in self._tree():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * PAGE / 1e6

    def signal(self, number: int) -> None:
        """To the process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)

    def stop(self) -> None:
        """TERM to its process group (it was started in one of its own), then KILL after five seconds."""
        self.signal(signal.SIGTERM)
        try:
            self._popen.wait(5)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self._popen.wait()

    def _tree(self) -> Iterator[int]:
        todo = [self._popen.pid]
        while todo:
            pid = todo.pop()
            for task in _tasks(pid):
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    todo += map(int, (task / "children").read_text().split())
            yield pid


def _tasks(pid: int) -> list[Path]:
    """The threads of a process; none if it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return list(Path(f"/proc/{pid}/task").iterdir())
    return []


def spent(before: dict[int, int], after: dict[int, int]) -> float:
    """Seconds of CPU between two readings. A thread that ended in between is left out."""
    return sum(now - before.get(thread, 0) for thread, now in after.items()) / 1e9


def start(command: list[str], core: int, log: Path, environment: Mapping[str, str] | None = None) -> Running:
    """Start on ``core`` in a process group of its own; output goes to ``log``."""
    with log.open("wb") as out:
        popen = subprocess.Popen(
            pinned(command, core),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**usual_environment(), **(environment or {})},
            start_new_session=True,
        )
    return Running(popen)


def resident() -> int:
    """Bytes of this process, without garbage."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def in_a_process_of_its_own(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """So that nothing that was freed before is taken again."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **named).result()
