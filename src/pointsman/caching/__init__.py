"""Answer once: what may be answered from what was answered before, and how.

    equal/        what makes two requests equal
    rules/        whether to look and to keep; who pays where many share
    kept/         what is kept, and its place in memory
    shared/       the place where processes meet: answers, calls under way, and Redis as one such place
    semantic/     questions that are not equal, and mean the same
    idempotency/  what was answered under a client's key

Nothing is imported here: the client needs the rules of a key, and none of the rest.
"""
