"""Whose turn it is: the order of those who wait."""
