"""What is found of the calls of a process that died."""

from __future__ import annotations

from pathlib import Path

from pointsman.ledger.entry import Entry
from pointsman.ledger.mmap import Abandoned, OpenCalls
from pointsman.ledger.open_call import OpenCall, settle


def left_by_a_dead_process(folder: Path, calls: list[OpenCall]) -> list[Entry]:
    """What the next start makes of these, found in the file of a process that is no more."""
    kept = OpenCalls(folder)
    for call in calls:
        kept.begin(call)
    dead = folder / "dead"
    dead.mkdir()
    (living,) = folder.glob("*.calls")
    (dead / living.name).write_bytes(living.read_bytes())
    kept.end(calls[0].request_id)
    kept.close()
    abandoned = Abandoned(dead)
    abandoned.discard()
    return settle(abandoned.calls)
