"""For which calls the autopilot is on: what the settings say of all and of their route, and the policy of the
caller's key. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pointsman.caching.rules.key_policy import parse_key_policy
from pointsman.config import Settings
from pointsman.errors import InvalidRequest
from pointsman.gateway.call.call import Call

_MOST = 1024


class Rules:
    """Off wherever anybody says so, the key or the route; else on where anybody does, or the settings do for
    all.

    Args:
        routes: those that say something of their own, by name.
    """

    def __init__(self, enabled: bool = True, routes: Mapping[str, bool] | None = None) -> None:
        self._enabled = enabled
        self._routes = dict(routes or {})
        self._policies: dict[str, bool | None] = {}
        """What the policies of keys say; each is read once."""

    def on(self, call: Call) -> bool:
        policy = call.arrival.key.cache
        if not policy and not self._routes:
            return self._enabled
        said = (self._of_key(policy) if policy else None, self._routes.get(call.requested))
        return False not in said and (self._enabled or True in said)

    def _of_key(self, policy: str) -> bool | None:
        """One that cannot be read, as a newer version may have written it, is off."""
        if policy not in self._policies:
            if len(self._policies) >= _MOST:
                self._policies.clear()
            try:
                self._policies[policy] = parse_key_policy(policy).marked
            except InvalidRequest:
                self._policies[policy] = False
        return self._policies[policy]


def configured_rules(settings: Settings) -> Rules:
    """On for nobody unless the settings say so, or the policy of a key."""
    said = {name: route.prompt_cache for name, route in settings.routes.items()}
    return Rules(settings.prompt_cache.enabled, {name: on for name, on in said.items() if on is not None})
