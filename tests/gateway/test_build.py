"""The composition root: what settings and arguments lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.config import Settings
from pointsman.errors import AuthenticationFailed, ConfigurationError, InternalError
from pointsman.gateway.build import OPEN_DOOR, FrontDoor, build_gateway, request_ids
from pointsman.http1 import Http1Transport
from pointsman.keys import KeyDirectory
from pointsman.ledger import MemoryLedger
from pointsman.providers import simulated_providers
from tests.support.gateway import CHAT, Rig, ask
from tests.support.open_calls import KeptCalls
from tests.support.provider_bytes import OPENAI_MODEL, OPENAI_WHOLE, openai_error
from tests.support.some_keys import a_key, stored
from tests.support.stack import settings
from tests.support.upstream import Scripted

PROVIDERS = simulated_providers("http://upstream")


def built(given: Settings | None = None, **environment: str) -> Http1Transport:
    gateway = build_gateway(
        given or settings(), PROVIDERS, ledger=MemoryLedger(), door=OPEN_DOOR, environment=environment
    )
    assert isinstance(gateway.transport, Http1Transport)
    return gateway.transport


async def test_nothing_is_needed_but_settings_and_a_ledger() -> None:
    await built().close()


def test_a_wrong_proxy_is_a_wrong_configuration() -> None:
    with pytest.raises(ConfigurationError, match="PROXY"):
        built(HTTPS_PROXY="gopher://x")


def test_a_preset_that_cannot_be_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"presets\.mine"):
        built(settings(presets={"mine": {"temperature": 0.5}}))


async def test_the_settings_reach_the_journey() -> None:
    given = settings(
        retries={"attempts": 2, "base_delay": 0.0},
        server={"max_body_mb": 1},
        presets={"mine": {"model": OPENAI_MODEL, "max_output": 7}},
        aliases={"quick": "preset:mine"},
    )
    rig = Rig(Scripted(body=OPENAI_WHOLE), openai_error(500), openai_error(500), given=given)
    await rig.post(CHAT, {"model": "quick", "messages": [{"role": "user", "content": "Hi"}]})
    assert 7 in (rig.sent().get("max_tokens"), rig.sent().get("max_completion_tokens"))
    assert (await rig.post(CHAT, ask(OPENAI_MODEL))).status == 500
    assert len(rig.transport.requests) == 3, "one, and two attempts"
    assert (await rig.post(CHAT, ask(OPENAI_MODEL, "x" * 2**20))).status == 413


async def test_closing_closes_transport_and_ledger() -> None:
    class Ledger(MemoryLedger):
        closed_after_transport = False

        async def close(self) -> None:
            self.closed_after_transport = rig.transport.closed

    rig, ledger, kept = Rig(), Ledger(), KeptCalls()
    gateway = build_gateway(
        settings(),
        PROVIDERS,
        ledger=ledger,
        open_calls=kept,
        door=OPEN_DOOR,
        environment={},
        transport=rig.transport,
    )
    await gateway.close()
    assert ledger.closed_after_transport, "calls under way end, and are booked, before the ledger goes"
    assert kept.closed


async def test_the_calls_under_way_are_let_go_even_where_the_ledger_cannot_be_closed() -> None:
    class Ledger(MemoryLedger):
        async def close(self) -> None:
            assert not kept.closed, "it ends calls until it is closed"
            raise InternalError("entries could not be stored")

    rig, kept = Rig(), KeptCalls()
    gateway = build_gateway(
        settings(),
        PROVIDERS,
        ledger=Ledger(),
        open_calls=kept,
        door=OPEN_DOOR,
        environment={},
        transport=rig.transport,
    )
    with pytest.raises(InternalError):
        await gateway.close()
    assert kept.closed


def test_ids_cannot_be_guessed_are_all_different_and_follow_the_time() -> None:
    drawn: list[int] = []
    now = [1_795_000_000_000_000]

    def token_hex(size: int) -> str:
        drawn.append(size)
        return "".join(f"{len(drawn) * 1000 + number:016x}" for number in range(size * 2 // 16))

    new_id = request_ids(token_hex, lambda: now[0])
    ids = []
    for _ in range(250):
        ids.append(new_id())
        now[0] += 2**14
    assert (len(set(ids)), len(drawn)) == (250, 3)
    assert {len(ident) for ident in ids} == {30}
    assert all(ident.startswith("req_") for ident in ids)
    assert ids == sorted(ids), "so that an index of them grows at its end"


def test_the_door_is_open_until_there_is_a_key() -> None:
    directory = KeyDirectory()
    door = FrontDoor(directory)
    assert door.authenticate("anything").id == ""
    directory.change([stored(1)])
    assert door.authenticate(a_key(1)).id == "key_1"
    for token in ("", "anything", a_key(2)):
        with pytest.raises(AuthenticationFailed):
            door.authenticate(token)


def test_the_door_stays_shut_when_all_keys_are_revoked() -> None:
    door = FrontDoor(KeyDirectory([stored(1, revoked_us=1)]))
    with pytest.raises(AuthenticationFailed):
        door.authenticate(a_key(1))


async def test_a_cascade_reads_the_schema_that_its_grader_names(tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    auto = {
        "policy": "cascade",
        "pool": ["claude-haiku-4-5", "claude-opus-4-8"],
        "cascade": {"accept": "schema"},
        "grader": {"kind": "schema", "schema": str(file)},
    }
    file.write_text('{"type": "object"}')
    await built(settings(auto={"default": auto})).close()
    file.write_text("not JSON")
    with pytest.raises(ConfigurationError, match=r"auto\.default\.grader\.schema"):
        built(settings(auto={"default": auto}))
