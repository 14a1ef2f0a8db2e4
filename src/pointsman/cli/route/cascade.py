"""``pointsman route cascade``: try a cascade of the settings on labels with answers, and certify it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pointsman.config.auto_routes import AutoRoute
    from pointsman.gateway.cascade.cascades import Cascade
    from pointsman.routing.sample import Sample


def route_cascade(
    labels: Annotated[
        Path | None,
        typer.Argument(help='Labels with "answer": a file of JSON lines. Default: shadows of the route.'),
    ] = None,
    route: Annotated[str, typer.Option(help="The NAME of auto.NAME.")] = "default",
    router: Annotated[Path | None, typer.Option(help='A router file, for accept = "score".')] = None,
    install: Annotated[
        bool, typer.Option("--install", help="Put the certificate in service for the gateway.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Try a cascade on labels, and certify it if it keeps the floor of the settings."""
    from datetime import UTC, datetime

    import msgspec
    from rich.console import Console

    from pointsman.cli.database import choose_database
    from pointsman.cli.environment import read_context
    from pointsman.clock import SystemClock
    from pointsman.gateway.auto.baselines import read_models
    from pointsman.gateway.cascade.cascades import make_cascade
    from pointsman.routing.evidence import Certificate, encode_certificate
    from pointsman.routing.graded import grade_prompts
    from pointsman.routing.journal.sqlite import SqliteRouters
    from pointsman.routing.label import read_labels
    from pointsman.routing.labels.sqlite import SqliteLabels

    from .cascade_trial import trial_data, trial_view, try_cascade, try_shadows
    from .tune_review import priced_by

    context, clock = read_context(config), SystemClock()
    models = read_models(context.settings)
    auto = _cascade_route(models.autos, route)
    cascade = make_cascade(auto, _read)
    now = datetime.fromtimestamp(clock.now_us() / 1e6, UTC)
    if labels is None:
        kept = SqliteLabels(choose_database(db, config)).labelled(auto.name, ("shadow",))
        trial = try_shadows(auto, cascade, kept, now)
    else:
        prompts = grade_prompts(read_labels(_read(str(labels)).splitlines(), labels.name))
        price, expect = priced_by(models.catalog, clock.now_us()), _expects(auto, cascade, router)
        trial = try_cascade(auto, cascade, prompts, price, now, expect=expect)
    made = trial.outcome
    done = install and isinstance(made, Certificate)
    if isinstance(made, Certificate) and install:
        store = SqliteRouters(choose_database(db, config), now_us=clock.now_us)
        store.install_certificate(auto.name, made.id, made.router, encode_certificate(made))
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(trial_data(trial) | {"installed": done})).decode())
        return
    console = Console(highlight=False)
    console.print(trial_view(trial))
    if done:
        console.print("In service. A running gateway sees it within seconds.")
    elif isinstance(made, Certificate):
        console.print("Nothing was changed: --install puts the certificate in service.")


def _cascade_route(autos: Mapping[str, AutoRoute], name: str) -> AutoRoute:
    from pointsman.errors import NotFound

    found = {each.name: each for each in autos.values() if each.settings.policy == "cascade"}
    if name not in found:
        there = ", ".join(found) or "none"
        raise NotFound(
            f'The settings have no [auto.{name}] with policy = "cascade". Such routes: {there}; --route NAME '
            "says which."
        )
    return found[name]


def _expects(auto: AutoRoute, cascade: Cascade, router: Path | None) -> Callable[[Sample], float] | None:
    """The router's expected loss of the first model, where the cascade goes by it."""
    from pointsman.errors import ConfigurationError
    from pointsman.routing.router import load_router

    if cascade.max_loss is None:
        return None
    if router is None:
        raise ConfigurationError(
            'A cascade with accept = "score" goes by a router: name its file with --router.', param="router"
        )
    judge, first = load_router(_read(str(router))), auto.models[auto.first[0]]
    if first not in judge.models:
        raise ConfigurationError(
            f"{router} is a router for {', '.join(judge.models)}, and the cascade asks {first} first.",
            param="router",
        )
    place = judge.models.index(first)
    return lambda sample: judge.judge(sample).losses[place]


def _read(path: str) -> bytes:
    from pointsman.errors import ConfigurationError

    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}.") from error
