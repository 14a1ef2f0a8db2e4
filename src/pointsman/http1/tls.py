"""TLS as a client: whom we trust. Verification cannot be turned off."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import certifi

from pointsman.errors import ConfigurationError


def client_context(environment: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """Certificates and host names verified, TLS 1.2 or newer, HTTP/1.1 only. Takes some 50 ms: make one.

    Args:
        environment: ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``, if set there, name the only authorities trusted;
            otherwise these are the system's, as an administrator may have added one, and certifi's.

    Raises:
        ConfigurationError: the file cannot be read or holds no certificate.
    """
    environment = environment or {}
    file, folder = environment.get("SSL_CERT_FILE") or None, environment.get("SSL_CERT_DIR") or None
    try:
        context = ssl.create_default_context(cafile=file, capath=folder)
    except OSError as error:
        reason = error.strerror or "it holds no certificate"
        raise ConfigurationError(
            f"SSL_CERT_FILE names {file}, which cannot be used: {reason}.", param="SSL_CERT_FILE"
        ) from None
    if file is None and folder is None:
        context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
