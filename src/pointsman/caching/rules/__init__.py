"""Whether a request is looked up, and whether its answer is kept; who pays where many share it."""
