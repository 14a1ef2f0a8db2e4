"""Puts routers and certificates in service, after a look at whether they can be meant."""

from __future__ import annotations

from pathlib import Path

from pointsman.config import AutoRoute
from pointsman.errors import InvalidRequest
from pointsman.gateway.auto.routing import terms_of
from pointsman.routing.decision import WORDS, Reason
from pointsman.routing.evidence import Certificate, decode_certificate, encode_certificate
from pointsman.routing.journal.services import Services
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.router import Router, load_router


def install(
    store: SqliteRouters, auto: AutoRoute, router: Path | None, certificate: Path | None, now_us: int
) -> Reason | None:
    """Put the files in service for a route. Returns why all goes to the baseline all the same.

    Raises:
        InvalidRequest: a file cannot be read, is no such thing, or is for another pool or route.
        ConfigurationError: the router is none of this version.
        ServerBusy: the database cannot be written just now.
    """
    if router is None and certificate is None:
        raise InvalidRequest("Say what to put in service: --router FILE, --certificate FILE or both.")
    loaded = None if router is None else load_router(_read(router))
    shown = None if certificate is None else decode_certificate(_read(certificate))
    return put_in_service(store, auto, loaded, shown, now_us)


def put_in_service(
    store: SqliteRouters, auto: AutoRoute, loaded: Router | None, shown: Certificate | None, now_us: int
) -> Reason | None:
    """The same, of what is read already."""
    for what, models in (
        ("router", None if loaded is None else loaded.models),
        ("certificate", None if shown is None else shown.pool),
    ):
        if models is not None:
            check_pool(what, models, auto)
    if shown is not None and shown.route not in ("", auto.name):
        raise InvalidRequest(f"The certificate is for the traffic of route {shown.route}, not {auto.name}.")
    if loaded is not None:
        store.install_router(auto.name, loaded.digest, loaded.encode())
    if shown is not None:
        store.install_certificate(auto.name, shown.id, shown.router, encode_certificate(shown))
    services = Services({auto.name: terms_of(auto)}, store)
    services.reload()
    return services.standing(auto.name).why_not_at(now_us)


def check_pool(what: str, models: tuple[str, ...], auto: AutoRoute) -> None:
    """Raises InvalidRequest where they are not those of the route."""
    if set(models) != set(auto.models) or models[-1] != auto.models[-1]:
        raise InvalidRequest(
            f"The {what} is for {', '.join(models)}, and the pool of [auto.{auto.name}] is "
            f"{', '.join(auto.models)}; the last of each is the baseline. Change the pool or train anew."
        )


def service_text(auto: AutoRoute, why_not: Reason | None) -> list[str]:
    """What to tell of it, in lines."""
    lines = [f"In service for {auto.model}. A running gateway sees it within seconds."]
    return lines if why_not is None else [*lines, f"For now {WORDS[why_not]} ({why_not})."]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}.") from error
