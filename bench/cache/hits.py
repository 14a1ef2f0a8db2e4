"""What a hit costs in the journey: from a request that has been let in to the last byte of its answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import msgspec

from pointsman.dialects import get_dialect
from pointsman.dialects.base import Dialect
from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.gateway.call.values import Arrival
from pointsman.gateway.edge.faces import NOBODY
from pointsman.http1 import Leave
from pointsman.ledger import MemoryLedger
from pointsman.providers import simulated_providers
from tests.support.gateway import ask, packaged_catalog
from tests.support.provider_bytes import ANTHROPIC_MODEL, ANTHROPIC_WHOLE, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.stack import settings
from tests.support.upstream import Scripted, ScriptedTransport

ROUNDS, HITS = 15, 300


class Hit(NamedTuple):
    name: str
    best_us: float
    """Of CPU, in the best of the rounds."""
    median_us: float
    kept: int
    """Bytes that it takes in the cache, with all that belongs to it."""
    told: int
    """Bytes that the client gets."""


def openai_stream(events: int) -> list[bytes]:
    """As OpenAI sends it, with what it adds to hide how long words are."""
    head = (
        b'data: {"id":"chatcmpl-Cq8zT2kBv1LxQ0mR7nYw","object":"chat.completion.chunk","created":1795000000,'
        b'"model":"gpt-6-luna","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":'
    )
    pieces = [
        head + b'[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,'
        b'"finish_reason":null}],"obfuscation":"Yb3a"}\n\n'
    ]
    for at in range(events):
        word = b" word%d" % (at * 7919 % 997)
        pieces.append(
            head + b'[{"index":0,"delta":{"content":"%b"},"logprobs":null,"finish_reason":null}],'
            b'"obfuscation":"%b"}\n\n' % (word, b"aZ3kT9pQ"[: 3 + at % 6])
        )
    pieces.append(
        head + b'[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"obfuscation":"x"}\n\n'
    )
    pieces.append(
        head
        + b'[],"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"prompt_tokens_details":'
        b'{"cached_tokens":3}},"obfuscation":"k"}\n\n'
    )
    return [*pieces, b"data: [DONE]\n\n"]


def anthropic_stream(events: int) -> list[bytes]:
    """As Anthropic sends it."""
    delta = (
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        b'"delta":{"type":"text_delta","text":"%b"}}\n\n'
    )
    return [
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_01","type":"message",'
        b'"role":"assistant","model":"claude-haiku-4-5","content":[],"stop_reason":null,"stop_sequence":null,'
        b'"usage":{"input_tokens":9,"cache_read_input_tokens":3,"output_tokens":1}}}\n\n',
        b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":'
        b'{"type":"text","text":""}}\n\n',
        b'event: ping\ndata: {"type": "ping"}\n\n',
        *[delta % (b" word%d" % (at * 7919 % 997)) for at in range(events)],
        b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
        b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
        b'"stop_sequence":null},"usage":{"output_tokens":5}}\n\n',
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ]


OPENAI, ANTHROPIC = get_dialect("openai_chat"), get_dialect("anthropic_messages")


class Case(NamedTuple):
    name: str
    script: bytes | list[bytes]
    made: Dialect
    asked: Dialect


CASES = (
    Case("whole, OpenAI", OPENAI_WHOLE, OPENAI, OPENAI),
    Case("whole, Anthropic", ANTHROPIC_WHOLE, ANTHROPIC, ANTHROPIC),
    Case("50 events, OpenAI", openai_stream(50), OPENAI, OPENAI),
    Case("400 events, OpenAI", openai_stream(400), OPENAI, OPENAI),
    Case("50 events, Anthropic", anthropic_stream(50), ANTHROPIC, ANTHROPIC),
    Case("400 events, Anthropic", anthropic_stream(400), ANTHROPIC, ANTHROPIC),
    Case("400 events, Anthropic's for OpenAI's client", anthropic_stream(400), ANTHROPIC, OPENAI),
)


class _Rig:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.gateway = build_gateway(
            settings(cache={"enabled": True}),
            simulated_providers("http://upstream"),
            ledger=MemoryLedger(),
            door=OPEN_DOOR,
            environment={},
            transport=ScriptedTransport(Scripted(body=case.script)),
            catalog=packaged_catalog(),
        )
        model = OPENAI_MODEL if case.made is OPENAI else ANTHROPIC_MODEL
        streams = not isinstance(case.script, bytes)
        self.body = msgspec.json.encode(ask(model, temperature=0, stream=streams))
        self.told = 0
        assert self.gateway.cache is not None
        self._empty = self.gateway.cache.store.stats().bytes

    async def begin(self) -> None:
        await self._ask(self.case.made)
        self.told = await self._ask(self.case.asked)

    async def measure(self) -> float:
        before = time.process_time()
        for _ in range(HITS):
            await self._ask(self.case.asked)
        return (time.process_time() - before) / HITS * 1e6

    @property
    def kept(self) -> int:
        assert self.gateway.cache is not None
        return self.gateway.cache.store.stats().bytes - self._empty

    async def _ask(self, face: Dialect) -> int:
        gateway = self.gateway
        arrival = Arrival(
            gateway.new_id(),
            gateway.clock.now_us(),
            gateway.clock.monotonic(),
            face,
            {},
            self.body,
            NOBODY,
            Leave(),
        )
        answer = await gateway.journey.run(arrival)
        assert answer.status == 200
        if isinstance(answer.body, bytes):
            return len(answer.body)
        return sum([len(piece) async for piece in answer.body])


async def hits(cases: Sequence[Case] = CASES) -> list[Hit]:
    """All cases take turns, since what else runs here comes and goes."""
    rigs = [_Rig(case) for case in cases]
    found: list[list[float]] = [[] for _ in rigs]
    for rig in rigs:
        await rig.begin()
    for _ in range(ROUNDS):
        for rig, rounds in zip(rigs, found, strict=True):
            rounds.append(await rig.measure())
    for rig in rigs:
        await rig.gateway.close()
    return [
        Hit(rig.case.name, round(min(rounds), 1), round(median(rounds), 1), rig.kept, rig.told)
        for rig, rounds in zip(rigs, found, strict=True)
    ]
