from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pointsman.errors import InvalidRequest, ServerBusy
from pointsman.routing.labels.fair import FEW
from pointsman.routing.labels.kept import Labels, Mark, Prompt
from pointsman.routing.labels.sqlite import SqliteLabels
from pointsman.storage.sqlite import migrate, schema_scripts
from tests.support.labels_contract import CONTRACT, a_mark, a_prompt

DECISIONS = """
    INSERT INTO decisions
    SELECT ?1 || value, value, ?2, ?3, '', 'fixed', 'm', 'm', 'fixed', 1.0, NULL, '', NULL, '{}', NULL
    FROM (WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value + 1 < ?4)
          SELECT value FROM n)
"""
"""So many decisions of a route and a tenant."""


@pytest.mark.parametrize("rule", CONTRACT, ids=lambda rule: rule.__name__)
def test_it_is_a_store_of_labels(rule: Callable[[Labels], None], tmp_path: Path) -> None:
    rule(SqliteLabels(tmp_path / "ledger.db"))


def test_another_process_sees_what_was_put(tmp_path: Path) -> None:
    SqliteLabels(tmp_path / "ledger.db").put(a_prompt(), [a_mark()])
    (found,) = SqliteLabels(tmp_path / "ledger.db").labelled("default")
    assert found.scores == {"small": 1.0}


def test_many_are_put_together_or_none(tmp_path: Path) -> None:
    store = SqliteLabels(tmp_path / "ledger.db")

    def rows(broken: bool) -> Iterator[tuple[Prompt, Sequence[Mark]]]:
        yield a_prompt("req_1"), [a_mark(), a_mark("large")]
        if broken:
            raise InvalidRequest("line 2 is no label")
        yield a_prompt("req_2"), [a_mark()]

    with pytest.raises(InvalidRequest, match="line 2"):
        store.put_all(rows(broken=True))
    assert store.counts() == ()
    assert store.put_all(rows(broken=False)) == 3


def test_side_by_side_no_more_is_held_than_the_most(tmp_path: Path) -> None:
    stores = [SqliteLabels(tmp_path / "ledger.db") for _ in range(4)]

    def take(store: SqliteLabels) -> int:
        return sum(store.hold("2026-11-23", "default", 7, 100) for _ in range(10))

    with ThreadPoolExecutor(4) as threads:
        taken = sum(threads.map(take, stores))
    assert taken == 14
    assert stores[0].spent("2026-11-23", "default") == 98


def test_a_file_that_is_no_database_any_more_is_told(tmp_path: Path) -> None:
    store = SqliteLabels(tmp_path / "ledger.db")
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("DROP TABLE labels")
    with pytest.raises(ServerBusy, match=r"ledger\.db cannot be used: no such table"):
        store.put(a_prompt(), [a_mark()])
    with pytest.raises(ServerBusy, match="no such table"):
        list(store.labelled("default"))


def test_feedback_is_weighed_by_what_the_journal_knows_of_traffic(tmp_path: Path) -> None:
    store = SqliteLabels(tmp_path / "ledger.db")
    for tenant, count in (("spam", 300), ("a", 40)):
        rows = [
            (
                a_prompt(f"{tenant}_{number}", tenant=tenant, at_us=number),
                [a_mark(source="feedback", key_id="k")],
            )
            for number in range(count)
        ]
        store.put_all(rows)
    assert len(store.fair_labelled("default")) == 40 + 300, (
        "as many requests as ratings, for all that is known"
    )
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        migrate(connection, "journal", schema_scripts("pointsman.routing.journal"))
        for route, tenant, count in (("default", "spam", 300), ("default", "a", 2_700), ("other", "spam", 9)):
            values = (f"{route}_{tenant}", route, tenant, count)
            connection.execute(DECISIONS, values)
    by_tenant = Counter(found.prompt.tenant for found in store.fair_labelled("default"))
    assert by_tenant == {"a": 40, "spam": FEW}
    assert Counter(found.prompt.tenant for found in store.fair_labelled("default", since_us=30)) == {
        "a": 10,
        "spam": 270,
    }


def test_the_newest_marks_come_first(tmp_path: Path) -> None:
    store = SqliteLabels(tmp_path / "ledger.db")
    for number in range(4):
        store.put(a_prompt(f"req_{number}", tenant=f"t{number}"), [a_mark(at_us=number)])
    store.put(a_prompt("other", route="other"), [a_mark(at_us=99)])
    assert store.last("default", 2) == [("req_3", "t3", a_mark(at_us=3)), ("req_2", "t2", a_mark(at_us=2))]
