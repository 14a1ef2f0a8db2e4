"""Who does what to whom: the order of words. Pure.

"Do dogs chase cats?" and "Do cats chase dogs?" have the same words, and vectors of letters see no difference
at all. So the words of weight that two texts share must come in the same order: it would take a parser to
find out where that does not matter, and where it does, the answer is wrong.
"""

from __future__ import annotations

from .names import heavy, stem


def same_order(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """
    Args:
        left: words in small letters.
    """
    stems_left, stems_right = [stem(word) for word in heavy(left)], [stem(word) for word in heavy(right)]
    shared = {*stems_left} & {*stems_right}
    return [word for word in stems_left if word in shared] == [word for word in stems_right if word in shared]
