from __future__ import annotations

from typing import Any

import pytest

from pointsman.catalog import load_catalog
from pointsman.cli.doctor import findings_flow as say
from pointsman.cli.doctor.findings import Finding
from pointsman.config import Names, Settings, load_settings
from pointsman.providers import Provider, configured_providers

LOCAL = {"dialect": "openai_chat", "base_url": "http://10.0.0.5:8000/v1"}
KEYS = {"OPENAI_API_KEY": "sk-0"}


def read(file: dict[str, Any]) -> tuple[Settings, Names, tuple[Provider, ...]]:
    settings = load_settings({}, {"providers": {"openai": {}, "team": LOCAL}} | file)
    providers = configured_providers(settings, KEYS)
    names = Names(load_catalog(), [provider.name for provider in providers], settings.aliases)
    return settings, names, providers


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.level, finding.subject) for finding in findings]


def test_limits_are_counted() -> None:
    found = say.limits(*read({"limits": {"gpt-4o": {"rpm": 1, "tpm": 2}}}))
    assert (told(found), found[0].message) == ([("good", "limits")], "2 configured")
    assert say.limits(*read({})) == []


def test_a_limit_of_a_model_that_nobody_serves_is_doubtful() -> None:
    found = say.limits(*read({"limits": {"claude-haiku-4-5": {"rpm": 1}}}))
    assert told(found) == [("good", "limits"), ("doubtful", "limits.claude-haiku-4-5")]
    assert "no configured provider serves claude-haiku-4-5" in found[1].message


@pytest.mark.parametrize(("name", "mend"), [("gpt-4p", "did you mean gpt-4"), ("llama", "nothing, if that")])
def test_a_name_that_only_the_provider_can_know_is_doubtful(name: str, mend: str) -> None:
    team = LOCAL | {"limits": {name: {"rpm": 1}, "gpt-4o": {"rpm": 1}}}
    found = say.limits(*read({"providers": {"openai": {}, "team": team}}))
    assert told(found) == [("good", "limits"), ("doubtful", f"providers.team.limits.{name}")]
    assert f"only holds for requests for team/{name}" in found[1].message
    assert found[1].mend.startswith(mend)


def test_a_limit_that_is_wrong_is_told_by_its_path() -> None:
    (found,) = say.limits(*read({"limits": {"zzz": {"rpm": 1}}}))
    assert (found.level, found.subject) == ("wrong", "limits.zzz")
    assert found.message.startswith("there is no model zzz")


def test_routes_are_told_with_where_they_lead() -> None:
    routes = {
        "chat": {"models": ["gpt-4o", "team/x"], "fallbacks": ["gpt-4o-mini"]},
        "gpt-4o": {"fallbacks": ["claude-haiku-4-5"]},
        "claude-haiku-4-5": {},
    }
    found = say.routes(*read({"routes": routes}))
    assert told(found) == [
        ("good", "routes.chat"),
        ("doubtful", "routes.gpt-4o"),
        ("wrong", "routes.claude-haiku-4-5"),
    ]
    assert found[0].message == "leads to gpt-4o, team/x, gpt-4o-mini"
    assert "nobody serves claude-haiku-4-5" in found[1].message
    assert all(finding.mend for finding in found[1:])


def test_a_route_that_is_wrong_is_told_by_its_path() -> None:
    (found,) = say.routes(*read({"routes": {"gpt-4o": {"fallbacks": ["gpt-4o"]}}}))
    assert (found.level, found.subject) == ("wrong", "routes.gpt-4o.fallbacks")
    assert "circle" in found.message


def test_redis_answers_or_it_is_told_why_not() -> None:
    assert say.redis("").level == "good"
    found = say.redis("ConnectionError: refused")
    assert (found.level, "refused" in found.message, bool(found.mend)) == ("wrong", True, True)


def test_a_provider_may_serve_the_models_of_another() -> None:
    _, names, providers = read({"providers": {"team": LOCAL | {"serves": ["anthropic"]}}})
    haiku, gpt = names.model("claude-haiku-4-5"), names.model("gpt-4o")
    assert haiku is not None and gpt is not None
    assert (say.is_served(haiku, providers), say.is_served(gpt, providers)) == (True, False)
