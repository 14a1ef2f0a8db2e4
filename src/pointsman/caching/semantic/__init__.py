"""Answer what was asked in other words: when a request may be given the answer to another one.

``asked`` parts a request into its last words and all the rest, ``vectors`` says how close two texts are,
``guards`` what they must agree on however close they are, ``index`` finds what is close, ``certify`` works
out from labelled pairs how close is close enough, and ``certificate`` is what came of that.

Nothing is imported here.
"""
