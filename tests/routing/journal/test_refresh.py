from __future__ import annotations

import asyncio
import logging

import pytest

from pointsman.errors import ServerBusy
from pointsman.routing.journal.refresh import ServicesRefresh
from pointsman.routing.journal.services import Services
from pointsman.routing.standing import Terms
from tests.support.routers import in_service

POOL = ("a", "b")


def test_it_looks_again_and_again_and_tells_of_trouble_once(caplog: pytest.LogCaptureFixture) -> None:
    shelf = in_service(POOL)
    services = Services({"default": Terms(POOL, 0.98, 0.95, 500)}, shelf)
    asked = 0

    async def sleep(_: float) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            shelf.away = ServerBusy("away")
        if asked == 5:
            raise asyncio.CancelledError
        await asyncio.sleep(0)

    async def work() -> None:
        with pytest.raises(asyncio.CancelledError):
            await ServicesRefresh(services, sleep=sleep).run()

    with caplog.at_level(logging.WARNING, "pointsman.routing"):
        asyncio.run(work())
    assert services.standing("default").why_not is None
    assert [record.message for record in caplog.records] == ["away"]
