"""Answer once: what may be answered from what was answered before, and how.

``policy`` decides whether to look and to store, ``key`` says what is the same, ``memory`` keeps, ``stored``
is what is kept, ``replay`` turns it into what the caller asked for, ``charging`` says who pays where many
share. ``idempotency`` keeps what was answered under a client's key.

What processes share: ``shared_answers`` and ``shared_flights`` say what is asked of the place where they
meet, ``redis`` is one such place, ``envelope`` is the form of what lies there.

Nothing is imported here: the client needs the rules of a key, and none of the rest.
"""
