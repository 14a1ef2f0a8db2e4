"""Answer once: what may be answered from what was answered before, and how.

``policy`` decides whether to look and to store, ``key`` says what is the same, ``memory`` keeps, ``stored``
is what is kept, ``replay`` turns it into what the caller asked for, ``charging`` says who pays where many
share. ``idempotency`` keeps what was answered under a client's key.

Nothing is imported here: the client needs the rules of a key, and none of the rest.
"""
