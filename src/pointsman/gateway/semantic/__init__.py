"""The semantic cache on the way of a request."""
