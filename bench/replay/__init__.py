"""Routing measured on real, recorded answers: offline, and through the gateway. See docs/cascades.md."""
