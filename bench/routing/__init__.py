"""Is routing any good? Every figure of it that the docs quote, from public labels of real models."""
