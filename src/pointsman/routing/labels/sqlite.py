"""Labels in the SQLite file that the ledger is in too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from pointsman.costs import PicoUsd
from pointsman.errors import ServerBusy
from pointsman.storage.sqlite import (
    connect,
    connect_to_read,
    has_table,
    migrate,
    schema_scripts,
    transaction,
)

from .fair import fair_feedback
from .kept import SOURCES, LabelCount, Labelled, Mark, Prompt, Source

T = TypeVar("T")

_PUT_PROMPT = """
    INSERT INTO label_prompts (id, route, tenant, subject, at_us, features) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET features = coalesce(label_prompts.features, excluded.features)
"""
_PUT_MARK = "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_LABELLED = """
    SELECT p.id, p.route, p.tenant, p.at_us, p.features, p.subject,
           l.model, l.score, l.source, l.at_us, l.key_id, l.input_tokens, l.output_tokens, l.cost, l.answer
    FROM label_prompts p JOIN labels l ON l.prompt = p.id
    WHERE p.route = ? AND p.at_us >= ? AND p.at_us < ? AND l.source IN ({})
    ORDER BY p.at_us, p.id, l.model, l.source, l.key_id
"""
_COUNTS = """
    SELECT p.route, l.model, l.source, count(*), count(DISTINCT l.prompt), avg(l.score),
           min(l.at_us), max(l.at_us)
    FROM label_prompts p JOIN labels l ON l.prompt = p.id
    GROUP BY p.route, l.model, l.source ORDER BY p.route, l.model, l.source
"""
_LAST = """
    SELECT p.id, p.tenant,
           l.model, l.score, l.source, l.at_us, l.key_id, l.input_tokens, l.output_tokens, l.cost, l.answer
    FROM label_prompts p JOIN labels l ON l.prompt = p.id
    WHERE p.route = ? ORDER BY l.at_us DESC, p.id, l.model LIMIT ?
"""
_TRAFFIC = "SELECT tenant, count(*) FROM decisions WHERE route = ? AND at_us >= ? GROUP BY tenant"
_HOLD = """
    INSERT INTO shadow_money (day, route, spent) SELECT ?1, ?2, ?3 WHERE ?3 <= ?4
    ON CONFLICT (day, route) DO UPDATE SET spent = spent + ?3 WHERE spent + ?3 <= ?4
"""
_MOST_MONEY = 2**62
"""What a column holds, with room: four and a half million US dollars."""


class SqliteLabels:
    """``Labels`` in a file. Each call opens it anew, so that threads and processes need not know each other.

    Args:
        path: the database; made if it is not there.

    Raises:
        ConfigurationError: the file cannot be opened, or belongs to a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(connect(path)) as connection:
            migrate(connection, "labels", schema_scripts("pointsman.routing.labels"))

    def put(self, prompt: Prompt, marks: Sequence[Mark]) -> None:
        self.put_all([(prompt, marks)])

    def put_all(self, rows: Iterable[tuple[Prompt, Sequence[Mark]]]) -> int:
        """All of them or, where one cannot be made or stored, none. Returns how many marks."""

        def work(connection: sqlite3.Connection) -> int:
            count = 0
            with transaction(connection):
                for p, marks in rows:
                    connection.execute(_PUT_PROMPT, (p.id, p.route, p.tenant, p.group, p.at_us, p.features))
                    connection.executemany(_PUT_MARK, [_mark_row(p.id, mark) for mark in marks])
                    count += len(marks)
            return count

        return self._write(work)

    def labelled(
        self, route: str, sources: Sequence[Source] = SOURCES, *, since_us: int = 0, until_us: int = 2**62
    ) -> Iterator[Labelled]:
        statement = _LABELLED.format(", ".join("?" * len(sources)))
        with closing(connect_to_read(self.path)) as connection:
            try:
                rows = connection.execute(statement, (route, since_us, until_us, *sources))
                for _, group in groupby(rows, key=lambda row: row[0]):
                    together = list(group)
                    prompt = Prompt(*together[0][:6])
                    yield Labelled(prompt, tuple(Mark(*row[6:]) for row in together))
            except sqlite3.Error as error:
                raise self._away(error) from error

    def last(self, route: str, count: int) -> list[tuple[str, str, Mark]]:
        """The newest marks of a route first: prompt, tenant and mark."""
        return [(row[0], row[1], Mark(*row[2:])) for row in self._read(_LAST, route, count)]

    def counts(self) -> tuple[LabelCount, ...]:
        return tuple(LabelCount(*row) for row in self._read(_COUNTS))

    def fair_labelled(
        self, route: str, sources: Sequence[Source] = SOURCES, *, since_us: int = 0
    ) -> list[Labelled]:
        """As ``labelled``, without what one tenant's feedback has too much of, by its share of what the
        journal says was decided since then: what is to be learned from."""
        return fair_feedback(
            list(self.labelled(route, sources, since_us=since_us)), self._traffic(route, since_us)
        )

    def _traffic(self, route: str, since_us: int) -> dict[str, int]:
        """Requests by tenant."""
        if not has_table(self.path, "decisions"):
            return {}
        return dict(self._read(_TRAFFIC, route, since_us))

    def hold(self, day: str, route: str, amount: PicoUsd, most: PicoUsd) -> bool:
        most = min(most, _MOST_MONEY)
        if amount > most:
            return False
        return self._write(lambda c: c.execute(_HOLD, (day, route, amount, most)).rowcount) > 0

    def give_back(self, day: str, route: str, amount: PicoUsd) -> None:
        statement = "UPDATE shadow_money SET spent = spent - ? WHERE day = ? AND route = ?"
        self._write(lambda c: c.execute(statement, (amount, day, route)))

    def spent(self, day: str, route: str) -> PicoUsd:
        rows = self._read("SELECT spent FROM shadow_money WHERE day = ? AND route = ?", day, route)
        return int(rows[0][0]) if rows else 0

    def prune(self, route: str, before_us: int) -> int:
        statement = """
            UPDATE label_prompts SET features = NULL
            WHERE route = ? AND at_us < ? AND features IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM labels WHERE prompt = id AND source = 'import')
        """
        return self._write(lambda c: c.execute(statement, (route, before_us)).rowcount)

    def _read(self, statement: str, *values: str | int) -> list[Any]:
        with closing(connect_to_read(self.path)) as connection:
            try:
                return connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._away(error) from error

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with closing(connect(self.path)) as connection:
            try:
                return work(connection)
            except sqlite3.Error as error:
                raise self._away(error) from error

    def _away(self, error: sqlite3.Error) -> ServerBusy:
        return ServerBusy(f"The labels in {self.path} cannot be used: {error}. Look at free space and locks.")


def _mark_row(prompt: str, mark: Mark) -> tuple[str | int | float | None, ...]:
    return (
        prompt,
        mark.model,
        mark.source,
        mark.key_id,
        mark.at_us,
        mark.score,
        mark.input_tokens,
        mark.output_tokens,
        mark.cost,
        mark.answer,
    )
