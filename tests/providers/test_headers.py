from __future__ import annotations

import msgspec
import pytest

from pointsman.providers import KNOWN, Provider, Secret, request_headers
from pointsman.version import __version__

CLIENT = {
    b"authorization": b"Bearer pm_client",
    b"x-api-key": b"pm_client",
    b"cookie": b"session=1",
    b"host": b"127.0.0.1:8080",
    b"content-length": b"12",
    b"user-agent": b"OpenAI/Python 3.54.0",
    b"x-stainless-lang": b"python",
    b"anthropic-version": b"2026-10-21",
    b"anthropic-beta": b"fine-grained-tool-streaming-2025-05-14,context-1m-2025-08-07",
    b"openai-beta": b"assistants=v2",
    b"openai-organization": b"org-client",
    b"openai-project": b"proj-client",
    b"anthropic-dangerous-direct-browser-access": b"true",
}
ALWAYS = {
    "content-type": "application/json",
    "accept": "application/json",
    "user-agent": f"pointsman/{__version__}",
    "x-client-request-id": "req_1-2",
}


def headers(name: str, client: dict[bytes, bytes] = CLIENT, **changes: object) -> dict[str, str]:
    provider: Provider = msgspec.structs.replace(KNOWN[name], **({"api_key": Secret("sk-ours")} | changes))
    pairs = request_headers(provider, client_headers=client, request_id="req_1", attempt=2)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def test_openai() -> None:
    assert headers("openai") == ALWAYS | {"authorization": "Bearer sk-ours", "openai-beta": "assistants=v2"}


def test_anthropic() -> None:
    assert headers("anthropic") == ALWAYS | {
        "x-api-key": "sk-ours",
        "anthropic-version": "2026-10-21",
        "anthropic-beta": "fine-grained-tool-streaming-2025-05-14,context-1m-2025-08-07",
    }


@pytest.mark.parametrize("name", ["gemini", "deepseek", "holysheep"])
def test_the_others_get_nothing_of_the_client(name: str) -> None:
    assert headers(name) == ALWAYS | {"authorization": "Bearer sk-ours"}


def test_anthropic_wants_a_version_where_the_client_speaks_another_dialect() -> None:
    assert headers("anthropic", {}) == ALWAYS | {"x-api-key": "sk-ours", "anthropic-version": "2023-06-01"}


def test_nothing_is_sent_as_a_key_where_there_is_none() -> None:
    assert "authorization" not in headers("openai", auth="none")
    assert "authorization" not in headers("openai", api_key=None)


@pytest.mark.parametrize("name", KNOWN)
def test_the_clients_credentials_never_cross(name: str) -> None:
    for auth in ("bearer", "x-api-key", "none"):
        text = repr(headers(name, auth=auth))
        for private in ("pm_client", "session", "org-client", "proj-client", "stainless", "127.0.0.1"):
            assert private not in text


def test_the_body_beats_the_client_and_the_operator_beats_the_body() -> None:
    provider = msgspec.structs.replace(KNOWN["anthropic"], api_key=Secret("sk-ours"))
    extra = (("anthropic-version", "2023-06-01"), ("anthropic-beta", "body"))
    kwargs = {"client_headers": CLIENT, "request_id": "r", "attempt": 1, "extra": extra}
    sent = dict(request_headers(provider, **kwargs))  # type: ignore[arg-type]  # one mapping for two calls
    assert (sent["anthropic-version"], sent["anthropic-beta"]) == ("2023-06-01", "body")
    provider = msgspec.structs.replace(provider, headers=(("anthropic-beta", "operator"), ("x-team", "a")))
    sent = dict(request_headers(provider, **kwargs))  # type: ignore[arg-type]
    assert (sent["anthropic-beta"], sent["x-team"]) == ("operator", "a")
