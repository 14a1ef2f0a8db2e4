"""A process to be killed: sends calls as fast as it can, and says on stdout what it has done."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pointsman.ledger import OpenCall
from pointsman.ledger.durable import calls_folder
from pointsman.ledger.entry import Attempt, Entry
from pointsman.ledger.mmap import OpenCalls
from pointsman.ledger.sqlite import SqliteLedger

UNDER_WAY = 5


def say(word: str, request_id: str) -> None:
    os.write(1, f"{word} {request_id}\n".encode())


def settled(request_id: str, number: int) -> Entry:
    attempt = Attempt(1, "openai", "m", 200, "ok", None, False, number, 10)
    name = ("", "", "", "openai_chat", "m", "m", "openai")
    return Entry(
        request_id, number + 1, *name, False, 200, "ok", "", None, False, number, None, 10, (attempt,)
    )


def main(folder: Path) -> None:
    database = folder / "ledger.db"
    open_calls = OpenCalls(calls_folder(database))
    ledger = SqliteLedger(database, interval=0.002, committed=open_calls.end)
    number = 0
    while True:
        number += 1
        request_id = f"req_{number}"
        call = OpenCall(
            *(request_id, 1, number + 1, "", "", "", "openai_chat", "m", "m", "openai", "m", False),
            cost=1_000_000,
        )
        open_calls.begin(call)
        say("sent", request_id)
        if number > UNDER_WAY:
            done = number - UNDER_WAY
            ledger.record(settled(f"req_{done}", done))
            if number % 50 == 0:
                ledger._writer.flush().result()
                say("flushed", f"req_{done}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
