from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from pointsman.errors import ConfigurationError
from pointsman.http1 import client_context


def test_verification_is_on() -> None:
    context = client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) > 50


def test_a_named_file_is_trusted_alone(tmp_path: Path) -> None:
    authority = trustme.CA(organization_name="Ours")
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    (trusted,) = client_context({"SSL_CERT_FILE": str(file)}).get_ca_certs()
    assert "Ours" in str(trusted["subject"])
    assert client_context({"SSL_CERT_DIR": str(tmp_path)}).get_ca_certs() == []  # looked up when needed


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bad_file_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"SSL_CERT_FILE names .*ca\.pem"):
        client_context({"SSL_CERT_FILE": str(file)})
