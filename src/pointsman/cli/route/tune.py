"""``pointsman route tune``: looks at each route anew, proposes, and on yes puts in service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pointsman.routing.tuning import Lesson

    from .tune_review import Review
    from .tuner import Trained, Tuner


def route_tune(
    name: Annotated[
        str | None, typer.Argument(help="The route: NAME of auto.NAME in the settings. Default: all of them.")
    ] = None,
    since: Annotated[
        str, typer.Option(help="Traffic and labels from when on: 12h, 90d or 2w ago, or a date (UTC).")
    ] = "90d",
    yes: Annotated[bool, typer.Option("--yes", help="Put in service what is proposed, unasked.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only propose.")] = False,
    write_config: Annotated[
        bool,
        typer.Option(
            "--write-config",
            help="Take models that are not worth their money out of the pool in the settings file too.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the training.")] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; without --yes it changes nothing.")
    ] = False,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Propose for each route a newly trained, certified router, with what it changes, and a better pool."""
    import msgspec
    from rich.console import Console

    from pointsman.cli.database import choose_database
    from pointsman.cli.environment import read_context
    from pointsman.clock import SystemClock
    from pointsman.errors import NotFound

    from .tune_report import review_data, review_tables
    from .tuner import Tuner

    context = read_context(config)
    tuner = Tuner(context, choose_database(db, config), SystemClock(), since=since, seed=seed, train=train)
    if name is not None and name not in tuner.routes:
        there = ", ".join(tuner.routes) or "none"
        raise NotFound(f"There is no [auto.{name}] in the settings. There are: {there}.")
    console = Console(highlight=False)
    reports = []
    for route in tuner.routes if name is None else [name]:
        review = tuner.review(route)
        while True:
            diff = tuner.pool_diff(review)
            if not as_json:
                console.print(review_tables(review, diff, tuner.now))
            smaller = write_config and not dry_run and tuner.can_write(review)
            if not smaller or not _sure(yes, as_json, f"Change {tuner.file} so, and learn for that pool?"):
                break
            review = tuner.write_pool(review)
        done = not dry_run and _install(tuner, review, yes=yes, quiet=as_json)
        reports.append(review_data(review, diff, tuner.now) | {"applied": done})
    if as_json:
        print(msgspec.json.format(msgspec.json.encode({"routes": reports})).decode())
    elif not reports:
        console.print("The settings have no [auto.NAME]: docs/routing.md tells what it is.", markup=False)


def train(lessons: Sequence[Lesson], models: tuple[str, ...], seed: int) -> Trained:
    """Learn a router.

    Raises:
        ConfigurationError: the extra for that is not installed.
        InvalidRequest: a model has too few labels.
    """
    from pointsman.errors import ConfigurationError

    from .tuner import Trained

    try:
        from pointsman.routing.training import Example, train
    except ImportError as error:
        raise ConfigurationError(
            f"Training needs an extra: pip install 'pointsman[train]' ({error.name} is missing)."
        ) from error
    router = train([Example(lesson.features, lesson.scores) for lesson in lessons], models, seed)
    return Trained(router, router.digest, router.encode())


def _install(tuner: Tuner, review: Review, *, yes: bool, quiet: bool) -> bool:
    """Put in service what is proposed, if it should be and is wanted; whether that was done."""
    if review.why_keep(tuner.now) is not None:
        return False
    if not _sure(yes, quiet, f"Put this router and its certificate in service for {review.auto.model}?"):
        return False
    tuner.install(review)
    if not quiet:
        typer.echo("In service. A running gateway sees it within seconds; after a new pool, start it anew.")
    return True


def _sure(yes: bool, quiet: bool, question: str) -> bool:
    if yes or quiet:
        return yes
    if not typer.get_text_stream("stdin").isatty():
        typer.echo("Nothing was changed: nobody is there to ask. Say --yes.")
        return False
    return typer.confirm(question)
