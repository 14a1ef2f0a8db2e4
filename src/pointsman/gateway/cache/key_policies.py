"""What the policies of keys say of the cache, at hand for each request."""

from __future__ import annotations

import logging

from pointsman.caching.rules.key_policy import parse_key_policy
from pointsman.caching.rules.policy import KeyRules
from pointsman.errors import InvalidRequest
from pointsman.keys import KeyInfo

_log = logging.getLogger("pointsman.cache")

_AS_ALL = KeyRules()
_OFF = KeyRules(enabled=False)
_MOST = 1024


class KeyPolicies:
    """Reads each policy once."""

    def __init__(self) -> None:
        self._read: dict[str, KeyRules] = {}

    def of(self, key: KeyInfo) -> KeyRules:
        """One that cannot be read, as a newer version may have written it, is off: so nobody gets what it
        forbids."""
        if not key.cache:
            return _AS_ALL
        rules = self._read.get(key.cache)
        if rules is None:
            if len(self._read) >= _MOST:
                self._read.clear()
            self._read[key.cache] = rules = self._parse(key)
        return rules

    def _parse(self, key: KeyInfo) -> KeyRules:
        try:
            return parse_key_policy(key.cache)
        except InvalidRequest as error:
            _log.warning("the cache is off for the key %s: %s", key.name, error.message)
            return _OFF
