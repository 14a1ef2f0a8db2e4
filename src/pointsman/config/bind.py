"""Who may listen where."""

from __future__ import annotations

from ipaddress import ip_address

from pointsman.errors import ConfigurationError


def is_loopback(host: str) -> bool:
    """Only this machine can reach it. A name other than localhost may be anything, and so is not."""
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # Python 3.11 does not look into ::ffff:127.0.0.1
    return address.is_loopback or (mapped is not None and mapped.is_loopback)


def check_bind(host: str, has_keys: bool) -> None:
    """Without virtual keys anyone who reaches the port spends the operator's money: only loopback will do.

    Raises:
        ConfigurationError: names the command that makes a key.
    """
    if has_keys or is_loopback(host):
        return
    raise ConfigurationError(
        f"server.host: {host} can be reached from other machines, and no keys are configured, so anyone "
        "could use the gateway. Make a key first: pointsman keys create NAME",
        param="server.host",
    )


def check_admin_bind(host: str) -> None:
    """The admin listener asks for no credentials, so it is for this machine only.

    Raises:
        ConfigurationError: another machine could reach it.
    """
    if not is_loopback(host):
        raise ConfigurationError(
            f"server.admin_host: {host} can be reached from other machines, and the admin listener asks for "
            "no credentials. Use 127.0.0.1.",
            param="server.admin_host",
        )
