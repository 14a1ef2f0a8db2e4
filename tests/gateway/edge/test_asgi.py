"""The ASGI application by itself: bodies in pieces, clients that leave, and what is no request at all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.gateway.build import OPEN_DOOR, FrontDoor
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.edge.asgi import GatewayApp
from pointsman.gateway.edge.faces import Action, Faces
from pointsman.keys import KeyDirectory
from tests.support.asgi import AsgiCall
from tests.support.clock import FakeClock
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import OPENAI_MODEL, OPENAI_WHOLE
from tests.support.some_keys import a_key, stored
from tests.support.upstream import Scripted, Wait


class Echo:
    """An application with one path, which gives back what came."""

    def __init__(self, **settings: Any) -> None:
        self.arrivals: list[Arrival] = []
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        given: dict[str, Any] = {"max_body": 10, "body_timeout": 5.0} | settings
        faces = Faces({("POST", "/echo"): Action(self._run, has_body=True)})
        door = given.pop("door", OPEN_DOOR)
        self.app = GatewayApp(faces, door, FakeClock(), lambda: "req_1", **given)

    async def _run(self, arrival: Arrival) -> Answer:
        self.arrivals.append(arrival)
        self.reached.set()
        await self.go_on.wait()
        return Answer(200, [(b"x-given", b"1")], arrival.body)

    def call(self, *pieces: bytes, **headers: str) -> AsgiCall:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return AsgiCall(self.app, "POST", "/echo?a=b", pieces, named)


BODIES: list[tuple[tuple[bytes, ...], int]] = [
    ((b"",), 200),
    ((b"0123456789",), 200),
    ((b"01234", b"", b"56789"), 200),
    (tuple(b"%d" % digit for digit in range(10)), 200),
    ((b"0123456789x",), 413),
    ((b"01234567", b"89x"), 413),
    ((b"0123456789", b"", b"x"), 413),
]


@pytest.mark.parametrize(("pieces", "status"), BODIES)
async def test_a_body_may_come_in_pieces_up_to_its_limit(pieces: tuple[bytes, ...], status: int) -> None:
    echo = Echo()
    done = await echo.call(*pieces).run()
    assert (done.status, done.complete) == (status, True)
    assert int(done.headers["content-length"]) == len(done.body)
    if status == 200:
        assert done.body == b"".join(pieces)
    else:
        assert done.json()["error"]["code"] == "request_too_large"


async def test_what_an_arrival_knows() -> None:
    echo = Echo(door=FrontDoor(KeyDirectory([stored(1)])))
    await echo.call(b"x", authorization=f"Bearer {a_key(1)}", x_other="é").run()
    (arrival,) = echo.arrivals
    assert (arrival.key.id, arrival.path, arrival.query) == ("key_1", "/echo", "a=b")
    assert (arrival.request_id, arrival.at_us, arrival.started) == ("req_1", FakeClock().now_us(), 1000.0)
    assert arrival.headers[b"x-other"] == b"\xe9"
    assert not arrival.leave.gone


class Stuck(AsgiCall):
    """Sends the pieces that it has, and then nothing."""

    async def receive(self) -> dict[str, Any]:
        message = await super().receive()
        if message["type"] == "http.request":
            message["more_body"] = True
        return message


async def test_a_body_that_stops_is_not_waited_for() -> None:
    echo = Echo(body_timeout=0.02)
    done = await Stuck(echo.app, "POST", "/echo", [b"01"]).run()
    assert (done.status, done.json()["error"]["code"], echo.arrivals) == (408, "request_timeout", [])


async def test_a_client_that_leaves_within_its_body_gets_no_answer_and_costs_nothing() -> None:
    echo = Echo()
    call = Stuck(echo.app, "POST", "/echo", [b"01"])
    call.leave()
    assert (await call.run()).status == 0
    assert echo.arrivals == []


async def test_a_client_that_leaves_while_it_is_answered_is_noticed() -> None:
    echo = Echo()
    echo.go_on.clear()
    call = echo.call(b"x")
    running = asyncio.create_task(call.run())
    await echo.reached.wait()
    told = asyncio.Event()
    echo.arrivals[0].leave.listen(told.set)
    call.leave()
    await asyncio.wait_for(told.wait(), 5)
    assert echo.arrivals[0].leave.gone
    echo.go_on.set()
    await running


@pytest.mark.parametrize("cancelled", [False, True])
async def test_nothing_is_left_running_when_a_request_is_over(cancelled: bool) -> None:
    """The watch for a client's leaving ends with its request, also where it is cancelled."""
    echo = Echo()
    echo.go_on.clear()
    before = asyncio.all_tasks()
    watched = echo.call(b"x")
    running = asyncio.create_task(watched.run())
    await watched.waiting.wait()
    if cancelled:
        running.cancel()
    echo.go_on.set()
    await asyncio.wait({running})
    left = asyncio.all_tasks() - before
    if left:
        _, running_on = await asyncio.wait(left, timeout=5)
        assert running_on == set()


async def test_a_bug_behind_the_edge_is_a_clean_500(caplog: pytest.LogCaptureFixture) -> None:
    async def explode(_: Arrival) -> Answer:
        raise ZeroDivisionError("the secret inside")

    faces = Faces({("POST", MESSAGES): Action(explode, has_body=True)})
    app = GatewayApp(faces, OPEN_DOOR, FakeClock(), lambda: "req_9", max_body=10, body_timeout=1.0)
    done = await AsgiCall(app, "POST", MESSAGES, [b"x"]).run()
    assert (done.status, done.headers["x-request-id"]) == (500, "req_9")
    assert done.json()["error"]["message"] == "Internal error; its id is req_9."
    assert "the secret inside" in caplog.text


async def test_the_lifespan_of_an_application_that_it_is_mounted_in() -> None:
    happened: list[str] = []

    async def startup() -> None:
        happened.append("up")

    async def shutdown() -> None:
        happened.append("down")

    app = GatewayApp(
        *(Faces({}), OPEN_DOOR, FakeClock(), lambda: "r"),
        max_body=1,
        body_timeout=1.0,
        on_startup=startup,
        on_shutdown=shutdown,
    )
    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        happened.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    assert happened == ["up", "lifespan.startup.complete", "down", "lifespan.shutdown.complete"]


async def test_a_websocket_is_turned_away() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    await Rig().gateway.app({"type": "websocket", "path": CHAT}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1003}]


async def test_a_whole_answer_that_is_late_reaches_nobody_and_is_booked_as_cut() -> None:
    rig = Rig(Scripted(before=Wait.UNTIL_LEFT, body=OPENAI_WHOLE))
    call = rig.call(CHAT, ask(OPENAI_MODEL))
    running = asyncio.create_task(call.run())
    await rig.transport.asked.wait()
    call.leave()
    await running
    assert (rig.entry.outcome, rig.entry.estimated) == ("cut", False)
