"""Where the certificate of a route's semantic cache lies, and what is there."""

from __future__ import annotations

from pathlib import Path

from pointsman.caching.semantic.certificate import SemanticCertificate, decode_certificate
from pointsman.config.semantic import SemanticSettings
from pointsman.errors import InvalidRequest


def certificate_path(name: str, given: SemanticSettings, folder: Path) -> Path:
    if given.certificate is not None:
        return Path(given.certificate).expanduser()
    return folder / f"semantic-{''.join(c if c.isalnum() or c in '-_.' else '-' for c in name)}.json"


def read_certificate(path: Path) -> tuple[SemanticCertificate | None, str]:
    """It, or why there is none, as half a sentence. A gateway starts without one too."""
    try:
        return decode_certificate(path.read_bytes()), ""
    except FileNotFoundError:
        return None, f"there is no certificate at {path}"
    except OSError as error:
        return None, f"the certificate at {path} cannot be read: {error.strerror}"
    except InvalidRequest as error:
        return None, f"the certificate at {path} is not valid: {error.message}"
