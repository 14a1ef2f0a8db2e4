"""``pointsman labels``: what is known of how well models answer, to bring in, look at and take out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pointsman.routing.labels.sqlite import SqliteLabels

labels_app = typer.Typer(
    help="Bring in, look at and take out labels: how well models answered.", no_args_is_help=True
)

Db = Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")]
Config = Annotated[Path | None, typer.Option(help="Settings file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Route = Annotated[str, typer.Option(help="NAME of auto.NAME. Default: default.")]


@labels_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON lines with prompt, model and score.")],
    route: Route = "default",
    as_json: AsJson = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Bring labels in from a file: all of them or, if a line is wrong, none. Prompts are kept as features."""
    from pointsman.clock import SystemClock

    from .file import prepare
    from .report import doubtful, imported

    rows = prepare(file, route, SystemClock().now_us(), _progress)
    doubt = doubtful({mark.model for _, marks in rows for mark in marks}, _pool(route, config), route)
    if doubt is not None:
        typer.echo(doubt, err=True)
    count = _store(db, config).put_all(rows)
    _show(imported(len(rows), count, route), {"prompts": len(rows), "labels": count, "route": route}, as_json)


@labels_app.command("export")
def export(
    route: Route = "default",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to. Default: standard output.")
    ] = None,
    db: Db = None,
    config: Config = None,
) -> None:
    """Write a route's labels as JSON lines. Prompts were never kept: in their place stand their features."""
    from .file import exported_lines, write_lines

    lines = exported_lines(_store(db, config).labelled(route))
    count = write_lines(lines, output)
    if output is not None:
        typer.echo(f"{count:,} labels of route {route} are in {output}.", err=True)


@labels_app.command("stats")
def stats(as_json: AsJson = False, db: Db = None, config: Config = None) -> None:
    """Count the labels by route, model and source."""
    from rich.console import Console

    from .report import NOTHING, count_data, table

    counts = _store(db, config).counts()
    if as_json:
        _print_json([count_data(count) for count in counts])
    elif counts:
        Console(highlight=False).print(table(counts))
    else:
        print(NOTHING)


@labels_app.command("list")
def list_(
    route: Route = "default",
    limit: Annotated[int, typer.Option(min=1, help="How many at the most.")] = 20,
    as_json: AsJson = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Show the newest labels of a route."""
    from rich.console import Console

    from .report import NOTHING, mark_data, marks_table

    marks = _store(db, config).last(route, limit)
    if as_json:
        _print_json([mark_data(*each) for each in marks])
    elif marks:
        Console(highlight=False).print(marks_table(marks))
    else:
        print(NOTHING)


@labels_app.command("grade")
def grade(
    file: Annotated[
        Path, typer.Argument(help="JSON lines with prompt, model, answer and, if known, reference.")
    ],
    kind: Annotated[str, typer.Option(help="exact, number, regex, schema or code.")] = "exact",
    extract: Annotated[
        str, typer.Option(help="What of an answer counts: text, number, choice, json:FIELD, regex:PATTERN.")
    ] = "text",
    pattern: Annotated[str | None, typer.Option(help="For regex: what a good answer matches.")] = None,
    schema: Annotated[Path | None, typer.Option(help="For schema: a file with a JSON schema.")] = None,
    tests: Annotated[Path | None, typer.Option(help="For code: a file of Python tests.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to. Default: standard output.")
    ] = None,
) -> None:
    """Score answers of a file, and write them as labels. Answers' code is run locked in."""
    from pointsman.routing.labels.subprocess import run_tests

    from .file import grader_for, write_lines
    from .grade import Tally, graded_lines

    grader = grader_for(kind, extract, pattern, schema, tests, run_tests)
    tally = Tally()
    write_lines(graded_lines(file, grader, tally), output)
    typer.echo(tally.words, err=True)


@labels_app.command("feedback")
def feedback(
    request_id: Annotated[str, typer.Argument(help="Of the answer: its header x-request-id.")],
    score: Annotated[float | None, typer.Option(help="From 0 (useless) to 1 (as good as can be).")] = None,
    thumbs: Annotated[str | None, typer.Option(help="Or: up, down.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Or: success, failure.")] = None,
    url: Annotated[str | None, typer.Option(help="The gateway. Default: that of the settings.")] = None,
    config: Config = None,
) -> None:
    """Say how good an answer was, to a running gateway, with the key in POINTSMAN_API_KEY."""
    from pointsman.cli.environment import gateway_url, read_context
    from pointsman.client import Client

    with Client(url or gateway_url(read_context(config).settings)) as client:
        client.feedback(request_id, score, thumbs=thumbs, outcome=outcome)
    print(f"Noted for {request_id}.")


def _store(db: Path | None, config: Path | None) -> SqliteLabels:
    from pointsman.cli.database import choose_database
    from pointsman.routing.labels.sqlite import SqliteLabels

    return SqliteLabels(choose_database(db, config))


def _pool(route: str, config: Path | None) -> tuple[str, ...] | None:
    """Of the settings' route; None where they have none."""
    from pointsman.cli.environment import read_context
    from pointsman.gateway.auto.baselines import read_models

    auto = read_models(read_context(config).settings).autos.get(route)
    return None if auto is None else (*auto.pool, *auto.models)


def _progress(done: int) -> None:
    typer.echo(f"{done:,} lines are read …", err=True)


def _show(words: str, data: object, as_json: bool) -> None:
    if as_json:
        _print_json(data)
    else:
        print(words)


def _print_json(data: object) -> None:
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(data)).decode())
