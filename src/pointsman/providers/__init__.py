"""What differs between providers: addresses, keys and headers, as data and the little code that it needs."""

from pointsman.providers.headers import request_headers
from pointsman.providers.known import KNOWN
from pointsman.providers.provider import KeyRule, Provider, Secret
from pointsman.providers.registry import check_key, configured_providers, key_source
from pointsman.providers.simulated import simulated_providers

__all__ = [
    "KNOWN",
    "KeyRule",
    "Provider",
    "Secret",
    "check_key",
    "configured_providers",
    "key_source",
    "request_headers",
    "simulated_providers",
]
