"""The headers of a request to a provider.

Only what is listed here crosses from the client: its credentials, cookies and the telemetry of its SDK stay
behind. ``openai-organization`` and ``openai-project`` stay behind too, because they choose whose account a
call with the operator's key is billed to; an operator who wants them sets ``providers.openai.headers``.
"""

from __future__ import annotations

from collections.abc import Mapping

from pointsman.providers.provider import Provider
from pointsman.version import __version__

USER_AGENT = f"pointsman/{__version__}"
DEFAULT_ANTHROPIC_VERSION = "2023-06-01"
_ALWAYS = (
    ("content-type", "application/json"),
    ("accept", "application/json"),
    ("user-agent", USER_AGENT),
)


def request_headers(
    provider: Provider,
    *,
    client_headers: Mapping[bytes, bytes],
    request_id: str,
    attempt: int,
    extra: tuple[tuple[str, str], ...] = (),
) -> tuple[tuple[str, str], ...]:
    """Headers for one attempt.

    Later ones win: what is always sent, what the client asked for, what the body depends on (``extra``),
    what the operator has set.

    Args:
        client_headers: as they arrived, names in lower case.
        request_id: ours; with the attempt's number it becomes ``x-client-request-id``, by which a provider's
            log and ours can be matched.
        extra: of the encoded body (:class:`pointsman.dialects.base.Encoded`).
    """
    headers: tuple[tuple[str, str], ...] = (*_ALWAYS, ("x-client-request-id", f"{request_id}-{attempt}"))
    if provider.dialect == "anthropic_messages":
        version = client_headers.get(b"anthropic-version")
        text = version.decode("latin-1") if version else DEFAULT_ANTHROPIC_VERSION
        headers += (("anthropic-version", text),)
        beta = client_headers.get(b"anthropic-beta")
        if beta:
            headers += (("anthropic-beta", beta.decode("latin-1")),)
    elif provider.name == "openai":
        beta = client_headers.get(b"openai-beta")
        if beta:
            headers += (("openai-beta", beta.decode("latin-1")),)
    if (key := provider.api_key) is not None:
        if provider.auth == "bearer":
            headers += (("authorization", f"Bearer {key.reveal()}"),)
        elif provider.auth == "x-api-key":
            headers += (("x-api-key", key.reveal()),)
    if extra or provider.headers:
        return tuple({**dict(headers), **dict(extra), **dict(provider.headers)}.items())
    return headers
