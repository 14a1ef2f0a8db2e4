"""The edge: the ASGI application, its server, and who may come in."""
