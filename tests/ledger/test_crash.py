"""A process that is killed while it works: what is promised of its calls afterwards.

1. A request whose entry was flushed is in the ledger, exactly as recorded.
2. A request that was sent is in the ledger once: as recorded, or as "process_died" at its estimate.
3. Nothing is in the ledger that was never begun.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.ledger import PROCESS_DIED, UsageQuery, total
from pointsman.ledger.durable import calls_folder, open_durable

WORKER = Path(__file__).parent.parent / "support" / "ledger_worker.py"


def run_and_kill(folder: Path, kill_after: int) -> list[list[str]]:
    """What the worker said before it was killed, which was some time after so many lines."""
    worker = subprocess.Popen([sys.executable, str(WORKER), str(folder)], stdout=subprocess.PIPE)
    assert worker.stdout is not None
    lines = [worker.stdout.readline() for _ in range(kill_after)]
    worker.kill()
    lines += worker.stdout.readlines()
    worker.wait()
    worker.stdout.close()
    return [line.decode().split() for line in lines if line.endswith(b"\n")]


@pytest.mark.parametrize("kill_after", [1, 40, 333, 1500])
async def test_kill_9_forgets_no_call(tmp_path: Path, kill_after: int) -> None:
    whole = run_and_kill(tmp_path, kill_after)
    sent = {request_id for word, request_id in whole if word == "sent"}
    flushed = {request_id for word, request_id in whole if word == "flushed"}

    database = tmp_path / "ledger.db"
    books = open_durable(database)
    ledger, died = books.ledger, books.settled
    for request_id in sent:
        entry = await ledger.find(request_id)
        assert entry is not None
        if entry.error == PROCESS_DIED:
            assert request_id not in flushed
            assert (entry.cost, entry.estimated) == (1_000_000, True)
        else:
            assert (entry.cost, entry.error) == (int(request_id.removeprefix("req_")), "")
    # One call may have been kept whose "sent" never came through the pipe.
    sums = total(await ledger.report(UsageQuery()))
    assert len(sent) <= sums.requests <= len(sent) + 1
    assert 1 <= sums.errors <= died
    await ledger.close()
    books.open_calls.close()
    assert list(calls_folder(database).iterdir()) == []
