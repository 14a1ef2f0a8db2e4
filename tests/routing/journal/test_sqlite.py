from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pointsman.errors import ConfigurationError, NotFound, ServerBusy
from pointsman.routing.journal import InService, Withdrawn
from pointsman.routing.journal.sqlite import SqliteJournal, SqliteRouters
from tests.support.decided import AT_US, decided

DAY_US = 86_400_000_000


def routers(path: Path, now_us: int = 7) -> SqliteRouters:
    return SqliteRouters(path / "a.db", now_us=lambda: now_us)


def rows_of(path: Path) -> list[str]:
    with closing(sqlite3.connect(path / "a.db")) as connection:
        return [row[0] for row in connection.execute("SELECT request_id FROM decisions ORDER BY request_id")]


def test_decisions_are_kept_over_a_restart(tmp_path: Path) -> None:
    async def write() -> None:
        journal = SqliteJournal(tmp_path / "a.db", {}, now_us=lambda: AT_US)
        journal.record(decided("r1"))
        journal.record(decided("r2", reason="pinned", features=b""))
        assert await journal.find("r1") == decided("r1"), "at once"
        await journal.close()
        assert journal.dropped == 0

    async def read() -> None:
        journal = SqliteJournal(tmp_path / "a.db", {}, now_us=lambda: AT_US)
        assert await journal.find("r1") == decided("r1")
        assert await journal.find("r3") is None
        await journal.close()

    asyncio.run(write())
    asyncio.run(read())
    store = routers(tmp_path)
    assert store.decision("r2") == decided("r2", reason="pinned", features=b"")
    assert store.counts(0) == [("x", "certified", "a", 1, AT_US), ("x", "pinned", "a", 1, AT_US)]
    assert store.counts(AT_US + 1) == []


def test_what_is_old_is_deleted_by_route(tmp_path: Path) -> None:
    async def write(now_us: int, *ids: str, route: str = "x") -> None:
        journal = SqliteJournal(tmp_path / "a.db", {"x": 2}, now_us=lambda: now_us)
        for ident in ids:
            journal.record(decided(ident, now_us, route=route))
        await journal.close()

    asyncio.run(write(AT_US, "old", "older"))
    asyncio.run(write(AT_US, "other", route="y"))
    asyncio.run(write(AT_US + 3 * DAY_US, "new"))

    async def prune() -> None:
        journal = SqliteJournal(tmp_path / "a.db", {"x": 2}, now_us=lambda: AT_US + 3 * DAY_US)
        journal.record(decided("newer", AT_US + 3 * DAY_US))
        while "old" in rows_of(tmp_path):
            await asyncio.to_thread(rows_of, tmp_path)
        await journal.close()

    asyncio.run(asyncio.wait_for(prune(), 10))
    assert rows_of(tmp_path) == ["new", "newer", "other"]


def test_one_router_and_certificate_of_a_route_are_in_service(tmp_path: Path) -> None:
    store = routers(tmp_path)
    assert store.in_service() == {}
    store.install_router("x", "d1", b"one")
    store.install_certificate("x", "c1", "d1", b"{}")
    assert store.in_service() == {"x": InService("x", "d1", 7, b"{}", "c1", 7)}
    store.install_router("x", "d2", b"two")
    store.install_certificate("x", "c2", "d2", b"[]")
    store.install_certificate("y", "c3", "d3", b"1")
    assert store.in_service() == {
        "x": InService("x", "d2", 7, b"[]", "c2", 7),
        "y": InService("y", certificate=b"1", certificate_id="c3", certificate_at_us=7),
    }
    assert (store.router("x", "d1"), store.router("x", "d2")) == (b"one", b"two")
    with pytest.raises(NotFound):
        store.router("y", "d1")
    with pytest.raises(ConfigurationError, match="no router file"):
        store.judge("x", "d1")


def test_a_certificate_is_withdrawn_once_and_can_be_put_in_service_anew(tmp_path: Path) -> None:
    store = routers(tmp_path)
    store.install_certificate("x", "c1", "d1", b"{}")
    assert store.withdraw("c1", "drift") and not store.withdraw("c1", "again")
    assert not store.withdraw("c2", "unknown")
    assert store.in_service()["x"].withdrawn == Withdrawn(7, "drift")
    store.install_certificate("x", "c1", "d1", b"{}")
    assert store.in_service()["x"].withdrawn is None


def test_each_change_has_a_mark_of_its_own(tmp_path: Path) -> None:
    store = routers(tmp_path)
    marks = [store.mark()]
    for change in (
        lambda: store.install_router("x", "d1", b"one"),
        lambda: store.install_certificate("x", "c1", "d1", b"{}"),
        lambda: store.withdraw("c1", "why"),
    ):
        change()
        marks.append(store.mark())
    assert len(set(marks)) == 4
    assert routers(tmp_path).mark() == marks[-1]
    assert routers(tmp_path / "other").mark() not in marks


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    store = routers(tmp_path)
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("DROP TABLE routers")
    for question in (store.in_service, lambda: store.install_router("x", "d", b"")):
        with pytest.raises(ServerBusy, match="cannot be used"):
            question()


def test_a_journal_whose_tables_are_gone_drops_and_goes_on(tmp_path: Path) -> None:
    async def write() -> int:
        journal = SqliteJournal(tmp_path / "a.db", {"x": 1}, now_us=lambda: AT_US)
        with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
            connection.execute("DROP TABLE decisions")
        journal.record(decided())
        await journal.close()
        return journal.dropped

    assert asyncio.run(write()) == 1
