"""What is in service, as a running gateway sees it: routers that are loaded, certificates that are read."""

from __future__ import annotations

from collections.abc import Mapping

from pointsman.errors import PointsmanError
from pointsman.routing.evidence.certificate import Certificate, decode_certificate
from pointsman.routing.standing import NOTHING, Judge, Shown, Standing, Terms, standing

from .kept import InService, RouterStore


class Services:
    """Standing by the names of routes. ``reload`` asks the store; the rest is memory.

    Args:
        terms: what the settings ask for, by route.
        store: None for a gateway that has none: then nothing is ever in service.
    """

    def __init__(
        self,
        terms: Mapping[str, Terms],
        store: RouterStore | None,
    ) -> None:
        self._terms = dict(terms)
        self._store = store
        self._mark = b""
        self._standings: dict[str, Standing] = {}
        self._judges: dict[str, Judge] = {}
        self._certificates: dict[str, Certificate] = {}
        """In service and not withdrawn, by route."""
        self._withdrawn: list[tuple[str, str]] = []
        """Ids of certificates that the store has not heard of yet, and why."""
        self.problem: str | None = None
        """Why what is in service cannot be seen or used, where that is so."""

    def standing(self, route: str) -> Standing:
        return self._standings.get(route, NOTHING)

    def certificate(self, route: str) -> Certificate | None:
        """In service and not withdrawn; it may have expired, or not be for the router in service."""
        return self._certificates.get(route)

    def reload(self) -> bool:
        """Whether anything was changed. May wait for a disk; while the store is away all stays as it was."""
        store = self._store
        if store is None:
            return False
        try:
            while self._withdrawn:
                store.withdraw(*self._withdrawn[0])
                self._withdrawn.pop(0)
            mark = store.mark()
            if mark == self._mark:
                return False
            found = store.in_service()
            standings, certificates, problem = {}, {}, None
            judges: dict[str, Judge] = {}
            for route, terms in self._terms.items():
                given = found.get(route, InService(route))
                try:
                    certificate = decode_certificate(given.certificate) if given.certificate else None
                    judge = self._judge(store, given, judges)
                except PointsmanError as error:
                    problem = f"[auto.{route}] goes to its baseline: {error.message}"
                    continue
                shown = (
                    None
                    if certificate is None
                    else shown_by(certificate, withdrawn=given.withdrawn is not None)
                )
                standings[route] = standing(judge, shown, terms)
                if certificate is not None and given.withdrawn is None:
                    certificates[route] = certificate
        except PointsmanError as error:
            self.problem = error.message
            return False
        self._standings, self._judges, self._certificates = standings, judges, certificates
        self._mark, self.problem = mark, problem
        return True

    def withdraw(self, route: str, why: str) -> bool:
        """End the certificate of a route: here at once, in the store with the next ``reload``. Never waits.
        Returns whether there was one."""
        certificate = self._certificates.pop(route, None)
        if certificate is None:
            return False
        before, shown = self.standing(route), shown_by(certificate, withdrawn=True)
        self._standings[route] = standing(before.judge, shown, self._terms[route])
        self._withdrawn.append((certificate.id, why))
        return True

    def _judge(self, store: RouterStore, given: InService, judges: dict[str, Judge]) -> Judge | None:
        if not given.router:
            return None
        known = self._judges.get(given.router)
        if known is None:
            known = store.judge(given.route, given.router)
        judges[given.router] = known
        return known


def shown_by(certificate: Certificate, *, withdrawn: bool = False) -> Shown:
    """What decisions need to know of a certificate."""
    return Shown(
        id=certificate.id,
        router=certificate.router,
        models=certificate.pool,
        costs=certificate.costs,
        threshold=certificate.threshold,
        floor=certificate.floor,
        confidence=certificate.confidence,
        labels=certificate.labels,
        expires_us=int(certificate.expires_at.timestamp() * 1_000_000),
        least_familiarity=certificate.min_familiarity,
        withdrawn=withdrawn,
    )
