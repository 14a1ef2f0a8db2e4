"""Calls under way, kept in a memory-mapped file: no system call per request, and it survives ``kill -9``.

What a process wrote to a mapped file belongs to the kernel: it is there whatever kills the process (only a
machine that goes down may lose it). Each process has a file of its own, and holds a lock on it for as long
as it lives; a file that nobody holds belonged to a dead process.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from mmap import mmap
from pathlib import Path
from typing import BinaryIO

from pointsman.errors import ConfigurationError, ServerBusy

from .entry import Entry
from .filelock import try_lock
from .open_call import OpenCall, settle
from .slots import FREE, HEADER_BYTES, SLOT_BYTES, pack, unpack

_SUFFIX = ".calls"
_SLOTS = 256
_SEGMENT_BYTES = _SLOTS * SLOT_BYTES


class OpenCalls:
    """The calls that this process has under way. Any thread may use it.

    Raises:
        ConfigurationError: the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._growing = threading.Lock()
        self._free: list[tuple[mmap, int]] = []
        self._segments: list[mmap] = []
        self._taken: dict[str, tuple[tuple[mmap, int], ...]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._path, self._file = _new_file(folder)
            self._grow()
        except (OSError, ServerBusy) as error:
            raise ConfigurationError(
                f"Calls under way cannot be kept in {folder}: {error}. Check its permissions and free space."
            ) from error

    def __len__(self) -> int:
        """Requests with at least one call kept."""
        return len(self._taken)

    def begin(self, call: OpenCall) -> None:
        """Keep the call; to be done before it is sent, so that it cannot be forgotten.

        Raises:
            ServerBusy: the disk is full. The call must then not be sent.
        """
        slots = (self._write(call),)
        if (others := self._taken.setdefault(call.request_id, slots)) is not slots:
            self._taken[call.request_id] = others + slots

    def amend(self, call: OpenCall) -> None:
        """Put what is now known of an attempt in the place of what was: it has failed, and another follows.

        Both are kept for a moment, since a process can die between any two writes.

        Raises:
            ServerBusy: the disk is full; what was kept of the attempt still is.
        """
        slots = list(self._taken[call.request_id])
        before, slots[call.number - 1] = slots[call.number - 1], self._write(call)
        self._taken[call.request_id] = tuple(slots)
        memory, at = before
        memory[at : at + HEADER_BYTES] = FREE
        self._free.append(before)

    def end(self, request_id: str) -> None:
        """Forget all calls of that request: its entry is committed, or nothing of it can be billed."""
        for slot in self._taken.pop(request_id, ()):
            memory, at = slot
            memory[at : at + HEADER_BYTES] = FREE
            self._free.append(slot)

    def close(self) -> None:
        """Let go of the file. It is deleted if no call is left in it; else the next start settles them."""
        left = len(self._taken)
        self._free.clear()
        self._taken.clear()
        for memory in self._segments:
            memory.close()
        self._segments.clear()
        self._file.close()
        if not left:
            self._path.unlink(missing_ok=True)

    def _write(self, call: OpenCall) -> tuple[mmap, int]:
        content = pack(call)
        try:
            slot = self._free.pop()
        except IndexError:
            slot = self._grow()
        memory, at = slot
        memory[at : at + len(content)] = content
        return slot

    def _grow(self) -> tuple[mmap, int]:
        """Another segment of slots; one of them is the caller's on return."""
        with self._growing:
            offset = len(self._segments) * _SEGMENT_BYTES
            try:
                # Real zeros, no hole: writing to a mapped hole on a full disk ends in SIGBUS.
                self._file.seek(offset)
                self._file.write(bytes(_SEGMENT_BYTES))
                self._file.flush()
                memory = mmap(self._file.fileno(), _SEGMENT_BYTES, offset=offset)
            except OSError as error:
                raise ServerBusy(
                    f"Calls under way cannot be kept in {self._path}: {error}. Free some space."
                ) from error
            self._segments.append(memory)
            first, *others = ((memory, slot * SLOT_BYTES) for slot in range(_SLOTS))
            self._free.extend(others)
            return first


class Abandoned:
    """The files of processes that died, locked by us as long as this exists."""

    def __init__(self, folder: Path) -> None:
        self._files: list[tuple[Path, BinaryIO]] = []
        self.calls: list[OpenCall] = []
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            file = _claim(path)
            if file is not None:
                self._files.append((path, file))
                self.calls.extend(_calls_in(file))

    def discard(self) -> None:
        """Delete the files: what was in them is in the ledger."""
        for path, file in self._files:
            path.unlink(missing_ok=True)
            file.close()
        self._files.clear()

    def release(self) -> None:
        """Leave the files for another time."""
        for _, file in self._files:
            file.close()
        self._files.clear()


def settle_abandoned(folder: Path, commit: Callable[[Sequence[Entry]], object]) -> int:
    """Commit what dead processes left under way, as spent; to be done at start-up. Returns how many requests.

    Args:
        commit: stores the entries, save those whose request id is there already: a request that was
            committed just before its process died is not to be recorded again. If it raises, what was left
            stays for the next start.
    """
    abandoned = Abandoned(folder)
    try:
        entries = settle(abandoned.calls)
        if entries:
            commit(entries)
        abandoned.discard()
    finally:
        abandoned.release()
    return len(entries)


def _new_file(folder: Path) -> tuple[Path, BinaryIO]:
    """A file that is ours by its lock; one that another process took for abandoned meanwhile is given up."""
    while True:
        number, name = tempfile.mkstemp(suffix=_SUFFIX, prefix=f"{os.getpid()}-", dir=folder)
        file = os.fdopen(number, "r+b", buffering=0)
        path = Path(name)
        if try_lock(file) and path.exists():
            return path, file
        file.close()


def _claim(path: Path) -> BinaryIO | None:
    """The file, if nobody holds it and it is still the one of that name."""
    try:
        file = path.open("r+b", buffering=0)
    except FileNotFoundError:
        return None
    if try_lock(file) and path.exists():
        return file
    file.close()
    return None


def _calls_in(file: BinaryIO) -> Iterator[OpenCall]:
    while slot := file.read(SLOT_BYTES):
        if len(slot) == SLOT_BYTES and (call := unpack(slot)) is not None:
            yield call
