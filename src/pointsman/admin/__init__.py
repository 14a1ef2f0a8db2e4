"""The second listener, for whoever runs the gateway."""

from .app import admin_app

__all__ = ["admin_app"]
