"""Answers that a client can come back to: idempotency keys and streams with ids.

Two modules wrap actions: ``idempotency.py`` by a key of the client's (``under_key.py`` is one of them, and
``repeats.py`` what the books say of replays), ``resumable.py`` by the stream's own id. Both build on:

- ``following.py``: one answer under way, for all who come for it
- ``event_ids.py``: where a stream goes on
- ``held.py``: how much is held of all of them, and which makes room
- ``lingering.py``: how long nobody is waited for
"""
