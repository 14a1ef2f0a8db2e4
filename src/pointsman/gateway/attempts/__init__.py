"""One attempt and what may follow it: sending, hedging, going on with a stream that broke."""
