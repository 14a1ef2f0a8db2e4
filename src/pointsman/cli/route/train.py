"""``pointsman route train``: labels to a router file. Which labels is said by a file or by a route."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pointsman.errors import ConfigurationError, InvalidRequest

if TYPE_CHECKING:
    from .gathered import GatheredSummary
    from .training_summary import Summary


def route_train(
    labels: Annotated[
        Path | None,
        typer.Argument(
            help="Labels: a file of JSON lines. Default: one half of what the gateway gathered for --route."
        ),
    ] = None,
    weak: Annotated[str | None, typer.Option(help="The cheaper model of two, as the labels name it.")] = None,
    strong: Annotated[
        str | None, typer.Option(help="The other one, that the weak one is held against.")
    ] = None,
    pool: Annotated[
        str | None,
        typer.Option(help="In place of both: models with commas between, the weakest first: A,B,C."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the router goes; one that is there is replaced.")
    ] = Path("router.bin"),
    route: Annotated[
        str | None,
        typer.Option(help="Only the labels of this route; without a file, those of NAME of auto.NAME."),
    ] = None,
    install: Annotated[
        bool,
        typer.Option(
            "--install",
            help="Put it in service for the route. Until it is certified all goes to the baseline.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="Of how prompts are divided to be judged unseen.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Learn a router from labels: which prompts need the strong model."""
    import msgspec
    from rich.console import Console

    from pointsman.clock import SystemClock
    from pointsman.routing.router import load_router

    from .gathered import RoutePlace, learn_gathered
    from .installing import check_pool, put_in_service, service_text
    from .labels import check_models, graded_in
    from .trained_report import gathered_report, report
    from .training_watched import train_watched

    check_what(labels, route, named=(weak, strong, pool) != (None, None, None), install=install)
    clock, console = SystemClock(), Console(stderr=True, highlight=False)
    summary: GatheredSummary | Summary
    place = None
    if route is not None and (install or labels is None):
        place = RoutePlace(route, db, config, clock.now_us)
    if labels is None:
        assert place is not None, "there is a route where there is no file"
        with console.status("Learning"):
            learned = learn_gathered(place, seed)
        data, summary, told = learned.router, learned.summary, gathered_report(learned.summary, output)
    else:
        models = pool_of(weak, strong, pool)
        if place is not None:
            check_pool("router", models, place.auto)
        with console.status("Reading labels"):
            prompts = graded_in(labels, route)
        check_models(prompts, models)
        done = train_watched(prompts, models, seed, clock, console)
        data, summary, told = done.router, done.summary, report(done.summary, output)
    write(output, data)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(summary)).decode())
    else:
        Console(highlight=False).print(told)
    if place is not None and install:
        why_not = put_in_service(place.store, place.auto, load_router(data), None, clock.now_us())
        for line in service_text(place.auto, why_not):
            console.print(line, soft_wrap=True, markup=False)


def check_what(labels: Path | None, route: str | None, *, named: bool, install: bool) -> None:
    """Raises InvalidRequest unless it is said what to learn from, once, and where to install it."""
    if labels is None and route is None:
        raise InvalidRequest(
            "Say what to learn from: LABELS, a file; or --route NAME, for what its gateway gathered.",
            param="labels",
        )
    if install and route is None:
        raise InvalidRequest("Say for which route to install it: --route NAME.", param="route")
    if labels is None and named:
        raise InvalidRequest(
            f"Without a file the models are those of [auto.{route}]: leave out --weak, --strong, --pool.",
            param="pool",
        )


def pool_of(weak: str | None, strong: str | None, pool: str | None) -> tuple[str, ...]:
    """Raises InvalidRequest unless it is said which models there are."""
    if pool is not None and weak is None and strong is None:
        models = tuple(name.strip() for name in pool.split(",") if name.strip())
    elif pool is None and weak is not None and strong is not None:
        models = (weak, strong)
    else:
        raise InvalidRequest("Name the models: either --weak and --strong, or --pool A,B,C.", param="pool")
    if len(models) < 2 or len(set(models)) < len(models):
        raise InvalidRequest("A router chooses between at least two different models.", param="pool")
    return models


def write(path: Path, data: bytes) -> None:
    """The whole file or nothing of it: a gateway may be about to read it."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:
        raise ConfigurationError(f"The router cannot be written to {path}: {error.strerror}.") from error
