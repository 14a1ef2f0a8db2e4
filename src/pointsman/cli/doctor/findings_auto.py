"""What ``pointsman doctor`` says of ``[auto.NAME]``, worked out from facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pointsman.cli.route.facts import RouteFacts
from pointsman.config import AutoRoute, Names, Settings
from pointsman.config.load import join
from pointsman.providers import Provider
from pointsman.routing.decision import WORDS

from .findings import Finding
from .findings_flow import is_served


def autos(
    found: Mapping[str, AutoRoute], settings: Settings, names: Names, providers: Sequence[Provider]
) -> list[Finding]:
    """Pools that name models which nobody serves."""
    findings = []
    for name, auto in found.items():
        missing = [model for model in auto.pool if not _can_be_asked(model, settings, names, providers)]
        if auto.pool[-1] in missing:
            mend = "set the key of its provider, or name another baseline"
            findings.append(Finding("wrong", join("auto", name), f"nobody serves {auto.pool[-1]}", mend))
        elif missing:
            message = f"nobody serves {', '.join(missing)}, so that is never chosen"
            mend = "set the key, or take it out of the pool"
            findings.append(Finding("doubtful", join("auto", name), message, mend))
    return findings


def learned(facts: Sequence[RouteFacts], now_us: int) -> list[Finding]:
    """Whether routers choose; where they may not, all goes to the strong model and nothing is saved."""
    findings = []
    for each in facts:
        path, settings = join("auto", each.auto.name), each.auto.settings
        if settings.policy != "learned":
            findings.append(Finding("good", path, f"chooses by policy {settings.policy}"))
        elif each.problem is not None:
            findings.append(Finding("wrong", path, each.problem, "see pointsman route status"))
        elif (why_not := each.standing.why_not_at(now_us)) is not None:
            mend = "docs/routing.md tells how a route earns a certificate; pointsman route status what it has"
            findings.append(Finding("doubtful", path, WORDS[why_not], mend))
        else:
            until = "" if each.certificate is None else f" until {each.certificate.expires_at:%Y-%m-%d}"
            findings.append(Finding("good", path, f"its router chooses, certified{until}"))
    return findings


def _can_be_asked(name: str, settings: Settings, names: Names, providers: Sequence[Provider]) -> bool:
    """A route of the settings is looked at by itself."""
    target = names.aliases.get(name, name)
    model = names.model(target)
    if target in settings.routes or names.free(target) is not None:
        return True
    return model is not None and is_served(model, providers)
