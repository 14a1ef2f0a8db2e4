from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.client.backend import Backend, Reply
from pointsman.client.connect import connect


@pytest.mark.parametrize("address", ["base_url", "simulator_url"])
async def test_both_backends_are_one(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they do alike is tested by the client's tests, which run over each of them."""
    monkeypatch.chdir(tmp_path)
    where = {"base_url": None, "simulator_url": None} | {address: "http://127.0.0.1:9"}
    backend: Backend = connect(api_key=None, config=None, ledger=None, environment={}, **where)
    assert await backend.settled("") is None if address == "simulator_url" else True
    await backend.close()


def test_a_reply_is_whole_or_a_stream() -> None:
    reply = Reply({})
    assert (reply.response, reply.events) == (None, None)
