"""What is learned of a deployment's limits from its provider's answers."""
