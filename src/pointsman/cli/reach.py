"""Asks a provider for its list of models: the cheapest question that also tries the key."""

from __future__ import annotations

from pointsman.errors import PointsmanError
from pointsman.http1 import HttpRequest, Timeouts, Transport
from pointsman.providers import Provider, request_headers

from .doctor.findings import Finding

PATHS = {"openai_chat": "/models", "anthropic_messages": "/v1/models"}
TIMEOUTS = Timeouts(connect=5.0, first_byte=10.0, idle=5.0, total=15.0)


async def reach(provider: Provider, transport: Transport) -> Finding:
    """Whether the provider answers, and takes the key. Costs nothing."""
    headers = request_headers(provider, client_headers={}, request_id="doctor", attempt=1)
    request = HttpRequest("GET", provider.url(PATHS[provider.dialect]), headers)
    try:
        response = await transport.send(request, TIMEOUTS)
    except PointsmanError as error:
        mend = "look at the network, the proxy variables and base_url"
        return Finding("wrong", provider.name, f"cannot be reached: {error.message}", mend)
    await response.close()
    return judge(provider, response.status)


def judge(provider: Provider, status: int) -> Finding:
    """What the status of a provider's answer says."""
    name = provider.name
    if status in (401, 403):
        if provider.api_key is None:
            return Finding("wrong", name, f"wants a key (status {status})", f"set providers.{name}.api_key")
        where = provider.key_env or f"providers.{name}.api_key"
        return Finding("wrong", name, f"refuses the key (status {status})", f"put a valid key into {where}")
    if status == 429:
        return Finding("doubtful", name, "is reached, and limits the rate now (status 429)", "wait a little")
    if status >= 500:
        return Finding("doubtful", name, f"is reached, and has trouble (status {status})", "try again later")
    if status >= 400:
        mend = "nothing, if calls to it work: not every provider lists its models"
        return Finding("doubtful", name, f"is reached, but does not list models (status {status})", mend)
    if provider.api_key is None:
        return Finding("good", name, "answers")
    return Finding("good", name, "answers, and takes the key")
